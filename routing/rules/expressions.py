"""Conditions of rules: a small grammar, read once into plain functions; nothing a supervisor writes is ever run.

    channel == "voice" and customer.tier == "gold"
    ticket.priority >= "high" or any_of(ticket.tags, ["refund", "chargeback"])
    not (8 <= hour < 18) and weekday in ["sat", "sun"]

Python's parser reads the text (it executes nothing), and only what is listed here is taken from its tree.
"""

from __future__ import annotations

import ast
import difflib
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.rules.company import CHANNELS

MOST_CHARACTERS, MOST_DEPTH, MOST_ITEMS, LARGEST = 500, 12, 50, 1e9
PRIORITIES = ("low", "normal", "high", "urgent")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BadExpression(ValueError):
    """The condition cannot be read; the message says what and the way on."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a condition may use: its kind, what it is, and the words it can be where those are few."""

    kind: str
    about: str
    words: tuple[str, ...] = ()


NAMES: Mapping[str, Name] = {
    "channel": Name("text", "how the customer got in touch", CHANNELS),
    "queue": Name("text", "slug of the queue it would go to; what an earlier rule set counts"),
    "language": Name("text", "language of what was said (ISO 639-1, such as pl), or of the customer"),
    "customer.tier": Name("text", "the customer's tier"),
    "customer.language": Name("text", "the customer's own language (ISO 639-1)"),
    "customer.organisation": Name("text", "name of the customer's organisation"),
    "customer.location": Name("text", "where the customer is"),
    "ticket.priority": Name("priority", "the ticket's priority; words compare in this order", PRIORITIES),
    "ticket.tags": Name("list", "the ticket's tags"),
    "ticket.subject": Name("text", "the ticket's subject"),
    "hour": Name("number", "hour of the day on the desk's clock, 0 to 23"),
    "weekday": Name("text", "day of the week on the desk's clock", WEEKDAYS),
}
_EMPTY: Mapping[str, Any] = {"text": "", "list": (), "number": 0, "priority": 1, "yes or no": False}


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a condition may use: what it takes, what it gives, and one example."""

    takes: tuple[tuple[str, ...], ...]
    gives: str
    call: Callable[..., Any]
    example: str


def _holds(whole: str | Sequence[str], part: str) -> bool:
    return part.lower() in (whole.lower() if isinstance(whole, str) else [one.lower() for one in whole])


FUNCTIONS: Mapping[str, Function] = {
    "contains": Function((("text", "list"), ("text",)), "yes or no", _holds, 'contains(ticket.subject, "refund")'),
    "starts_with": Function(
        (("text",), ("text",)),
        "yes or no",
        lambda text, start: text.lower().startswith(start.lower()),
        'starts_with(ticket.subject, "RE:")',
    ),
    "ends_with": Function(
        (("text",), ("text",)),
        "yes or no",
        lambda text, end: text.lower().endswith(end.lower()),
        'ends_with(queue, "-night")',
    ),
    "lower": Function((("text",),), "text", str.lower, 'lower(customer.location) == "berlin"'),
    "any_of": Function(
        (("list",), ("list",)),
        "yes or no",
        lambda having, wanted: any(_holds(having, one) for one in wanted),
        'any_of(ticket.tags, ["refund", "chargeback"])',
    ),
    "len": Function((("text", "list"),), "number", len, "len(ticket.tags) > 2"),
}

_COMPARE: Mapping[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.In: ("in", lambda one, many: one in many),
    ast.NotIn: ("not in", lambda one, many: one not in many),
}
_HINTS = {
    "&&": "write “and” for &&",
    "||": "write “or” for ||",
    "<>": "write != for <>",
    "=": "to compare, write == with two signs",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that was read. `compared` holds each name with the literals it is compared with.

    `names` are those it uses; `normal` is its text with spaces and quotes as Python sets them, so that equal ones are.
    """

    text: str
    test: Callable[[Mapping[str, Any]], bool]
    compared: tuple[tuple[str, str], ...]
    normal: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a condition: what kind of value it gives, how, and its literal or name where it is one."""

    kind: str
    value: Callable[[Mapping[str, Any]], Any]
    literal: Any = None
    name: str = ""


def read(text: str) -> Expression:
    """Read a condition. Raises BadExpression, in words."""
    tree = _parsed(text)
    reader = _Reader(text)
    part = reader.part(tree.body, depth=1)
    if part.kind != "yes or no":
        raise BadExpression(f"“{text}” is a {part.kind}, not a condition: compare it with something.")
    return Expression(text, part.value, tuple(reader.compared), ast.unparse(tree), frozenset(reader.names))


def nearest(word: str, words: Iterable[str]) -> str:
    """The name that was probably meant, as the end of a sentence, or nothing."""
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" Did you mean “{found[0]}”?" if found else ""


def _parsed(text: str) -> ast.Expression:
    if not text.strip():
        raise BadExpression("The condition is empty; leave “when” out for a rule that always holds.")
    if len(text) > MOST_CHARACTERS:
        raise BadExpression(
            f"A condition has {MOST_CHARACTERS} characters at most, not {len(text)}: make it two rules."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        hint = next((words for sign, words in _HINTS.items() if sign in text), "check quotes and parentheses")
        raise BadExpression(f"“{text}” cannot be read: {hint}.") from None


class _Reader:
    """Walks the tree of one condition; what it does not know, it refuses."""

    def __init__(self, text: str):
        self.text = text.strip()
        self.compared: list[tuple[str, str]] = []
        self.names: list[str] = []

    def part(self, node: ast.AST, *, depth: int) -> _Part:
        if depth > MOST_DEPTH:
            raise BadExpression("The condition is nested too deeply: make it several rules.")
        read_it = self._KINDS.get(type(node))
        if read_it is None:
            raise BadExpression(f"“{self._said(node)}” is not part of the language: {_LANGUAGE}")
        return read_it(self, node, depth + 1)

    def _either(self, node: ast.BoolOp, depth: int) -> _Part:
        parts = [self._condition(one, depth) for one in node.values]
        every = all if isinstance(node.op, ast.And) else any
        return _Part("yes or no", lambda facts: every(part(facts) for part in parts))

    def _negation(self, node: ast.UnaryOp, depth: int) -> _Part:
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return self._constant(ast.copy_location(ast.Constant(_negative(node.operand.value)), node), depth)
        if not isinstance(node.op, ast.Not):
            raise BadExpression(f"“{self._said(node)}” is not part of the language: {_LANGUAGE}")
        inner = self._condition(node.operand, depth)
        return _Part("yes or no", lambda facts: not inner(facts))

    def _condition(self, node: ast.AST, depth: int) -> Callable[[Mapping[str, Any]], bool]:
        part = self.part(node, depth=depth)
        if part.kind != "yes or no":
            raise BadExpression(f"“{self._said(node)}” is a {part.kind}, not a condition: compare it with something.")
        return part.value

    def _comparison(self, node: ast.Compare, depth: int) -> _Part:
        parts = [self.part(one, depth=depth) for one in (node.left, *node.comparators)]
        pairs = zip(parts, node.ops, parts[1:], strict=False)
        tests = [self._pair(left, sign, right, self._said(node)) for left, sign, right in pairs]
        return _Part("yes or no", lambda facts: all(test(facts) for test in tests))

    def _pair(self, left: _Part, sign: ast.cmpop, right: _Part, said: str) -> Callable[[Mapping[str, Any]], bool]:
        word, compare = _COMPARE.get(type(sign), ("", operator.eq))
        if not word:
            raise BadExpression(f"“{said}”: compare with ==, !=, <, <=, >, >= or in.")
        left, right = _as_priorities(left, right), _as_priorities(right, left)
        _check_kinds(left, word, right, said)
        self._note(left, right)
        self._note(right, left)
        return lambda facts: compare(left.value(facts), right.value(facts))

    def _note(self, named: _Part, other: _Part) -> None:
        if named.name and other.literal is not None:
            literals = other.literal if isinstance(other.literal, tuple) else (other.literal,)
            self.compared += [(named.name, one) for one in literals if isinstance(one, str)]

    def _call(self, node: ast.Call, depth: int) -> _Part:
        named = node.func.id if isinstance(node.func, ast.Name) else self._said(node.func)
        function = FUNCTIONS.get(named)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise BadExpression(f"There is no function “{named}”.{nearest(named, FUNCTIONS)} There are {known}.")
        if node.keywords or len(node.args) != len(function.takes):
            raise BadExpression(f"“{named}” takes {len(function.takes)} values, as in {function.example}.")
        parts = [self.part(one, depth=depth) for one in node.args]
        for part, kinds in zip(parts, function.takes, strict=True):
            if part.kind not in kinds:
                raise BadExpression(f"“{named}” takes a {' or a '.join(kinds)}, not a {part.kind}: {function.example}.")
            if part.kind == "list" and _item_kinds(part) - {"text"}:
                raise BadExpression(f"“{named}” looks for texts in quotes, not numbers: {function.example}.")
        return _Part(function.gives, lambda facts: function.call(*[part.value(facts) for part in parts]))

    def _named(self, node: ast.Name | ast.Attribute, depth: int) -> _Part:
        word = self._said(node)
        if word in ("true", "false"):
            return _Part("yes or no", lambda facts: word == "true", literal=word == "true")
        name = NAMES.get(word)
        if name is None:
            raise BadExpression(f"There is no name “{word}”.{nearest(word, NAMES)} There are {', '.join(NAMES)}.")
        self.names.append(word)
        empty = _EMPTY[name.kind]
        if name.kind == "list":  # as lists in conditions are, so that == holds
            return _Part(name.kind, lambda facts: tuple(facts.get(word) or ()), name=word)
        return _Part(name.kind, lambda facts: empty if facts.get(word) is None else facts[word], name=word)

    def _constant(self, node: ast.Constant, depth: int) -> _Part:
        value: Any = node.value
        kinds = {bool: "yes or no", str: "text", int: "number", float: "number"}
        kind = kinds.get(type(value))
        if kind is None or (kind == "number" and not abs(value) <= LARGEST) or _is_unkeepable(value):
            raise BadExpression(f"“{self._said(node)[:40]}” cannot be compared with: use a text in quotes or a number.")
        return _Part(kind, lambda facts: value, literal=value)

    def _listed(self, node: ast.List | ast.Tuple, depth: int) -> _Part:
        if len(node.elts) > MOST_ITEMS:
            raise BadExpression(f"A list may have {MOST_ITEMS} items, this one has {len(node.elts)}.")
        parts = [self.part(one, depth=depth) for one in node.elts]
        if any(part.literal is None or part.kind not in ("text", "number") for part in parts):
            raise BadExpression(f"“{self._said(node)}”: a list holds texts in quotes, or numbers.")
        values = tuple(part.literal for part in parts)
        return _Part("list", lambda facts: values, literal=values)

    def _said(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.text, node) or type(node).__name__

    _KINDS: Mapping[type, Callable[..., _Part]] = {
        ast.BoolOp: _either,
        ast.UnaryOp: _negation,
        ast.Compare: _comparison,
        ast.Call: _call,
        ast.Name: _named,
        ast.Attribute: _named,
        ast.Constant: _constant,
        ast.List: _listed,
        ast.Tuple: _listed,
    }


_LANGUAGE = f"use names, texts, numbers, lists, comparisons, and, or, not, and {', '.join(FUNCTIONS)}."


def _as_priorities(part: _Part, beside: _Part) -> _Part:
    """A word beside ticket.priority stands for its place in the order."""
    if beside.kind != "priority" or part.literal is None:
        return part
    many = isinstance(part.literal, tuple)
    places = tuple(_place(one) for one in (part.literal if many else (part.literal,)))
    value = places if many else places[0]
    return _Part("list" if many else "priority", lambda facts: value, literal=value)


def _place(word: Any) -> int:
    if word in PRIORITIES:
        return PRIORITIES.index(word)
    if isinstance(word, int) and not isinstance(word, bool) and 0 <= word < len(PRIORITIES):
        return word
    raise BadExpression(f"“{word}” is no priority: there are {', '.join(PRIORITIES)}.")


def _check_kinds(left: _Part, sign: str, right: _Part, said: str) -> None:
    if sign in ("in", "not in"):
        _check_membership(left, right, said)
    elif left.kind != right.kind:
        raise BadExpression(f"“{said}” compares a {left.kind} with a {right.kind}, which is never so.")
    elif sign not in ("==", "!=") and left.kind not in ("number", "priority"):
        raise BadExpression(f"“{said}”: only numbers and priorities have an order; use == or in.")


def _check_membership(left: _Part, right: _Part, said: str) -> None:
    if right.kind == "text" and left.kind == "text":
        return
    if right.kind != "list" or left.kind not in ("text", "number", "priority"):
        raise BadExpression(f'“{said}”: “in” looks for one value in a list, as in channel in ["chat", "email"].')
    if _item_kinds(right) - {"number" if left.kind == "priority" else left.kind}:
        raise BadExpression(f"“{said}” looks for a {left.kind} among other things, which is never so.")


def _item_kinds(part: _Part) -> set[str]:
    """The kinds of what is in a list; every name that is a list holds texts."""
    return {"text"} if part.name else {"text" if isinstance(one, str) else "number" for one in part.literal}


def _is_unkeepable(value: Any) -> bool:
    """Python's escapes can spell what neither UTF-8 nor PostgreSQL holds: half a character, or NUL."""
    return isinstance(value, str) and any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value)


def _negative(value: Any) -> Any:
    return -value if isinstance(value, int | float) and not isinstance(value, bool) else value
