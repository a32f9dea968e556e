"""Impact ratios, differences of rates and of means, against published values and definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, fisher_exact

from liangcai.measurement.fairness.impact import (
    Impact,
    ImpactUndefined,
    crossed_groups,
    impact,
    impact_of_counts,
)
from liangcai.measurement.fairness.mean_differences import MeanDifferences, mean_differences


def test_the_example_of_the_uniform_guidelines_is_below_four_fifths() -> None:
    # EEOC, Questions and answers on the Uniform Guidelines (1979), question 12: 80 applicants of
    # one group and 40 of the other, 48 and 12 hired: 60 % and 30 %, a ratio of one half.
    found = impact_of_counts(("black", "white"), [12, 48], [40, 80])

    assert found.reference == "white"
    assert found.ratio.tolist() == [0.5, 1.0]
    assert found.below.tolist() == [True, False]


def test_the_aspirin_trial_gives_the_relative_risk_of_agresti() -> None:
    # Agresti (2002), section 3.1: 189 of 11,034 and 104 of 11,037; relative risk 1.82 (1.43, 2.30).
    found = impact_of_counts(
        ("placebo", "aspirin"), [189, 104], [11034, 11037], reference="aspirin"
    )

    assert found.interval[0] == "log"
    assert found.ratio[0] == pytest.approx(1.82, abs=0.005)
    assert found.ratio_low[0] == pytest.approx(1.43, abs=0.005)
    assert found.ratio_high[0] == pytest.approx(2.30, abs=0.01)


def test_the_difference_has_the_interval_of_newcombe() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 873–890, table II, method 10: 56/70 − 48/80
    # gives 0.0524 to 0.3339.
    found = impact_of_counts(("a", "b"), [56, 48], [70, 80], reference="b")

    assert found.difference[0] == pytest.approx(0.2)
    assert found.difference_low[0] == pytest.approx(0.0524, abs=5e-5)
    assert found.difference_high[0] == pytest.approx(0.3339, abs=5e-5)


def test_the_bayesian_interval_is_that_of_drawn_posteriors() -> None:
    found = impact_of_counts(("a", "b"), [2, 9], [12, 15], reference="b")

    rng = np.random.default_rng(1)
    drawn = beta.rvs(2.5, 10.5, size=400_000, random_state=rng)
    drawn = drawn / beta.rvs(9.5, 6.5, size=400_000, random_state=rng)
    assert found.interval == ("Bayes", "–")
    # 400,000 draws know these quantiles to about 0.002.
    assert found.ratio_low[0] == pytest.approx(float(np.quantile(drawn, 0.025)), abs=0.006)
    assert found.ratio_high[0] == pytest.approx(float(np.quantile(drawn, 0.975)), abs=0.006)


def test_a_ratio_below_the_line_need_not_be_shown() -> None:
    few = impact_of_counts(("a", "b"), [6, 10], [20, 20], reference="b")
    many = impact_of_counts(("a", "b"), [600, 1000], [2000, 2000], reference="b")

    assert (few.below[0], few.shown[0]) == (True, False)
    assert (many.below[0], many.shown[0]) == (True, True)


def test_a_group_without_passes_has_ratio_zero_and_an_upper_bound() -> None:
    found = impact_of_counts(("a", "b"), [0, 8], [10, 10])
    log = impact_of_counts(("a", "b"), [0, 8], [10, 10], interval="log")

    assert found.ratio[0] == 0.0
    assert 0.0 < found.ratio_high[0] < 1.0
    assert (log.ratio_low[0], math.isnan(log.ratio_high[0]), log.shown[0]) == (0.0, True, False)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 99), st.integers(1, 99))
@settings(max_examples=40, deadline=None)
def test_intervals_hold_their_estimate(one: int, other: int, down: int, up: int) -> None:
    passes = [one * down // 100, max(1, other * up // 100)]
    found = impact_of_counts(("a", "b"), passes, [one, other], reference="b")

    assert found.ratio_low[0] <= found.ratio[0] * (1 + 1e-9) or found.interval[0] == "Bayes"
    assert found.ratio_low[0] < found.ratio_high[0]
    assert (
        found.difference_low[0] - 1e-12 <= found.difference[0] <= found.difference_high[0] + 1e-12
    )
    assert (0 <= found.p[0] <= 1, math.isnan(found.p[1])) == (True, True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=8, max_size=40), st.integers(0, 2**32 - 1))
def test_the_order_of_persons_does_not_matter(passed: list[bool], seed: int) -> None:
    decisions = np.array([True, True, *passed])
    groups = np.array(["a", "b"])[np.arange(decisions.size) % 2]
    order = np.random.default_rng(seed).permutation(decisions.size)

    here, there = impact(decisions, groups), impact(decisions[order], groups[order])

    assert here.summary() == there.summary()


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_the_exact_p_is_that_of_scipy(one: int, other: int, down: int, up: int) -> None:
    passes = [min(down, one), min(up, other)]
    table = [[passes[0], one - passes[0]], [passes[1], other - passes[1]]]

    found = impact_of_counts(("a", "b"), passes, [one, other], reference="b")

    assert found.p[0] == pytest.approx(float(fisher_exact(table)[1]), rel=1e-6)


def test_a_tiny_group_is_not_the_reference() -> None:
    found = impact_of_counts(("few", "most", "others"), [2, 400, 300], [2, 600, 600])

    assert found.reference == "most"


def test_intersections_are_groups_and_small_ones_are_merged() -> None:
    labels = crossed_groups(["w", "w", "m", "m", "m"], ["x", "x", "x", "y", "y"], least=2)

    assert labels.tolist() == ["w × x", "w × x", "(small)", "m × y", "m × y"]


def test_comparisons_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ImpactUndefined, match="two groups"):
        impact([True, False], ["a", "a"])
    with pytest.raises(ImpactUndefined, match="nobody passed"):
        impact([False, False], ["a", "b"])
    with pytest.raises(ImpactUndefined, match="'c'"):
        impact([True, False], ["a", "b"], reference="c")
    with pytest.raises(ImpactUndefined, match="labels"):
        impact([True, False], ["a"])
    with pytest.raises(ImpactUndefined, match="true or false"):
        impact([2, 0], ["a", "b"])
    with pytest.raises(ImpactUndefined, match="whole"):
        impact_of_counts(("a", "b"), [3, 1], [2, 2])
    with pytest.raises(ImpactUndefined):
        crossed_groups()


def test_hedges_g_is_the_corrected_difference() -> None:
    rng = np.random.default_rng(4)  # synthetic
    groups = np.repeat(["a", "b", "c"], [12, 9, 30])
    scores = rng.normal(size=51) + (groups == "a")
    scores[50] = np.nan

    found = mean_differences(scores, groups, reference="b")

    a, b = scores[groups == "a"], scores[groups == "b"]
    pooled = math.sqrt(((a - a.mean()) @ (a - a.mean()) + (b - b.mean()) @ (b - b.mean())) / 19)
    # Hedges (1981): the factor is close to 1 − 3/(4·19 − 1).
    assert found.g[0] == pytest.approx((a.mean() - b.mean()) / pooled * (1 - 3 / 75), rel=1e-3)
    assert found.persons.tolist() == [12, 9, 29]
    assert found.low[0] < found.g[0] < found.high[0]
    assert (found.g[1], math.isnan(found.se[1])) == (0.0, True)


def test_mean_differences_do_not_depend_on_the_scale() -> None:
    groups = np.array(["a", "b"])[np.arange(20) % 2]
    scores = np.random.default_rng(9).normal(size=20)

    here = mean_differences(scores, groups, reference="a")
    there = mean_differences(500 + 100 * scores, groups, reference="a")

    np.testing.assert_allclose(here.g, there.g, rtol=1e-10)


def test_mean_differences_without_variance_are_refused() -> None:
    with pytest.raises(ImpactUndefined, match="do not vary"):
        mean_differences([1, 1, 2, 2], ["a", "a", "b", "b"], reference="a")
    with pytest.raises(ImpactUndefined, match="fewer than two"):
        mean_differences([1, 2, 2], ["a", "a", "b"], reference="a")
    with pytest.raises(ImpactUndefined, match="'z'"):
        mean_differences([1, 2, 2], ["a", "a", "b"], reference="z")


def test_impact_results_read_back_from_their_json_form() -> None:
    found = impact_of_counts(("a", "b"), [6, 10], [20, 20])
    means = mean_differences([1.0, 2, 3, 5], ["a", "a", "b", "b"], reference="a")

    assert Impact.from_json(found.to_json()).summary() == found.summary()
    assert MeanDifferences.from_json(means.to_json()).summary() == means.summary()
