import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from liangcai.measurement.agreement.coefficient import Bootstrap
from liangcai.measurement.agreement.exact import ExactAgreement, exact_agreement
from liangcai.measurement.agreement.intraclass import (
    IntraclassCorrelation,
    intraclass_correlation,
)
from liangcai.measurement.agreement.kappa import cohen_kappa
from liangcai.measurement.agreement.machine import HumanMachine, human_machine_difference
from liangcai.measurement.agreement.ratings import AgreementUndefined, RatingsInvalid
from liangcai.measurement.labels import LabelMissing

#: Six persons, four judges (Shrout & Fleiss, 1979, table 2).
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
TABLES = arrays(
    np.int64, st.tuples(st.integers(3, 8), st.integers(2, 5)), elements=st.integers(0, 9)
)


def test_the_six_forms_are_those_of_shrout_and_fleiss() -> None:
    # Point values: Shrout & Fleiss (1979), table 4 (two digits); the rest R psych 2.x, ICC().
    found = intraclass_correlation(SHROUT_FLEISS)

    assert found.icc == pytest.approx([0.17, 0.29, 0.71, 0.44, 0.62, 0.91], abs=5e-3)
    assert found.icc[:3] == pytest.approx([0.165741768, 0.289763780, 0.714840715], abs=1e-9)
    assert found.f[:2] == pytest.approx([1.794678, 11.027248], abs=1e-6)
    assert found.p[:2] == pytest.approx([0.164768808, 0.000134566516], rel=1e-6)
    assert found.lower == pytest.approx(
        [-0.13293232, 0.01878651, 0.34246477, -0.88444216, 0.07113682, 0.67567471], abs=1e-7
    )
    assert found.upper == pytest.approx(
        [0.72256006, 0.76108437, 0.94585826, 0.91241542, 0.92723204, 0.98589168], abs=1e-7
    )
    assert (found.df1[0], found.df2[0], found.df2[1]) == (5, 18, 15)


@given(TABLES, st.floats(0.1, 9), st.floats(-50, 50))
def test_a_common_unit_and_origin_change_no_form(table, unit, origin) -> None:
    try:
        found = intraclass_correlation(table)
    except AgreementUndefined:
        return

    moved = intraclass_correlation(table * unit + origin)

    assert moved.icc == pytest.approx(found.icc, abs=1e-7)


@given(TABLES, st.integers(1, 20))
def test_a_severe_rater_changes_agreement_but_not_consistency(table, severity) -> None:
    try:
        found = intraclass_correlation(table)
    except AgreementUndefined:
        return
    assume(found.icc[2] > 0.01)
    moved = table.astype(float)
    moved[:, 0] -= severity + 2 * np.ptp(table.mean(axis=0))

    severe = intraclass_correlation(moved)

    assert severe.icc[2] == pytest.approx(found.icc[2], abs=1e-7)
    assert severe.icc[1] < found.icc[1] + 1e-9


@given(TABLES)
def test_every_bound_holds_its_estimate(table) -> None:
    try:
        found = intraclass_correlation(table)
    except AgreementUndefined:
        return
    assume(found.icc[1] > 0)

    assert (found.lower <= found.icc + 1e-9).all()
    assert (found.icc <= found.upper + 1e-9).all()


def test_perfect_consistency_has_an_infinite_f_and_no_width() -> None:
    found = intraclass_correlation([[1, 3], [2, 4], [5, 7]])

    assert found.icc[2] == 1.0
    assert (found.f[2], found.p[2]) == (np.inf, 0.0)
    assert (found.lower[2], found.upper[2]) == (1.0, 1.0)


@pytest.mark.parametrize("table", [[[4, 4], [4, 4]], [[1, 2], [1, 2], [1, 2]]])
def test_persons_who_do_not_differ_have_no_intraclass_correlation(table) -> None:
    with pytest.raises(AgreementUndefined, match="do not differ"):
        intraclass_correlation(table)


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1], [2]], [[1, np.nan], [2, 3]]])
def test_one_person_one_rater_or_a_gap_is_refused(table) -> None:
    with pytest.raises(RatingsInvalid):
        intraclass_correlation(table)


def test_f_intervals_cover_as_often_as_they_say() -> None:
    # Synthetic: person variance 1, rater variance 0.25, error 1; consistency 0.5, agreement 4/9.
    rng = np.random.default_rng(11)
    hits = np.zeros(2)
    for _ in range(1000):
        table = rng.normal(size=(25, 1)) + 0.5 * rng.normal(size=(1, 4)) + rng.normal(size=(25, 4))
        found = intraclass_correlation(table)
        truth = np.array([1 / 2.25, 0.5])
        hits += (found.lower[1:3] <= truth) & (truth <= found.upper[1:3])

    assert hits[1] / 1000 == pytest.approx(0.95, abs=0.021)  # exact: three standard errors
    assert hits[0] / 1000 == pytest.approx(0.95, abs=0.03)  # Satterthwaite's degrees of freedom


