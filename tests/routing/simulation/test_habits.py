"""What is learnt from a record, and what is made of it where the record does not say."""

import math

import numpy as np
import pytest

from routing.simulation.habits import FOREVER, Habits, kaplan_meier, learn_handling, learn_manners
from routing.simulation.record import Arrival, Passage, Record, Ring, Stay, Worker

BILLING = ("billing", "voice")


def arrival(number=1, at=0.0, **more):
    return Arrival(id=number, at=at, queue="billing", channel="voice", required={}, **more)


def record(*passages, rings=()):
    """Calls that came every minute, with what became of them."""
    arrivals = tuple(arrival(way.arrival, 60.0 * (way.arrival - 1)) for way in passages)
    workers = (Worker(1, (Stay(0, 3_600),)), Worker(2, (Stay(0, 3_600),)))
    return Record(0.0, 3_600.0, arrivals, workers, {way.arrival: way for way in passages}, tuple(rings))


def served(number, agent=1, wait=10.0, service=100.0, wrap_up=20.0):
    answered = 60.0 * (number - 1) + wait
    return Passage(number, agent, answered, answered + service, answered + service + wrap_up)


def gone(number, after):
    return Passage(number, left_at=60.0 * (number - 1) + after, gave_up=True)


def test_patience_is_the_estimate_of_kaplan_and_meier():
    survival = kaplan_meier([1, 2, 2, 3, 4], [True, True, False, True, False])

    assert survival.times.tolist() == [1, 2, 3]
    assert survival.shares.tolist() == pytest.approx([4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4 * 1 / 2])


def test_beyond_the_last_who_gave_up_people_go_on_giving_up_at_the_average_rate():
    survival = kaplan_meier([10, 20], [True, False])

    assert survival.at(50) == pytest.approx(0.5 * math.exp(-40 / 30))
    assert survival.when(0.25) == pytest.approx(10 + 30 * math.log(2))


def test_where_nobody_gave_up_patience_has_no_end():
    assert kaplan_meier([10, 20], [False, False]).when(0.001) == FOREVER


def test_the_share_and_the_time_are_inverse_to_each_other():
    random = np.random.default_rng(1)
    survival = kaplan_meier(random.exponential(60, 500).tolist(), (random.random(500) < 0.7).tolist())

    assert [survival.when(survival.at(time)) for time in survival.times] == pytest.approx(survival.times.tolist())


def test_drawn_times_come_to_the_observed_mean_though_they_are_not_lognormal():
    times = np.random.default_rng(2).exponential(200, 4_000).tolist()
    handling = learn_handling((1, BILLING, seconds) for seconds in times)
    normals = np.random.default_rng(3).normal(size=20_000)

    drawn = np.mean([handling.draw(BILLING, 1, normal) for normal in normals])

    assert drawn == pytest.approx(np.mean(times), rel=0.1)


def test_an_agent_with_many_contacts_counts_for_more_than_one_with_few():
    common = [(agent, BILLING, 100.0) for agent in (1, 2, 3) for _ in range(100)]
    few, many = ([(4, BILLING, 300.0)] * number for number in (2, 200))

    assert learn_handling([*common, *few]).by_agent[4] < learn_handling([*common, *many]).by_agent[4]


def test_the_same_agent_takes_as_long_as_they_did():
    habits = Habits(record(served(1, service=123.0, wrap_up=45.0), served(2, agent=2)))

    assert habits.replication(1, 0).times(arrival(1), 1) == (123.0, 45.0)


def test_work_that_was_parked_is_not_counted_as_work():
    way = served(1, service=300.0)
    way.parked = 100.0

    assert Habits(record(way)).replication(1, 0).times(arrival(1), 1)[0] == 200.0


def test_who_gave_up_has_the_patience_they_had():
    habits = Habits(record(gone(1, 33.0), served(2)))

    assert habits.replication(1, 0).patience(arrival(1)) == (33.0, True)


def test_who_was_answered_would_have_waited_at_least_as_long():
    habits = Habits(record(*(gone(number, 5.0) for number in range(1, 30)), served(30, wait=40.0)))
    patiences = [habits.replication(1, number).patience(arrival(30, 29 * 60.0))[0] for number in range(50)]

    assert min(patiences) >= 40.0


def test_an_offer_that_was_made_is_answered_as_it_was():
    habits = Habits(record(served(1), rings=[Ring(1, 1, 7.5, "declined")]))

    assert habits.replication(1, 0).answer(arrival(1), 1, 0, 20.0) == ("declined", 7.5)


def test_a_missed_offer_rings_as_long_as_offers_now_do():
    habits = Habits(record(served(1), rings=[Ring(1, 1, 20.0, "missed")]))

    assert habits.replication(1, 0).answer(arrival(1), 1, 0, 30.0) == ("missed", 30.0)


def test_manners_are_drawn_to_what_is_common():
    common = learn_manners([("accepted", 5.0)] * 85)
    own = learn_manners([("missed", 20.0)] * 15, common)

    assert (common.accepts, own.accepts) == (1.0, 0.5)


def test_every_policy_meets_the_same_people():
    habits = Habits(record(served(1), served(2, agent=2), gone(3, 20.0)))
    one, two = habits.replication(7, 3), habits.replication(7, 3)

    assert [one.times(arrival(1), 2), one.patience(arrival(2))] == [two.times(arrival(1), 2), two.patience(arrival(2))]


def test_how_fast_an_agent_is_stays_within_reason():
    fast = [served(number, agent=1, service=10.0) for number in range(1, 40)]
    slow = [served(number, agent=2, service=400.0) for number in range(40, 80)]

    assert Habits(record(*fast, *slow)).paces[1] == {"billing": 1.5}
