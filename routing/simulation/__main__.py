"""`python -m routing.simulation SCENARIO.json`: needs no settings and no database."""

import sys
from argparse import ArgumentParser

from routing.simulation.command import add_arguments, play
from routing.simulation.reading import BadScenario


def main() -> int:
    parser = ArgumentParser(prog="python -m routing.simulation", description="Simulate a contact centre.")
    add_arguments(parser)
    try:
        print(play(parser.parse_args(), sys.stderr))
    except BadScenario as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
