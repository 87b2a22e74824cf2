import pytest

from routing.rules.guards import BadGuard, Guard, read_guard


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("sl(care) >= 85", Guard(level=0.85, queues=("care",))),
        ("sl(care)>=85%", Guard(level=0.85, queues=("care",))),
        ("ewt(care) <= 60s", Guard(wait=60, queues=("care",))),
        ("ewt(care) < 90", Guard(wait=90, queues=("care",))),
        ("sl(care) >= 85 and ewt(care) <= 2m", Guard(0.85, 120, ("care",))),
    ],
)
def test_a_lender_is_guarded_by_its_service_level_and_its_wait(text, guard):
    assert read_guard(text) == guard


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sl(care) <= 85", "a service level has a least"),
        ("ewt(care) >= 60s", "a wait has a most"),
        ("sl(care) >= 850", "lies between 0 and 100 percent"),
        ("sl(care) >= 8.5.5", "is a number of percent"),
        ("ewt(care) <= 60%", "a wait is a time"),
        ("sl(care) or true", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_guard_that_cannot_be_is_refused_in_words(text, sentence):
    with pytest.raises(BadGuard) as refusal:
        read_guard(text)

    assert sentence in str(refusal.value)
