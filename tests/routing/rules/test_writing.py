import json

from hypothesis import given
from hypothesis import strategies as st

from routing.rules import ordinary
from routing.rules.differences import Difference, differences
from routing.rules.writing import WIDTH, written

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
)


@given(plain)
def test_what_is_written_reads_back(value):
    assert json.loads(written(value)) == value


def test_the_ordinary_rules_are_written_on_a_page():
    lines = written(ordinary()).splitlines()

    assert (max(map(len, lines)) <= WIDTH + 20, len(lines) < 50) == (True, True)


def test_words_are_written_in_their_usual_order_whatever_order_they_were_kept_in():
    assert written({"offer": {}, "relax": {"care": [{"if": "x", "need": {"b": -1, "a": -1}, "after": 1}]}}) == (
        '{"relax": {"care": [{"after": 1, "need": {"b": -1, "a": -1}, "if": "x"}]}, "offer": {}}'
    )


def test_two_documents_differ_place_by_place():
    before = {"prefer": {"match": 1, "load": 2}, "relax": {"care": [{"after": 1}]}, "offer": {}}
    after = {"prefer": {"match": 2, "load": 2}, "relax": {"care": [{"after": 1}, {"after": 2}]}, "about": "é"}

    assert differences(before, after) == [
        Difference("/prefer/match", "1", "2"),
        Difference("/relax/care/1", "", '{"after": 2}'),
        Difference("/offer", "{}", ""),
        Difference("/about", "", '"é"'),
    ]


@given(st.dictionaries(st.text(max_size=3), plain, max_size=3))
def test_a_document_does_not_differ_from_itself(document):
    assert differences(document, document) == []
