"""Intervals of proportions: Wilson's, against Newcombe's examples and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from liangcai.measurement.proportions import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_gives_the_intervals_of_newcombe(
    successes: int, trials: int, low: float, high: float
) -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3; four decimals printed.
    found = wilson_interval(successes / trials, trials=trials)

    assert np.array(found) == pytest.approx([low, high], abs=5e-5)


@given(st.integers(1, 10**6), st.floats(0.0, 1.0), st.floats(0.5, 0.999))
def test_the_interval_is_that_of_scipy_and_holds_the_rate(
    trials: int, share: float, confidence: float
) -> None:
    successes = round(share * trials)

    low, high = wilson_interval(successes / trials, trials=trials, confidence=confidence)

    reference = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-12)
    assert 0.0 <= low <= successes / trials <= high <= 1.0
