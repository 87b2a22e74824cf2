"""Times as files say them."""

import numpy as np
import pytest

from routing.simulation.distributions import NotADistribution, read_distribution

MIDDLES = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(
    ("written", "mean", "deviation"),
    [
        ({"kind": "constant", "value": 3}, 3, 0),
        ({"kind": "exponential", "mean": 2}, 2, 2),
        ({"kind": "exponential", "rate": 0.5}, 2, 2),
        ({"kind": "uniform", "low": 1, "high": 4}, 2.5, 3 / 12**0.5),
        ({"kind": "gamma", "shape": 4, "mean": 2}, 2, 1),
        ({"kind": "gamma", "shape": 4, "scale": 0.5}, 2, 1),
        ({"kind": "gamma", "shape": 4, "rate": 2}, 2, 1),
        ({"kind": "lognormal", "mean": 5, "sd": 4}, 5, 4),
        ({"kind": "lognormal", "mean": 5, "cv": 0.8}, 5, 4),
        ({"kind": "lognormal", "mu": 0, "sigma": 0.5}, np.exp(0.125), np.exp(0.125) * np.expm1(0.25) ** 0.5),
        ({"kind": "weibull", "shape": 1, "mean": 2}, 2, 2),
        ({"kind": "empirical", "values": [1, 5, 3]}, 3, (8 / 3) ** 0.5),
        ({"kind": "uniform", "low": 0, "high": 2, "most": 1}, 0.75, (2 / 3 - 0.75**2) ** 0.5),
        ({"kind": "mixture", "parts": [{"weight": 1, "of": 0}, {"weight": 3, "of": 4}]}, 3, 3**0.5),
    ],
)
def test_a_distribution_has_the_mean_and_deviation_it_says(written, mean, deviation):
    distribution = read_distribution(written)
    values = distribution.quantile(MIDDLES)

    assert distribution.mean() == pytest.approx(mean)
    assert (values.mean(), values.std()) == (
        pytest.approx(mean, rel=0.01),
        pytest.approx(deviation, rel=0.02, abs=1e-9),
    )


@pytest.mark.parametrize(
    "written",
    [
        2,
        {"kind": "exponential", "rate": 0.5},
        {"kind": "uniform", "low": 1, "high": 4},
        {"kind": "gamma", "shape": 4, "rate": 2},
        {"kind": "lognormal", "mu": 1, "sigma": 0.5},
        {"kind": "lognormal", "mean": 5, "sd": 4},
        {"kind": "weibull", "shape": 2, "scale": 3},
        {"kind": "empirical", "values": [1, 5, 3]},
        {
            "kind": "mixture",
            "parts": [{"weight": 1, "of": 2}, {"weight": 2, "of": {"kind": "gamma", "shape": 2, "mean": 1}}],
        },
    ],
)
def test_minutes_are_sixty_times_as_long_as_seconds(written):
    seconds, minutes = (read_distribution(written, unit).quantile(MIDDLES) for unit in (1.0, 60.0))

    assert minutes == pytest.approx(seconds * 60)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"kind": "normal", "mean": 3}, "There is no distribution 'normal'"),
        ({"kind": "gamma", "mean": 3}, "of kind 'gamma' also needs 'shape'"),
        ({"kind": "mixture", "parts": []}, "A mixture needs parts"),
        ({"kind": "uniform", "low": 0, "high": float("inf")}, "is not finite"),
    ],
)
def test_what_is_no_distribution_is_refused_in_words(written, words):
    with pytest.raises(NotADistribution, match=words):
        read_distribution(written)
