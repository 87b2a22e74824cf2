"""Recorded traffic under a draft: `manage.py replay --from 2026-03-02 --to 2026-03-09 [--policy DRAFT.json]`."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from routing.drafts import NoSuchRules
from routing.models import Domain
from routing.played import play, play_replay
from routing.simulation.command import bar
from routing.simulation.replay import NothingRecorded
from routing.simulation.retold import as_report

# The exit code when the live policy does not come out as it went, so that nothing is promised of a draft.
NOT_TRUSTED = 3


class Command(BaseCommand):
    help = "Replay recorded traffic under the rules in force and under a draft, with 95 % confidence intervals."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="since", help="date or time (ISO 8601, UTC) from which on")
        parser.add_argument("--to", dest="until", help="date or time before which")
        parser.add_argument("--policy", help='a JSON file, a version\'s number, "draft", or a preset; none: only check')
        parser.add_argument("--domain", default="main", help="name of the routing domain")
        parser.add_argument("--replications", type=int, default=20)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="processes; as many as there are cores if not given")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--job", type=int, help="play the replay of this number that somebody asked for by REST")

    def handle(self, *args, **options):
        """Refuses, in words, what cannot be replayed; exit code 3 when nothing may be promised."""
        if options["job"]:
            play_replay(options["job"], workers=options["workers"] or max(2, os.cpu_count() or 1))
            return
        told = self._played(options)
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else as_report(told))
        if not told["is_trusted"]:
            raise CommandError("Nothing is promised: see above.", returncode=NOT_TRUSTED)

    def _played(self, options):
        if options["replications"] < 2:
            raise CommandError("--replications must be at least 2: an interval needs two of them.")
        draw = bar(sys.stderr)
        try:
            return play(
                Domain.objects.get(name=options["domain"]),
                _moment(options["since"], "--from"),
                _moment(options["until"], "--to"),
                _policy(options["policy"]),
                replications=options["replications"],
                seed=options["seed"],
                workers=options["workers"],
                on_progress=lambda done, of: draw("replay", done, of),
            )
        except Domain.DoesNotExist:
            raise CommandError(f"There is no routing domain {options['domain']!r}.") from None
        except (NothingRecorded, NoSuchRules) as error:
            raise CommandError(str(error)) from None


def _moment(written, option):
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        raise CommandError(f"{option} needs a date or time such as 2026-03-02 or 2026-03-02T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _policy(written):
    if written is None or not written.endswith(".json"):
        return written
    try:
        return json.loads(Path(written).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise CommandError(f"{written} cannot be read as JSON: {error}") from None
