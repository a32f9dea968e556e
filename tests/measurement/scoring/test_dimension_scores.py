import numpy as np
import pytest

from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.dimensions import DimensionScores, score_dimensions
from liangcai.measurement.scoring.persons import ScoringInvalid, score
from liangcai.measurement.scoring.prior import PriorInvalid

from .test_summed_scores import ITEMS, on

PATTERNS = [[1, 0, 2, 1], [0, 0, 3, 2], [1, 1, -1, -1]]


def test_uncorrelated_dimensions_are_scored_as_if_alone() -> None:
    seen, items = responses_of(PATTERNS, items=ITEMS.names), on(0, 0, 1, 1)

    scores = score_dimensions(seen, items, covariance=np.diag([1.0, 2.25]), mean=[0.0, 0.5])

    for place, columns, sd, mean in ((0, [0, 1], 1.0, 0.0), (1, [2, 3], 1.5, 0.5)):
        alone = score(
            seen.select_items(np.array(columns)),
            ITEMS.select(columns),
            prior_mean=mean,
            prior_sd=sd,
        )
        np.testing.assert_allclose(scores.theta[:, place], alone.theta, atol=1e-5)
        np.testing.assert_allclose(scores.se[:, place], alone.se, atol=1e-5)


@pytest.mark.parametrize("dimensions", [(0, 0, 1, 1), (0, 1, 2, 2), (0, 1, 2, 3)])
def test_correlated_dimensions_agree_with_importance_sampling(dimensions: tuple[int, ...]) -> None:
    count = max(dimensions) + 1
    covariance = np.full((count, count), 0.6) + 0.4 * np.eye(count)
    rng = np.random.default_rng(2)
    draws = rng.multivariate_normal(np.zeros(count), covariance, 200_000)
    weight = np.ones(draws.shape[0])
    for place, value in enumerate(PATTERNS[0]):
        curve = category_curves(ITEMS.select([place]), draws[:, dimensions[place]])
        weight = weight * curve.probability[0, value]
    expected = weight @ draws / weight.sum()

    scores = score_dimensions(
        responses_of(PATTERNS, items=ITEMS.names), on(*dimensions), covariance=covariance
    )

    np.testing.assert_allclose(scores.theta[0], expected, atol=0.015)  # four Monte Carlo errors
    assert scores.quadrature_error < 1e-4
    assert DimensionScores.from_json(scores.to_json()).to_json() == scores.to_json()


def test_a_dimension_without_items_borrows_from_the_other() -> None:
    covariance = [[1.0, 0.8], [0.8, 1.0]]
    seen = responses_of([[1, 1, 3, 2]], items=ITEMS.names)

    scores = score_dimensions(seen, on(0, 0, 0, 0), covariance=covariance)

    np.testing.assert_allclose(scores.theta[0, 1], 0.8 * scores.theta[0, 0], atol=1e-6)
    assert scores.answered.tolist() == [[4, 0]]


@pytest.mark.parametrize("sd", [0.3, 1.0])
def test_persons_far_from_the_prior_are_scored_as_exactly_as_others(sd: float) -> None:
    records = [
        {"item": str(n), "model": "2pl", "a": 2.0, "b": 4.0, "dimension": n % 2} for n in range(60)
    ]
    items = ItemParameters.from_json(records)
    one = ItemParameters.from_json([{**row, "dimension": 0} for row in records[::2]])
    rows = np.repeat([[1], [0]], 60, axis=1)

    scores = score_dimensions(
        responses_of(rows, items=items.names), items, covariance=np.diag([sd**2] * 2)
    )
    alone = score(responses_of(rows[:, ::2], items=one.names), one, prior_sd=sd)

    np.testing.assert_allclose(scores.theta, np.stack([alone.theta] * 2, axis=1), atol=1e-4 * sd)
    np.testing.assert_allclose(scores.se, np.stack([alone.se] * 2, axis=1), atol=1e-4 * sd)
    assert scores.quadrature_error <= 1e-5


def test_a_covariance_that_is_none_is_refused() -> None:
    seen = responses_of(PATTERNS, items=ITEMS.names)
    with pytest.raises(PriorInvalid, match="positive definite"):
        score_dimensions(seen, on(0, 0, 1, 1), covariance=[[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ScoringInvalid, match="dimension"):
        score_dimensions(seen, on(0, 0, 1, 2), covariance=np.eye(2))
