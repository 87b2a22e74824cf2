import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from routing.models import Domain, Policy
from routing.rules import ordinary
from routing.versions import publish
from tests import factories as make

pytestmark = pytest.mark.django_db

QUICK = {"offer": {"ring": {"chat": "10s"}}}
SLOW = {"offer": {"ring": {"chat": "50s"}}}
FAULTY = {"relax": {"nowhere": []}}
AT = "/api/v1/policies/"


@pytest.fixture
def boss(as_user):
    return as_user(make.make_supervisor("Ana Boss"))


def call(client, method, path="", body=None):
    response = getattr(client, method)(AT + path, body, format="json")
    return response.status_code, response.json() if response.content else None


def published(*documents) -> list[Policy]:
    user = make.make_supervisor("Bo Chief")
    return [publish(Domain.main(), document, by=user) for document in documents]


def test_the_ordinary_rules_are_in_force_until_somebody_publishes(boss):
    assert call(boss, "get", "live/") == (200, {"number": 0, "version": None, "document": ordinary()})


def test_a_draft_is_kept_read_published_and_gone(boss):
    status, kept = call(
        boss, "put", "draft/", {"document": QUICK, "note": "Ring shorter", "based_on": 0, "revision": 0}
    )
    assert (status, kept["number"], kept["state"], kept["document"]) == (200, None, "draft", QUICK)
    assert call(boss, "get", "draft/")[1]["note"] == "Ring shorter"

    status, row = call(boss, "post", "publish/", {"revision": kept["revision"]})

    assert (status, row["number"], row["note"], row["by"]["name"]) == (201, 1, "Ring shorter", "Ana Boss")
    assert call(boss, "get", "draft/")[0] == 404
    assert call(boss, "get", "live/")[1]["document"] == QUICK


def test_a_draft_is_thrown_away(boss):
    call(boss, "put", "draft/", {"document": QUICK})

    assert (call(boss, "delete", "draft/"), call(boss, "get", "draft/")[0]) == ((204, None), 404)


def test_a_document_is_published_without_a_draft(boss):
    assert call(boss, "post", "publish/", {"document": QUICK, "note": "At once"})[1]["number"] == 1


def test_versions_are_listed_newest_first_page_by_page(boss):
    published(QUICK, SLOW, {})

    first = boss.get(AT, {"page_size": 2}).json()
    rest = boss.get(first["next"]).json()

    shown = [(row["number"], row["state"], row["based_on"]) for row in [*first["results"], *rest["results"]]]
    assert shown == [(3, "published", 2), (2, "retired", 1), (1, "retired", 0)]
    assert "document" not in first["results"][0]


@pytest.mark.parametrize("rows", [1, 5])
def test_versions_take_the_same_queries_for_any_number(boss, rows, django_assert_num_queries):
    published(*[QUICK] * rows)

    with django_assert_num_queries(3):
        boss.get(AT)


def test_one_version_is_read_with_its_rules(boss):
    published(QUICK, SLOW)

    assert call(boss, "get", "1/")[1]["document"] == QUICK


def test_a_version_that_is_none_is_not_there_in_words(boss):
    status, problem = call(boss, "get", "7/")

    assert (status, problem["detail"]) == (404, "There is no version 7 of the rules of main.")


def test_validation_tells_every_finding_with_its_place(boss):
    document = {**FAULTY, "offer": {"ring": {"voice": "40s"}}}

    status, told = call(boss, "post", "validate/", {"document": document})

    assert (status, told["publishable"]) == (200, False)
    assert [(one["severity"], one["path"]) for one in told["findings"]] == [
        ("error", "/relax/nowhere"),
        ("warning", "/offer/ring/voice"),
    ]


def test_rules_with_errors_are_not_published_and_each_place_is_named(boss):
    status, problem = call(boss, "post", "publish/", {"document": FAULTY})

    assert (status, problem["type"]) == (422, "urn:trunkline:policy-faulty")
    assert problem["fields"] == {"/relax/nowhere": ["There is no queue “nowhere”."]}


