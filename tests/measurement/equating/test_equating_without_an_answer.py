"""Equating where an error does not exist, and questions that have no answer."""

from collections.abc import Callable

import numpy as np
import pytest

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.equating.conversion import (
    Conversion,
    ResamplingUnknown,
    bootstrap_equate,
    equate,
)
from liangcai.measurement.equating.degrees import choose_degrees
from liangcai.measurement.equating.designs import (
    AnchorGroups,
    RandomGroups,
    ScoresInvalid,
    joint_frequencies,
    score_frequencies,
)
from liangcai.measurement.equating.presmoothing import DegreesInvalid, log_linear
from liangcai.measurement.equating.scale_scores import ConversionsIncomparable, compare_conversions
from liangcai.measurement.significance import LevelImpossible

GAP = RandomGroups(np.array([10.0, 20, 10]), np.array([20.0, 0, 20]))


def test_a_percentile_rank_on_scores_that_nobody_earned_has_no_delta_error() -> None:
    # Half of the persons are below the middle of X and below any point from ½ to 1½ on Y: one person
    # more or less moves the equivalent across the stretch.
    found = equate(GAP, method="equipercentile")

    assert found.equivalent.tolist() == [-0.25, 1.0, 2.25]
    assert np.isnan(found.standard_errors).tolist() == [False, True, False]


def test_scores_beyond_all_persons_have_no_delta_error() -> None:
    design = RandomGroups(np.array([0.0, 0, 5, 20, 10, 0]), np.array([0.0, 3, 4, 20, 20, 0]))

    found = equate(design, method="equipercentile")

    assert np.isnan(found.standard_errors).tolist() == [True, True, False, False, False, True]
    assert np.isfinite(equate(design, method="kernel").standard_errors).all()
    assert np.isfinite(equate(design, method="linear").standard_errors).all()


def test_a_chain_has_no_delta_error_where_one_of_its_links_has_none() -> None:
    rng = np.random.default_rng(3)
    anchor = rng.integers(2, 5, size=60)
    x = joint_frequencies(anchor + rng.integers(0, 3, size=60), anchor, highest=(8, 6))
    design = AnchorGroups(x, x, "external")

    found = equate(design, method="chained-equipercentile")

    assert np.isnan(found.standard_errors[[0, 1, 7, 8]]).all()
    assert np.isfinite(found.standard_errors[3:6]).all()


def test_smoothing_gives_every_score_an_error() -> None:
    found = equate(GAP, method="equipercentile", smoothing=((1,), (1,)))

    assert np.isfinite(found.standard_errors).all()
    assert found.standard_errors.max() < 1.0


def test_a_conversion_without_some_errors_reads_back_from_its_json_form() -> None:
    found = equate(GAP, method="equipercentile")

    again = Conversion.from_json(found.to_json())

    np.testing.assert_array_equal(again.standard_errors, found.standard_errors)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (
            lambda rng: bootstrap_equate(GAP, method="mean", rng=rng, replications=1),
            ResamplingUnknown,
        ),
        (
            lambda rng: bootstrap_equate(GAP, method="mean", rng=rng, resample="x"),
            ResamplingUnknown,
        ),
        (lambda _: AnchorGroups(np.ones((4, 3)), np.ones((4, 3)), "other"), ScoresInvalid),
        (lambda _: score_frequencies([1, np.inf]), ScoresInvalid),
        (lambda _: score_frequencies([1, 2], weights=[1, -1]), ScoresInvalid),
        (lambda _: log_linear(np.array([1.0, -2, 3]), degrees=(1,)), ScoresInvalid),
        (lambda _: log_linear(np.array([1.0, np.nan, 3]), degrees=(1,)), ScoresInvalid),
        (lambda _: log_linear(np.zeros(4), degrees=(1,)), ScoresInvalid),
        (lambda _: choose_degrees(np.ones(5), criterion="deviance"), DegreesInvalid),  # type: ignore[arg-type]
        (lambda _: choose_degrees(np.ones(5), level=5.0), LevelImpossible),
    ],
)
def test_questions_without_an_answer_are_refused(
    ask: Callable[[np.random.Generator], object], error: type[LiangcaiError]
) -> None:
    with pytest.raises(error):
        ask(np.random.default_rng(1))


@pytest.mark.parametrize("frequencies", [[1.0, np.nan, 1.0], [3.0, -1.0, 1.0], [0.0, 0.0, 0.0]])
def test_conversions_are_not_compared_over_impossible_numbers_of_persons(
    frequencies: list[float],
) -> None:
    found = equate(GAP, method="linear")

    with pytest.raises(ConversionsIncomparable, match="frequencies"):
        compare_conversions(found, found, frequencies=np.array(frequencies))
