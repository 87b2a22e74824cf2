import pytest

from routing.rules.durations import BadDuration, seconds, targets, worded


@pytest.mark.parametrize(
    ("written", "meant"),
    [("20s", 20), ("5m", 300), ("4h", 14_400), ("1d", 86_400), ("1.5 h", 5_400), (45, 45), (".5m", 30)],
)
def test_a_time_is_written_as_people_write_it(written, meant):
    assert seconds(written) == meant


def test_a_share_of_a_target_is_a_time_where_the_target_is_known():
    assert (seconds(".5T", target=60), targets(".5T"), targets(2)) == (30, 0.5, 2)


@pytest.mark.parametrize("written", ["", "20", "20 parsecs", "-5s", "5m30s", True, None])
def test_what_is_no_time_is_refused(written):
    with pytest.raises(BadDuration, match="is no time: write 20s, 5m, 4h"):
        seconds(written)


def test_a_share_where_a_time_is_meant_is_refused_and_so_is_the_other_way_round():
    with pytest.raises(BadDuration, match="here a time is meant"):
        seconds("1T")
    with pytest.raises(BadDuration, match="steps are counted in targets"):
        targets("20s")


@pytest.mark.parametrize("number", [1, 59, 60, 90, 3_600, 5_400, 86_400, 0.5])
def test_a_number_in_words_reads_back(number):
    assert seconds(worded(number)) == number
