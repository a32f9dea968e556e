import numpy as np
import pytest
from scipy.optimize import minimize

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.layout import ModelUnsuitable
from liangcai.measurement.calibration.models import TwoParameter
from liangcai.measurement.calibration.multidimensional import BetweenItem
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.responses.matrix import Responses, responses_of


def synthetic(
    seed: int, persons: int, per_dimension: int, covariance: Array, *, missing: float = 0.0
) -> tuple[Responses, dict[str, str], Array, Array]:
    """Synthetic responses: equally many two-parameter items in each dimension."""
    rng = np.random.default_rng(seed)
    count = covariance.shape[0]
    theta = rng.multivariate_normal(np.zeros(count), covariance, size=persons)
    dimension = np.repeat(np.arange(count), per_dimension)
    a = np.exp(rng.normal(0.3, 0.2, dimension.size))
    b = rng.normal(0, 0.8, dimension.size)
    chance = 1.0 / (1.0 + np.exp(-a * (theta[:, dimension] - b)))
    scores = (rng.random(chance.shape) < chance).astype(np.int8)
    scores[rng.random(scores.shape) < missing] = -1
    responses = responses_of(scores)
    return responses, {str(j + 1): f"E{d}" for j, d in enumerate(dimension)}, a, b


def test_two_dimensions_reach_the_likelihood_of_a_direct_search() -> None:
    covariance = np.array([[1.0, 0.6], [0.6, 1.0]])
    responses, dimensions, _, _ = synthetic(1, 400, 3, covariance, missing=0.1)
    calibration = BetweenItem(dimensions).fit(responses)
    items, found = calibration.items, calibration.latent_covariance
    nodes = np.linspace(-6, 6, 61)
    points = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)

    def loss(x: Array) -> float:
        a, d, r = x[:6], x[6:12], np.tanh(x[12])
        prior = -0.5 * (points[:, 0] ** 2 - 2 * r * points[:, 0] * points[:, 1] + points[:, 1] ** 2)
        prior = prior / (1 - r**2)
        prior -= np.logaddexp.reduce(prior)
        z = a[:, None] * points[:, items.dimension].T + d[:, None]
        right, wrong = -np.logaddexp(0, -z), -np.logaddexp(0, z)
        scores = responses.scores
        total = (scores == 1).astype(float) @ right + (scores == 0).astype(float) @ wrong
        return -float(np.logaddexp.reduce(total + prior, axis=1).sum())

    assert found is not None
    start = np.concatenate([items.a, -items.a * items.b[:, 0], [np.arctanh(found[0, 1])]])
    best = minimize(loss, start, method="BFGS", options={"maxiter": 8, "gtol": 1e-3})

    assert calibration.converged
    assert calibration.log_likelihood == pytest.approx(-loss(start), abs=1e-4)
    assert best.fun >= -calibration.log_likelihood - 1e-3
    assert calibration.parameters == 13


def test_four_elements_recover_their_correlations() -> None:
    covariance = 0.6 * np.ones((4, 4)) + 0.4 * np.eye(4)
    responses, dimensions, a, b = synthetic(2, 1500, 8, covariance)

    calibration = BetweenItem(dimensions).fit(responses, settings=Settings(tolerance=0.01))

    assert calibration.latent_covariance is not None
    np.testing.assert_allclose(np.diag(calibration.latent_covariance), 1.0, atol=1e-9)
    np.testing.assert_allclose(calibration.latent_covariance, covariance, atol=0.12)
    assert np.abs(calibration.items.b[:, 0] - b).mean() < 0.1
    errors = calibration.standard_errors
    assert errors is not None
    standardised = (calibration.items.a - a) / errors.a
    assert 0.6 < float(np.sqrt(np.mean(standardised**2))) < 1.5


def test_one_dimension_is_the_unidimensional_model() -> None:
    responses, dimensions, _, _ = synthetic(3, 500, 6, np.eye(1))

    joint, plain = BetweenItem(dimensions).fit(responses), TwoParameter().fit(responses)

    assert joint.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)
    np.testing.assert_allclose(joint.items.b, plain.items.b, atol=5e-3)


def test_unit_slopes_leave_the_variances_free() -> None:
    covariance = np.array([[2.0, 0.5], [0.5, 0.8]])
    responses, dimensions, _, _ = synthetic(4, 2000, 8, covariance)

    calibration = BetweenItem(dimensions, default="rasch").fit(
        responses, settings=Settings(standard_errors=False)
    )

    assert calibration.latent_covariance is not None
    assert calibration.latent_covariance[0, 0] > 1.5 * calibration.latent_covariance[1, 1]
    assert calibration.parameters == 16 + 3


def test_a_multidimensional_calibration_reads_back() -> None:
    responses, dimensions, _, _ = synthetic(5, 200, 3, np.eye(2))
    calibration = BetweenItem(dimensions).fit(responses)

    assert Calibration.from_json(calibration.to_json()).to_json() == calibration.to_json()


def test_a_lost_item_five_dimensions_and_groups_are_refused() -> None:
    responses, dimensions, _, _ = synthetic(6, 60, 2, np.eye(3))

    with pytest.raises(ModelUnsuitable, match="without a dimension: 1"):
        BetweenItem(dict.fromkeys(responses.items[1:], "E")).fit(responses)
    with pytest.raises(ModelUnsuitable, match="6 dimensions"):
        BetweenItem({name: name for name in responses.items}).fit(responses)
    grouped = responses_of(responses.scores, groups=["a", "b"] * 30)
    with pytest.raises(ModelUnsuitable, match="one group"):
        BetweenItem(dimensions).fit(grouped)
