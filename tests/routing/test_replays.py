"""Replay end to end: a day that the real engine played is written as rows, read back, and replayed; and the job."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from customers.models import Event
from routing.drafts import NoSuchRules, classifies_otherwise, read_draft, rules_at
from routing.models import Agent, Domain, Interaction, Policy, Replay
from routing.played import MOST_TRIES, play, play_replay
from routing.replays import ReplayRefused, ask_replay, cancel_replay, due_replays
from routing.rules import ordinary
from tests import factories as make
from tests.routing.traffic import MONDAY, centre, traffic

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)
FEW = {"replications": 3, "workers": 1}


SAME_NUMBERS = """
    SELECT setval(format('%I', sequencename), 3000000) FROM pg_sequences WHERE data_type = 'bigint'::regtype"""


@pytest.fixture
def monday():
    """A day of traffic in the tables. What is drawn depends on the rows' numbers, so they are the same each time."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_NUMBERS)
    domain = centre(9)
    traffic(domain, days=1, load=0.5)
    return domain


def played(domain, policy=None, **more):
    return play(domain, MONDAY, TUESDAY, policy, **{**FEW, **more})


def commanded(*words):
    out = StringIO()
    call_command(
        "replay", "--from", "2026-03-02", "--to", "2026-03-03", "--replications=3", "--workers=1", *words, stdout=out
    )
    return out.getvalue()


def asked(domain=None, **more):
    times = {"since": MONDAY, "until": TUESDAY, "replications": 2}
    return ask_replay(domain or Domain.main(), by=make.make_supervisor(), **{**times, **more})


