import numpy as np
import pytest
from scipy import stats

from liangcai.measurement.fractional.hierarchy import log_marginal, posteriors, spread_kernel
from liangcai.measurement.fractional.unit_spread import unit_spread
from liangcai.measurement.grid import even_grid

GRID = even_grid(-5, 5, 81)
SPREAD = 0.5


def normal_log_likelihood(values: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of direct measurements, for which everything has a closed form."""
    return stats.norm.logpdf(values[:, None], GRID.nodes[None, :], se[:, None])


def closed_form(values: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of (group, members) given direct measurements of the members."""
    n = values.size
    prior = np.ones((n + 1, n + 1))
    prior[1:, 1:] += SPREAD**2 * np.eye(n)
    seen = prior[1:, 1:] + np.diag(se**2)
    gain = prior[:, 1:] @ np.linalg.inv(seen)
    return gain @ values, prior - gain @ prior[1:, :]


def test_normal_measurements_give_the_closed_form_posterior() -> None:
    values, se = np.array([0.8, -0.4, 0.3]), np.array([0.5, 0.7, 0.4])

    found = posteriors(
        normal_log_likelihood(values, se),
        np.zeros(3, dtype=np.intp),
        groups=1,
        grid=GRID,
        kernel=spread_kernel(GRID, SPREAD),
    )

    mean, covariance = closed_form(values, se)
    masses = np.vstack([found.group, found.member])
    means = masses @ GRID.nodes
    sds = np.sqrt(masses @ GRID.nodes**2 - means**2)
    np.testing.assert_allclose(means, mean, atol=2e-4)
    np.testing.assert_allclose(sds, np.sqrt(np.diag(covariance)), atol=2e-4)


def test_a_member_without_evidence_is_as_wide_as_its_group_and_the_spread() -> None:
    found = posteriors(
        np.zeros((0, GRID.nodes.size)),
        np.zeros(0, dtype=np.intp),
        groups=1,
        grid=GRID,
        kernel=spread_kernel(GRID, SPREAD),
    )

    variance = (found.unobserved @ GRID.nodes**2)[0]
    assert variance == pytest.approx(1.0 + SPREAD**2, abs=1e-3)


def test_the_marginal_likelihood_is_the_closed_form() -> None:
    values, se = np.array([0.8, -0.4, 0.3]), np.array([0.5, 0.7, 0.4])
    covariance = np.ones((3, 3)) + np.diag(SPREAD**2 + se**2)

    found = log_marginal(
        normal_log_likelihood(values, se),
        np.zeros(3, dtype=np.intp),
        groups=1,
        grid=GRID,
        spread=SPREAD,
    )

    expected = stats.multivariate_normal.logpdf(values, np.zeros(3), covariance)
    assert found == pytest.approx(expected, abs=2e-4)


def test_the_spread_of_units_is_recovered_from_a_group() -> None:
    rng = np.random.default_rng(20261123)
    people, members, spread = 300, 6, 0.7
    group = rng.normal(size=people)
    abilities = group[:, None] + rng.normal(scale=spread, size=(people, members))
    seen = (abilities + rng.normal(scale=0.4, size=abilities.shape)).ravel()

    found = unit_spread(
        normal_log_likelihood(seen, np.full(seen.size, 0.4)),
        np.repeat(np.arange(people), members),
        groups=people,
        grid=GRID,
    )

    assert abs(found.spread - spread) < 3 * found.se
    assert 0.005 < found.se < 0.05
