"""LSAT7 (Bock & Lieberman, 1970): 1,000 persons as 32 weighted patterns, 2PL estimates of R mirt 1.47."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.fit.expected_counts import FitUndefined, expected_counts
from liangcai.measurement.fit.information_tables import (
    InformationTable,
    ResidualCurves,
    information_table,
    residual_curves,
)
from liangcai.measurement.fit.limited_information import limited_information_fit
from liangcai.measurement.fit.local_dependence import (
    PairFit,
    ResidualCorrelations,
    pair_fit,
    q3,
)
from liangcai.measurement.fit.mean_squares import MeanSquares, mean_squares
from liangcai.measurement.fit.summed_score_fit import (
    SummedScoreFit,
    summed_score_fit,
)
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.scoring.likelihood import AbilityUndefined, SeveralAbilities
from liangcai.measurement.scoring.persons import ScoringInvalid, score

ITEMS = ItemParameters.from_json(
    [
        {"item": str(place + 1), "model": "2pl", "a": a, "b": b}
        for place, (a, b) in enumerate(
            [
                (0.987545904602628, -1.87926012960112),
                (1.08083714467341, -0.747540546818347),
                (1.70747766275309, -1.05723561787015),
                (0.764989879113761, -0.635302269089384),
                (0.73567272674837, -2.52076436147673),
            ]
        )
    ]
)
PATTERNS = np.array(list(itertools.product(range(2), repeat=5)))
FREQUENCY = [12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28]
FREQUENCY += [7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308]
MIXED = ItemParameters.from_json(
    [
        {"item": "1", "model": "2pl", "a": 1.3, "b": -0.4},
        {"item": "2", "model": "3pl", "a": 1.1, "b": 0.9, "c": 0.2},
        {"item": "3", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
        {"item": "4", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
        {"item": "5", "model": "gpcm", "a": 1.2, "b": [-0.5, 0.5]},
    ]
)


def lsat7() -> Responses:
    return responses_of(PATTERNS, weights=FREQUENCY)


def synthetic(items: ItemParameters, persons: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    below = np.cumsum(category_curves(items, rng.normal(size=persons)).probability, axis=1)
    return (below < rng.random((items.count, 1, persons))).sum(axis=1).T


def test_residual_correlations_of_lsat7_are_those_of_r_mirt() -> None:
    found = q3(lsat7(), ITEMS)

    # R mirt 1.47, residuals(type = "Q3"), EAP abilities; rows above the diagonal.
    expected = [-0.1344836466, -0.2137352732, -0.0121053791, 0.0086957671, -0.1627787741]
    expected += [-0.1338642605, -0.1245014178, -0.1697870688, -0.1147307380, -0.0544697284]
    np.testing.assert_allclose(found.q3[np.triu_indices(5, 1)], expected, atol=1e-7)
    assert found.mean == pytest.approx(np.mean(expected), abs=1e-7)
    assert ResidualCorrelations.from_json(found.to_json()).to_json() == found.to_json()


def test_items_that_share_more_than_ability_stand_out() -> None:
    scores = synthetic(ITEMS, 2000, 4)
    scores[:, 1] = np.where(np.random.default_rng(5).random(2000) < 0.5, scores[:, 0], scores[:, 1])

    correlations, pairs = q3(responses_of(scores), ITEMS), pair_fit(responses_of(scores), ITEMS)

    assert (correlations.columns()["item"][0], correlations.columns()["other"][0]) == ("1", "2")
    assert int(np.argmax(pairs.standardised)) == 0
    assert pairs.direction[0] == 1


def test_the_pair_statistic_is_pearsons_against_the_integrated_table() -> None:
    found = pair_fit(lsat7(), ITEMS)

    theta = np.linspace(-8, 8, 4001)
    mass = np.exp(-0.5 * theta**2) / np.exp(-0.5 * theta**2).sum()
    curves = category_curves(ITEMS, theta).probability
    expected = 1000.0 * (curves[1] * mass) @ curves[3].T
    observed = np.zeros((2, 2))
    np.add.at(observed, (PATTERNS[:, 1], PATTERNS[:, 3]), FREQUENCY)
    place = [*zip(found.item, found.other, strict=True)].index(("2", "4"))
    assert found.x2[place] == pytest.approx(((observed - expected) ** 2 / expected).sum(), rel=1e-6)
    assert found.df[place] == 1
    assert PairFit.from_json(found.to_json()).to_json() == found.to_json()


def test_summed_score_fit_of_lsat7_agrees_with_another_program() -> None:
    found = summed_score_fit(lsat7(), ITEMS)

    # Python mirt 1.2.0, compute_s_x2 at its own 2PL estimates (61 nodes), which differ by up to 1e-3.
    np.testing.assert_allclose(found.x2, [4.7430, 14.4369, 1.2620, 5.2440, 0.9390], atol=0.02)
    np.testing.assert_array_equal(found.df, 2)
    np.testing.assert_allclose(found.p, [0.0933, 0.0007, 0.5321, 0.0727, 0.6253], atol=0.004)
    assert found.rmsea[1] == pytest.approx(np.sqrt((found.x2[1] - 2) / (2 * 999)))
    assert SummedScoreFit.from_json(found.to_json()).to_json() == found.to_json()


def test_summed_score_fit_finds_about_its_degrees_of_freedom_when_the_model_holds() -> None:
    ratio = []
    for seed in range(12):
        found = summed_score_fit(
            responses_of(synthetic(MIXED, 800, seed)), MIXED, parameters=[0] * 5
        )
        ratio += list(found.x2 / found.df)

    # Synthetic: 60 ratios with a standard deviation of about √(2/12) each; four standard errors.
    assert np.mean(ratio) == pytest.approx(1.0, abs=4 * np.sqrt(2 / 12) / np.sqrt(60))


def test_an_item_with_another_curve_is_found() -> None:
    scores = synthetic(MIXED, 1500, 9)
    scores[:, 2] = np.random.default_rng(1).integers(0, 4, 1500)

    found = summed_score_fit(responses_of(scores), MIXED)

    assert int(np.nanargmin(found.p_adjusted)) == 2
    assert found.p_adjusted[2] < 1e-6


def test_expected_counts_add_up_to_the_responses() -> None:
    rows = PATTERNS.copy()
    rows[::3, 2] = -1

    found = expected_counts(responses_of(rows, weights=FREQUENCY), ITEMS)

    for item in range(5):
        for value in range(2):
            expected = np.dot(rows[:, item] == value, FREQUENCY)
            assert found.counts[item, value].sum() == pytest.approx(expected, rel=1e-12)


def test_posterior_mean_squares_are_one_for_the_patterns_that_the_model_expects() -> None:
    theta = np.linspace(-8, 8, 2001)
    mass = np.exp(-0.5 * theta**2) / np.exp(-0.5 * theta**2).sum()
    curves = category_curves(ITEMS, theta).probability
    chance = [np.prod([curves[j, x] for j, x in enumerate(row)], axis=0) @ mass for row in PATTERNS]

    found = mean_squares(responses_of(PATTERNS, weights=chance), ITEMS)

    np.testing.assert_allclose(found.infit, 1.0, atol=1e-6)
    np.testing.assert_allclose(found.outfit, 1.0, atol=1e-6)


def test_mean_squares_at_estimates_follow_their_definition() -> None:
    scores = synthetic(MIXED, 60, 3)
    scores[:7, 3] = -1
    theta = score(responses_of(scores), MIXED, method="wle").theta
    found = mean_squares(responses_of(scores), MIXED, at="wle")

    curves = category_curves(MIXED, theta).probability
    values = np.arange(4.0)
    for item in range(5):
        mean = values @ curves[item]
        variance = values**2 @ curves[item] - mean**2
        kept = scores[:, item] >= 0
        squared = (scores[:, item] - mean) ** 2
        assert found.outfit[item] == pytest.approx((squared / variance)[kept].mean(), rel=1e-9)
        assert found.infit[item] == pytest.approx(
            squared[kept].sum() / variance[kept].sum(), rel=1e-9
        )
    assert found.responses[3] == 53
    assert MeanSquares.from_json(found.to_json()).to_json() == found.to_json()


def test_standardised_mean_squares_have_the_spread_of_known_abilities_at_most() -> None:
    found = [mean_squares(responses_of(synthetic(MIXED, 500, seed)), MIXED) for seed in range(40)]

    for name in ("infit_t", "outfit_t"):
        spread = np.std([getattr(one, name) for one in found])
        assert 0.4 < spread < 1.15
        assert abs(np.mean([getattr(one, name) for one in found])) < 0.3


@given(st.permutations(range(5)))
@settings(max_examples=6, deadline=None)
def test_item_fit_does_not_depend_on_the_order_of_items(order: list[int]) -> None:
    there = lsat7()
    turned = there.select_items(np.array(order))

    one, other = summed_score_fit(there, ITEMS), summed_score_fit(turned, ITEMS)
    np.testing.assert_allclose(other.x2, one.x2[order], rtol=1e-9)
    one, other = mean_squares(there, ITEMS), mean_squares(turned, ITEMS)
    np.testing.assert_allclose(other.outfit_t, one.outfit_t[order], atol=1e-7)


def test_a_frequency_counts_as_so_many_persons() -> None:
    rows = np.repeat(PATTERNS, FREQUENCY, axis=0)
    for fit in (summed_score_fit, q3, pair_fit, mean_squares):
        weighted, written_out = fit(lsat7(), ITEMS), fit(responses_of(rows), ITEMS)
        for name, values in weighted.columns().items():
            if name not in {"item", "other"}:
                np.testing.assert_allclose(values, written_out.columns()[name], atol=1e-7)


def test_information_adds_over_items() -> None:
    found = information_table(MIXED, [-1.0, 0.0, 2.0])

    np.testing.assert_allclose(found.of_test, found.of_item.sum(axis=0))
    np.testing.assert_allclose(found.se, found.of_test**-0.5)
    assert InformationTable.from_json(found.to_json()).to_json() == found.to_json()


def test_the_observed_curve_of_a_fitting_item_is_its_curve() -> None:
    scores = synthetic(MIXED, 8000, 6)
    fitting = residual_curves(responses_of(scores), MIXED, least_persons=50)
    scores[:, 4] = np.random.default_rng(2).integers(0, 3, 8000)
    broken = residual_curves(responses_of(scores), MIXED, least_persons=50)

    np.testing.assert_allclose(fitting.observed, fitting.expected, atol=0.1)
    assert fitting.rmsd.max() < 0.02
    assert broken.facts()["of item"] == "5"
    assert broken.rmsd[4] > 4 * fitting.rmsd.max()
    assert ResidualCurves.from_json(broken.to_json()).to_json() == broken.to_json()


def test_nothing_to_stand_on_is_an_error_not_a_number() -> None:
    silent = responses_of(np.full((3, 5), -1))
    gaps = responses_of([[1, 0, -1, 1, 0]] * 4)

    with pytest.raises(FitUndefined, match="answered"):
        mean_squares(silent, ITEMS)
    with pytest.raises(FitUndefined, match="every item"):
        summed_score_fit(gaps, ITEMS)
    with pytest.raises(FitUndefined, match="two or more"):
        q3(lsat7().select_items(np.array([0])), ITEMS)
    with pytest.raises(FitUndefined, match="no pair"):
        q3(silent, ITEMS)
    with pytest.raises(FitUndefined, match="no pair"):
        pair_fit(silent, ITEMS)
    with pytest.raises(FitUndefined, match="abilities"):
        information_table(ITEMS, [])
    assert np.isnan(residual_curves(silent, ITEMS).rmsd).all()
    with pytest.raises(ScoringInvalid, match="'map'"):
        mean_squares(lsat7(), ITEMS, at="map")


@pytest.mark.parametrize(
    "wrong", [{"least_expected": 0.0}, {"least_expected": np.nan}, {"parameters": [2, 2]}]
)
def test_summed_score_fit_with_numbers_that_make_no_sense_is_refused(wrong: dict) -> None:
    with pytest.raises(FitUndefined):
        summed_score_fit(lsat7(), ITEMS, **wrong)


def test_the_fit_of_one_ability_is_not_asked_of_items_that_measure_two() -> None:
    records = [{**record, "dimension": n % 2} for n, record in enumerate(ITEMS.to_json())]
    two = ItemParameters.from_json(records)

    for asked in (summed_score_fit, mean_squares, q3, pair_fit, residual_curves):
        with pytest.raises(SeveralAbilities):
            asked(lsat7(), two)
    with pytest.raises(SeveralAbilities):
        limited_information_fit(lsat7(), two)
    with pytest.raises(SeveralAbilities):
        information_table(two, [0.0])


def test_information_at_no_ability_does_not_exist() -> None:
    with pytest.raises(AbilityUndefined):
        information_table(ITEMS, [np.nan])


def test_an_item_that_nobody_answered_has_no_mean_square() -> None:
    rows = PATTERNS.copy()
    rows[:, 4] = -1

    found = mean_squares(responses_of(rows), ITEMS)

    assert np.isnan(found.outfit[4])
    assert np.isfinite(found.outfit[:4]).all()
