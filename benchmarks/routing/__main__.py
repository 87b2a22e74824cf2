"""Compare the default policy with the presets that do as other engines do, on the same simulated days.

.venv/bin/python -m benchmarks.routing                      play what is missing, draw, and write docs/routing.md's part
.venv/bin/python -m benchmarks.routing --days 2 --loads 0.9  less of it, printed only
"""

import argparse
from pathlib import Path

from benchmarks.routing import page
from benchmarks.routing.compare import LOADS, Kept, play
from benchmarks.routing.world import WORLDS

HOME = Path(__file__).parents[2]
KEPT = HOME / "var" / "benchmarks" / "routing.jsonl"
DOCS = HOME / "docs"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--days", type=int, default=20)
    words.add_argument("--loads", type=float, nargs="*", default=LOADS)
    words.add_argument("--worlds", nargs="*", default=[world.name for world in WORLDS])
    words.add_argument("--workers", type=int)
    words.add_argument("--kept", type=Path, default=KEPT, help="the file of days already played")
    words.add_argument("--into", type=Path, help="write tables and drawings under this folder, e.g. docs")
    asked = words.parse_args()
    asked.kept.parent.mkdir(parents=True, exist_ok=True)
    kept = Kept(asked.kept)
    play(kept, days=asked.days, loads=asked.loads, worlds=asked.worlds, workers=asked.workers)
    if asked.into:
        page.write(kept, asked.into, asked.loads)
    else:
        print(page.tables(kept, asked.loads))


if __name__ == "__main__":
    main()
