import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from routing.rules import SCHEMA, Company, QueueSetup, Staff, Traffic, findings, ordinary, starting_points

CARE = QueueSetup("care", "Care", needs={"billing": 2})
COMPANY = Company(
    queues={
        "care": CARE,
        "sales": QueueSetup("sales", "Sales"),
        "board": QueueSetup("board", "Board", is_private=True),
    },
    skills={"billing": "Billing", "returns": "Returns", "lang.pl": "Polish"},
    agents=(
        Staff("Ana", {"billing": 3, "lang.pl": 5, "member.board": 1}),
        Staff("Bo", {"returns": 2}, channels=frozenset({"chat", "email"})),
    ),
    tiers=("standard", "gold"),
)


def said(document, company=COMPANY) -> list[tuple[str, str, str]]:
    return [(one.severity, one.path, one.sentence) for one in findings(document, company)]


def one(document, company=COMPANY) -> tuple[str, str, str]:
    """The only thing that there is to say."""
    (finding,) = said(document, company)
    return finding


def rule(**rest):
    return {"classify": [{"set": {"vip": True}, **rest}]}


@pytest.mark.parametrize("name", starting_points())
def test_every_starting_point_is_sound(name):
    assert said(starting_points()[name]) == []


def test_the_schema_is_one_and_describes_every_word_of_it():
    Draft202012Validator.check_schema(SCHEMA)

    assert undescribed(SCHEMA, "") == []


def undescribed(schema, path):
    """Paths of properties without a description of their own or by reference."""
    missing = []
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}/{name}"
        shared = SCHEMA["$defs"][inner["$ref"].rsplit("/", 1)[1]] if "$ref" in inner else inner
        if not (inner.get("description") or shared.get("description") or "anyOf" in inner):
            missing.append(here)
        missing += undescribed(inner, here)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            missing += undescribed(schema[key], f"{path}/{key}")
    return missing


@pytest.mark.parametrize(
    ("document", "path", "sentence"),
    [
        ([], "", "“[]” will not do: an object in braces is meant."),
        ({"clasify": []}, "/clasify", "There is no “clasify” here. Did you mean “classify”?"),
        (rule(wen="true"), "/classify/0/wen", "There is no “wen” here. Did you mean “when”?"),
        ({"classify": [{"when": "true"}]}, "/classify/0", "“set” is missing here."),
        (rule(set={"priority": "hihg"}), "/classify/0/set/priority", "Did you mean “high”?"),
        (rule(set={"need": {"billing": 9}}), "/classify/0/set/need/billing", "“9” is too much: at most 5."),
        ({"prefer": {"match": -1}}, "/prefer/match", "“-1” is too little: at least 0. How much it counts"),
        ({"prefer": {"match": "a lot"}}, "/prefer/match", "“a lot” will not do: a number is meant."),
        ({"prefer": {"occupancy_cap": 880}}, "/prefer/occupancy_cap", "“880” is too much: at most 100. Percent of"),
        (
            {"queues": {"care": {"target": {"voice": [180, "20s"]}}}},
            "/queues/care/target/voice",
            "Answer within this time; or [percent, time], as in [80, 20s]",
        ),
        (
            {"offer": {"ring": {"voice": "soon"}}},
            "/offer/ring/voice",
            "“soon” will not do here. A time from .1s to 30d: 20s, 5m, 4h",
        ),
        ({"offer": {"ring": {"phone": "20s"}}}, "/offer/ring/phone", "There may be voice, chat, email."),
        ({"relax": {"care": [{"after": "20s", "drop": "want"}]}}, "/relax/care/0/after", "When: in targets of waiting"),
        ({"relax": {"care": [{"after": "1T", "if": "sl(a) >= 1"}]}}, "/relax/care/0", "“if” needs “add” beside it."),
    ],
)
def test_what_is_out_of_shape_is_said_where_it_is(document, path, sentence):
    severity, where, what = one(document)

    assert (severity, where) == ("error", path)
    assert sentence in what


