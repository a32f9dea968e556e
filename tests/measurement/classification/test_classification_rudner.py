import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from liangcai.measurement.classification.rudner import from_reliability, rudner
from liangcai.measurement.classification.tables import Classification, ClassificationInvalid

CUTS = [-0.5, 0.8]


def synthetic(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    return rng.normal(size=count), rng.uniform(0.2, 0.6, count)


def test_one_person_at_one_cut_is_right_with_the_normal_probability_of_the_side() -> None:
    found = rudner([0.3], [0.4], cuts=[0.0])

    chance = stats.norm.cdf(0.75)
    assert found.accuracy == pytest.approx(chance, abs=1e-12)
    assert found.consistency == pytest.approx(chance**2 + (1 - chance) ** 2, abs=1e-12)
    assert found.overall.false_positive == pytest.approx(1 - chance, abs=1e-12)
    assert found.overall.false_negative == 0.0


def test_several_cuts_agree_with_a_loop_over_persons_by_definition() -> None:
    theta, se = synthetic(60)

    found = rudner(theta, se, cuts=CUTS)

    right = again = 0.0
    for estimate, error in zip(theta, se, strict=True):
        edges = stats.norm.cdf(np.array([-np.inf, *CUTS, np.inf]), estimate, error)
        chances = np.diff(edges)
        right += chances[np.searchsorted(CUTS, estimate, side="right")] / theta.size
        again += (chances**2).sum() / theta.size
    assert found.accuracy == pytest.approx(right, abs=1e-12)
    assert found.consistency == pytest.approx(again, abs=1e-12)


def test_expected_accuracy_is_that_of_simulated_truths() -> None:
    theta, se = synthetic(2_000)
    truth = theta + se * np.random.default_rng(3).normal(size=(200, theta.size))

    found = rudner(theta, se, cuts=[0.2])

    assert found.accuracy == pytest.approx(((truth >= 0.2) == (theta >= 0.2)).mean(), abs=0.003)


@pytest.mark.parametrize("cut", [0.0, 0.7, 1.5])
def test_posterior_means_with_posterior_errors_give_the_true_accuracy(cut: float) -> None:
    """Normal abilities and a reliability of 0.6: the posterior is N(0.6·x, 0.4)."""
    rng = np.random.default_rng(1)
    truth = rng.normal(size=200_000)
    posterior = 0.6 * (truth + rng.normal(0, math.sqrt(0.4 / 0.6), truth.size))

    found = rudner(posterior, np.full(truth.size, math.sqrt(0.4)), cuts=[cut])

    assert found.accuracy == pytest.approx(((posterior >= cut) == (truth >= cut)).mean(), abs=0.003)


def test_tables_sum_to_one_and_hold_accuracy_and_errors() -> None:
    theta, se = synthetic()

    found = rudner(theta, se, cuts=CUTS)

    assert found.joint.sum() == pytest.approx(1.0)
    assert found.agreement.sum() == pytest.approx(1.0)
    for table in (found.overall, found.at_cut(0), found.at_cut(1)):
        parts = table.accuracy + table.false_positive + table.false_negative
        assert parts == pytest.approx(1.0)
        gain = (table.consistency - table.chance_consistency) / (1 - table.chance_consistency)
        assert table.kappa == pytest.approx(gain)


def test_persons_average_to_the_whole() -> None:
    theta, se = synthetic()

    found = rudner(theta, se, cuts=CUTS)

    each = found.conditional
    assert each.accuracy.mean() == pytest.approx(found.accuracy)
    assert each.consistency.mean() == pytest.approx(found.consistency)
    for cut in range(2):
        assert each.accuracy_at[:, cut].mean() == pytest.approx(found.at_cut(cut).accuracy)
        assert each.consistency_at[:, cut].mean() == pytest.approx(found.at_cut(cut).consistency)


def test_kappa_does_not_exist_where_nobody_can_fall_elsewhere() -> None:
    found = rudner([5.0, 6.0], [0.1, 0.1], cuts=[-5.0])

    assert found.accuracy == pytest.approx(1.0)
    assert math.isnan(found.kappa)


def test_the_result_reads_back_from_its_json_form() -> None:
    theta, se = synthetic(5)
    found = rudner(theta, se, cuts=CUTS)

    again = Classification.from_json(found.to_json())

    np.testing.assert_array_equal(again.joint, found.joint)
    np.testing.assert_array_equal(again.conditional.accuracy, found.conditional.accuracy)
    assert again.summary() == found.summary()


def test_a_reliability_gives_what_a_simulated_retest_shows() -> None:
    rng = np.random.default_rng(8)
    truth = rng.normal(50, 10 * math.sqrt(0.8), 400_000)
    one, two = truth + rng.normal(0, 10 * math.sqrt(0.2), (2, truth.size))

    found = from_reliability(one, cuts=[45.0, 60.0], reliability=0.8)

    place = [np.searchsorted([45, 60], scores, side="right") for scores in (truth, one, two)]
    assert found.accuracy == pytest.approx((place[0] == place[1]).mean(), abs=0.003)
    assert found.consistency == pytest.approx((place[1] == place[2]).mean(), abs=0.003)
    assert found.conditional.consistency.mean() == pytest.approx(found.consistency)


def test_a_reliability_agrees_with_the_bivariate_normal_at_the_mean() -> None:
    """P(same side of the mean) of a bivariate normal is ½ + asin(ρ)/π (Sheppard, 1899)."""
    scores = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)

    found = from_reliability(scores, cuts=[0.0], reliability=0.7)

    assert found.consistency == pytest.approx(0.5 + math.asin(0.7) / math.pi, abs=1e-4)
    assert found.accuracy == pytest.approx(0.5 + math.asin(math.sqrt(0.7)) / math.pi, abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=1, max_size=8),
    st.floats(-2, 2),
    st.floats(0.1, 2),
    st.floats(0.1, 30),
    st.floats(-50, 50),
)
def test_another_scale_or_order_changes_nothing(
    persons: list[tuple[float, float]], cut: float, gap: float, unit: float, origin: float
) -> None:
    theta, se = np.array(persons).T
    cuts = np.array([cut, cut + gap])
    theta = theta + 1e-6  # off the cuts: equality does not survive rounding
    if np.abs(theta[:, None] - cuts).min() < 1e-9:
        return

    one = rudner(theta, se, cuts=cuts)
    other = rudner((origin + unit * theta)[::-1], (unit * se)[::-1], cuts=origin + unit * cuts)

    np.testing.assert_allclose(one.joint, other.joint, atol=1e-9)
    np.testing.assert_allclose(one.agreement, other.agreement, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.floats(0.2, 1), st.floats(1.01, 3))
