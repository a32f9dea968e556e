"""Fairness: questions that have no answer, and counts of persons that stand for many."""

import numpy as np
import pytest

from liangcai.measurement.fairness.impact import (
    ImpactUndefined,
    crossed_groups,
    impact,
    impact_of_counts,
)
from liangcai.measurement.fairness.likelihood_ratio import (
    FitsNotNested,
    ItemsUnknown,
    likelihood_ratio_dif,
)
from liangcai.measurement.fairness.mantel_haenszel import mantel_haenszel
from liangcai.measurement.fairness.matching import Matching, MatchingImpossible
from liangcai.measurement.fairness.mean_differences import mean_differences
from liangcai.measurement.labels import LabelMissing
from liangcai.measurement.responses.matrix import Responses, responses_of


def _synthetic(weight: float | None = None) -> Responses:
    rng = np.random.default_rng(4)
    scores = (rng.random((60, 6)) < 0.5).astype(float)
    scores[:8, 0] = np.nan
    weights = None if weight is None else np.full(60, weight)
    return responses_of(scores, groups=["r", "f"] * 30, weights=weights)


def test_persons_left_out_are_counted_with_their_weights() -> None:
    one, ten = (
        mantel_haenszel(_synthetic(weight), reference="r").left_out for weight in (None, 10.0)
    )

    assert (one, ten) == (8.0, 80.0)


@pytest.mark.parametrize(
    "matching",
    [Matching(anchors="12"), Matching(outside=np.array(["high"] * 60))],  # type: ignore[arg-type]
)
def test_a_matching_that_is_text_is_refused(matching: Matching) -> None:
    with pytest.raises(MatchingImpossible):
        mantel_haenszel(_synthetic(), reference="r", matching=matching)


def test_a_likelihood_ratio_of_unknown_items_is_refused() -> None:
    def fit(_: Responses, free: tuple[str, ...]) -> tuple[float, int]:
        return 0.0, len(free)

    with pytest.raises(ItemsUnknown, match="zz"):
        likelihood_ratio_dif(_synthetic(), fit, items=["zz"])
    with pytest.raises(ItemsUnknown, match="zz"):
        likelihood_ratio_dif(_synthetic(), fit, anchors=["1", "zz"])


def test_a_fit_without_a_likelihood_is_refused() -> None:
    def fit(_: Responses, free: tuple[str, ...]) -> tuple[float, int]:
        return float("nan"), len(free)

    with pytest.raises(FitsNotNested):
        likelihood_ratio_dif(_synthetic(), fit)


def test_impact_of_impossible_counts_lines_and_intervals_is_refused() -> None:
    with pytest.raises(ImpactUndefined, match="interval"):
        impact_of_counts(("a", "b"), [1, 3], [10, 10], interval="Katz")  # type: ignore[arg-type]
    with pytest.raises(ImpactUndefined, match="line"):
        impact_of_counts(("a", "b"), [1, 3], [10, 10], line=float("nan"))
    with pytest.raises(ImpactUndefined):
        impact_of_counts(("a", "b"), [[1, 3]], [10, 10])
    with pytest.raises(ImpactUndefined):
        impact_of_counts(("a", "b"), [1, np.inf], [10, np.inf])
    with pytest.raises(ImpactUndefined):
        crossed_groups("a", "b")


def test_the_exact_test_of_many_persons_is_that_of_the_normal_approximation() -> None:
    # Two rates of 10⁹ persons each whose difference is two standard errors.
    count, rate = 10**9, 0.3
    gap = 2.0 * np.sqrt(2.0 * rate * (1.0 - rate) / count)
    passes = [round(count * rate), round(count * (rate + gap))]

    found = impact_of_counts(("a", "b"), passes, [count, count], reference="a")

    # The normal tail beyond two standard errors, both sides: 0.0455; counts are whole, so within 1e-4.
    assert found.p[1] == pytest.approx(0.0455, abs=2e-4)


def test_a_difference_that_no_table_explains_has_p_zero() -> None:
    found = impact_of_counts(("a", "b"), [10**8, 4 * 10**8], [10**9, 10**9])

    assert found.p[0] == 0.0


def test_an_infinite_score_is_refused() -> None:
    with pytest.raises(ImpactUndefined, match="score 5 is infinite"):
        mean_differences([1, 2, 3, 4, np.inf], list("aabbb"), reference="a")


def test_a_person_without_a_group_is_no_group_of_its_own() -> None:
    with pytest.raises(LabelMissing):
        impact([1, 0, 1, 1], ["a", "b", None, "b"])
    with pytest.raises(LabelMissing):
        mean_differences([1, 2, 3, 5], ["a", "b", "a", ""], reference="a")
    with pytest.raises(LabelMissing):
        crossed_groups(["a", "b"], ["x", float("nan")])
