"""Wake a task at a time to come, by this process's own steady clock.

Celery's countdown would keep a message in a worker's hand, and trust that two machines agree what time it is. This
keeps one moment for each task and its arguments, the earliest asked for: whoever is woken asks anew for what comes
after. It is no promise: with the process the alarms are gone, and the sweep finds what was due.
"""

import threading
import time

from customers.nerves import wake

# What is due later is found by somebody before.
LONGEST_SECONDS = 60.0
# Woken a little late rather than a little early: what is not quite due would not be done.
MARGIN_SECONDS = 0.02


def wake_in(seconds: float, task: str, *args) -> None:
    """Nudge a task in so many seconds, unless it is to be nudged before; what is beyond a minute is not kept."""
    if seconds <= LONGEST_SECONDS:
        _alarms.set(max(0.0, seconds) + MARGIN_SECONDS, (task, *args))


def silence() -> None:
    """Let no alarm go off that was set until now."""
    _alarms.clear()


class _Alarms:
    def __init__(self):
        self._due: dict[tuple, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def set(self, seconds, key):
        at = time.monotonic() + seconds
        with self._changed:
            self._due[key] = min(at, self._due.get(key, at))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="alarms", daemon=True)
                self._thread.start()
            self._changed.notify()

    def clear(self):
        with self._changed:
            self._due.clear()

    def _watch(self):
        while True:
            for task, *args in self._wait():
                wake(task, tuple(args))  # not by a nudge: that would open a connection to the database

    def _wait(self):
        """The keys that have come due, when some have."""
        with self._changed:
            while not (due := [key for key, at in self._due.items() if at <= time.monotonic()]):
                first = min(self._due.values(), default=None)
                self._changed.wait(None if first is None else max(0.0, first - time.monotonic()))
            for key in due:
                del self._due[key]
            return due


_alarms = _Alarms()
