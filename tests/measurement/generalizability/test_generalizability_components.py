import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from liangcai.measurement.generalizability.balanced import mean_squares
from liangcai.measurement.generalizability.blocks import blocks_of
from liangcai.measurement.generalizability.components import (
    VarianceComponents,
    variance_components,
)
from liangcai.measurement.generalizability.design import DesignUnreadable, read_design
from liangcai.measurement.generalizability.observations import (
    ObservationsInvalid,
    observations_of,
    observed,
)
from liangcai.measurement.labels import LabelMissing

#: Synthetic data set 4 of Brennan (2001, table 3.2): 10 persons, 3 tasks, 4 raters in each task.
BRENNAN_4 = (
    np.fromstring(
        """5 9 3 7 9 3 7 5 9 4 6 3 4 5 2 4 3 8 9 4 5 7 3 5 9 3 7 5 8 4 5 7 3 3 7 5 7 7 8 3
        5 7 5 3 7 3 7 7 6 3 3 5 3 1 7 3 5 5 6 5 4 5 3 4 3 6 5 5 6 6 5 5 5 3 7 3 7 4 5 5
        6 7 6 5 2 4 5 3 5 5 7 7 5 3 7 5 5 2 8 7 3 5 1 3 5 1 5 1 1 1 3 2 6 5 3 2 4 1 1 1""",
        sep=" ",
    )
    .reshape(3, 4, 10)
    .transpose(2, 0, 1)
)
#: Synthetic data set 3 of Brennan (2001, table 3.1): 10 persons, 2 occasions, 4 items.
BRENNAN_3 = (
    np.fromstring(
        """2 4 5 5 4 4 2 3 0 6 6 5 5 9 3 4 6 4 5 8 7 6 4 8 5 4 6 4 4 7 5 7 6 6 6 7 5 5 5 6
        2 6 5 5 4 6 2 6 5 6 5 7 4 7 5 4 7 6 5 8 5 5 5 7 6 7 7 6 5 8 5 7 5 6 4 8 5 4 3 6""",
        sep=" ",
    )
    .reshape(2, 4, 10)
    .transpose(2, 1, 0)
)
#: Yield of six batches of dyestuff, five preparations each (Davies & Goldsmith, 1972, section 6.4).
DYESTUFF = np.fromstring(
    """1545 1440 1440 1520 1580 1540 1555 1490 1560 1495 1595 1550 1605 1510 1560
    1445 1440 1595 1465 1545 1595 1630 1515 1635 1625 1520 1455 1450 1480 1445""",
    sep=" ",
).reshape(6, 5)


def brute_restricted(design: str, scores: np.ndarray, facets: dict, start: np.ndarray) -> tuple:
    """Dense restricted likelihood, maximised without derivatives: nothing of the package's algebra."""
    seen = observed(read_design(design), scores, facets)
    same = [(codes[:, None] == codes[None, :]).astype(float) for codes in seen.codes]
    ones = np.ones(seen.scores.size)

    def minus(roots: np.ndarray) -> float:
        covariance = sum(root**2 * one for root, one in zip(roots, same, strict=True))
        inverse = np.linalg.inv(covariance)
        precision = ones @ inverse @ ones
        rest = seen.scores - (ones @ inverse @ seen.scores) / precision
        terms = np.linalg.slogdet(covariance)[1] + np.log(precision) + rest @ inverse @ rest
        return 0.5 * (terms + (seen.scores.size - 1) * np.log(2 * np.pi))

    found = minimize(
        minus,
        np.sqrt(start),
        method="Nelder-Mead",
        options={
            "xatol": 1e-8,
            "fatol": 1e-11,
            "maxiter": 20000,
            "maxfev": 20000,
            "adaptive": True,
        },
    )
    return found.x**2, -found.fun


def simulated(rng: np.random.Generator, shape: tuple[int, ...], **spread: float) -> np.ndarray:
    """Synthetic crossed scores; `spread` names effects by axes ("01") and their standard deviations."""
    scores = np.zeros(shape)
    for axes, sd in spread.items():
        kept = [n if f"{k}" in axes else 1 for k, n in enumerate(shape)]
        scores = scores + sd * rng.normal(size=kept)
    return scores


