import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize

from liangcai.measurement.fractional.ability import (
    Observations,
    log_likelihoods,
    tally,
    weighted_likelihood,
)
from liangcai.measurement.fractional.curves import curves_at
from liangcai.measurement.grid import even_grid

GRID = even_grid(-6, 6, 97)


def observed(
    parameters: np.ndarray, share: np.ndarray, trials: np.ndarray | None = None
) -> Observations:
    count = share.size
    return Observations(
        parameters=parameters,
        curve=np.arange(count),
        share=share,
        trials=np.ones(count) if trials is None else trials,
        starts=np.array([0]),
    )


def estimate(seen: Observations) -> tuple[float, float]:
    found = weighted_likelihood(seen, curves_at(seen.parameters, GRID.nodes), GRID)
    return float(found.theta[0]), float(found.se[0])


def rasch(difficulties: list[float]) -> np.ndarray:
    b = np.array(difficulties)
    return np.column_stack([np.ones_like(b), b, np.zeros_like(b)])


@pytest.mark.parametrize("right", [0, 1, 3, 5, 6])
def test_rasch_estimates_solve_warms_equation(right: int) -> None:
    parameters = rasch([-1.5, -0.5, 0.0, 0.2, 0.9, 1.6])
    b = parameters[:, 1]

    def equation(theta: float) -> float:
        p = 1 / (1 + np.exp(b - theta))
        information = (p * (1 - p)).sum()
        return right - p.sum() + (p * (1 - p) * (1 - 2 * p)).sum() / (2 * information)

    theta, se = estimate(observed(parameters, (np.arange(6) < right).astype(float)))

    p = 1 / (1 + np.exp(b - theta))
    assert theta == pytest.approx(optimize.brentq(equation, -8, 8), abs=1e-9)
    assert se == pytest.approx(1 / np.sqrt((p * (1 - p)).sum()), rel=1e-9)


def test_rasch_estimates_are_the_mode_under_jeffreys_prior() -> None:
    parameters = rasch([-1.0, 0.0, 0.5, 1.0])
    share = np.array([1.0, 1.0, 0.0, 1.0])

    def height(theta: float) -> float:
        p = 1 / (1 + np.exp(parameters[:, 1] - theta))
        log_likelihood = (share * np.log(p) + (1 - share) * np.log(1 - p)).sum()
        return -(log_likelihood + 0.5 * np.log((p * (1 - p)).sum()))

    mode = optimize.minimize_scalar(
        height, bounds=(-6, 6), method="bounded", options={"xatol": 1e-10}
    )

    assert estimate(observed(parameters, share))[0] == pytest.approx(mode.x, abs=1e-5)


def test_guessing_items_get_the_highest_point_of_warms_objective() -> None:
    rng = np.random.default_rng(3)
    parameters = np.column_stack([rng.uniform(0.7, 2, 25), rng.normal(size=25), np.full(25, 0.25)])
    share = (rng.random(25) < 0.5).astype(float)

    def slope(theta: float) -> float:
        a, b, c = parameters.T
        s = 1 / (1 + np.exp(-a * (theta - b)))
        p = c + (1 - c) * s
        first = a * (1 - c) * s * (1 - s)
        second = a * first * (1 - 2 * s)
        q = 1 - p
        return float(
            ((share - p) * first / (p * q)).sum()
            + (first * second / (p * q)).sum() / (2 * (first**2 / (p * q)).sum())
        )

    theta, _ = estimate(observed(parameters, share))

    assert slope(theta) == pytest.approx(0.0, abs=1e-8)
    heights = [integrate.quad(slope, theta, other)[0] for other in np.linspace(-5.5, 5.5, 12)]
    assert max(heights) <= 1e-6


def test_the_estimate_of_a_group_has_the_stated_error() -> None:
    rng = np.random.default_rng(8)
    people, items = 4000, 40
    parameters = rasch(list(np.linspace(-1.5, 1.5, items)))
    p = 1 / (1 + np.exp(parameters[:, 1] - 0.4))
    share = (rng.random((people, items)) < p).astype(float)

    seen = Observations(
        parameters=parameters,
        curve=np.tile(np.arange(items), people),
        share=share.ravel(),
        trials=np.ones(people * items),
        starts=np.arange(0, people * items, items),
    )
    found = weighted_likelihood(seen, curves_at(parameters, GRID.nodes), GRID)

    assert found.theta.mean() == pytest.approx(0.4, abs=0.02)
    assert found.theta.std() == pytest.approx(found.se.mean(), rel=0.04)


def test_a_tally_keeps_the_whole_likelihood() -> None:
    parameters = rasch([0.0, 1.0])
    seen = Observations(
        parameters=parameters,
        curve=np.array([0, 1, 1, 0]),
        share=np.array([1.0, 0.25, 1.0, 0.0]),
        trials=np.array([1.0, 12.0, 1.0, 3.0]),
        starts=np.array([0, 3]),
    )
    curves = curves_at(parameters, GRID.nodes)

    found = log_likelihoods(tally(seen), curves)

    rows = seen.trials[:, None] * (
        seen.share[:, None] * curves.log_odds[seen.curve] + curves.log_miss[seen.curve]
    )
    np.testing.assert_allclose(found, [rows[:3].sum(axis=0), rows[3]], rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0.3, 2.5), st.floats(-2, 2), st.sampled_from([0.0, 0.25])),
        min_size=3,
        max_size=12,
    ),
    st.data(),
)
def test_raising_a_score_never_lowers_the_estimate(
    items: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    parameters = np.array(items)
    shares = st.lists(st.floats(0, 1), min_size=len(items), max_size=len(items))
    share = np.array(data.draw(shares))
    raised = share.copy()
    which = data.draw(st.integers(0, len(items) - 1))
    raised[which] += data.draw(st.floats(0, 1)) * (1 - share[which])

    before, _ = estimate(observed(parameters, share))
    after, _ = estimate(observed(parameters, raised))

    assert after >= before - 1e-6
