"""Fewer round trips to the database: several statements in one, and many rows at once."""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager

from django.db import connection

# Up to so many rows an INSERT each is no slower than COPY, and can travel with other statements.
FEW = 16


@contextmanager
def one_trip():
    """What is executed within is sent without waiting for an answer, until one is fetched or the block ends.

    For use in a transaction, and not around COPY. An error shows when an answer is fetched.
    """
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def ask(query: str, values: Sequence):
    """The cursor of a query just sent; fetch from it by `answers`."""
    cursor = connection.cursor()
    cursor.execute(query, values)
    return cursor


def answers(cursor) -> list[tuple]:
    """All rows of what was asked."""
    with cursor:
        return cursor.fetchall()


def write_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Write rows: by INSERT if they are few, else by COPY. Values are such as psycopg understands, JSON as text."""
    rows = list(rows)
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if len(rows) <= FEW:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
