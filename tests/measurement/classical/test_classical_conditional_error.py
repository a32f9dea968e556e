"""Conditional errors of measurement against their formulas and against overall errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.classical.coefficients import ReliabilityUndefined
from liangcai.measurement.classical.conditional_error import (
    CompleteScoresNeeded,
    ConditionalErrors,
    ModelErrors,
    ReliabilityOutOfRange,
    feldt_qualls_errors,
    keats_errors,
    lord_errors,
    model_errors,
    number_right_errors,
)
from liangcai.measurement.classical.reliability import reliability
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of


def dichotomous(seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-rng.normal(size=(400, 1)) + np.linspace(-1.5, 1.5, 12)))
    return (rng.random((400, 12)) < chance).astype(int)


def test_lords_error_is_largest_in_the_middle_and_nil_at_the_ends() -> None:
    found = lord_errors(20)

    assert found.standard_error[0] == found.standard_error[20] == 0.0
    assert found.standard_error[10] == pytest.approx(np.sqrt(100 / 19))


def test_lords_errors_average_to_kr_21_and_keats_to_the_reliability_reported() -> None:
    responses = responses_of(dichotomous())
    overall = reliability(responses)
    total = responses.scores.sum(axis=1)

    found = number_right_errors(responses, reliability=overall.of("KR-20"))

    expected = total.std() * np.sqrt(1 - overall.of("KR-20"))
    assert found.overall() == pytest.approx(expected, rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_feldt_and_qualls_errors_average_to_the_error_of_alpha(seed: int) -> None:
    """With the grouped averages unsmoothed the identity is exact; least squares keeps the mean too."""
    responses = responses_of(dichotomous(seed) + dichotomous(seed + 1))
    overall = reliability(responses)

    grouped = feldt_qualls_errors(responses, degree=None)

    assert grouped.overall() == pytest.approx(overall.sem[0], rel=1e-10)
    assert feldt_qualls_errors(responses).overall() == pytest.approx(overall.sem[0], rel=1e-6)


def test_feldt_and_qualls_errors_of_equal_items_are_lords() -> None:
    """Items of one difficulty: x(J − x)/(J − 1), times N/(N − 1) for the estimated means."""
    rows = np.array(
        [
            np.roll([1] * right + [0] * (6 - right), shift)
            for right in range(7)
            for shift in range(6)
        ]
    )

    found = feldt_qualls_errors(responses_of(rows), degree=None)

    np.testing.assert_allclose(
        found.standard_error, lord_errors(6).standard_error * np.sqrt(42 / 41), atol=1e-12
    )


def test_the_model_error_of_the_score_is_the_spread_of_simulated_scores() -> None:
    """20,000 simulated totals at each ability; relative standard error of a spread 0.5 %."""
    items = ItemParameters.from_json(
        [
            {"item": "p", "a": 1.2, "b": 0.0},
            {"item": "q", "model": "grm", "a": 1.5, "b": [-1.0, 0.5, 1.0]},
            {"item": "r", "model": "gpcm", "a": 0.8, "b": [0.3, -0.2]},
        ]
    )
    theta = np.array([-1.0, 0.4])
    from liangcai.measurement.models.curves import category_curves, information

    found = model_errors(items, theta=theta)

    rng = np.random.default_rng(1)
    chance = category_curves(items, theta).probability
    for place in range(2):
        totals = sum(rng.choice(4, p=chance[item, :, place], size=20_000) for item in range(3))
        assert found.expected[place] == pytest.approx(totals.mean(), abs=0.05)
        assert found.score_error[place] == pytest.approx(totals.std(), rel=0.025)
    np.testing.assert_allclose(found.ability_error, information(items, theta).sum(0) ** -0.5)
    assert ModelErrors.from_json(found.to_json()).to_json() == found.to_json()


def test_errors_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ReliabilityUndefined):
        lord_errors(1)
    with pytest.raises(ReliabilityOutOfRange):
        keats_errors(10, reliability=1.2, kr_21=0.5)
    with pytest.raises(CompleteScoresNeeded, match="feldt_qualls"):
        number_right_errors(responses_of([[2, 1], [0, 1]]), reliability=0.5)
    with pytest.raises(CompleteScoresNeeded, match="complete"):
        feldt_qualls_errors(responses_of([[1, -1], [0, 1], [1, 1]]), missing="pairwise")


def test_one_total_score_has_one_error() -> None:
    found = feldt_qualls_errors(responses_of([[1, 0], [0, 1]]))

    assert found.score.tolist() == [1.0]
    assert np.isfinite(found.standard_error).all()


def test_conditional_errors_read_back_from_their_json_form() -> None:
    found = lord_errors(5)

    assert ConditionalErrors.from_json(found.to_json()).to_json() == found.to_json()