@pytest.mark.parametrize(
    ("document", "path", "sentence"),
    [
        (rule(when="chanel == 'chat'"), "/classify/0/when", "There is no name “chanel”. Did you mean “channel”?"),
        (rule(when="queue == 'cares'"), "/classify/0/when", "queue is never “cares”. Did you mean “care”?"),
        (rule(when="customer.tier == 'golden'"), "/classify/0/when", "customer.tier is never “golden”."),
        (rule(when="weekday in ['sat', 'Sunday']"), "/classify/0/when", "weekday is never “Sunday”."),
        (rule(set={"queue": "bord"}), "/classify/0/set/queue", "There is no queue “bord”. Did you mean “board”?"),
        (rule(set={"need": {"biling": 2}}), "/classify/0/set/need/biling", "There is no skill “biling”. Did you mean"),
        ({"queues": {"cares": {}}}, "/queues/cares", "There is no queue “cares”. Did you mean “care”?"),
        ({"relax": {"cares": []}}, "/relax/cares", "There is no queue “cares”."),
        (
            {"relax": {"care": [{"after": 1, "need": {"lang.de": -1}}]}},
            "/relax/care/0/need/lang.de",
            "There is no skill “lang.de”.",
        ),
        (
            {"relax": {"care": [{"after": 1, "need": {"topics": 2}}]}},
            "/relax/care/0/need/topics",
            "A step can only widen: write -2 to ask for 2 levels less of topics.",
        ),
        (
            {"relax": {"care": [{"after": 2, "drop": "want"}, {"after": "1T", "need": {"topics": -1}}]}},
            "/relax/care/1/after",
            "This step comes no later than the one above it.",
        ),
        ({"relax": {"care": [{"after": 1, "add": "shop"}]}}, "/relax/care/0/add", "There is no queue “shop”."),
        ({"relax": {"care": [{"after": 1, "add": "care"}]}}, "/relax/care/0/add", "cannot lend agents to itself."),
        (
            {"relax": {"sales": [{"after": 1, "add": "care", "if": "sl(care) is good"}]}},
            "/relax/sales/0/if",
            "cannot be read: write sl(queue) >= 85",
        ),
        (
            {"relax": {"sales": [{"after": 1, "add": "care", "if": "sl(sales) >= 80"}]}},
            "/relax/sales/0/if",
            "This looks at queue sales, but care is the one that lends",
        ),
        ({"capacity": {"interrupts": {"chat": ["chat"]}}}, "/capacity/interrupts/chat", "cannot interrupt itself."),
        (
            {"capacity": {"cost": {"voice": 101}}},
            "/capacity/cost/voice",
            "A call takes 101 units, and no agent has a budget above 100: nobody could ever take one.",
        ),
        (
            {"queues": {"care": {"cost": {"voice": 101}}}},
            "/queues/care/cost/voice",
            "A call takes 101 units, and no agent has a budget above 100: nobody could ever take one.",
        ),
        (
            {"queues": {"default": {"cost": {"voice": 50}}}},
            "/queues/default/cost",
            "There is no “cost” here.",
        ),
    ],
)
def test_what_cannot_be_is_an_error_with_the_way_on(document, path, sentence):
    severity, where, what = one(document)

    assert (severity, where) == ("error", path)
    assert sentence in what


@pytest.mark.parametrize(
    ("document", "path", "sentence"),
    [
        (
            {"queues": {"care": {"target": {"voice": "5m"}, "max_wait": {"voice": "2m"}}}},
            "/queues/care/max_wait/voice",
            "The longest wait, 2m, is over before the target, 5m.",
        ),
        (
            {"queues": {"care": {"target": {"voice": "20s"}, "hold": {"voice": "1T"}}}},
            "/queues/care/hold/voice",
            "Who is held for 20s is answered after the target, 20s.",
        ),
        (
            {"offer": {"ring": {"voice": "40s"}}},
            "/offer/ring/voice",
            "A desk rings for 40s, longer than the target of 20s",
        ),
        ({"offer": {"on_timeout": "stay", "misses": {"voice": 3}}}, "/offer/misses", "Misses count for nothing"),
        (
            {"prefer": {"agents": "idle", "match": 3}},
            "/prefer/match",
            "“match” counts for nothing while agents are asked",
        ),
        ({"capacity": {"interrupts": {"chat": ["voice"]}}}, "/capacity/interrupts/chat", "A call would be left"),
        ({"relax": {"care": [{"after": 1, "add": "sales"}]}}, "/relax/care/0/add", "everybody may serve."),
        (
            rule(set={"need": {"billing": 5}}),
            "/classify/0/set/need",
            "Rule 1 asks for billing 5, which nobody has: its customers wait 1 targets until less will do.",
        ),
    ],
)
def test_what_is_worth_a_thought_is_a_warning(document, path, sentence):
    severity, where, what = one(document)

    assert (severity, where) == ("warning", path)
    assert sentence in what


