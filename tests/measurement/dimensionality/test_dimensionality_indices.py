"""How many dimensions: smoothing, eigenvalues, parallel analysis, MAP and DETECT; all data synthetic."""

import numpy as np
import pytest

from liangcai.measurement.dimensionality.definite import (
    NotACorrelationMatrix,
    SmoothedCorrelations,
    SmoothingFailed,
    nearest_correlation,
)
from liangcai.measurement.dimensionality.detect import (
    ClustersInvalid,
    Detect,
    conditional_covariances,
    detect,
)
from liangcai.measurement.dimensionality.eigenvalues import Eigenvalues, eigenvalues
from liangcai.measurement.dimensionality.parallel import (
    ParallelAnalysis,
    WeightsNotWhole,
    parallel_analysis,
)
from liangcai.measurement.dimensionality.partial import (
    MinimumAveragePartial,
    minimum_average_partial,
)
from liangcai.measurement.responses.matrix import responses_of


def two_dimensional(persons: int = 600, *, relation: float = 0.2, seed: int = 3) -> np.ndarray:
    """Five items of one ability, then five of another."""
    rng = np.random.default_rng(seed)
    abilities = rng.multivariate_normal([0, 0], [[1, relation], [relation, 1]], size=persons)
    behind = abilities.repeat(5, axis=1) + 0.7 * rng.normal(size=(persons, 10))
    return (behind > np.linspace(-0.8, 0.8, 10)).astype(int)


def test_the_nearest_correlation_matrix_is_the_published_one() -> None:
    """Higham (2002), section 4: off-diagonals 0.7607 and 0.1573, distance 0.5278."""
    given = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])

    found = nearest_correlation(given, smallest=0.0)

    assert found.matrix[0, 1] == pytest.approx(0.7607, abs=5e-5)
    assert found.matrix[0, 2] == pytest.approx(0.1573, abs=5e-5)
    assert found.distance == pytest.approx(0.5278, abs=5e-5)


def test_a_smoothed_matrix_is_positive_definite_with_ones_on_its_diagonal() -> None:
    rng = np.random.default_rng(1)
    noise = rng.uniform(-1, 1, size=(8, 8))
    given = np.clip(0.5 + 0.5 * (noise + noise.T), -0.99, 0.99)
    np.fill_diagonal(given, 1.0)

    found = nearest_correlation(given, smallest=0.01)

    np.testing.assert_array_equal(np.diag(found.matrix), 1.0)
    assert found.smallest_before < 0.0 < 0.0099 < found.smallest_after
    assert SmoothedCorrelations.from_json(found.to_json()).to_json() == found.to_json()


