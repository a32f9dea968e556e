"""Rank-based person fit against the definitions, pair by pair and pattern by pattern."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.arrays import Array
from liangcai.measurement.person_fit.ranks import OrderUndefined, RankFit, rank_fit, step_order
from liangcai.measurement.person_fit.transposed_scalability import (
    TransposedScalability,
    TransposedScalabilityUndefined,
    transposed_scalability,
)
from liangcai.measurement.responses.matrix import responses_of


def simulated(persons: int = 60, items: int = 7, seed: int = 1, top: int = 1) -> Array:
    """Synthetic scores 0 to `top`."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(persons, 1, 1))
    cuts = np.sort(rng.normal(size=(items, top)), axis=1)
    return np.asarray((rng.random((persons, items, 1)) < 1 / (1 + np.exp(cuts - theta))).sum(2))


def test_a_guttman_pattern_fits_perfectly_and_its_reverse_not_at_all() -> None:
    reference = simulated(400, 6)
    easiest_first = np.argsort(-reference.mean(axis=0), kind="stable")
    perfect, reverse = np.zeros(6), np.zeros(6)
    perfect[easiest_first[:3]] = 1
    reverse[easiest_first[3:]] = 1

    found = rank_fit(responses_of([perfect, reverse]), order=step_order(responses_of(reference)))

    for values in (found.guttman, found.u3, found.modified_caution):
        assert values.tolist() == pytest.approx([0.0, 1.0], abs=1e-12)
    assert found.guttman_errors.tolist() == [0, 9]
    assert found.conformity.tolist() == [1.0, -1.0]
    assert found.caution[0] == pytest.approx(0.0, abs=1e-12)


def test_indices_of_right_and_wrong_answers_equal_their_definitions() -> None:
    scores = simulated()
    found = rank_fit(responses_of(scores))
    share = scores.mean(axis=0)
    order = np.argsort(-share, kind="stable")
    p = share[order]
    logit = np.log(p / (1 - p))

    for person, row in enumerate(scores[:, order]):
        right = int(row.sum())
        errors = sum(
            1 for easy, hard in itertools.combinations(range(7), 2) if row[easy] < row[hard]
        )
        assert found.guttman_errors[person] == errors
        if right in {0, 7}:
            assert np.isnan([found.guttman[person], found.u3[person], found.caution[person]]).all()
            continue
        assert found.guttman[person] == pytest.approx(errors / (right * (7 - right)))
        best, worst = logit[:right].sum(), logit[7 - right :].sum()
        assert found.u3[person] == pytest.approx((best - row @ logit) / (best - worst))
        easiest = (np.arange(7) < right).astype(float)
        caution = 1 - np.cov(row, p)[0, 1] / np.cov(easiest, p)[0, 1]
        assert found.caution[person] == pytest.approx(caution, abs=1e-9)
        best, worst = p[:right].sum(), p[7 - right :].sum()
        assert found.modified_caution[person] == pytest.approx((best - row @ p) / (best - worst))


def test_indices_of_several_scores_equal_a_search_of_all_patterns() -> None:
    scores = simulated(300, 4, seed=5, top=2)
    found = rank_fit(responses_of(scores))
    steps = [(item, step, (scores[:, item] >= step).mean()) for item in range(4) for step in (1, 2)]
    steps.sort(key=lambda entry: -entry[2])
    logit = [math.log(p / (1 - p)) for _, _, p in steps]

    def taken(row: Array) -> list[int]:
        return [int(row[item] >= step) for item, step, _ in steps]

    def errors(row: Array) -> int:
        return sum(1 for easy, hard in itertools.combinations(taken(row), 2) if easy < hard)

    def value(row: Array) -> float:
        return sum(w for w, t in zip(logit, taken(row), strict=True) if t)

    patterns = [np.array(row) for row in itertools.product(range(3), repeat=4)]
    for person in range(40):
        row = scores[person]
        same = [other for other in patterns if other.sum() == row.sum()]
        assert found.guttman_errors[person] == errors(row)
        if 0 < row.sum() < 8:
            assert found.guttman[person] == pytest.approx(errors(row) / max(map(errors, same)))
            best, worst = sum(logit[: int(row.sum())]), min(map(value, same))
            assert found.u3[person] == pytest.approx((best - value(row)) / (best - worst))
        assert math.isnan(found.caution[person])


