import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from liangcai.measurement.classification.cuts import (
    LevelRule,
    accuracy,
    are_nested,
    chance_at_or_above,
    chance_of_reaching,
    consistency,
)
from liangcai.measurement.classification.lattice import POINTS, normal_lattice
from liangcai.measurement.normal import normal_cdf
from liangcai.measurement.scales import score_of


def rule(
    thresholds: tuple[float, ...], *, total: float | None = None, location: float = 0.0
) -> LevelRule:
    n = len(thresholds)
    return LevelRule(
        used=tuple(range(n)),
        thresholds=thresholds,
        weights=(1.0 / n,) * n,
        total=total,
        location=location,
        slope=1.0,
    )


OPEN = np.array([[True, True]])
NESTED = (rule((-0.5, -0.5), total=60.0, location=-0.5), rule((0.5, 0.5), total=60.0, location=0.5))


def test_the_normal_distribution_agrees_with_scipy() -> None:
    z = np.linspace(-9, 9, 180).reshape(3, 60)

    np.testing.assert_allclose(normal_cdf(z), stats.norm.cdf(z), rtol=1e-13)


def test_accuracy_at_a_cut_is_rudners() -> None:
    theta, se = np.array([0.3, -0.2]), np.array([0.4, 0.5])

    chance = chance_at_or_above(np.array(0.0), theta, se)

    expected = [stats.norm.cdf(0.3 / 0.4), stats.norm.cdf(0.2 / 0.5)]
    np.testing.assert_allclose(accuracy(chance, theta >= 0), expected, rtol=1e-12)


def test_consistency_is_the_agreement_of_two_simulated_parallel_measurements() -> None:
    rng = np.random.default_rng(5)
    one, two = rng.normal(0.2, 0.4, (2, 400_000))

    agreement = np.mean((one >= 0) == (two >= 0))

    chance = chance_at_or_above(np.array(0.0), np.array(0.2), np.array(0.4))
    assert float(consistency(chance)) == pytest.approx(agreement, abs=0.004)


def test_nested_levels_use_products_that_monte_carlo_confirms() -> None:
    theta, se = np.array([[0.4, 0.7]]), np.array([[0.4, 0.3]])
    draws = theta + se * np.random.default_rng(6).normal(size=(400_000, 2))

    reach = chance_of_reaching(NESTED, theta, se, OPEN)[0]

    assert are_nested(NESTED)
    assert reach == pytest.approx(
        [(draws >= -0.5).all(1).mean(), (draws >= 0.5).all(1).mean()], abs=0.003
    )


def test_a_binding_total_is_integrated_on_the_lattice_as_monte_carlo_confirms() -> None:
    rules = (
        rule((-np.inf, -np.inf), total=60.0, location=-0.5),
        rule((0.2, 0.2), total=66.0, location=0.5),
    )
    theta, se = np.array([[0.4, 0.1]]), np.array([[0.4, 0.3]])
    draws = theta + se * np.random.default_rng(7).normal(size=(1_000_000, 2))
    lower = score_of(draws, location=-0.5).mean(axis=1) >= 60
    upper = (draws >= 0.2).all(axis=1) & (score_of(draws, location=0.5).mean(axis=1) >= 66)

    reach = chance_of_reaching(rules, theta, se, OPEN)[0]

    assert not are_nested(rules)
    assert reach == pytest.approx([(lower | upper).mean(), upper.mean()], abs=0.003)


def test_the_lattice_agrees_with_the_exact_product_in_four_dimensions() -> None:
    points = normal_lattice(4)
    cuts = np.array([-0.8, 0.1, -0.3, 0.6])

    share = (points >= cuts).all(axis=1).mean()

    assert points.shape == (POINTS, 4)
    assert share == pytest.approx(stats.norm.sf(cuts).prod(), abs=0.004)


def test_a_closed_level_is_never_the_true_one() -> None:
    theta, se = np.array([[2.0, 2.0]]), np.array([[0.3, 0.3]])

    reach = chance_of_reaching(NESTED, theta, se, np.array([[True, False]]))[0]

    assert reach[0] > 0.99
    assert reach[1] == 0.0


def test_what_was_not_observed_cannot_be_reached() -> None:
    reach = chance_of_reaching(NESTED, np.array([[1.0, np.nan]]), np.array([[0.3, np.nan]]), OPEN)

    assert (reach == 0.0).all()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.1, 2)), min_size=2, max_size=2), st.booleans()
)
def test_chances_are_probabilities_that_fall_with_the_level(
    abilities: list[tuple[float, float]], is_open: bool
) -> None:
    theta, se = np.array(abilities).T[:, None, :]

    reach = chance_of_reaching(NESTED, theta, se, np.array([[True, is_open]]))[0]

    assert 0.0 <= reach[1] <= reach[0] <= 1.0