@pytest.mark.parametrize("method", ["anova", "reml"])
def test_components_of_brennans_tasks_and_raters(method: str) -> None:
    # Brennan (2001), table 3.2, four digits.
    found = variance_components("p x (r:t)", *observations_of(BRENNAN_4, "ptr"), method=method)

    values = dict(zip(found.effects, found.variance, strict=True))
    published = {"p": 0.4731, "t": 0.3252, "r:t": 0.6475, "p×t": 0.5596, "p×r:t": 2.3802}
    assert values == pytest.approx(published, abs=6e-5)
    assert found.mean == pytest.approx(4.75)


@pytest.mark.parametrize("method", ["anova", "reml"])
def test_components_of_brennans_items_and_occasions(method: str) -> None:
    # Brennan (2001), table 3.1, four digits.
    found = variance_components("p x i x o", *observations_of(BRENNAN_3, "pio"), method=method)

    values = dict(zip(found.effects, found.variance, strict=True))
    assert values == pytest.approx(
        {
            "p": 0.5528,
            "i": 0.4417,
            "o": 0.0074,
            "p×i": 0.5750,
            "p×o": 0.1009,
            "i×o": 0.1565,
            "p×i×o": 0.9352,
        },
        abs=6e-5,
    )
    assert dict(zip(found.effects, found.mean_squares, strict=True))["p×i"] == pytest.approx(
        2.0852, abs=5e-5
    )


def test_components_of_the_dyestuff_are_those_of_lme4() -> None:
    # Bates et al. (2015), lme4: batch 1764, residual 2451, REML criterion 319.6543.
    found = variance_components("s:b", *observations_of(DYESTUFF, "bs"))

    assert found.variance == pytest.approx([1764.05, 2451.25], abs=0.01)
    assert -2 * found.log_likelihood == pytest.approx(319.65427684, abs=1e-6)


def test_judges_of_shrout_and_fleiss_by_hand() -> None:
    # Mean squares of Shrout & Fleiss (1979): persons 11.24, judges 32.49, error 1.02.
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = variance_components("p x j", *observations_of(table, "pj"), method="anova")

    assert found.mean_squares == pytest.approx([11.24, 32.49, 1.02], abs=5e-3)
    assert found.variance == pytest.approx([2.5556, 5.2444, 1.0194], abs=1e-4)


def test_both_likelihoods_of_a_balanced_design_are_one() -> None:
    seen = observed(read_design("p x (r:t)"), *observations_of(BRENNAN_4, "ptr"))
    components = np.array([0.4, 0.3, 0.5, 0.7, 2.0])

    by_squares = mean_squares(seen, seen.sizes()).likelihood(components)
    by_blocks = blocks_of(seen).likelihood(components)

    assert by_blocks.value == pytest.approx(by_squares.value, abs=1e-9)
    assert by_blocks.slope == pytest.approx(by_squares.slope, abs=1e-9)


@pytest.mark.parametrize(
    ("design", "names"),
    [
        ("p x r", "pr"),
        ("p x i x r", "pir"),
        ("p x (r:t)", "ptr"),
        ("r:p", "pr"),
        ("i:r:p", "pri"),
        ("r:(p x t)", "ptr"),
    ],
)
def test_unbalanced_components_are_those_of_a_dense_brute_force(design: str, names: str) -> None:
    rng = np.random.default_rng(len(design) * 7 + len(names))
    shape = (8, 4, 3)[: len(names)]
    effects = {"0": 1.0, "1": 0.7, "01": 0.8}
    effects |= {"2": 0.6, "02": 0.6, "12": 0.7, "012": 1.0} if len(names) == 3 else {}
    scores, facets = observations_of(simulated(rng, shape, **effects), names)
    scores[rng.random(scores.size) < 0.15] = np.nan

    found = variance_components(design, scores, facets)

    brute, value = brute_restricted(design, scores, facets, np.maximum(found.variance, 0.02) * 1.3)
    assert not found.balanced
    assert found.log_likelihood >= value - 1e-7
    assert found.log_likelihood == pytest.approx(value, abs=2e-5)
    assert found.variance == pytest.approx(brute, abs=5e-3)


