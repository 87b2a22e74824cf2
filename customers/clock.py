"""What time it is, by the one clock that all processes share: the database's."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

READ_EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Reading:
    """The database's time, and when by this process's steady clock that was."""

    at: datetime
    when: float


_last: _Reading | None = None


def now() -> datetime:
    """The time by the database's clock, to the millisecond or so.

    It is asked once a minute; in between this process's steady clock counts on, which nobody can set. So what several
    machines write can be compared, and compared with what SQL calls now, however wrong their own clocks are.
    """
    global _last  # noqa: PLW0603  one reading for all threads of the process; the latest is as good as any
    if _last is None or time.monotonic() - _last.when > READ_EVERY_SECONDS:
        _last = _read()
    return _last.at + timedelta(seconds=time.monotonic() - _last.when)


def _read():
    connection.ensure_connection()
    before = time.monotonic()
    (at,) = connection.connection.execute("SELECT clock_timestamp()").fetchone()
    return _Reading(at, (before + time.monotonic()) / 2)