def test_resampled_intervals_come_with_every_form_and_read_back() -> None:
    plan = Bootstrap(np.random.default_rng(3), replications=200, method="percentile")

    found = intraclass_correlation(SHROUT_FLEISS, bootstrap=plan)

    assert len(found.resampled) == 6
    again = IntraclassCorrelation.from_json(found.to_json())
    assert again.to_json() == found.to_json()


def test_exact_and_adjacent_agreement_stand_beside_chance() -> None:
    found = exact_agreement([1, 1, 2, 3], [1, 2, 2, 1])

    assert (found.exact, found.adjacent) == (0.5, 0.75)
    assert found.exact_by_chance == pytest.approx(0.5 * 0.5 + 0.25 * 0.5)
    assert found.adjacent_by_chance == pytest.approx(0.5 + 0.25 + 0.25 * 0.5)
    assert found.specific == pytest.approx([0.5, 2 / 3, 0.0])
    assert ExactAgreement.from_json(found.to_json()).to_json() == found.to_json()


def test_wilson_bounds_of_ten_in_ten() -> None:
    # Wilson (1927): for all of n the lower bound is n/(n + z²), .7225 for ten at 95 %.
    found = exact_agreement(range(10), range(10))

    assert found.exact_bounds == pytest.approx((10 / (10 + 1.959964**2), 1.0), abs=1e-6)


def test_a_machine_that_adds_half_a_point_is_found_by_its_difference() -> None:
    rng = np.random.default_rng(5)
    human = rng.integers(1, 7, 400).astype(float)
    machine = human + 0.5

    found = human_machine_difference(human, machine, second_human=human)

    assert found.difference[0] == pytest.approx(0.5 / human.std(ddof=1))
    assert found.correlation == pytest.approx(1.0)
    assert any("exceeds" in text for text in found.findings)


def test_the_kappa_of_whole_machine_scores_is_quadratic_weighted_kappa() -> None:
    rng = np.random.default_rng(6)
    human = rng.integers(1, 7, 300)
    machine = np.clip(human + rng.integers(-1, 2, 300), 1, 6)
    groups = np.where(rng.random(300) < 0.4, "focal", "reference")

    found = human_machine_difference(human, machine, groups=groups)

    expected = cohen_kappa(human, machine, weights="quadratic").value
    assert found.kappa == pytest.approx(expected, abs=1e-12)
    assert found.groups == ("all", "focal", "reference")
    assert found.persons[1:].sum() == found.persons[0]
    assert HumanMachine.from_json(found.to_json()).to_json() == found.to_json()


def test_a_machine_that_gives_one_score_to_all_is_refused() -> None:
    with pytest.raises(AgreementUndefined):
        human_machine_difference([1, 2, 3], [2, 2, 2])


def test_scores_in_words_and_a_reach_of_nothing_are_refused() -> None:
    with pytest.raises(RatingsInvalid, match="must be numbers"):
        intraclass_correlation([["a", "b"], ["c", "d"]])
    with pytest.raises(RatingsInvalid, match="must be numbers"):
        human_machine_difference(["a", "b"], [1, 2])
    with pytest.raises(RatingsInvalid, match="reach"):
        exact_agreement([1, 2], [1, 2], reach=float("nan"))
    with pytest.raises(LabelMissing, match="groups: row 2"):
        human_machine_difference([1, 2, 3], [1, 2, 2], groups=["a", None, "b"])


def test_a_bootstrap_of_all_forms_equals_one_by_persons_drawn_and_left_out() -> None:
    # Independent: the published forms of tables built row by row, and Efron's (1987) BCa by hand.
    table = np.random.default_rng(4).integers(0, 9, size=(12, 3)) + np.arange(12)[:, None]
    plan = Bootstrap(np.random.default_rng(9), replications=150)
    drawn = np.random.default_rng(9).multinomial(12, np.full(12, 1 / 12), size=150)
    forms = np.array([intraclass_correlation(np.repeat(table, row, axis=0)).icc for row in drawn])
    left = np.array([intraclass_correlation(np.delete(table, row, 0)).icc for row in range(12)])

    found = intraclass_correlation(table, bootstrap=plan)

    apart = left.mean(axis=0) - left
    acceleration = (apart**3).sum(axis=0) / (6 * (apart**2).sum(axis=0) ** 1.5)
    bias = norm.ppf((forms < found.icc).mean(axis=0))
    for place, interval in enumerate(found.resampled):
        moved = bias[place] + norm.ppf([0.025, 0.975])
        levels = norm.cdf(bias[place] + moved / (1 - acceleration[place] * moved))
        expected = np.quantile(forms[:, place], levels)
        assert (interval.lower, interval.upper) == pytest.approx(tuple(expected), abs=1e-9)
