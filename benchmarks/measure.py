"""The measuring process: `python -m benchmarks.measure TARGET NAME…`, in the environment of the desk it measures."""

import logging
import sys

import django

django.setup()
logging.disable(logging.INFO)

from benchmarks import dispatch, ingest, pages, wire  # noqa: E402  they import models, which need the settings
from benchmarks.table import show  # noqa: E402
from benchmarks.target import Target  # noqa: E402

TITLES = {
    "pages": ("Lists, tickets, searches (over HTTP, one process)", pages.run),
    "ingest": ("Mails taken in by one process", ingest.run),
    "wire": ("From the wire to an agent's socket", wire.run),
    "dispatch": ("Live dispatch", dispatch.run),
}


def main(written: str, is_quick: bool, names: list[str]) -> None:
    target = Target.from_json(written)
    for name in names:
        print(f"Measuring {name}…", file=sys.stderr)
        title, run = TITLES[name]
        print(show(title, run(target, **_size_of(name, is_quick))), flush=True)


def _size_of(name, is_quick):
    sizes = (1_000, 5_000) if is_quick else (1_000, 100_000)
    return {
        "pages": {"sizes": sizes, "rounds": 20 if is_quick else 200},
        "ingest": {"sizes": sizes, "mails": 40 if is_quick else 300},
        "dispatch": {"sizes": sizes, "rounds": 5 if is_quick else 25, "seconds": 3 if is_quick else 20},
        "wire": {"rates": (1, 10) if is_quick else (1, 10, 50), "seconds": 4 if is_quick else 12},
    }[name]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "quick", sys.argv[3:])
