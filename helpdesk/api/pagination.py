"""Keyset pages: a cursor names the last row seen, so a page costs the same at any depth and nothing is counted."""

import base64
import binascii
import json

from django.core.exceptions import ValidationError
from django.db.models import Q
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

MOST = 100
# Longer than any cursor or size of ours: what is, is somebody's experiment.
MOST_DIGITS, MOST_CURSOR = 9, 500
BACK = "b"
FORTH = "f"


class Keyset(BasePagination):
    """Pages of a queryset ordered by one column that is never null, ties broken by id in the same direction.

    The order is the queryset's own (`order_by` or the model's). `?page_size=` up to 100, `?cursor=` from `next` or
    `previous`. Rows that come or go between two pages neither repeat nor hide others.
    """

    page_size = 25
    cursor_param = "cursor"
    size_param = "page_size"

    def paginate_queryset(self, queryset, request, view=None):
        self.url = request.build_absolute_uri()
        self.column, self.is_falling = _order_of(queryset)
        way, position = _read(request.query_params.get(self.cursor_param, ""))
        rows = self._slice(queryset, way, position, self._size(request))
        self.next_url, self.previous_url = self._urls(rows, way, position)
        return rows

    def get_paginated_response(self, data):
        return Response({"next": self.next_url, "previous": self.previous_url, "results": data})

    def _size(self, request):
        wanted = request.query_params.get(self.size_param, "")
        is_size = wanted.isdecimal() and len(wanted) <= MOST_DIGITS
        return min(max(int(wanted), 1), MOST) if is_size else self.page_size

    def _slice(self, queryset, way, position, size):
        falling = self.is_falling if way == FORTH else not self.is_falling
        if position:
            queryset = _beyond(queryset, self.column, position, falling=falling)
        sign = "-" if falling else ""
        rows = list(queryset.order_by(f"{sign}{self.column}", f"{sign}pk")[: size + 1])
        self.has_more = len(rows) > size
        return rows[:size] if way == FORTH else rows[:size][::-1]

    def _urls(self, rows, way, position):
        after = rows and (self.has_more or way == BACK)
        before = rows and (position is not None) and (self.has_more or way == FORTH)
        return (
            self._url(rows[-1], FORTH) if after else None,
            self._url(rows[0], BACK) if before else None,
        )

    def _url(self, row, way):
        cursor = encode([way, _plain(getattr(row, self.column)), row.pk])
        return replace_query_param(remove_query_param(self.url, self.cursor_param), self.cursor_param, cursor)

    def get_schema_operation_parameters(self, view):
        return [
            _parameter(self.cursor_param, "string", "Where to go on: taken from `next` or `previous`."),
            _parameter(self.size_param, "integer", f"Rows a page, 1 to {MOST}; {self.page_size} unless told."),
        ]

    def get_paginated_response_schema(self, schema):
        url = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": url, "previous": url, "results": schema},
        }


def encode(position: list) -> str:
    """A position in a list, as one word for an address."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode(cursor: str) -> list:
    """The position that `encode` wrote. Raises ValueError."""
    if len(cursor) > MOST_CURSOR:
        raise ValueError("No cursor is that long.")
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, RecursionError) as error:
        raise ValueError(str(error)) from error


def not_a_cursor() -> exceptions.ValidationError:
    return exceptions.ValidationError({"cursor": "This is no cursor of this list; start again without it."})


def _order_of(queryset):
    ordering = queryset.query.order_by or queryset.model._meta.ordering or ("-pk",)
    first = ordering[0]
    return first.lstrip("-"), first.startswith("-")


def _read(cursor):
    """(way, (value, id)) of a cursor; a cursor that is none is refused in words."""
    if not cursor:
        return FORTH, None
    try:
        way, value, pk = decode(cursor)
        if way not in (FORTH, BACK) or not isinstance(pk, int) or not isinstance(value, str | int):
            raise ValueError
    except (ValueError, TypeError):
        raise not_a_cursor() from None
    return way, (value, pk)


def _beyond(queryset, column, position, *, falling):
    """Rows after `position`; the first condition alone bounds the index scan."""
    value, pk = position
    side = "lt" if falling else "gt"
    try:
        bounded = queryset.filter(**{f"{column}__{side}e": value})
        return bounded.filter(Q(**{f"{column}__{side}": value}) | Q(**{f"pk__{side}": pk}))
    except (ValidationError, ValueError, TypeError):
        raise not_a_cursor() from None


def _plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def _parameter(name, kind, description):
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": description}
