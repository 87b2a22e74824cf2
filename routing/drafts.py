"""Rules to try on recorded traffic: those that were in force, and a draft in any form in which one can be written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing.company import queues_of
from routing.engine.facts import Policy as EnginePolicy
from routing.engine.strategies import UnknownPreset, preset
from routing.models import Domain, Policy
from routing.policies import ORDINARY
from routing.rules import BadRules, Company, Rules, compiled, ordinary
from routing.rules.shape import misshapen

# An engine's policy, as simulate takes it, is told from a document of rules by these words.
ENGINES_WORDS = frozenset(
    {"preset", "strategy", "line", "weights", "default_queue", "costs", "queue_costs", "interrupts"}
)
DRAFT = "draft"

Written = Mapping[str, Any] | str | int


class NoSuchRules(ValueError):
    """These rules are not there, or cannot be followed; the message says which, and why."""


def rules_at(domain: Domain, at: datetime) -> tuple[EnginePolicy, Rules]:
    """The rules that were in force in a domain at a time."""
    number, document = _in_force(domain, at)
    rules = _compiled(domain, document)
    return rules.policy(number), rules


def have_changed(domain: Domain, since: datetime, until: datetime) -> bool:
    """Whether other rules were published between two times."""
    return Policy.objects.filter(domain=domain, published_at__gt=since, published_at__lt=until).exists()


def classifies_otherwise(domain: Domain, at: datetime, written: Written) -> bool:
    """Whether a draft would have sorted what came in otherwise than the rules that were in force at a time."""
    if isinstance(written, Mapping):
        document = {} if ENGINES_WORDS & written.keys() else written
    else:
        document = _version(domain, written).document if _is_version(written) else {}
    return "classify" in document and document["classify"] != _in_force(domain, at)[1].get("classify", [])


def read_draft(domain: Domain, written: Written) -> tuple[EnginePolicy, Rules]:
    """What a draft says: a document of rules, a version's number, "draft" for the one being written, or a preset, or an
    engine's policy (what that leaves out is as in force). Raises NoSuchRules."""
    if _is_version(written):
        version = _version(domain, written)
        rules = _compiled(domain, version.document)
        return rules.policy(version.number or ORDINARY), rules
    if isinstance(written, str):
        return _engines(domain, {"preset": written})
    if ENGINES_WORDS & written.keys():
        return _engines(domain, written)
    if flaws := misshapen(written):
        raise NoSuchRules(f"{flaws[0].path or 'The rules'}: {flaws[0].sentence}")
    rules = _compiled(domain, written)
    return rules.policy(ORDINARY), rules


def _engines(domain: Domain, written: Mapping[str, Any]) -> tuple[EnginePolicy, Rules]:
    rules = _compiled(domain, domain.policy.document if domain.policy_id else ordinary())
    base, rest = rules.policy(ORDINARY), {key: value for key, value in written.items() if key != "preset"}
    try:
        base = preset(written["preset"])(base) if "preset" in written else base
        return EnginePolicy.from_json({**base.to_json(), "version": ORDINARY, **rest}), rules
    except UnknownPreset as error:
        raise NoSuchRules(str(error)) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise NoSuchRules(f"The policy cannot be read: {error}.") from None


def _compiled(domain: Domain, document: Mapping[str, Any]) -> Rules:
    try:
        return compiled(document, Company(queues=queues_of(domain)))
    except BadRules as error:
        raise NoSuchRules(str(error)) from None


def _in_force(domain: Domain, at: datetime) -> tuple[int, Mapping[str, Any]]:
    published = Policy.objects.filter(domain=domain, published_at__lte=at).order_by("-published_at", "-number").first()
    return (published.number, published.document) if published else (ORDINARY, ordinary())


def _is_version(written: Written) -> bool:
    is_number = isinstance(written, str) and written.isdecimal() and len(written) < 10
    return isinstance(written, int) or is_number or written == DRAFT


def _version(domain: Domain, wanted: Written) -> Policy:
    which = {"state": Policy.State.DRAFT} if wanted == DRAFT else {"number": int(str(wanted))}
    found = Policy.objects.filter(domain=domain, **which).first()
    if found is None:
        raise NoSuchRules(
            "Nobody is writing a draft at the moment." if wanted == DRAFT else f"There is no version {wanted}."
        )
    return found