def test_the_slope_and_information_are_those_of_differences() -> None:
    rng = np.random.default_rng(3)
    scores, facets = observations_of(simulated(rng, (9, 4, 3), **{"0": 1, "1": 1, "012": 1}), "pir")
    scores[rng.random(scores.size) < 0.2] = np.nan
    blocks = blocks_of(observed(read_design("p x i x r"), scores, facets))
    components = np.linspace(0.3, 1.0, 7)

    slope = blocks.likelihood(components).slope

    step = 1e-5 * np.eye(7)
    differences = [
        (blocks.likelihood(components + h).value - blocks.likelihood(components - h).value) / 2e-5
        for h in step
    ]
    assert slope == pytest.approx(differences, abs=1e-5)


def test_a_sparse_and_a_dense_way_through_the_outer_levels_agree(monkeypatch) -> None:
    rng = np.random.default_rng(4)
    scores, facets = observations_of(simulated(rng, (9, 4, 3), **{"0": 1, "1": 1, "012": 1}), "pir")
    scores[rng.random(scores.size) < 0.2] = np.nan
    blocks = blocks_of(observed(read_design("p x i x r"), scores, facets))
    dense = blocks.likelihood(np.full(7, 0.5))

    monkeypatch.setattr("liangcai.measurement.generalizability.blocks._MOST_CELLS", 0)
    thin = blocks.likelihood(np.full(7, 0.5))

    assert thin.value == pytest.approx(dense.value, abs=1e-9)
    assert thin.slope == pytest.approx(dense.slope, abs=1e-9)
    assert thin.information == pytest.approx(dense.information, abs=1e-9)


def test_a_component_at_its_boundary_is_zero_and_said() -> None:
    # Batches that differ less than their preparations: the mean square between is below that within.
    table = DYESTUFF - DYESTUFF.mean(axis=1, keepdims=True)
    found = variance_components("s:b", *observations_of(table, "bs"))
    below = variance_components("s:b", *observations_of(table, "bs"), method="anova")

    assert found.variance[0] == 0.0
    assert np.isnan(found.standard_errors[0])
    assert "boundary" in found.findings[0]
    assert below.variance[0] < 0.0
    assert "negative" in below.findings[0]
    assert found.variance[1] == pytest.approx(((table - table.mean()) ** 2).sum() / 29)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.sampled_from(["p x i", "p x i x r", "p x (r:i)", "r:i:p"]))
def test_reml_is_anova_wherever_anova_is_not_negative(seed: int, design: str) -> None:
    rng = np.random.default_rng(seed)
    names = [name for name in "pir" if name in design]
    table = simulated(
        rng, (6, 4, 3)[: len(names)], **{"0": 1.0, "1": 1.0, "01": 0.8, "2": 1.0, "012": 0.7}
    )

    anova = variance_components(design, *observations_of(table, names), method="anova")
    reml = variance_components(design, *observations_of(table, names))

    if (anova.variance >= 0).all():
        assert reml.variance == pytest.approx(anova.variance, abs=1e-6)
    else:
        assert (reml.variance >= 0).all()
        assert reml.variance[anova.variance < -0.2].max(initial=0.0) == pytest.approx(0.0, abs=0.2)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_order_labels_origin_and_unit_do_not_matter(seed: int, unit: float, origin: float) -> None:
    rng = np.random.default_rng(seed)
    table = simulated(rng, (9, 5), **{"0": 1.0, "1": 0.7, "01": 1.0})
    scores, facets = observations_of(table, "pr")
    scores[rng.choice(scores.size, 6, replace=False)] = np.nan
    found = variance_components("p x r", scores, facets)
    mixed = rng.permutation(scores.size)
    named = {"p": np.array(list("qwertyuio"))[facets["p"]][mixed], "r": -facets["r"][mixed]}

    moved = variance_components("p x r", scores[mixed] * unit + origin, named)

    assert moved.variance / unit**2 == pytest.approx(found.variance, rel=1e-4, abs=1e-6)
    assert (moved.mean - origin) / unit == pytest.approx(found.mean, abs=1e-6)


def test_labels_of_nested_raters_may_repeat_from_task_to_task() -> None:
    scores, facets = observations_of(BRENNAN_4, "ptr")
    apart = {**facets, "r": facets["t"] * 4 + facets["r"]}

    repeated = variance_components("p x (r:t)", scores, facets)
    distinct = variance_components("p x (r:t)", scores, apart)

    assert distinct.variance == pytest.approx(repeated.variance)