def lapsed(row):
    """The same replay, begun by a process that was lost."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Replay.objects.filter(pk=row.pk).update(state="running", tries=row.tries or 1, lease_until=an_hour_ago)
    row.refresh_from_db()
    return row


def test_under_the_rules_in_force_what_was_recorded_comes_out_as_it_went(monday):
    told = played(monday, replications=6)

    assert told["is_trusted"], told["verdict"]
    assert told["lines"]["all"]["arrived"] == Interaction.objects.count()


def test_with_half_the_shifts_hidden_nothing_is_promised(monday):
    half = list(Agent.objects.order_by("id").values_list("pk", flat=True))[::2]
    Event.objects.filter(verb="agent.presence", subject_id__in=half).delete()

    told = played(monday, "random", replications=2)

    assert (told["is_trusted"], told["moved"]) == (False, None)
    assert told["verdict"].startswith("Nothing can be promised of a draft here.")


def test_a_draft_is_told_with_differences_and_a_sample_in_words(monday):
    told = json.loads(commanded("--policy", "random", "--json"))

    assert set(told["lines"]["voice"]["service_level"]["difference"]) == {"mean", "low", "high"}
    assert [change["live"]["name"][:6] for change in told["changes"]] == ["Agent "] * 10


def test_the_report_begins_with_the_verdict(monday):
    assert commanded().startswith("Replayed under the rules that were in force it comes out as it really went")


def test_the_command_ends_with_a_code_of_its_own_when_nothing_is_promised(monday):
    Event.objects.filter(
        verb="agent.presence", subject_id__in=list(Agent.objects.values_list("pk", flat=True))[2:]
    ).delete()

    with pytest.raises(CommandError) as refused:
        commanded()
    assert refused.value.returncode == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from", "yesterday"], "--from needs a date"),
        (["--domain", "nowhere"], "no routing domain 'nowhere'"),
        (["--policy", "best"], "no preset 'best'"),
        (["--policy", "7"], "There is no version 7"),
        (["--policy", "nowhere.json"], "cannot be read as JSON"),
        (["--replications", "1"], "at least 2"),
        ([], "Nothing came to any queue"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_words(words, told):
    Domain.main()
    with pytest.raises(CommandError, match=told):
        commanded(*words)


def test_a_draft_may_be_a_document_a_version_a_preset_or_an_engines_policy():
    domain = Domain.main()
    document = ordinary() | {"capacity": {"cost": {"voice": 100, "chat": 50, "email": 20}, "interrupts": {}}}
    Policy.objects.create(domain=domain, number=3, state="retired", document=document, published_at=MONDAY)
    drafts = [document, 3, "3", "longest_idle", {"preset": "longest_idle", "costs": {"voice": 100, "chat": 50}}]

    found = [read_draft(domain, draft)[0] for draft in drafts]

    assert [(one.strategy, one.costs["chat"], one.version) for one in found] == [
        ("value", 50, 0), ("value", 50, 3), ("value", 50, 3), ("idle", 30, 0), ("idle", 50, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"x": 1}, "/x: There is no “x” here."),
        ({"prefer": {"agents": []}}, "/prefer/agents: “[]” is none of value"),
        ({"offer": {"ring": {"voice": 10**400}}}, "/offer/ring/voice: “1000"),
        ("²", "There is no preset '²'"),
        ("9" * 5_000, "There is no preset '9999"),
    ],
)
def test_a_draft_out_of_shape_is_refused_before_it_is_played(written, told):
    with pytest.raises(NoSuchRules) as refusal:
        read_draft(Domain.main(), written)

    assert str(refusal.value).startswith(told)


def test_rules_nobody_can_follow_are_no_draft():
    with pytest.raises(NoSuchRules, match="cannot be read"):
        read_draft(Domain.main(), {"strategy": "value", "wheights": {}})


def test_traffic_is_replayed_under_the_rules_that_were_in_force_then():
    domain = Domain.main()
    for number, at in ((1, MONDAY), (2, TUESDAY)):
        Policy.objects.create(domain=domain, number=number, state="retired", document=ordinary(), published_at=at)

    assert [rules_at(domain, at)[0].version for at in (MONDAY - timedelta(1), MONDAY, TUESDAY)] == [0, 1, 2]


def test_the_reader_is_told_what_was_not_replayed(monday):
    rule = {"when": 'channel == "chat"', "set": {"priority": "high"}}
    Policy.objects.create(
        domain=monday, number=1, state="retired", document=ordinary(), published_at=MONDAY + timedelta(hours=9)
    )

    notes = played(monday, ordinary() | {"classify": [rule]}, replications=2)["notes"]

    assert [note[:30] for note in notes] == ["Other rules were published wit", "The draft sorts what comes in "]


def test_a_draft_that_sorts_as_before_is_replayed_whole():
    domain = Domain.main()
    drafts = [ordinary(), "longest_idle", {"preset": "random"}]

    assert [classifies_otherwise(domain, MONDAY, draft) for draft in drafts] == [False, False, False]


def test_a_job_is_played_and_its_result_kept(monday):
    row = asked(monday)

    assert play_replay(row.pk, workers=1)

    row.refresh_from_db()
    assert (row.state, row.progress, row.tries, row.lease_until) == ("done", 1.0, 1, None)
    assert row.result["replications"] == 2


def test_a_job_that_is_over_is_not_played_again(monday):
    row = asked(monday)
    play_replay(row.pk, workers=1)

    assert not play_replay(row.pk, workers=1)
    assert due_replays() == []


def test_there_is_one_replay_at_a_time():
    row = asked()

    with pytest.raises(ReplayRefused, match=rf"Replay {row.pk}, asked for by User \d+, is waiting to begin"):
        asked()


def test_other_domains_may_be_replayed_meanwhile():
    asked()

    assert asked(make.make_domain("elsewhere")).state == "queued"


def test_a_draft_nobody_can_follow_is_refused_when_it_is_asked_for():
    with pytest.raises(ReplayRefused, match="no preset"):
        asked(policy="best")


def test_while_somebody_plays_it_nobody_else_does():
    row = asked()
    in_a_minute = timezone.now() + timedelta(minutes=1)
    Replay.objects.filter(pk=row.pk).update(state="running", tries=1, lease_until=in_a_minute)

    assert (due_replays(), play_replay(row.pk, workers=1)) == ([], False)


def test_a_job_whose_process_was_lost_is_found_and_played_anew(monday):
    row = lapsed(asked(monday))

    assert due_replays() == [row.pk]
    assert play_replay(row.pk, workers=1)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("done", 2)


def test_after_three_lost_processes_it_has_failed():
    row = asked()
    Replay.objects.filter(pk=row.pk).update(tries=MOST_TRIES)
    row.refresh_from_db()
    lapsed(row)

    assert not play_replay(row.pk, workers=1)
    row.refresh_from_db()
    assert (row.state, row.error[:27]) == ("failed", "The process that played it ")


def test_what_cannot_be_played_has_failed_with_the_reason():
    row = asked()

    play_replay(row.pk, workers=1)

    row.refresh_from_db()
    assert (row.state, row.error[:30]) == ("failed", "Nothing came to any queue in t")


def test_a_cancelled_replay_is_not_played_and_makes_room_for_the_next():
    row = asked()
    cancel_replay(row, by=make.make_supervisor())

    assert not play_replay(row.pk, workers=1)
    assert asked().state == "queued"


def test_what_is_over_cannot_be_cancelled():
    row = asked()
    cancel_replay(row, by=make.make_supervisor())

    with pytest.raises(ReplayRefused, match="is over"):
        cancel_replay(row, by=make.make_supervisor())


def test_cancelling_ends_it_at_the_next_step(monday, monkeypatch):
    row, supervisor = asked(monday), make.make_supervisor()
    steps = []

    def cancelled_after_one(replay_row, progress):
        steps.append(progress)
        cancel_replay(row, by=supervisor)
        keep(replay_row, progress)

    keep = play_replay.__globals__["_keep"]
    monkeypatch.setitem(play_replay.__globals__, "_keep", cancelled_after_one)

    assert not play_replay(row.pk, workers=1)
    row.refresh_from_db()
    assert (row.state, row.result, steps) == ("cancelled", None, [0.5])


def test_who_was_taken_for_lost_cannot_write_over_who_took_its_place(monday, monkeypatch):
    row = asked(monday)

    def overtaken(replay_row, progress):
        Replay.objects.filter(pk=row.pk).update(tries=2)
        keep(replay_row, progress)

    keep = play_replay.__globals__["_keep"]
    monkeypatch.setitem(play_replay.__globals__, "_keep", overtaken)

    assert not play_replay(row.pk, workers=1)
    row.refresh_from_db()
    assert (row.state, row.tries, row.result) == ("running", 2, None)


def test_invented_traffic_keeps_every_invariant(monday, sound):
    assert Interaction.objects.exclude(status="done").count() == 0


def test_without_agents_no_traffic_can_be_invented():
    Domain.main()
    with pytest.raises(CommandError, match="nobody could work"):
        call_command("seed_traffic", "--days=1")