def test_larger_errors_never_make_decisions_surer(
    theta: list[float], se: float, factor: float
) -> None:
    sharp = rudner(theta, np.full(len(theta), se), cuts=[0.1])
    blunt = rudner(theta, np.full(len(theta), se * factor), cuts=[0.1])

    assert blunt.accuracy <= sharp.accuracy + 1e-12
    assert blunt.consistency <= sharp.consistency + 1e-12


def test_weights_stand_for_equal_persons() -> None:
    theta, se = [0.1, -0.7, 1.2], [0.3, 0.4, 0.5]

    weighted = rudner(theta, se, cuts=CUTS, weights=[1, 2, 3])
    repeated = rudner(np.repeat(theta, [1, 2, 3]), np.repeat(se, [1, 2, 3]), cuts=CUTS)

    np.testing.assert_allclose(weighted.joint, repeated.joint, atol=1e-15)


@pytest.mark.parametrize(
    ("theta", "se", "cuts", "message"),
    [
        ([], [], [0.0], "one or more"),
        ([np.nan], [0.3], [0.0], "leave out"),
        ([0.1], [0.0], [0.0], "standard error above 0"),
        ([0.1], [0.1, 0.2], [0.0], "standard error"),
        ([0.1], [0.1], [1.0, 0.0], "must rise"),
        ([0.1], [0.1], [], "one or more finite"),
    ],
)
def test_what_cannot_be_classified_is_refused(
    theta: list[float], se: list[float], cuts: list[float], message: str
) -> None:
    with pytest.raises(ClassificationInvalid, match=message):
        rudner(theta, se, cuts=cuts)


@pytest.mark.parametrize(("scores", "reliability"), [([1.0, 1.0], 0.8), ([1.0, 2.0], 1.0)])
def test_a_reliability_needs_spread_and_error(scores: list[float], reliability: float) -> None:
    with pytest.raises(ClassificationInvalid):
        from_reliability(scores, cuts=[1.5], reliability=reliability)


def test_weights_of_nobody_are_refused() -> None:
    with pytest.raises(ClassificationInvalid, match="nobody"):
        rudner([0.1], [0.2], cuts=[0.0], weights=[0.0])