def test_components_are_recovered_within_their_standard_errors() -> None:
    # Synthetic, unbalanced: standardised errors of 60 data sets have mean 0 and variance near 1.
    rng = np.random.default_rng(8)
    deviations = []
    for _ in range(60):
        table = simulated(rng, (120, 12), **{"0": 1.0, "1": 0.6, "01": 0.9})
        table[rng.random(table.shape) < 0.3] = np.nan
        found = variance_components("p x r", *observations_of(table, "pr"))
        deviations.append((found.variance - [1.0, 0.36, 0.81]) / found.standard_errors)

    spread = np.std(deviations, axis=0)
    assert np.abs(np.mean(deviations, axis=0)[[0, 2]]).max() < 3 / np.sqrt(60)
    assert spread[[0, 2]] == pytest.approx([1.0, 1.0], abs=0.3)


@pytest.mark.parametrize(
    ("notation", "effects"),
    [
        ("p x i", "p i p×i"),
        ("i:p", "p i:p"),
        ("p * (r : t)", "p t p×t r:t p×r:t"),
        ("(r:t) x p", "t p r:t t×p r×p:t"),
        ("r:(p × t)", "p t p×t r:p×t"),
        ("a:b:c", "c b:c a:b×c"),
        ("person x rater", "person rater person×rater"),
    ],
)
def test_a_design_has_the_effects_that_its_nesting_allows(notation: str, effects: str) -> None:
    design = read_design(notation)

    assert [design.label(effect) for effect in design.effects()] == effects.split()


@pytest.mark.parametrize(
    "notation", ["", "p x", "p x p", "(p x r", "p r", "p : : r", "p x 3r)", "p)"]
)
def test_a_notation_that_cannot_be_read_is_refused(notation: str) -> None:
    with pytest.raises(DesignUnreadable):
        read_design(notation)


@pytest.mark.parametrize(
    ("scores", "facets", "message"),
    [
        ([1.0, 2.0, 3.0, 4.0], {"p": [0, 0, 1, 1], "r": [0, 0, 1, 1]}, "cells"),
        ([1.0, 2.0, 3.0], {"p": [0, 1, 2], "r": [0, 0, 0]}, "one condition"),
        ([1.0, 2.0, 3.0], {"p": [0, 1, 2], "r": [0, 1, 0]}, "one score a level"),
        ([1.0, 1.0, 1.0, 1.0], {"p": [0, 0, 1, 1], "r": [0, 1, 0, 1]}, "all scores are equal"),
        ([1.0, np.nan], {"p": [0, 1], "r": [0, 1]}, "fewer than two"),
        ([1.0, 2.0], {"p": [0, 1]}, "not among"),
        ([1.0, 2.0], {"p": [0, 1, 1], "r": [0, 1]}, "labels"),
    ],
)
def test_observations_that_show_no_components_are_refused(scores, facets, message: str) -> None:
    with pytest.raises(ObservationsInvalid, match=message):
        variance_components("p x r", scores, facets)


def test_anova_of_an_incomplete_table_is_refused() -> None:
    table = BRENNAN_4.copy()
    table[0, 0, 0] = np.nan

    with pytest.raises(ObservationsInvalid, match="reml"):
        variance_components("p x (r:t)", *observations_of(table, "ptr"), method="anova")


def test_scores_without_residual_have_no_restricted_likelihood() -> None:
    table = np.add.outer([1.0, 2.0, 4.0], [0.0, 1.0, 5.0])

    with pytest.raises(ObservationsInvalid, match="residual"):
        variance_components("p x r", *observations_of(table, "pr"))
    table[0, 0] = np.nan
    with pytest.raises(ObservationsInvalid, match="residual"):
        variance_components("p x r", *observations_of(table, "pr"))


def test_components_read_back_from_their_json_form() -> None:
    found = variance_components("p x (r:t)", *observations_of(BRENNAN_4, "ptr"))

    assert VarianceComponents.from_json(found.to_json()).to_json() == found.to_json()


def test_scores_of_nobody_or_in_words_are_refused() -> None:
    with pytest.raises(LabelMissing, match="facet 'p': row 3"):
        variance_components("p x r", [1, 2, 3, 4], {"p": ["a", "a", None, None], "r": [1, 2, 1, 2]})
    with pytest.raises(ObservationsInvalid, match="scores must be numbers"):
        variance_components("p x r", ["high", "low"], {"p": [1, 2], "r": [1, 1]})
