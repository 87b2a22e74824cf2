"""What was recorded becomes a scenario."""

from datetime import datetime

import jsonschema
import pytest

from routing.simulation import read_scenario
from routing.simulation.reading import read_schema
from routing.simulation.traces import BadTrace, Recorded, as_scenario, read_bank, read_table

# Made up, in the form of the Anonymous Bank's log.
BANK = """vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit \
q_time outcome ser_start ser_exit ser_time server
AA0101 33116 9664491 2 PS 990901 8:00:10 8:00:20 10 8:00:20 8:01:00 40 AGENT 8:01:00 8:03:00 120 TOVA
AA0101 33117 0 0 NW 990901 8:10:00 8:10:05 5 0:00:00 0:00:00 0 AGENT 8:10:05 8:10:35 30 MICHAL
AA0102 33118 0 0 PS 990901 9:00:00 9:00:10 10 9:00:10 9:01:10 60 HANG 0:00:00 0:00:00 0 NO_SERVER
AA0102 33119 0 0 PS 990901 9:05:00 9:05:10 10 0:00:00 0:00:00 0 PHANTOM 0:00:00 0:00:00 0 NO_SERVER
"""

TABLE = """type,arrived,wait,service,agent
calls,2026-03-02T09:00:00,5,60,ana
calls,2026-03-02T09:40:00,30,,
calls,2026-03-03T09:10:00,0,80,bo
"""


def test_the_banks_calls_are_read_and_phantoms_left_out():
    calls = list(read_bank(BANK.splitlines()))

    assert calls == [
        Recorded("PS", datetime(1999, 9, 1, 8, 0, 20), 40.0, True, 120.0, "TOVA"),
        Recorded("NW", datetime(1999, 9, 1, 8, 10, 5), 0.0, True, 30.0, "MICHAL"),
        Recorded("PS", datetime(1999, 9, 1, 9, 0, 10), 60.0, False, 0.0, "NO_SERVER"),
    ]


def test_a_table_is_read_and_who_has_no_service_gave_up():
    assert [(each.wait, each.is_served, each.service) for each in read_table(TABLE.splitlines())] == [
        (5.0, True, 60.0),
        (30.0, False, 0.0),
        (0.0, True, 80.0),
    ]


def test_a_record_becomes_the_scenario_of_its_average_day():
    written = as_scenario(list(read_table(TABLE.splitlines())), name="two days")
    (calls,) = written["types"]

    assert calls["volume"] == [1.0, 0.5]
    assert calls["service"] == {"kind": "empirical", "values": [60.0, 80.0]}
    assert calls["patience"] == {"kind": "exponential", "mean": 35.0}
    assert written["groups"][0]["agents"] == [1, 0]


def test_the_scenario_of_a_record_fits_the_schema_and_can_be_read():
    written = as_scenario(list(read_bank(BANK.splitlines())), name="bank")
    jsonschema.validate(written, read_schema())

    assert [kind.name for kind in read_scenario(written).kinds] == ["NW", "PS"]


def test_many_service_times_are_thinned_to_the_same_distribution():
    recorded = [Recorded("calls", datetime(2026, 3, 2, 9), 0.0, True, float(time), "ana") for time in range(10_000)]
    values = as_scenario(recorded, name="many", period=86_400)["types"][0]["service"]["values"]

    assert (len(values), values[0], values[-1]) == (200, 25.0, 9_975.0)


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_bank, "AA0101 33116 9664491 2 PS", "Line 1 has 5 fields"),
        (read_bank, BANK.splitlines()[1].replace("990901", "990941"), "Line 1 cannot be read"),
        (read_table, "arrived,wait\nsoon,5", "Line 2 cannot be read"),
        (read_table, "arrived\n2026-03-02", "Line 2 cannot be read"),
    ],
)
def test_a_line_that_is_something_else_is_refused_by_number(read, text, words):
    with pytest.raises(BadTrace, match=words):
        list(read(text.splitlines()))


def test_a_record_without_anybody_served_says_nothing():
    with pytest.raises(BadTrace, match="Nobody was served"):
        as_scenario([Recorded("calls", datetime(2026, 3, 2), 5.0, False)], name="empty")
