import itertools

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from liangcai.measurement.fit.expected_counts import FitUndefined
from liangcai.measurement.fit.free_parameters import (
    free_count,
    free_directions,
    parameter_vector,
    probability_slopes,
    slots,
    with_parameters,
)
from liangcai.measurement.fit.limited_information import (
    ModelFit,
    independence_fit,
    limited_information_fit,
)
from liangcai.measurement.fit.margins import (
    expected_margins,
    features,
    margin_covariance,
    margin_slopes,
    margins,
    model_curves,
)
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of

from .test_item_fit import FREQUENCY, ITEMS, MIXED, PATTERNS, lsat7, synthetic

SCIENCE = ItemParameters.from_json(
    [
        {"item": str(place + 1), "model": "grm", "a": a, "b": b}
        for place, (a, b) in enumerate(
            [
                (1.04064155, [-4.67281106, -2.53609336, 1.40822422]),
                (1.22583274, [-2.38531757, -0.73511706, 1.84888986]),
                (2.30059486, [-2.27992148, -0.96437786, 0.85521192]),
                (1.09379951, [-3.05987015, -0.90639971, 1.54281561]),
            ]
        )
    ]
)


def enumerated(statistic: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Margins and their covariance by adding up every pattern: an independent check."""
    nodes = np.linspace(-5, 5, 41)
    share = np.exp(-0.5 * nodes**2)
    share /= share.sum()
    curves = category_curves(MIXED, nodes).probability
    patterns = np.array(list(itertools.product(*(range(top + 1) for top in MIXED.steps))))
    chance = np.array(
        [np.prod([curves[j, x] for j, x in enumerate(p)], axis=0) @ share for p in patterns]
    )
    of = margins(features(MIXED.steps, statistic))
    value = of.features.values[np.arange(of.features.item.size), patterns[:, of.features.item]]
    value = np.column_stack([value, np.ones(len(patterns))])
    held = value[:, of.first] * value[:, of.second]
    mean = chance @ held
    return mean, (held * chance[:, None]).T @ held - np.outer(mean, mean), nodes, share


@pytest.mark.parametrize("statistic", ["m2", "c2", "m2*"])
def test_margins_and_their_covariance_add_up_over_all_patterns(statistic: str) -> None:
    mean, covariance, nodes, share = enumerated(statistic)

    of = margins(features(MIXED.steps, statistic))
    curves = model_curves(of, category_curves(MIXED, nodes).probability, share)

    np.testing.assert_allclose(expected_margins(of, curves), mean, atol=1e-12)
    np.testing.assert_allclose(margin_covariance(of, curves), covariance, atol=1e-12)


@pytest.mark.parametrize("statistic", ["m2", "c2", "m2*"])
def test_slopes_of_margins_are_their_differences(statistic: str) -> None:
    _, _, nodes, share = enumerated(statistic)
    of = margins(features(MIXED.steps, statistic))
    owner = np.array([slot.item for slot in slots(MIXED)])
    base = parameter_vector(MIXED)

    def at(vector: np.ndarray) -> np.ndarray:
        curves = category_curves(with_parameters(MIXED, vector), nodes)
        return expected_margins(of, model_curves(of, curves.probability, share))

    found = margin_slopes(
        of,
        model_curves(of, category_curves(MIXED, nodes).probability, share),
        probability_slopes(MIXED, nodes),
        owner,
    )

    for place in range(base.size):
        step = np.zeros(base.size)
        step[place] = 1e-4
        expected = (at(base + step) - at(base - step)) / 2e-4
        np.testing.assert_allclose(found[:, place], expected, atol=1e-7)


@pytest.mark.parametrize("statistic", ["m2", "c2", "m2*"])
def test_m2_of_lsat7_agrees_with_another_program(statistic: str) -> None:
    found = limited_information_fit(lsat7(), ITEMS, statistic=statistic)

    # Python mirt 1.2.0, compute_fit_indices (21 nodes) at its own 2PL estimates.
    assert found.value == pytest.approx(11.9362, abs=0.01)
    assert found.df == 5
    assert found.p == pytest.approx(0.03567, abs=1e-4)
    assert found.rmsea == pytest.approx(0.03726, abs=1e-4)
    assert (found.rmsea_low, found.rmsea_high) == pytest.approx((0.00895, 0.06499), abs=1e-4)
    assert (found.cfi, found.tli) == pytest.approx((0.96847, 0.93695), abs=1e-4)
    assert found.srmsr == pytest.approx(0.03194, abs=1e-4)
    assert ModelFit.from_json(found.to_json()).to_json() == found.to_json()


def test_m2_is_about_its_degrees_of_freedom_when_the_model_holds() -> None:
    known = np.zeros((parameter_vector(MIXED).size, 0))
    ratio = {"m2": [], "c2": []}
    for statistic, values in ratio.items():
        for seed in range(15):
            seen = responses_of(synthetic(MIXED, 600, seed))
            found = limited_information_fit(seen, MIXED, statistic=statistic, directions=known)
            values.append((found.value - found.df) / np.sqrt(2 * found.df))

    # Synthetic, parameters known: a mean of 15 standardised values within four standard errors.
    for values in ratio.values():
        assert abs(np.mean(values)) < 4 / np.sqrt(15)


def test_two_abilities_where_one_is_assumed_are_noticed() -> None:
    rng = np.random.default_rng(8)
    two = rng.normal(size=(3000, 2))
    items = ItemParameters.from_json(
        [{"item": str(n + 1), "model": "2pl", "a": 1.5, "b": 0.0} for n in range(8)]
    )
    chance = 1.0 / (1.0 + np.exp(-1.5 * two[:, [0, 0, 0, 0, 1, 1, 1, 1]]))
    seen = responses_of((rng.random((3000, 8)) < chance).astype(np.int8))

    found = limited_information_fit(seen, items)

    assert found.p < 1e-6
    assert found.rmsea > 0.05
    assert found.cfi < 0.9


@pytest.mark.parametrize(
    ("model", "free", "latent"), [("rasch", 5, True), ("1pl", 6, False), ("2pl", 10, False)]
)
def test_free_parameters_follow_the_model(model: str, free: int, latent: bool) -> None:
    items = ItemParameters.from_json(
        [{"item": str(n + 1), "model": model, "a": 1.0, "b": n / 2 - 1} for n in range(5)]
    )

    ways, sd_free = free_directions(items)

    assert np.linalg.matrix_rank(ways) == free
    assert sd_free is latent
    assert free_count(items).sum() == (10 if model == "2pl" else 5)
    # Rasch with a free sd and 1PL with a common slope are one model with one df: 15 − 6.
    assert limited_information_fit(lsat7(), items).df == (5 if model == "2pl" else 9)


def test_a_rating_scale_has_a_location_per_item_and_common_steps() -> None:
    items = ItemParameters.from_json(
        [
            {"item": str(n + 1), "model": "rsm", "a": 1.0, "b": [n / 3 - 1.0, n / 3, n / 3 + 1.0]}
            for n in range(4)
        ]
    )

    ways, sd_free = free_directions(items)

    assert np.linalg.matrix_rank(ways) == 4 + 3 - 1
    assert sd_free


def test_rating_scales_of_unequal_length_have_steps_of_their_own() -> None:
    steps = [[-0.8, 0.1, 0.7]] * 3 + [[-0.6, 0.6]] * 2
    items = ItemParameters.from_json(
        [{"item": str(n), "model": "rsm", "a": 1.0, "b": b} for n, b in enumerate(steps)]
    )

    ways, _ = free_directions(items)

    assert np.linalg.matrix_rank(ways) == 5 + (3 - 1) + (2 - 1)


def test_c2_of_the_science_items_keeps_its_two_degrees_of_freedom() -> None:
    found = limited_information_fit(
        responses_of(synthetic(SCIENCE, 400, 2)), SCIENCE, statistic="c2"
    )

    assert found.df == 12 + 6 - 16
    with pytest.raises(FitUndefined, match="no degree of freedom"):
        limited_information_fit(responses_of(synthetic(SCIENCE, 400, 2)), SCIENCE, statistic="m2*")


def test_model_fit_without_cases_items_or_sense_is_refused() -> None:
    gaps = responses_of([[1, 0, -1, 1, 0]] * 4)

    with pytest.raises(FitUndefined, match="complete"):
        limited_information_fit(gaps, ITEMS)
    with pytest.raises(FitUndefined, match="m3"):
        limited_information_fit(lsat7(), ITEMS, statistic="m3")
    with pytest.raises(FitUndefined, match="10 rows"):
        limited_information_fit(lsat7(), ITEMS, directions=np.eye(3))
    with pytest.raises(FitUndefined, match="'variance' is none of mean and sd"):
        limited_information_fit(lsat7(), ITEMS, free_latent=["variance"])


def test_model_fit_counts_complete_cases_and_their_weights() -> None:
    rows = np.vstack([PATTERNS, [[1, 1, -1, 0, 0]]])

    found = limited_information_fit(responses_of(rows, weights=[*FREQUENCY, 7]), ITEMS)

    assert (found.persons, found.left_out) == (1000.0, 1)
    assert found.value == pytest.approx(limited_information_fit(lsat7(), ITEMS).value)


def test_independent_items_fit_as_badly_as_pearsons_test_of_every_pair() -> None:
    rows = synthetic(MIXED, 500, 3)
    weights = np.random.default_rng(0).integers(1, 4, len(rows)).astype(float)
    responses = responses_of(rows, weights=weights)
    pairs = list(itertools.combinations(range(MIXED.count), 2))
    x2, correlations = 0.0, 0.0
    for one, other in pairs:
        table = np.zeros((MIXED.steps[one] + 1, MIXED.steps[other] + 1))
        np.add.at(table, (rows[:, one], rows[:, other]), weights)
        x2 += chi2_contingency(table, correction=False).statistic
        spread = np.cov(rows[:, one], rows[:, other], aweights=weights)
        correlations += spread[0, 1] ** 2 / (spread[0, 0] * spread[1, 1])

    value, df = independence_fit(MIXED, responses, "m2")
    pooled, pair_count = independence_fit(MIXED, responses, "c2")

    assert value == pytest.approx(x2, rel=1e-10)
    assert df == sum(MIXED.steps[one] * MIXED.steps[other] for one, other in pairs)
    assert pooled == pytest.approx(weights.sum() * correlations, rel=1e-10)
    assert pair_count == len(pairs)


def test_an_item_that_everybody_answers_alike_leaves_nothing_to_compare_with() -> None:
    same = synthetic(ITEMS, 200, 3)
    same[:, 1] = 1

    found = limited_information_fit(responses_of(same), ITEMS)

    assert np.isnan(found.cfi)
    assert np.isfinite(found.value)
