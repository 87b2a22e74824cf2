import io
import json

import pytest
from django.core.management import CommandError, call_command

from routing.models import Domain
from routing.rules import ordinary
from routing.versions import draft, publish
from tests import factories as make

pytestmark = pytest.mark.django_db

QUICK = {"offer": {"ring": {"chat": "10s"}}}
SLOW = {"offer": {"ring": {"chat": "50s"}}}


@pytest.fixture
def written(tmp_path):
    """Writes a file of rules and returns its name."""

    def write(document) -> str:
        path = tmp_path / "rules.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return write


def policy(*words) -> str:
    Domain.main()
    out = io.StringIO()
    call_command("policy", *words, stdout=out)
    return out.getvalue().strip()


def test_the_ordinary_rules_are_shown_while_nobody_published_others():
    heading, _, document = policy("show").partition("\n")

    assert (heading, json.loads(document)) == ("The ordinary rules", ordinary())
    assert policy("list") == "The ordinary rules are in force; nobody published others."


def test_a_file_is_published_with_note_and_name(written):
    make.make_supervisor("Ana Boss", email="ana@desk.test")

    assert policy("publish", written(QUICK), "--note", "Shorter", "--by", "ana@desk.test") == "Version 1 is in force."

    shown = json.loads(policy("show", "--json"))
    assert (shown["number"], shown["by"], shown["note"], shown["document"]) == (1, "Ana Boss", "Shorter", QUICK)


def test_an_earlier_version_is_put_in_force_again():
    publish(Domain.main(), QUICK, by=None)
    publish(Domain.main(), SLOW, by=None)

    assert policy("rollback", "1") == "Version 3 is in force."
    assert json.loads(policy("show", "3", "--json"))["document"] == QUICK
    assert [line.split(" · ")[:2] for line in policy("list").splitlines()] == [
        ["Version 3", "in force"],
        ["Version 2", "earlier"],
        ["Version 1", "earlier"],
    ]


def test_a_draft_is_shown_first_and_by_itself():
    publish(Domain.main(), QUICK, by=None)
    draft(Domain.main(), SLOW, by=None)

    assert [row["state"] for row in json.loads(policy("list", "--json"))] == ["draft", "published"]
    assert json.loads(policy("show", "--draft", "--json"))["document"] == SLOW


def test_rules_are_validated_without_being_kept(written):
    assert policy("validate", written(QUICK)) == "These rules can be published."
    with pytest.raises(CommandError) as refusal:
        policy("validate", written({"relax": {"nowhere": []}}))
    assert str(refusal.value) == "error: /relax/nowhere: There is no queue “nowhere”."


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"relax": {"nowhere": []}}, "error: /relax/nowhere: There is no queue “nowhere”."),
        ("{", "is no JSON: line 1, column 2"),
        ("[]", "Rules are an object of six blocks"),
    ],
)
def test_what_cannot_be_published_is_refused_in_words(written, document, sentence):
    with pytest.raises(CommandError) as refusal:
        policy("publish", written(document))

    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("rollback", "7"), "There is no version 7"),
        (("show", "--draft"), "There is no draft."),
        (("show", "--domain", "south"), "There is no routing domain south."),
        (("rollback", "0", "--by", "no@desk.test"), "There is nobody with the address no@desk.test."),
        (("validate", "/nowhere.json"), "No such file"),
    ],
)
def test_what_is_not_there_is_told(words, sentence):
    with pytest.raises(CommandError, match=sentence):
        policy(*words)
