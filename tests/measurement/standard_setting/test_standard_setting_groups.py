import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from liangcai.measurement.standard_setting.body_of_work import BodyOfWork, body_of_work
from liangcai.measurement.standard_setting.borderline import (
    BorderlineGroup,
    BorderlineRegression,
    borderline_group,
    borderline_regression,
)
from liangcai.measurement.standard_setting.crossings import kernel_density, kernel_slope
from liangcai.measurement.standard_setting.groups import (
    ContrastingGroups,
    GroupsDoNotCross,
    contrasting_groups,
)
from liangcai.measurement.standard_setting.logistic import LogisticUndetermined, fit_logistic
from liangcai.measurement.standard_setting.panel import JudgementsInvalid
from liangcai.measurement.standard_setting.rounds import convergence


def synthetic_groups(lower: int, upper: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = np.concatenate([rng.normal(50, 8, lower), rng.normal(66, 8, upper)])
    return scores, np.repeat([False, True], [lower, upper])


def test_equal_normal_groups_are_divided_midway() -> None:
    scores, masters = synthetic_groups(4_000, 4_000)

    for curve, tolerance in (("logistic", 0.4), ("normal", 0.4), ("kernel", 1.0)):
        found = contrasting_groups(scores, masters, curve=curve)
        assert found.cut == pytest.approx(58.0, abs=tolerance)
        assert abs(found.cut - 58.0) < 4 * found.standard_error


def test_costs_and_base_rates_move_the_cut_as_the_likelihood_ratio_says() -> None:
    """Equal normals: cut = midpoint + s²/(m₁ − m₀)·log(cost ratio · odds of non-masters)."""
    quantiles = stats.norm.ppf((np.arange(2_000) + 0.5) / 2_000)
    scores = np.concatenate([50 + 8 * quantiles, 66 + 8 * quantiles])
    masters = np.repeat([False, True], 2_000)

    found = contrasting_groups(
        scores, masters, curve="normal", cost_of_false_positive=3, share_of_masters=0.8
    )

    expected = 58 + 64 / 16 * math.log(3 * 0.2 / 0.8)
    assert found.cut == pytest.approx(expected, abs=0.02)


def test_the_logistic_curve_is_the_maximum_of_the_likelihood() -> None:
    scores, masters = synthetic_groups(30, 40)

    def loss(effects: np.ndarray) -> float:
        odds = effects[0] + effects[1] * (scores - 58)
        return float(np.logaddexp(0, odds).sum() - odds[masters].sum())

    best = optimize.minimize(loss, [0.0, 0.1], method="Nelder-Mead", options={"xatol": 1e-10})
    found = fit_logistic(scores, masters.astype(float))

    assert found.slope == pytest.approx(best.x[1], abs=1e-4)
    at_58 = found.intercept + found.slope * (58 - found.centre)
    assert at_58 == pytest.approx(best.x[0], abs=1e-4)


def test_a_logistic_cut_undoes_the_share_of_masters_in_the_sample() -> None:
    scores, masters = synthetic_groups(3_000, 600)

    found = contrasting_groups(scores, masters, share_of_masters=0.5)

    assert found.cut == pytest.approx(58.0, abs=4 * found.standard_error)
    assert contrasting_groups(scores, masters).cut > found.cut


@pytest.mark.parametrize("curve", ["logistic", "normal"])
@pytest.mark.parametrize("share", [0.5, None])
def test_delta_method_errors_are_those_of_repeated_samples(curve: str, share: float | None) -> None:
    """Groups of fixed size where the base rate is known, a random sample where it is not."""
    rng = np.random.default_rng(17)
    sizes = [60] * 400 if share else rng.binomial(140, 0.5, 400).tolist()
    found = [
        contrasting_groups(
            *synthetic_groups(size, 140 - size, seed=seed), curve=curve, share_of_masters=share
        )
        for seed, size in enumerate(sizes)
    ]

    seen = np.std([f.cut for f in found], ddof=1)
    assert np.mean([f.standard_error for f in found]) == pytest.approx(seen, rel=0.1)


def test_a_kernel_error_is_of_the_size_of_repeated_samples() -> None:
    found = [
        contrasting_groups(
            *synthetic_groups(150, 150, seed=seed), curve="kernel", share_of_masters=0.5
        )
        for seed in range(120)
    ]

    seen = np.std([f.cut for f in found], ddof=1)
    assert np.mean([f.standard_error for f in found]) == pytest.approx(seen, rel=0.3)


def test_a_kernel_density_is_scipys() -> None:
    scores = np.array([1.0, 2.0, 2.0, 4.5])
    width = 0.7
    reference = stats.gaussian_kde(scores, bw_method=width / scores.std(ddof=1))

    points = np.array([0.0, 2.2, 5.0])

    np.testing.assert_allclose(kernel_density(scores, points, bandwidth=width), reference(points))
    rise = (reference(2.2 + 1e-5) - reference(2.2 - 1e-5))[0] / 2e-5
    assert kernel_slope(scores, 2.2, bandwidth=width) == pytest.approx(rise, rel=1e-6)


def test_errors_and_cost_are_counted_at_the_cut() -> None:
    scores, masters = synthetic_groups(50, 50)

    found = contrasting_groups(scores, masters, cost_of_false_negative=2)

    assert found.false_positive == (scores[~masters] >= found.cut).mean()
    assert found.false_negative == (scores[masters] < found.cut).mean()
    assert found.expected_cost == pytest.approx(
        0.5 * found.false_positive + 0.5 * 2 * found.false_negative
    )
    assert ContrastingGroups.from_json(found.to_json()).summary() == found.summary()


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["logistic", "normal", "kernel"]), st.floats(0.1, 20), st.floats(-99, 99))
def test_a_linear_change_of_scores_changes_the_cut_alike(
    curve: str, unit: float, origin: float
) -> None:
    scores, masters = synthetic_groups(40, 40, seed=5)

    one = contrasting_groups(scores, masters, curve=curve)
    other = contrasting_groups((origin + unit * scores)[::-1], masters[::-1], curve=curve)

    assert other.cut == pytest.approx(origin + unit * one.cut, rel=1e-6, abs=1e-6)
    assert other.standard_error == pytest.approx(unit * one.standard_error, rel=1e-4)


