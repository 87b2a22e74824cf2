"""Collect scripts, styles and pictures when one of them is newer than what was collected: `python -m config.static`."""

from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_if_stale() -> bool:
    """Bring STATIC_ROOT up to date; True if there was anything to do."""
    stale = _is_stale(Path(settings.STATIC_ROOT) / "staticfiles.json")
    if stale:
        call_command("collectstatic", interactive=False, verbosity=0)
    return stale


def _is_stale(manifest: Path) -> bool:
    if not manifest.exists():
        return True
    collected = manifest.stat().st_mtime
    found = [Path(storage.path(path)) for finder in get_finders() for path, storage in finder.list(None)]
    folders = {path.parent for path in found}  # their times tell of files that went
    return any(path.stat().st_mtime > collected for path in (*found, *folders))


if __name__ == "__main__":
    django.setup()
    collect_if_stale()
