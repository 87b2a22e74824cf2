"""Several things at the same moment, each on a connection of its own, as in several processes."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def at_once(*acts) -> list:
    """Do all these in threads that start together; returns what each returned, or the exception it raised."""
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            start.wait(10)
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def sorted_kinds(outcomes) -> list[str]:
    """The names of the classes of what came out, sorted: which of them won is chance."""
    return sorted(type(outcome).__name__ for outcome in outcomes)
