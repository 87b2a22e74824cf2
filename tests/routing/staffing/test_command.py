"""`manage.py staffing`: plans, searches and forecasts."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from routing.models import Interaction
from routing.staffing import performance
from routing.staffing.reading import BadPlan, staff_plan
from tests import factories as make

CALLS = {"name": "calls", "volume": [25, 0], "service_time": 180.0, "goal": {"seconds": 20, "share": 0.8}}
SCENARIO = {
    "name": "small",
    "periods": {"length": 1800},
    "types": [{"name": "calls", "volume": 10, "service": {"kind": "exponential", "mean": 180}}],
    "groups": [{"name": "agents", "agents": 1}],
}


def staffed(*words, **options):
    out = StringIO()
    call_command("staffing", *words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def written(tmp_path, content):
    (tmp_path / "plan.json").write_text(json.dumps(content))
    return str(tmp_path / "plan.json")


def test_a_plan_is_answered_interval_by_interval(tmp_path):
    rows = json.loads(staffed(written(tmp_path, {"interval": 600, "shrinkage": 0.3, "channels": [CALLS]}), json=True))

    assert [(row["volume"], row["agents"], row["scheduled"]) for row in rows] == [(25.0, 11, 16), (0.0, 0, 0)]


def test_a_plan_is_told_as_a_table_too(tmp_path):
    told = staffed(written(tmp_path, {"interval": 600, "channels": [CALLS]})).splitlines()

    assert [line.split()[:5] for line in told[1:]] == [["calls", "1", "25", "11", "11"], ["calls", "2", "0", "0", "0"]]


def test_redials_chats_and_mail_have_their_own_formulas():
    channels = [
        CALLS | {"volume": 40, "patience": 60.0, "redials": 0.5},
        {"name": "chats", "volume": 40, "service_time": 180.0, "at_once": [1, 1.2, 1.4]},
        {"name": "mail", "volume": [40, 0], "service_time": 180.0, "deadline": 600},
    ]
    rows = staff_plan({"interval": 600, "channels": channels})

    assert [(row.channel, row.agents) for row in rows] == [("calls", 14), ("chats", 7), ("mail", 6), ("mail", 6)]


def test_redials_take_more_agents_than_their_absence():
    patient = CALLS | {"volume": 400, "patience": 60.0, "goal": {"share": 0.8, "seconds": 5}}
    without, redialling = (
        staff_plan({"interval": 600, "channels": [channel]})[0] for channel in (patient, patient | {"redials": 0.9})
    )

    assert performance(without.performance.line).abandoned > 0
    assert redialling.agents > without.agents


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"channels": []}, "names no channels"),
        ({"channel": []}, "The plan cannot have 'channel'"),
        ({"channels": [{"name": "calls", "volume": 3}]}, "lacks 'service_time'"),
        ({"channels": [CALLS | {"goal": {"percent": 3}}]}, "cannot have 'percent'"),
    ],
)
def test_a_wrong_plan_is_refused_in_words(plan, words):
    with pytest.raises(BadPlan, match=words):
        staff_plan(plan)


def test_overlapping_skills_are_searched_by_simulation(tmp_path):
    answer = json.loads(staffed(scenario=written(tmp_path, SCENARIO), replications=4, workers=1, json=True))

    assert answer["is_enough"]
    assert answer["staff"]["agents"][0] >= 2


def test_without_anything_to_staff_one_is_told_what_to_name():
    with pytest.raises(CommandError, match="Name a plan"):
        staffed()


@pytest.mark.django_db
def test_a_forecast_is_a_plan_made_of_what_was_recorded(tmp_path):
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    at = today - timedelta(days=today.weekday() + 7) + timedelta(hours=9)
    queue = make.make_queue("care")
    for _ in range(2):
        interaction = make.make_interaction(queue=queue, channel="voice")
        times = {"created_at": at, "accepted_at": at, "done_at": at + timedelta(seconds=300)}
        Interaction.objects.filter(pk=interaction.pk).update(**times)
    plan = json.loads(staffed(forecast=True, weeks=1))

    assert [(each["name"], each["service_time"], sum(each["volume"])) for each in plan["channels"]] == [
        ("care voice", 300.0, 2.0)
    ]
    assert [slot for slot, volume in enumerate(plan["channels"][0]["volume"]) if volume] == [18]