def test_a_positive_definite_matrix_is_left_alone() -> None:
    given = np.array([[1.0, 0.4], [0.4, 1.0]])

    found = nearest_correlation(given)

    np.testing.assert_array_equal(found.matrix, given)
    assert found.distance == 0.0


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.ones((2, 3)), "not square"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "items 1 and 2"),
        (np.array([[1.0, 0.2], [0.3, 1.0]]), "symmetric"),
        (np.array([[2.0, 0.2], [0.2, 1.0]]), "ones on its diagonal"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(NotACorrelationMatrix, match=said):
        eigenvalues(matrix)


def test_an_impossible_smallest_eigenvalue_is_refused() -> None:
    with pytest.raises(SmoothingFailed, match="from 0 to below 1"):
        nearest_correlation(np.eye(2), smallest=1.0)


def test_eigenvalues_of_equal_correlations_have_a_closed_form() -> None:
    matrix = np.full((5, 5), 0.3) + 0.7 * np.eye(5)

    found = eigenvalues(matrix)

    np.testing.assert_allclose(found.values, [2.2, 0.7, 0.7, 0.7, 0.7])
    assert found.first_to_second == pytest.approx(2.2 / 0.7)
    assert found.share.sum() == pytest.approx(1.0)
    assert np.isnan(found.relative_drop)
    assert Eigenvalues.from_json(found.to_json()).to_json() == found.to_json()


def test_one_item_has_one_eigenvalue() -> None:
    found = eigenvalues(np.eye(1))

    assert found.values.tolist() == [1.0]
    assert found.first_to_second == np.inf


@pytest.mark.parametrize("correlation", ["pearson", "polychoric"])
@pytest.mark.parametrize("missing", [None, "pairwise"])
def test_two_dimensions_are_retained(correlation: str, missing: str | None) -> None:
    scores = two_dimensional()
    if missing:
        scores[np.random.default_rng(0).random(scores.shape) < 0.1] = -1

    found = parallel_analysis(
        responses_of(scores),
        rng=np.random.default_rng(1),
        correlation=correlation,  # type: ignore[arg-type]
        replications=20,
        missing=missing,  # type: ignore[arg-type]
    )

    assert found.retained == 2


def test_unrelated_items_have_no_dimension_and_normal_scores_agree() -> None:
    rng = np.random.default_rng(7)
    responses = responses_of(rng.integers(0, 5, size=(400, 6)))

    for reference in ("permutation", "normal"):
        found = parallel_analysis(
            responses,
            rng=np.random.default_rng(2),
            correlation="pearson",
            reference=reference,  # type: ignore[arg-type]
            quantile=0.99,
        )
        assert found.retained == 0
        np.testing.assert_allclose(found.mean.sum(), 6.0)


def test_the_same_chance_gives_the_same_analysis_and_weights_stand_for_persons() -> None:
    scores = two_dimensional(200)
    times = np.arange(200) % 3

    one, again = (
        parallel_analysis(
            responses_of(scores, weights=times), rng=np.random.default_rng(5), replications=5
        )
        for _ in range(2)
    )
    listed = parallel_analysis(
        responses_of(np.repeat(scores, times, axis=0)), rng=np.random.default_rng(5), replications=5
    )

    np.testing.assert_array_equal(one.quantile, again.quantile)
    np.testing.assert_array_equal(one.quantile, listed.quantile)
    assert ParallelAnalysis.from_json(one.to_json()).to_json() == one.to_json()
    with pytest.raises(WeightsNotWhole, match="person 3"):
        parallel_analysis(
            responses_of([[0, 1], [1, 0], [1, 1]], weights=[1, 1, 0.5]),
            rng=np.random.default_rng(5),
        )


def test_partial_correlations_are_least_after_the_true_number_of_components() -> None:
    loadings = np.zeros((10, 2))
    loadings[:5, 0], loadings[5:, 1] = 0.7, 0.7
    matrix = loadings @ loadings.T + np.diag(1 - (loadings**2).sum(axis=1))

    found = minimum_average_partial(matrix)

    assert found.components == found.components_fourth == 2
    off = matrix[np.triu_indices(10, 1)]
    assert found.squared[0] == pytest.approx((off**2).mean())
    assert MinimumAveragePartial.from_json(found.to_json()).to_json() == found.to_json()


def test_partial_correlations_after_one_component_are_those_of_residuals() -> None:
    """Regressions of synthetic scores on their first principal component."""
    scores = two_dimensional().astype(float)
    z = (scores - scores.mean(0)) / scores.std(0)
    matrix = z.T @ z / len(z)
    component = z @ np.linalg.eigh(matrix)[1][:, -1]
    residual = z - np.outer(component, z.T @ component) / (component @ component)
    expected = np.corrcoef(residual.T)[np.triu_indices(10, 1)]

    assert minimum_average_partial(matrix).squared[1] == pytest.approx((expected**2).mean())


def test_one_item_has_nothing_in_common_to_take_out() -> None:
    assert minimum_average_partial(np.eye(1)).components == 0


def test_detect_is_large_for_the_true_clusters_and_not_for_crossed_ones() -> None:
    responses = responses_of(two_dimensional(2_000))

    true = detect(responses, clusters=["a"] * 5 + ["b"] * 5)
    crossed = detect(responses, clusters=["a", "b"] * 5)

    assert true.detect > 1.0
    assert true.ratio > 0.9
    assert crossed.detect < 0.4
    assert Detect.from_json(true.to_json()).to_json() == true.to_json()


def test_conditional_covariances_are_those_within_score_groups() -> None:
    scores = two_dimensional(150)
    total = scores.sum(axis=1)
    rest = total - scores[:, 0] - scores[:, 7]

    def within(level: np.ndarray) -> float:
        parts = [scores[level == value][:, [0, 7]] for value in np.unique(level)]
        return sum(float(np.cov(p.T, ddof=0)[0, 1]) * len(p) for p in parts) / len(scores)

    found = conditional_covariances(responses_of(scores))

    assert found[0, 7] == pytest.approx(0.5 * (within(total) + within(rest)))


def test_detect_needs_a_cluster_for_each_item() -> None:
    with pytest.raises(ClustersInvalid, match="2 clusters for 3 items"):
        detect(responses_of([[0, 1, 1], [1, 0, 1]]), clusters=["a", "b"])
    with pytest.raises(ClustersInvalid, match="complete"):
        detect(responses_of([[0, 1, -1], [1, 0, 1]]), clusters=["a", "b", "b"], missing="pairwise")