@pytest.mark.parametrize(
    ("scores", "masters", "options", "error"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], {}, LogisticUndetermined),
        ([5, 5, 5, 6], [0, 0, 1, 1], {}, LogisticUndetermined),
        ([5, 5, 5, 5], [0, 0, 1, 1], {}, GroupsDoNotCross),
        ([5, 6, 1, 2], [0, 0, 1, 1], {}, GroupsDoNotCross),
        ([1, 1, 3, 3], [0, 0, 1, 1], {"curve": "normal"}, GroupsDoNotCross),
        ([1, 1, 3, 3], [0, 0, 1, 1], {"curve": "kernel"}, GroupsDoNotCross),
        ([1, 2, 3], [0, 1, 1], {}, JudgementsInvalid),
        ([1, np.nan, 3, 4], [0, 0, 1, 1], {}, JudgementsInvalid),
        ([1, 3, 2, 4], [0, 0, 1, 1], {"cost_of_false_positive": 0}, JudgementsInvalid),
        ([1, 3, 2, 4], [0, 0, 1, 1], {"share_of_masters": 1.0}, JudgementsInvalid),
        ([1, 3, 2, 4], [0, 0, 1, 1], {"curve": "straight"}, JudgementsInvalid),
    ],
)
def test_groups_without_a_cut_are_refused(
    scores: list[float], masters: list[int], options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        contrasting_groups(scores, masters, **options)


def test_the_borderline_group_is_its_middle_score() -> None:
    found = borderline_group([55, 58, 60, 61, 70])

    assert found.cut == 60
    assert borderline_group([55, 58, 60, 61, 70], summary="mean").cut == pytest.approx(60.8)
    assert BorderlineGroup.from_json(found.to_json()).summary() == found.summary()
    with pytest.raises(JudgementsInvalid):
        borderline_group([55])


def test_borderline_regression_is_least_squares_at_the_borderline_grade() -> None:
    rng = np.random.default_rng(3)
    grades = rng.integers(0, 5, 80).astype(float)
    scores = 30 + 9 * grades + rng.normal(0, 6, 80)
    reference = stats.linregress(grades, scores)

    found = borderline_regression(scores, grades, borderline=1.0)

    assert found.cut == pytest.approx(reference.intercept + reference.slope)
    assert found.slope[0] == pytest.approx(reference.slope)
    assert found.r_squared[0] == pytest.approx(reference.rvalue**2)
    design = np.column_stack([np.ones(80), grades])
    residual = scores - design @ [reference.intercept, reference.slope]
    covariance = np.linalg.inv(design.T @ design) * (residual @ residual) / 78
    assert found.standard_error == pytest.approx(math.sqrt([1, 1] @ covariance @ [1, 1]))


def test_an_examination_averages_its_stations_and_skips_who_was_absent() -> None:
    rng = np.random.default_rng(4)
    grades = rng.integers(0, 4, (50, 3)).astype(float)
    scores = 40 + 8 * grades + rng.normal(0, 5, (50, 3))
    scores[:10, 1] = np.nan

    found = borderline_regression(scores, grades, borderline=1, stations=["a", "b", "c"])

    alone = borderline_regression(scores[10:, 1], grades[10:, 1], borderline=1)
    assert found.station_cuts[1] == pytest.approx(alone.cut)
    assert found.cut == pytest.approx(found.station_cuts.mean())
    assert found.station_errors[1] == pytest.approx(alone.standard_error)
    assert BorderlineRegression.from_json(found.to_json()).summary() == found.summary()


@pytest.mark.parametrize(
    ("scores", "grades"),
    [([1, 2, 3], [1, 1, 1]), ([3, 2, 1], [1, 2, 3]), ([1, 2], [1, 2]), ([1, 2, 3], [1, 2])],
)
def test_a_station_whose_scores_do_not_rise_with_grades_is_refused(
    scores: list[float], grades: list[float]
) -> None:
    with pytest.raises(JudgementsInvalid):
        borderline_regression(scores, grades, borderline=1.0)


def synthetic_panel(judges: int, *, severity: float = 2.0, seed: int = 2) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    scores = np.linspace(20, 80, 61)
    centres = np.add.outer(rng.normal(0, severity, judges), [40.0, 60.0])
    noise = rng.logistic(0, 3, (judges, scores.size))
    return scores, ((scores + noise)[:, :, None] >= centres[:, None, :]).sum(axis=2).astype(float)


def test_body_of_work_finds_both_boundaries() -> None:
    scores, judged = synthetic_panel(12)

    found = body_of_work(scores, judged, categories=["below", "meets", "exceeds"])

    np.testing.assert_allclose(found.cuts, [40, 60], atol=3 * found.standard_error.max())
    assert found.columns()["boundary"] == ["below | meets", "meets | exceeds"]
    assert BodyOfWork.from_json(found.to_json()).summary() == found.summary()


def test_clustered_errors_cover_the_severity_of_judges() -> None:
    found = [
        body_of_work(*synthetic_panel(10, severity=4.0, seed=seed), categories=["a", "b", "c"])
        for seed in range(60)
    ]

    seen = np.std([f.cuts[0] for f in found], ddof=1)
    assert np.mean([f.standard_error[0] for f in found]) == pytest.approx(seen, rel=0.25)


def test_one_judge_alone_has_a_cut_and_no_error() -> None:
    scores, judged = synthetic_panel(1)

    found = body_of_work(scores, judged, categories=["a", "b", "c"])

    assert math.isnan(found.standard_error[0])
    assert found.judge_cuts[0, 0] == pytest.approx(found.cuts[0])


def test_a_judge_who_divides_the_works_without_error_stands_at_the_middle_of_the_gap() -> None:
    scores = np.array([1.0, 2, 3, 4, 5, 6])
    judged = [[0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 1, 1], [np.nan, 0, 0, 0, np.nan, np.nan]]

    found = body_of_work(scores, judged, categories=["fail", "pass"])

    assert found.judge_cuts[0, 0] == 3.5
    assert math.isnan(found.judge_cuts[2, 0])
    assert found.panel().judges == ("1", "2")
    assert found.agreement[0] == pytest.approx((1 + 3 + 1 + 1 + 1 + 1) / (1 + 3 + 3 + 3 + 1 + 1))


def test_rounds_of_a_body_of_work_converge() -> None:
    rounds = [
        body_of_work(*synthetic_panel(8, severity=s), categories=["a", "b", "c"]).panel(1)
        for s in (6.0, 1.0)
    ]

    found = convergence(rounds)

    assert found.spread[1] < found.spread[0]


@pytest.mark.parametrize(
    ("judged", "error"),
    [
        ([[0, 0, 1, 1]], LogisticUndetermined),
        ([[1, 1, 1, 1]], LogisticUndetermined),
        ([[1, 0, 1, 0]], JudgementsInvalid),
        ([[0, 2, 1, 1]], JudgementsInvalid),
        ([[0, 1, 1]], JudgementsInvalid),
    ],
)
def test_judged_works_without_a_cut_are_refused(
    judged: list[list[float]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        body_of_work([1.0, 2.0, 3.0, 4.0], judged, categories=["fail", "pass"])
