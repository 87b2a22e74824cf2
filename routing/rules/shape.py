"""What does not have the shape of rules, in sentences: unknown words, wrong kinds, numbers out of range."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from routing.rules.durations import LONGEST, MOST_TARGETS, SHORTEST, BadDuration, seconds, targets
from routing.rules.expressions import nearest
from routing.rules.findings import Finding, error
from routing.rules.schema import SCHEMA

_FORMATS = FormatChecker(formats=())
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=_FORMATS)
_KINDS = {
    "object": "an object in braces",
    "array": "a list in brackets",
    "string": "a text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
MOST_SAID = 50


def misshapen(document: Any) -> list[Finding]:
    """An error for each place that does not have the shape the schema asks for, fifty at the most."""
    found = sorted(_VALIDATOR.iter_errors(document), key=lambda one: [str(step) for step in one.absolute_path])
    return [finding for one in found[:MOST_SAID] for finding in _told(one)][:MOST_SAID]


@_FORMATS.checks("time-span", raises=BadDuration)
def _is_time(written: object) -> bool:
    """A pattern cannot say how long: 0s rings for nobody, and 9999999d is after the last of dates."""
    return not isinstance(written, str) or SHORTEST <= seconds(written) <= LONGEST


@_FORMATS.checks("share-of-target", raises=BadDuration)
def _is_share(written: object) -> bool:
    return not isinstance(written, str) or targets(written) <= MOST_TARGETS


def _told(one: ValidationError) -> Iterator[Finding]:
    path = list(one.absolute_path)
    if one.validator == "additionalProperties":
        for key in sorted(set(one.instance) - set(one.schema["properties"]))[:MOST_SAID]:
            yield error([*path, key], _unknown(key, list(one.schema["properties"])))
        return
    say = _SENTENCES.get(str(one.validator), _anything_else)
    yield error(path, say(one))


def _unknown(key: str, known: list[str]) -> str:
    return f"There is no {_short(key)} here.{nearest(key, known)} There may be {', '.join(known)}."


def _wrong_kind(one: ValidationError) -> str:
    return f"{_short(one.instance)} will not do: {_KINDS[one.validator_value]} is meant.{_about(one.schema)}"


def _none_of(one: ValidationError) -> str:
    words = [str(word) for word in one.validator_value]
    return f"{_short(one.instance)} is none of {', '.join(words)}.{nearest(str(one.instance), words)}"


def _too_small(one: ValidationError) -> str:
    return f"{_short(one.instance)} is too little: at least {one.validator_value:g}.{_about(one.schema)}"


def _too_large(one: ValidationError) -> str:
    return f"{_short(one.instance)} is too much: at most {one.validator_value:g}.{_about(one.schema)}"


def _missing(one: ValidationError) -> str:
    missing = next(name for name in one.validator_value if name not in one.instance)
    return f"“{missing}” is missing here."


def _needs_another(one: ValidationError) -> str:
    return f"“{next(iter(one.validator_value))}” needs “{', '.join(*one.validator_value.values())}” beside it."


def _too_many(one: ValidationError) -> str:
    return f"There are {len(one.instance)} here; {one.validator_value} are the most."


def _too_few(one: ValidationError) -> str:
    return f"This says too little to mean anything.{_about(one.schema)}"


def _too_long(one: ValidationError) -> str:
    return f"This has {len(one.instance)} characters; {one.validator_value} are the most."


def _no_slug(one: ValidationError) -> str:
    return f"{_short(one.instance)} is no short name: use small letters, digits, dots and hyphens only."


def _twice(one: ValidationError) -> str:
    return "One of these is there twice."


def _anything_else(one: ValidationError) -> str:
    return f"{_short(one.instance)} will not do here.{_about(one.schema)}"


def _about(schema: Mapping[str, Any]) -> str:
    return f" {schema['description']}" if "description" in schema else ""


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


_SENTENCES: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _wrong_kind,
    "enum": _none_of,
    "minimum": _too_small,
    "maximum": _too_large,
    "required": _missing,
    "dependentRequired": _needs_another,
    "maxItems": _too_many,
    "maxProperties": _too_many,
    "minProperties": _too_few,
    "maxLength": _too_long,
    "pattern": _no_slug,
    "uniqueItems": _twice,
}
