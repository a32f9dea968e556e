import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.scales import score_gradient, score_of, theta_of, trials_of

logits = st.floats(-4, 4)
slopes = st.floats(0.25, 4)


def test_the_cut_of_every_level_earns_sixty() -> None:
    for location in (-1.0, 0.0, 1.7):
        assert float(score_of(location, location=location)) == pytest.approx(60.0, abs=1e-12)


def test_full_mastery_goes_towards_one_hundred() -> None:
    assert 99.9 < float(score_of(8.0, location=0.0)) < 100.0


@settings(deadline=None)
@given(logits, logits, slopes)
def test_a_score_leads_back_to_its_ability(theta: float, location: float, slope: float) -> None:
    score = score_of(theta, location=location, slope=slope)

    if 0.01 < score < 99.99:
        back = theta_of(score, location=location, slope=slope)
        assert float(back) == pytest.approx(theta, abs=1e-6)


@settings(deadline=None)
@given(logits, logits)
def test_a_higher_ability_never_scores_lower(one: float, other: float) -> None:
    low, high = sorted([one, other])

    assert score_of(low, location=0.0) <= score_of(high, location=0.0)


@settings(deadline=None)
@given(st.floats(-2, 2), slopes)
def test_the_gradient_is_the_derivative_of_the_score(theta: float, slope: float) -> None:
    step = 1e-6

    rise = score_of(theta + step, location=0.0, slope=slope) - score_of(
        theta - step, location=0.0, slope=slope
    )

    gradient = score_gradient(score_of(theta, location=0.0, slope=slope), slope=slope)
    assert float(gradient) == pytest.approx(float(rise) / (2 * step), rel=1e-5, abs=1e-6)


def test_a_standard_error_is_worth_its_binomial_number_of_trials() -> None:
    n = float(trials_of(8.0))

    assert 100.0 * np.sqrt(0.6 * 0.4 / n) == pytest.approx(8.0)
