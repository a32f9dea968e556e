import numpy as np
import pytest

from liangcai.measurement.fractional.curves import curves_at, score_at

PARAMETERS = np.array([[1.0, 0.0, 0.0], [1.4, -0.7, 0.25], [0.6, 1.2, 0.2], [2.5, 0.4, 0.0]])
THETA = np.linspace(-4, 4, 17)


def probability(parameters: np.ndarray, theta: np.ndarray) -> np.ndarray:
    a, b, c = parameters.T[:, :, None]
    return c + (1 - c) / (1 + np.exp(-a * (theta - b)))


def test_the_logs_are_those_of_the_three_parameter_model() -> None:
    p = probability(PARAMETERS, THETA)

    curves = curves_at(PARAMETERS, THETA)

    np.testing.assert_allclose(curves.log_miss, np.log(1 - p), rtol=1e-10)
    np.testing.assert_allclose(curves.log_odds, np.log(p / (1 - p)), rtol=1e-10, atol=1e-12)


def test_information_and_tilt_agree_with_numerical_derivatives() -> None:
    step = 1e-4
    p = probability(PARAMETERS, THETA)
    up, down = probability(PARAMETERS, THETA + step), probability(PARAMETERS, THETA - step)
    first, second = (up - down) / (2 * step), (up - 2 * p + down) / step**2

    curves = curves_at(PARAMETERS, THETA)

    np.testing.assert_allclose(curves.information, first**2 / (p * (1 - p)), rtol=1e-5)
    np.testing.assert_allclose(curves.tilt, first * second / (p * (1 - p)), rtol=1e-4, atol=1e-6)


def test_the_score_function_is_the_derivative_of_the_log_likelihood() -> None:
    theta = np.full(4, 0.3)
    share, trials = np.array([1.0, 0.0, 0.4, 0.75]), np.array([1.0, 1.0, 2.5, 30.0])
    step = 1e-5

    def log_likelihood(at: float) -> np.ndarray:
        p = probability(PARAMETERS, np.array([at]))[:, 0]
        return trials * (share * np.log(p) + (1 - share) * np.log(1 - p))

    parts = score_at(PARAMETERS, theta, share, trials)

    up, middle, down = (log_likelihood(0.3 + move) for move in (step, 0.0, -step))
    np.testing.assert_allclose(parts.gradient, (up - down) / (2 * step), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(parts.curvature, (up - 2 * middle + down) / step**2, rtol=1e-3)


@pytest.mark.parametrize("theta", [-60.0, 60.0])
def test_far_abilities_stay_finite(theta: float) -> None:
    curves = curves_at(PARAMETERS, np.array([theta]))

    for values in (curves.log_miss, curves.log_odds, curves.information, curves.tilt):
        assert np.isfinite(values).all()
