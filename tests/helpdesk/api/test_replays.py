import pytest
from rest_framework.test import APIClient

from routing.models import Domain, Replay
from routing.played import play_replay
from routing.rules import ordinary
from tests import factories as make
from tests.routing.traffic import centre, traffic

pytestmark = pytest.mark.django_db
AT = "/api/v1/replays/"
MONDAY = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z", "replications": 2}


@pytest.fixture
def boss(as_user):
    Domain.main()
    return as_user(make.make_supervisor("Ana Boss"))


def call(client, method, path="", body=None):
    response = getattr(client, method)(AT + path, body, format="json")
    return response.status_code, response.json()


def test_a_replay_is_asked_for_and_waits_to_begin(boss):
    status, row = call(boss, "post", "", {**MONDAY, "policy": "longest_idle"})

    assert status == 201
    assert {name: row[name] for name in ("from", "to", "policy", "state", "progress", "by", "domain")} == {
        "from": MONDAY["from"], "to": MONDAY["to"], "policy": "longest_idle", "state": "queued", "progress": 0.0,
        "by": "Ana Boss", "domain": "main",
    }  # fmt: skip


def test_once_played_it_has_a_result(boss):
    traffic(centre(6), days=1, load=0.3)
    _, row = call(boss, "post", "", {**MONDAY, "policy": {"preset": "random"}})
    play_replay(row["id"], workers=1)

    status, told = call(boss, "get", f"{row['id']}/")

    assert (status, told["state"], told["progress"]) == (200, "done", 1.0)
    assert sorted(told["result"]) == [
        "asked_otherwise", "changes", "confidence", "everybody", "gaps", "is_trusted", "lines", "moved", "notes",
        "replications", "verdict",
    ]  # fmt: skip


def test_the_list_leaves_the_results_behind(boss, django_assert_num_queries):
    for name in ("one", "two", "three"):
        Replay.objects.create(
            domain=make.make_domain(name), since=MONDAY["from"], until=MONDAY["to"], result={"verdict": "x" * 1_000}
        )
    with django_assert_num_queries(2) as asked:
        _, page = call(boss, "get")
    assert len(page["results"]) == 3
    assert not any('"result"' in query["sql"] for query in asked)


def test_a_second_one_is_refused_while_one_is_under_way(boss):
    call(boss, "post", "", MONDAY)

    status, problem = call(boss, "post", "", MONDAY)

    assert (status, problem["type"]) == (409, "urn:trunkline:replay-refused")
    assert problem["detail"].endswith("Wait for it, or cancel it.")


def test_a_replay_can_be_cancelled_once(boss):
    _, row = call(boss, "post", "", MONDAY)

    assert call(boss, "post", f"{row['id']}/cancel/")[1]["state"] == "cancelled"
    assert call(boss, "post", f"{row['id']}/cancel/")[0] == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"from": MONDAY["to"], "to": MONDAY["from"]}, 400),
        ({**MONDAY, "to": "2026-06-01T00:00:00Z"}, 400),
        ({**MONDAY, "replications": 1}, 400),
        ({**MONDAY, "policy": True}, 400),
        ({**MONDAY, "policy": [1]}, 400),
        ({**MONDAY, "domain": "nowhere"}, 400),
        ({**MONDAY, "policy": "best"}, 409),
        ({**MONDAY, "policy": 12}, 409),
        ({**MONDAY, "policy": "9" * 30}, 409),
        ({**MONDAY, "policy": {"capacity": 3}}, 409),
        ({**MONDAY, "policy": {"weights": 3}}, 409),
    ],
)
def test_what_cannot_be_replayed_is_refused(boss, body, status):
    assert call(boss, "post", "", body)[0] == status
    assert not Replay.objects.exists()


def test_a_document_of_rules_is_a_draft(boss):
    assert call(boss, "post", "", {**MONDAY, "policy": ordinary()})[0] == 201


@pytest.mark.parametrize("role", ["agent", ""])
def test_strangers_neither_see_nor_ask_nor_cancel(as_user, role):
    row = Replay.objects.create(domain=Domain.main(), since=MONDAY["from"], until=MONDAY["to"])
    stranger = as_user(make.make_user(role=role))

    answers = [call(stranger, "get"), call(stranger, "get", f"{row.pk}/"), call(stranger, "post", "", MONDAY)]
    answers.append(call(stranger, "post", f"{row.pk}/cancel/"))

    assert [status for status, _ in answers] == [403] * 4
    row.refresh_from_db()
    assert row.state == "queued"


def test_who_is_not_signed_in_is_asked_to(db):
    assert [call(APIClient(), method)[0] for method in ("get", "post")] == [401, 401]