@pytest.mark.parametrize("top", [1, 3])
def test_missing_answers_compare_a_person_on_the_items_answered(top: int) -> None:
    scores = simulated(200, 8, seed=9, top=top).astype(float)
    order = step_order(responses_of(scores))
    gone = scores.copy()
    gone[:, [1, 5]] = np.nan
    kept = np.setdiff1d(np.arange(8), [1, 5])
    inside = np.isin(order.item, kept)
    renamed = type(order)(
        np.searchsorted(kept, order.item[inside]), order.score[inside], order.popularity[inside]
    )

    partly = rank_fit(responses_of(gone), order=order)
    whole = rank_fit(responses_of(scores[:, kept]), order=renamed)

    for name, values in whole.columns().items():
        if name != "person":
            np.testing.assert_allclose(partly.columns()[name], values, rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_indices_stay_within_their_bounds_whatever_the_order_of_persons(
    seed: int, top: int
) -> None:
    scores = simulated(30, 5, seed=seed, top=top)
    shuffle = np.random.default_rng(seed).permutation(30)

    here, there = rank_fit(responses_of(scores)), rank_fit(responses_of(scores[shuffle]))

    for values in (here.guttman, here.u3, here.modified_caution):
        known = values[~np.isnan(values)]
        assert ((known >= -1e-12) & (known <= 1 + 1e-12)).all()
    np.testing.assert_allclose(here.u3[shuffle], there.u3, rtol=1e-9, atol=1e-12)


def test_fit_depends_on_the_persons_who_set_the_order() -> None:
    row = responses_of([[1, 1, 0, 0]])
    easy_first = step_order(responses_of([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]))
    hard_first = step_order(responses_of([[0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0]]))

    values = [float(rank_fit(row, order=order).u3[0]) for order in (easy_first, hard_first)]

    assert values[0] < 0.05
    assert values[1] > 0.9


def test_h_t_equals_covariances_over_their_largest_values() -> None:
    scores = simulated(25, 9, seed=3)
    found = transposed_scalability(responses_of(scores))
    p = scores.mean(axis=1)

    for person in range(25):
        others = [other for other in range(25) if other != person]
        top = sum(np.cov(scores[person], scores[other], ddof=0)[0, 1] for other in others)
        most = sum(min(p[person], p[other]) * (1 - max(p[person], p[other])) for other in others)
        if most > 1e-12:
            assert found.ht[person] == pytest.approx(top / most, abs=1e-10)
        else:
            assert math.isnan(found.ht[person])


def test_h_t_of_weighted_persons_is_that_of_repeated_persons() -> None:
    scores = simulated(20, 9, seed=4)
    weighted = transposed_scalability(responses_of(scores, weights=np.full(20, 3.0)))
    repeated = transposed_scalability(responses_of(np.tile(scores, (3, 1))))

    np.testing.assert_allclose(weighted.ht, repeated.ht[:20], rtol=1e-10)


def test_h_t_leaves_out_persons_with_missing_answers() -> None:
    scores = simulated(20, 9, seed=4).astype(float)
    gone = scores.copy()
    gone[0, 2] = np.nan

    found = transposed_scalability(responses_of(gone))

    assert math.isnan(found.ht[0])
    np.testing.assert_allclose(
        found.ht[1:], transposed_scalability(responses_of(scores[1:])).ht, rtol=1e-12
    )
    assert found.reference_persons == 19


def test_where_nothing_can_be_ordered_it_is_said() -> None:
    with pytest.raises(OrderUndefined):
        rank_fit(responses_of([[1, 1], [1, 1]]))
    with pytest.raises(OrderUndefined):
        rank_fit(responses_of([[-1, -1]]))
    with pytest.raises(TransposedScalabilityUndefined, match="above 1"):
        transposed_scalability(responses_of([[2, 1], [0, 1]]))
    with pytest.raises(TransposedScalabilityUndefined, match="two persons"):
        transposed_scalability(responses_of([[1, 0]]))


def test_an_item_without_variance_changes_no_index() -> None:
    scores = simulated()
    constant = np.column_stack([scores, np.ones(60, dtype=int)])

    here, there = rank_fit(responses_of(scores)), rank_fit(responses_of(constant))

    np.testing.assert_allclose(here.u3, there.u3, rtol=1e-12)
    np.testing.assert_allclose(here.guttman, there.guttman, rtol=1e-12)


def test_rank_results_read_back_from_their_json_form() -> None:
    ranks = rank_fit(responses_of(simulated()))
    agreement = transposed_scalability(responses_of(simulated()))

    assert RankFit.from_json(ranks.to_json()).summary() == ranks.summary()
    assert TransposedScalability.from_json(agreement.to_json()).summary() == agreement.summary()
