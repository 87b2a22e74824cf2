import zlib

import pytest
from django.db import connection

from routing.models import Decision
from routing.packed import pack, unpack
from tests import factories as make

WHY = {
    "p": 3, "i": 5_000_021, "a": 1028, "w": 286.2, "T": 60.0, "u": 4.77, "b": 1, "m": -175, "n": 65,
    "x": {"away": 78, "skill:lang.de": 137, "ringing": 20}, "t": "match fairness load scarcity guard",
    "c": [
        [1264, 1000, 137, -105, -38, 0], [1244, 1000, 141, -105, -61, 0], [1240, 1000, 104, -210, -25, 0],
        [1283, 1000, 109, -210, -35, 0], [1028, 1000, 143, 0, -24, -300],
    ],
    "l": {"lang.de": 3, "orders": 4},
}  # fmt: skip


def test_what_is_packed_comes_back_as_it_was():
    odd = {"names": ["Łódź", '"', None, 1.5, True], "empty": {}}

    assert [unpack(pack(value)) for value in (WHY, odd, {}, [])] == [WHY, odd, {}, []]


def test_an_explanation_packs_into_two_thirds_of_what_zlib_alone_makes_of_it():
    alone = len(zlib.compress(str(WHY).encode(), 9))

    assert len(pack(WHY)) < 2 / 3 * alone


@pytest.mark.django_db
def test_a_decision_takes_less_than_250_bytes_with_its_explanation():
    decision = make.make_decision(make.make_interaction(), explanation=WHY)

    assert Decision.objects.get(pk=decision.pk).explanation == WHY
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_column_size(d.*) FROM routing_decision d WHERE id = %s", [decision.pk])
        assert cursor.fetchone()[0] < 250
