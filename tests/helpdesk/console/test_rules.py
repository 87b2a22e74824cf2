import json
import re

import pytest

from routing.models import Domain, Policy
from routing.rules import ordinary, starting_points
from routing.versions import draft, draft_of, publish
from tests import factories as make

pytestmark = pytest.mark.django_db

PAGE = "/settings/rules/"
QUICK = {"offer": {"ring": {"chat": "10s"}}}
SLOW = {"offer": {"ring": {"chat": "50s"}}}
FAULTY = {"relax": {"nowhere": []}}


@pytest.fixture
def boss():
    return make.make_supervisor("Ana Boss")


@pytest.fixture
def browser(as_user, boss):
    return as_user(boss)


def sent(browser, do, document=QUICK, *, based_on=0, revision=0, **more):
    text = document if isinstance(document, str) else json.dumps(document)
    form = {"do": do, "document": text, "based_on": based_on, "revision": revision, "note": "Shorter", **more}
    return browser.post(PAGE, form)


def shown(response) -> dict:
    """The rules in the text area."""
    return json.loads(response.context["form"]["document"].value())


def kept(row: Policy) -> tuple:
    return row.number, row.state, row.document, row.note, str(row.by)


def test_a_new_draft_begins_with_what_is_in_force(browser, boss):
    assert shown(browser.get(PAGE)) == ordinary()

    publish(Domain.main(), QUICK, by=boss)

    assert shown(browser.get(PAGE)) == QUICK


@pytest.mark.parametrize("name", ["longest_idle", "strict_priority"])
def test_a_draft_may_start_from_a_preset(browser, name):
    assert shown(browser.get(f"{PAGE}?from=preset:{name}")) == starting_points()[name]


def test_a_draft_may_start_from_any_version(browser, boss):
    publish(Domain.main(), QUICK, by=boss)
    publish(Domain.main(), SLOW, by=boss)

    assert [shown(browser.get(f"{PAGE}?from={number}")) for number in (1, 0)] == [QUICK, ordinary()]


@pytest.mark.parametrize("start", ["preset:none", "7", "x", "9" * 30])
def test_there_is_no_start_from_what_is_not_there(browser, start):
    assert browser.get(f"{PAGE}?from={start}").status_code == 404


def test_validating_tells_what_is_wrong_and_keeps_the_text(browser):
    response = sent(browser, "validate", FAULTY)

    page = response.content.decode()
    assert (response.status_code, shown(response), draft_of(Domain.main())) == (200, FAULTY, None)
    assert "<code>/relax/nowhere</code> <span>There is no queue “nowhere”.</span>" in page


def test_validating_tells_when_all_is_well(browser):
    assert "These rules can be published." in sent(browser, "validate").content.decode()


def test_a_saved_draft_is_there_again(browser):
    response = sent(browser, "save", FAULTY)

    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert kept(draft_of(Domain.main())) == (None, "draft", FAULTY, "Shorter", "Ana Boss")
    assert shown(browser.get(PAGE)) == FAULTY


def test_what_is_published_is_in_force_and_the_draft_is_gone(browser):
    response = sent(browser, "publish")

    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert [kept(row) for row in Policy.objects.all()] == [(1, "published", QUICK, "Shorter", "Ana Boss")]
    assert "Version 1 is in force." in browser.get(PAGE).content.decode()


def test_rules_with_errors_are_not_published_and_the_text_stays(browser):
    response = sent(browser, "publish", FAULTY)

    assert (response.status_code, shown(response), Policy.objects.count()) == (422, FAULTY, 0)
    assert "It was not published." in response.content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"offer": }', "Line 1, column 11 is no JSON"),
        ("[" * 20_000, "This is nested too deeply."),
        ('{"about": ' + "9" * 5_000 + "}", "There is a number of more than four thousand digits."),
        ("", "This field is required."),
        ("[]", "Rules are an object of six blocks"),
    ],
)
def test_a_text_that_is_no_rules_comes_back_with_a_sentence(browser, text, sentence):
    response = sent(browser, "save", text)

    assert response.status_code == 422
    assert sentence in response.content.decode()