def test_a_requirement_that_nobody_ever_meets_is_an_error():
    document = rule(set={"queue": "care", "need": {"billing": 5, "returns": 5}}) | {"relax": {"default": []}}

    assert one(document) == (
        "error",
        "/classify/0/set/need",
        "Rule 1 asks for billing 5 and returns 5, which nobody has, and no step of relaxation changes that.",
    )


def test_a_queue_that_nobody_serves_is_told_whatever_the_rules_say():
    there = Company(queues={"care": CARE}, skills=COMPANY.skills, agents=COMPANY.agents[1:])

    assert one({}, there) == (
        "warning",
        "/queues/care",
        "Queue Care asks for billing 2, which nobody has: its customers wait 3 targets until less will do.",
    )


def test_a_company_without_agents_yet_is_not_told_that_nobody_can():
    assert said(rule(set={"need": {"billing": 5}}), Company(queues={"care": CARE}, skills=COMPANY.skills)) == []


@pytest.mark.parametrize(
    "first", [{"set": {"vip": True}, "stop": True}, {"when": "hour < 9", "set": {"vip": True}, "stop": True}]
)
def test_a_rule_below_one_that_stops_for_all_it_holds_for_is_never_reached(first):
    document = {"classify": [first, {"when": "hour  <  9", "set": {"queue": "care"}}]}

    severity, path, sentence = one(document)

    assert (severity, path) == ("warning", "/classify/1")
    assert sentence.startswith("Rule 2 is never reached: rule 1 ")


def test_a_rule_whose_work_the_next_one_undoes_is_told():
    document = {"classify": [{"when": "hour < 9", "set": {"queue": "care"}}, {"set": {"queue": "sales"}}]}

    assert one(document)[1:] == (
        "/classify/0",
        "Rule 1 counts for nothing: rule 2 sets the same again whenever it holds.",
    )


def test_a_target_that_the_agents_there_are_cannot_keep_is_told_with_figures():
    busy = {("care", "voice"): Traffic(rate=20 / 3600, service_time=300)}
    there = Company(COMPANY.queues, COMPANY.skills, COMPANY.agents, COMPANY.tiers, busy)

    assert one({"queues": {"care": {"target": {"voice": [90, "20s"]}}}}, there) == (
        "warning",
        "/queues/care/target/voice",
        "90 % within 20s cannot be kept. In its busy hours 20 come an hour and take 5.0 min each: with the one agent "
        "who can serve them at work at once, about 0 % would be answered in time.",
    )


def test_a_target_that_can_be_kept_is_not_told():
    quiet = {("care", "voice"): Traffic(rate=1 / 3600, service_time=60)}
    there = Company(COMPANY.queues, COMPANY.skills, COMPANY.agents, COMPANY.tiers, quiet)

    assert said({"queues": {"care": {"target": {"voice": [90, "20s"]}}}}, there) == []


def test_a_block_out_of_shape_does_not_keep_the_others_from_being_looked_at():
    found = said({"offer": 7, "relax": {"cares": []}})

    assert [path for _, path, _ in found] == ["/offer", "/relax/cares"]


def test_errors_are_told_before_warnings():
    found = said({"offer": {"ring": {"voice": "40s"}}, "relax": {"cares": []}})

    assert [severity for severity, _, _ in found] == ["error", "warning"]


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ordinary())), anything)
def test_anything_at_all_is_validated_into_findings(block, written):
    document = json.loads(json.dumps({**ordinary(), block: written}))

    assert all(finding.sentence for finding in findings(document, COMPANY))


@pytest.mark.parametrize("written", ["0s", "9999999d", 0, 1e-300, "31d", 10**400])
def test_a_time_that_no_clock_could_keep_is_an_error(written):
    severity, path, sentence = one({"offer": {"ring": {"voice": written}}})

    assert (severity, path) == ("error", "/offer/ring/voice")
    assert sentence.endswith("will not do here. A time from .1s to 30d: 20s, 5m, 4h, 1d, or a number of seconds.")


@pytest.mark.parametrize("after", ["1001T", "99999999999T", 1001])
def test_a_step_after_a_thousand_targets_is_an_error(after):
    assert one({"relax": {"care": [{"after": after, "drop": "want"}]}})[:2] == ("error", "/relax/care/0/after")


def test_of_very_many_unknown_words_the_first_fifty_are_told():
    assert len(said({f"w{number}": 1 for number in range(60)})) == 50