def test_who_publishes_over_another_is_told_who_was_faster(boss):
    published(QUICK)

    status, problem = call(boss, "post", "publish/", {"document": SLOW, "based_on": 0})

    assert (status, problem["type"]) == (409, "urn:trunkline:policy-overtaken")
    assert problem["detail"].startswith("Bo Chief published version 1 at ")


def test_rolling_back_publishes_the_old_rules_anew(boss):
    published(QUICK, SLOW)

    status, row = call(boss, "post", "rollback/", {"to": 1, "note": "Too slow"})

    assert (status, row["number"], row["note"], row["document"]) == (201, 3, "Too slow", QUICK)


def test_two_versions_are_compared_place_by_place(boss):
    published(QUICK, SLOW)
    changed = {"path": "/offer/ring/chat", "before": '"10s"', "after": '"50s"'}

    assert call(boss, "get", "1/differences/")[1] == {"results": [changed]}
    assert call(boss, "get", "1/differences/?to=1")[1] == {"results": []}


def test_rules_of_another_domain_are_kept_apart(boss):
    make.make_domain("north"), make.make_domain()
    boss.post(f"{AT}publish/?domain=north", {"document": QUICK}, format="json")

    assert [call(boss, "get", f"live/?domain={name}")[1]["number"] for name in ("north", "main")] == [1, 0]
    assert call(boss, "get", "live/?domain=south")[0] == 404


def test_the_schema_is_one_and_takes_every_preset(boss):
    schema = call(boss, "get", "schema/")[1]
    presets = call(boss, "get", "presets/")[1]

    Draft202012Validator.check_schema(schema)
    assert [list(Draft202012Validator(schema).iter_errors(document)) for document in presets.values()] == [[]] * 7


CHANGES = [("put", "draft/"), ("delete", "draft/"), ("post", "publish/"), ("post", "rollback/"), ("post", "validate/")]
READS = [("get", path) for path in ("", "live/", "draft/", "1/", "1/differences/")]


@pytest.mark.parametrize(("method", "path"), [*READS, *CHANGES])
def test_agents_neither_read_rules_nor_change_them(as_user, method, path):
    published({"classify": [{"when": 'customer.organisation == "Acme"', "set": {"vip": True}}]})

    assert call(as_user(make.make_user()), method, path, {"document": QUICK, "to": 0})[0] == 403
    assert Policy.objects.count() == 1


def test_agents_may_read_what_rules_look_like(as_user):
    agent = as_user(make.make_user())

    assert [call(agent, "get", path)[0] for path in ("schema/", "presets/")] == [200, 200]


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("get", "live/"), ("get", "schema/"), *CHANGES])
def test_strangers_are_refused(as_user, method, path):
    assert call(APIClient(), method, path, {"document": QUICK})[0] == 401
    assert call(as_user(make.make_user(role="")), method, path, {"document": QUICK})[0] == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("publish/", {"document": [1]}, 409),
        ("publish/", {"document": "{}"}, 409),
        ("publish/", {"document": None}, 400),
        ("publish/", {}, 409),
        ("publish/", {"document": {"about": "a\0"}}, 400),
        ("publish/", {"document": {}, "based_on": "x"}, 400),
        ("rollback/", {"to": 10**12}, 404),
        ("rollback/", {"to": -1}, 400),
        ("rollback/", {"to": 9}, 404),
        ("validate/", {}, 400),
        ("validate/", {"document": {"classify": [{"when": "__import__('os')", "set": {"vip": True}}]}}, 200),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(boss, path, body, status):
    answered, told = call(boss, "post", path, body)

    assert answered == status
    assert status == 200 or told["detail"]


def test_a_rule_that_would_run_code_is_an_error_and_nothing_runs(boss):
    document = {"classify": [{"when": "__import__('os').system('true') == 0", "set": {"vip": True}}]}

    told = call(boss, "post", "validate/", {"document": document})[1]

    assert [one["path"] for one in told["findings"]] == ["/classify/0/when"]