@pytest.mark.parametrize(
    "text", [r'{"\ud800": 1}', '{"prefer": {"match": NaN}}', '{"about": ' + "[" * 500 + "]" * 500 + "}"]
)
def test_validating_what_could_not_be_kept_says_so(browser, text):
    response = sent(browser, "validate", text)

    assert response.status_code == 200
    assert [one.path for one in response.context["findings"]] == [""]


def test_the_first_button_which_enter_presses_changes_nothing(browser):
    page = browser.get(PAGE).content.decode()

    assert re.findall(r'name="do" value="(\w+)"', page) == ["validate", "save", "publish"]


def test_a_domain_that_cannot_be_is_not_there(browser):
    assert browser.get(f"{PAGE}?domain=%00").status_code == 404


def test_who_was_overtaken_is_told_and_may_go_on_knowingly(browser, boss):
    publish(Domain.main(), SLOW, by=boss)

    told = sent(browser, "publish", QUICK, based_on=0)
    known = {name: told.context["form"][name].value() for name in ("based_on", "revision")}
    again = sent(browser, "publish", QUICK, **known)

    assert (told.status_code, shown(told), again.status_code) == (409, QUICK, 303)
    assert "Ana Boss published version 1 at " in told.content.decode()
    assert Domain.main().policy.document == QUICK


def test_a_draft_begun_before_others_published_says_so(browser, boss):
    draft(Domain.main(), QUICK, by=boss)
    publish(Domain.main(), SLOW, by=boss)

    assert "This draft was begun before version 1 was published." in browser.get(PAGE).content.decode()


def test_a_draft_is_thrown_away(browser, boss):
    draft(Domain.main(), QUICK, by=boss)

    assert browser.post(f"{PAGE}discard/").status_code == 303
    assert draft_of(Domain.main()) is None


def test_a_version_shows_its_text_and_what_differs_from_what_is_in_force(browser, boss):
    publish(Domain.main(), QUICK, by=boss, note="Shorter")
    publish(Domain.main(), SLOW, by=boss)

    page = browser.get(f"{PAGE}1/").content.decode()

    assert (
        "<code>/offer/ring/chat</code></th><td><code>&quot;10s&quot;</code></td><td><code>&quot;50s&quot;</code>"
        in page
    )
    assert "Shorter" in page


def test_rolling_back_puts_an_earlier_version_in_force(browser, boss):
    publish(Domain.main(), QUICK, by=boss)
    publish(Domain.main(), SLOW, by=boss)

    response = browser.post(f"{PAGE}1/rollback/", {"based_on": 2})

    assert (response.status_code, Domain.main().policy.document) == (303, QUICK)
    said = browser.get(response["Location"]).content.decode()
    assert "The rules of version 1 are in force again, as version 3." in said


def test_rolling_back_over_what_another_published_is_refused_in_words(browser, boss):
    publish(Domain.main(), QUICK, by=boss)
    publish(Domain.main(), SLOW, by=boss)

    response = browser.post(f"{PAGE}0/rollback/", {"based_on": 1})

    assert Domain.main().policy.number == 2
    assert "Ana Boss published version 2" in browser.get(response["Location"]).content.decode()


def test_another_domain_has_rules_of_its_own(browser):
    make.make_domain("north")

    sent(browser, "publish", QUICK, domain="north")

    assert shown(browser.get(f"{PAGE}?domain=north")) == QUICK
    assert shown(browser.get(PAGE)) == ordinary()


@pytest.mark.parametrize("path", ["", "0/"])
def test_agents_may_not_open_the_rules(as_user, path):
    assert as_user(make.make_user()).get(PAGE + path).status_code == 403


@pytest.mark.parametrize("path", ["7/", "7/rollback/"])
def test_a_version_that_is_none_is_not_there(browser, path):
    answered = browser.post(PAGE + path) if "rollback" in path else browser.get(PAGE + path)

    assert answered.status_code == 404
