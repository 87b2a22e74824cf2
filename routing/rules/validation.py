"""What is wrong with rules, or worth a thought, in sentences a supervisor understands, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from routing.rules.company import Company
from routing.rules.compile import GROUPS, BadRules, compiled, share_and_seconds
from routing.rules.durations import BadDuration, seconds, targets, worded
from routing.rules.expressions import NAMES, BadExpression, nearest, read
from routing.rules.findings import Finding, error, warning
from routing.rules.guards import BadGuard, read_guard
from routing.rules.ordinary import ordinary
from routing.rules.people import impossible
from routing.rules.shape import misshapen


def findings(document: Any, company: Company) -> list[Finding]:
    """Everything there is to say, errors first; nothing when all is well. Blocks out of shape are not looked into."""
    found = misshapen(document)
    sound = _sound_blocks(document, found)
    for check in (_classify, _queues, _relax, _prefer, _capacity, _offer):
        found += check(sound, company)
    found += _impossible(sound, company)
    return sorted(found, key=lambda one: not one.is_error)


def _sound_blocks(document: Any, found: Iterable[Finding]) -> dict[str, Any]:
    if not isinstance(document, dict):
        return {}
    broken = {one.path.split("/")[1] for one in found if one.path}
    return {block: written for block, written in document.items() if block not in broken}


def _classify(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    rules = document.get("classify", [])
    normal: list[str | None] = []
    for place, rule in enumerate(rules):
        normal.append(None)
        if "when" in rule:
            try:
                condition = read(rule["when"])
            except BadExpression as refusal:
                yield error(("classify", place, "when"), str(refusal))
                normal[-1] = f"unreadable {place}"
                continue
            normal[-1] = condition.normal
            yield from _compared(place, condition.compared, company)
        yield from _set(place, rule["set"], company)
        yield from _reach(place, rules, normal)


def _compared(place: int, compared: Iterable[tuple[str, str]], company: Company) -> Iterator[Finding]:
    """Words that a name can never be."""
    words = {name: one.words for name, one in NAMES.items() if one.words}
    words |= {"queue": tuple(company.queues), "customer.tier": company.tiers}
    for name, literal in compared:
        known = words.get(name)
        if known and literal not in known:
            sentence = f"{name} is never “{literal}”.{nearest(literal, known)} It is one of {', '.join(known)}."
            yield error(("classify", place, "when"), sentence)


def _set(place: int, sets: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    path = ("classify", place, "set")
    if "queue" in sets and sets["queue"] not in company.queues:
        yield error((*path, "queue"), _no_queue(sets["queue"], company))
    for block in ("need", "want"):
        for skill in sets.get(block, {}):
            if skill not in company.skills:
                yield error((*path, block, skill), _no_skill(skill, company.skills))


def _reach(place: int, rules: list[Mapping[str, Any]], normal: list[str | None]) -> Iterator[Finding]:
    """A rule that is never reached, or that hides all an earlier one does."""
    for earlier in range(place):
        same = normal[earlier] is None or normal[earlier] == normal[place]
        if same and rules[earlier].get("stop"):
            why = "always holds" if normal[earlier] is None else "has the same condition"
            yield warning(
                ("classify", place),
                f"Rule {place + 1} is never reached: rule {earlier + 1} {why} and stops. Put this one above it.",
            )
            return
        if _is_shadowed(rules, normal, earlier, place):
            yield warning(
                ("classify", earlier),
                f"Rule {earlier + 1} counts for nothing: rule {place + 1} sets the same again whenever it holds.",
            )


def _is_shadowed(rules: list[Mapping[str, Any]], normal: list[str | None], earlier: int, later: int) -> bool:
    covers = normal[later] is None or normal[later] == normal[earlier]
    first, second = rules[earlier]["set"], rules[later]["set"]
    plain = set(first) <= set(second) and not {"need", "want"} & set(first)
    # What lies between them may look at what the first one set.
    return covers and plain and later == earlier + 1 and not rules[earlier].get("stop")


def _queues(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    for slug, written in document.get("queues", {}).items():
        if slug != "default" and slug not in company.queues:
            yield error(("queues", slug), _no_queue(slug, company))
        for channel, target in written.get("target", {}).items():
            within = share_and_seconds(target)[1]
            yield from _against(within, "max_wait", slug, channel, written)
            yield from _against(within, "hold", slug, channel, written)


def _against(within: float, block: str, slug: str, channel: str, written: Mapping[str, Any]) -> Iterator[Finding]:
    if channel not in written.get(block, {}):
        return
    try:
        time = seconds(written[block][channel], target=within)
    except BadDuration as refusal:
        yield error(("queues", slug, block, channel), str(refusal))
        return
    path = ("queues", slug, block, channel)
    if block == "max_wait" and time < within:
        yield warning(path, f"The longest wait, {worded(time)}, is over before the target, {worded(within)}.")
    if block == "hold" and time >= within:
        yield warning(path, f"Who is held for {worded(time)} is answered after the target, {worded(within)}.")


def _relax(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    for slug, steps in document.get("relax", {}).items():
        if slug != "default" and slug not in company.queues:
            yield error(("relax", slug), _no_queue(slug, company))
        last = -1.0
        for place, step in enumerate(steps):
            path = ("relax", slug, place)
            after = targets(step["after"])
            if after <= last:
                yield error(
                    (*path, "after"), "This step comes no later than the one above it. Put them in order of time."
                )
            last = max(last, after)
            yield from _lowered(path, step.get("need", {}), company)
            yield from _lent(path, slug, step, company)


def _lowered(path: tuple[object, ...], need: Mapping[str, int], company: Company) -> Iterator[Finding]:
    for name, change in need.items():
        here = (*path, "need", name)
        if not _is_asked(name, company):
            yield error(here, _no_skill(name, [*GROUPS, *company.skills]))
        if change > 0:
            yield error(here, f"A step can only widen: write -{change} to ask for {change} levels less of {name}.")


def _is_asked(name: str, company: Company) -> bool:
    beginning = name.endswith(".") and any(skill.startswith(name) for skill in company.skills)
    return name in GROUPS or name in company.skills or name == "*" or beginning


def _lent(path: tuple[object, ...], slug: str, step: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    lender = step.get("add")
    if lender is None:
        return
    if lender == slug:
        yield error((*path, "add"), "A queue cannot lend agents to itself.")
    elif lender not in company.queues:
        yield error((*path, "add"), _no_queue(lender, company))
    elif not company.queues[lender].asked():
        yield warning((*path, "add"), f"Queue {lender} asks for no skill, so from this step on everybody may serve.")
    if "if" in step:
        yield from _guarded((*path, "if"), step["if"], lender)


def _guarded(path: tuple[object, ...], text: str, lender: str) -> Iterator[Finding]:
    try:
        guard = read_guard(text)
    except BadGuard as refusal:
        yield error(path, str(refusal))
        return
    for queue in guard.queues:
        if queue != lender:
            yield error(path, f"This looks at queue {queue}, but {lender} is the one that lends: name that.")


def _prefer(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    prefer, usual = document.get("prefer", {}), ordinary()["prefer"]
    weights = [name for name, weight in prefer.items() if name in usual and usual[name] != weight]
    weights = [name for name in weights if isinstance(prefer[name], int | float) and name != "occupancy_cap"]
    order = prefer.get("agents", "value")
    if order != "value" and weights:
        one = weights[0]
        yield warning(("prefer", one), f"“{one}” counts for nothing while agents are asked in the order “{order}”.")


def _capacity(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    for channel, parked in document.get("capacity", {}).get("interrupts", {}).items():
        if channel in parked:
            yield error(("capacity", "interrupts", channel), f"{channel} cannot interrupt itself.")
        if "voice" in parked and channel != "voice":
            yield warning(("capacity", "interrupts", channel), "A call would be left for something that can wait.")


def _offer(document: Mapping[str, Any], company: Company) -> Iterator[Finding]:
    offer, general = document.get("offer", {}), document.get("queues", {}).get("default", {})
    promised = {**ordinary()["queues"]["default"]["target"], **general.get("target", {})}
    for channel, time in offer.get("ring", {}).items():
        within = share_and_seconds(promised[channel])[1]
        if seconds(time) > within:
            yield warning(
                ("offer", "ring", channel),
                f"A desk rings for {worded(seconds(time))}, longer than the target of {worded(within)}: one who "
                "does not answer breaks it.",
            )
    if offer.get("on_timeout") == "stay" and "misses" in offer:
        yield warning(("offer", "misses"), "Misses count for nothing while agents stay available after them.")


def _impossible(document: Mapping[str, Any], company: Company) -> list[Finding]:
    """About people, once the rules can be followed at all."""
    try:
        return list(impossible(document, compiled(document, company), company))
    except BadRules:
        return []


def _no_queue(slug: str, company: Company) -> str:
    return f"There is no queue “{slug}”.{nearest(slug, company.queues)}{_known('queues', company.queues)}"


def _no_skill(slug: str, skills: Iterable[str]) -> str:
    return f"There is no skill “{slug}”.{nearest(slug, skills)}{_known('skills', skills)}"


def _known(kind: str, words: Iterable[str]) -> str:
    listed = sorted(words)
    return f" The {kind} are {', '.join(listed)}." if 0 < len(listed) <= 12 else ""
