from statistics import NormalDist

import numpy as np
import pytest

from liangcai.measurement.grid import (
    even_grid,
    mass_up_to_nodes,
    normalise,
    quantile,
    running_integral,
    upper_mass_weights,
)

GRID = even_grid(-5, 5, 81)


@pytest.mark.parametrize(("sd", "tolerance"), [(0.15, 2e-3), (0.2, 6e-4), (0.3, 1e-4), (1.0, 1e-5)])
def test_masses_and_quantiles_are_those_of_the_normal_distribution(
    sd: float, tolerance: float
) -> None:
    truth = NormalDist(0.123, sd)
    mass = normalise((-0.5 * ((GRID.nodes - truth.mean) / sd) ** 2)[None, :])
    points = np.array([-0.4, 0.0, 0.2])

    above = (mass @ upper_mass_weights(GRID, points))[0]
    low = quantile(GRID, mass, mass_up_to_nodes(mass), 0.1)[0]

    assert above == pytest.approx([1 - truth.cdf(point) for point in points], abs=tolerance)
    assert low == pytest.approx(truth.inv_cdf(0.1), abs=tolerance)


def test_moments_of_a_narrow_density_are_exact() -> None:
    mass = normalise((-0.5 * ((GRID.nodes - 0.071) / 0.125) ** 2)[None, :])

    mean = (mass @ GRID.nodes)[0]

    assert mean == pytest.approx(0.071, abs=1e-6)
    assert np.sqrt((mass @ GRID.nodes**2)[0] - mean**2) == pytest.approx(0.125, abs=1e-5)


def test_a_running_integral_rises_as_the_integral_does() -> None:
    curves = np.stack([np.cos(GRID.nodes), np.full(GRID.nodes.size, 2.0)])

    found = running_integral(curves, GRID.step)

    rise = found - found[:, [0]]
    wanted = np.stack([np.sin(GRID.nodes), 2.0 * GRID.nodes])
    # The trapezoid rule errs by at most step²/12 · length · largest second derivative (= 0.0033).
    np.testing.assert_allclose(rise, wanted - wanted[:, [0]], atol=0.0033)
