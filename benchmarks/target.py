"""The desk under measure, as the measuring process sees it: addresses, a token, and its database."""

import json
import os
from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True)
class Target:
    """`smtp` is (host, port); `token` and `user_id` belong to an administrator."""

    url: str
    port: int
    smtp: tuple[str, int]
    mailbox: str
    token: str
    user_id: int

    @classmethod
    def from_json(cls, written: str) -> "Target":
        values = json.loads(written)
        return cls(**{**values, "smtp": tuple(values["smtp"])})

    def sql(self, query: str) -> list[tuple]:
        """The rows of a query, straight from PostgreSQL."""
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []
