"""Item statistics against direct formulas, NumPy's own correlations and a published table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.classical.items import ItemAnalysis, MaximumTooLow, item_analysis
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.responses.moments import (
    GroupsMissing,
    MissingRuleNeeded,
    TooFewObservations,
    by_group,
    item_moments,
)

#: LSAT section 7 (Bock & Lieberman, 1970): frequencies of the patterns 00000, 00001 … 11111.
LSAT7 = [
    *(12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28),
    *(7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308),
]
PATTERNS = (np.arange(32)[:, None] >> np.arange(4, -1, -1)) & 1


def lsat7() -> Responses:
    return responses_of(PATTERNS, weights=LSAT7)


def synthetic(persons: int = 60, items: int = 6, *, highest: int = 3, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(persons, 1))
    raw = ability + rng.normal(size=(persons, items)) + highest / 2
    return np.clip(np.round(raw), 0, highest).astype(int)


def test_the_published_statistics_of_lsat7_are_found() -> None:
    """R mirt 1.47, documentation of itemstats, printed to three decimals."""
    analysis = item_analysis(lsat7())

    np.testing.assert_allclose(analysis.mean, [0.828, 0.658, 0.772, 0.606, 0.843], atol=5e-4)
    np.testing.assert_allclose(
        np.sqrt(analysis.variance), [0.378, 0.475, 0.420, 0.489, 0.364], atol=5e-4
    )
    np.testing.assert_allclose(analysis.item_total, [0.530, 0.600, 0.611, 0.592, 0.461], atol=5e-4)
    np.testing.assert_allclose(analysis.item_rest, [0.246, 0.247, 0.313, 0.223, 0.175], atol=5e-4)
    np.testing.assert_allclose(
        analysis.alpha_if_dropped, [0.396, 0.394, 0.345, 0.415, 0.438], atol=5e-4
    )


def test_correlations_are_those_of_raw_scores() -> None:
    scores = synthetic()
    total = scores.sum(axis=1)

    analysis = item_analysis(responses_of(scores))

    for item in range(scores.shape[1]):
        own = scores[:, item]
        assert analysis.item_total[item] == pytest.approx(np.corrcoef(own, total)[0, 1])
        assert analysis.item_rest[item] == pytest.approx(np.corrcoef(own, total - own)[0, 1])


def test_a_biserial_is_the_point_biserial_over_the_normal_ordinate() -> None:
    analysis = item_analysis(lsat7())
    p = analysis.difficulty
    from scipy.stats import norm

    expected = analysis.item_rest * np.sqrt(p * (1 - p)) / norm.pdf(norm.ppf(p))

    np.testing.assert_allclose(analysis.biserial, expected, rtol=1e-12)


def test_discrimination_compares_the_highest_and_lowest_27_per_cent() -> None:
    scores = np.tril(np.ones((100, 100), dtype=int))[:, ::-1]
    order = scores.sum(axis=1).argsort()

    analysis = item_analysis(responses_of(scores))

    low, high = scores[order[:27]], scores[order[73:]]
    np.testing.assert_allclose(analysis.discrimination, high.mean(0) - low.mean(0), atol=1e-12)


def test_persons_tied_at_the_edge_are_divided() -> None:
    scores = np.array([[0, 0]] * 2 + [[1, 0]] * 4 + [[1, 1]] * 4)

    analysis = item_analysis(responses_of(scores))

    # 2.7 persons in each tail: the lowest hold 2 of (0, 0) and 0.7 of (1, 0).
    np.testing.assert_allclose(analysis.discrimination, [1.0 - 0.7 / 2.7, 1.0])


def test_weights_count_as_persons() -> None:
    rows = np.repeat(PATTERNS, LSAT7, axis=0)

    weighted, listed = item_analysis(lsat7()), item_analysis(responses_of(rows))

    for name in ("mean", "variance", "item_rest", "biserial", "discrimination", "alpha_if_dropped"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(listed, name), rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_persons_nor_of_items_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = synthetic(seed=seed)
    scores[rng.random(scores.shape) < 0.1] = -1
    persons, items = rng.permutation(60), rng.permutation(6)

    one = item_analysis(responses_of(scores), missing="pairwise")
    other = item_analysis(responses_of(scores[persons][:, items]), missing="pairwise")

    np.testing.assert_allclose(other.item_rest, one.item_rest[items], atol=1e-12)
    np.testing.assert_allclose(other.discrimination, one.discrimination[items], atol=1e-12)


def test_scores_that_are_missing_need_a_rule() -> None:
    responses = responses_of([[1, -1], [0, 1], [1, 0]])

    with pytest.raises(MissingRuleNeeded, match="pairwise"):
        item_analysis(responses)

    assert item_analysis(responses, missing="complete").persons == 2
    np.testing.assert_allclose(item_analysis(responses, missing="zero").mean, [2 / 3, 1 / 3])


def test_pairwise_covariances_use_the_persons_who_answered_both() -> None:
    scores = synthetic(seed=3).astype(float)
    scores[np.random.default_rng(1).random(scores.shape) < 0.2] = np.nan
    pandas = pytest.importorskip("pandas")

    moments = item_moments(responses_of(scores), missing="pairwise")

    frame = pandas.DataFrame(scores)
    np.testing.assert_allclose(moments.covariance, frame.cov(), rtol=1e-12)
    np.testing.assert_allclose(moments.correlation, frame.corr(), rtol=1e-12)


def test_high_scores_of_many_persons_are_summed_without_rounding() -> None:
    rng = np.random.default_rng(2)
    scores = rng.integers(100, 128, size=(30_000, 3))

    moments = item_moments(responses_of(scores))

    np.testing.assert_allclose(moments.covariance, np.cov(scores.T), rtol=1e-9)


def test_a_correlation_with_a_constant_item_does_not_exist() -> None:
    analysis = item_analysis(responses_of([[1, 0, 1], [1, 1, 0], [1, 1, 1]]))

    assert np.isnan(analysis.item_rest[0])
    assert np.isnan(analysis.biserial[0])
    assert analysis.difficulty[0] == 1.0


def test_one_item_has_a_difficulty_and_nothing_to_correlate_with() -> None:
    analysis = item_analysis(responses_of([[0], [1], [1]]))

    assert analysis.difficulty[0] == pytest.approx(2 / 3)
    assert np.isnan(analysis.item_rest[0])
    assert np.isnan(analysis.alpha_if_dropped[0])


def test_one_person_is_refused() -> None:
    with pytest.raises(TooFewObservations, match="two persons"):
        item_analysis(responses_of([[1, 0]]))


def test_items_that_nobody_answered_together_are_named() -> None:
    with pytest.raises(TooFewObservations, match="'1' and '2'"):
        item_analysis(responses_of([[1, -1], [0, -1], [-1, 1], [-1, 0]]), missing="pairwise")


def test_difficulty_is_a_share_of_the_stated_maximum() -> None:
    responses = responses_of([[1, 2], [0, 1]])

    assert item_analysis(responses, maximum=np.array([4, 4])).difficulty[1] == pytest.approx(0.375)
    with pytest.raises(MaximumTooLow, match="'2'"):
        item_analysis(responses, maximum=np.array([1, 1]))


def test_groups_are_analysed_apart() -> None:
    scores = synthetic()
    responses = responses_of(scores, groups=["b"] * 20 + ["a"] * 40)

    found = by_group(responses, item_analysis)

    np.testing.assert_allclose(found["a"].mean, scores[20:].mean(axis=0))
    with pytest.raises(GroupsMissing):
        by_group(responses_of(scores), item_analysis)


def test_an_item_analysis_reads_back_from_its_json_form() -> None:
    analysis = item_analysis(lsat7())

    again = ItemAnalysis.from_json(analysis.to_json())

    assert again.to_json() == analysis.to_json()
    assert "item" in analysis.summary()
