"""Reliability coefficients against definitions, brute force and published values."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from liangcai.measurement.classical import coefficients
from liangcai.measurement.classical.coefficients import ReliabilityUndefined
from liangcai.measurement.classical.one_factor import FactorNotFound, OneFactor, one_factor
from liangcai.measurement.classical.ordinal import OrdinalReliability, ordinal_reliability
from liangcai.measurement.classical.reliability import (
    Reliability,
    bootstrap_reliability,
    feldt_interval,
    kr_21,
    reliability,
)
from liangcai.measurement.classical.split_halves import (
    SplitHalves,
    StrataInvalid,
    spearman_brown,
    split_halves,
    stratified_alpha,
)
from liangcai.measurement.responses.matrix import responses_of

#: LSAT section 6 (Bock & Lieberman, 1970): frequencies of the patterns 00000, 00001 … 11111.
LSAT6 = [
    *(3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15),
    *(10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298),
]
LSAT7 = [
    *(12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28),
    *(7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308),
]
PATTERNS = (np.arange(32)[:, None] >> np.arange(4, -1, -1)) & 1


def synthetic_covariance(items: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(items, 3)) * 0.4 + np.array([0.6, 0.0, 0.0])
    return factors @ factors.T + np.diag(rng.uniform(0.3, 1.0, size=items))


def synthetic_scores(persons: int = 200, items: int = 6, *, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(persons, 1)) + rng.normal(size=(persons, items)) + 2
    return np.clip(np.round(raw), 0, 4).astype(int)


@pytest.mark.parametrize(
    ("weights", "alpha", "tolerance"),
    [(LSAT6, 0.295, 5e-4), (LSAT7, 0.453, 5e-4)],
    ids=[
        "LSAT6: R ltm, documentation of cronbach.alpha",
        "LSAT7: R mirt, documentation of itemstats",
    ],
)
def test_alpha_of_published_data_is_found(
    weights: list[int], alpha: float, tolerance: float
) -> None:
    found = reliability(responses_of(PATTERNS, weights=weights))

    assert found.of("alpha") == pytest.approx(alpha, abs=tolerance)
    assert found.of("KR-20") == found.of("alpha")


def test_kr_20_and_kr_21_follow_their_formulas() -> None:
    rows = np.repeat(PATTERNS, LSAT7, axis=0)
    p, total = rows.mean(axis=0), rows.sum(axis=1)

    found = reliability(responses_of(rows))

    assert found.of("KR-20") == pytest.approx(5 / 4 * (1 - (p * (1 - p)).sum() / total.var()))
    expected = 5 / 4 * (1 - total.mean() * (5 - total.mean()) / (5 * total.var()))
    assert found.of("KR-21") == pytest.approx(expected)
    assert found.of("KR-21") < found.of("KR-20")


def test_alpha_is_that_of_the_analysis_of_variance() -> None:
    """Hoyt (1941): 1 − residual mean square / mean square between persons."""
    scores = synthetic_scores().astype(float)
    persons, items = scores.shape
    centred = scores - scores.mean()
    between = items * (centred.mean(axis=1) ** 2).sum() / (persons - 1)
    residual = centred - centred.mean(1, keepdims=True) - centred.mean(0, keepdims=True)
    error = (residual**2).sum() / ((persons - 1) * (items - 1))

    assert reliability(responses_of(scores)).of("alpha") == pytest.approx(1 - error / between)


def test_the_feldt_interval_covers_alpha_as_often_as_it_says() -> None:
    """4,000 samples of 25 persons and 5 parallel items; binomial standard error 0.0047 for 90 %."""
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(4_000, 25, 1)) + rng.normal(size=(4_000, 25, 5))
    centred = scores - scores.mean(axis=1, keepdims=True)
    covariances = np.einsum("rni,rnj->rij", centred, centred) / 24
    true = spearman_brown(0.5, factor=5)

    intervals = [
        feldt_interval(coefficients.alpha(c), persons=25, items=5, confidence=0.9)
        for c in covariances
    ]

    covered = np.mean([low <= true <= high for low, high in intervals])
    assert covered == pytest.approx(0.9, abs=0.015)


def test_the_error_of_alpha_is_that_of_resampling() -> None:
    """400 bootstrap replications: their standard error is known to about 4 %, twice the tolerance."""
    responses = responses_of(synthetic_scores(400))

    analytic = reliability(responses)
    resampled = bootstrap_reliability(responses, rng=np.random.default_rng(3), replications=400)

    assert resampled.standard_error[0] == pytest.approx(analytic.standard_error[0], rel=0.12)
    assert np.all(resampled.lower[:7] < analytic.value[:7])
    assert np.all(analytic.value[:7] < resampled.upper[:7] + 0.01)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 8))
def test_guttmans_bounds_keep_their_order(seed: int, items: int) -> None:
    covariance = synthetic_covariance(items, seed=seed)

    values = {name: bound(covariance) for name, bound in coefficients.BOUNDS.items()}

    assert max(values["lambda 1"], values["alpha"]) <= values["lambda 2"] + 1e-12
    assert values["lambda 5"] >= values["lambda 1"]
    if items % 2 == 0:
        # α is the mean of all splits into equal halves, so the best is not below it.
        assert values["alpha"] <= values["lambda 4"] + 1e-12


def test_lambda_6_is_that_of_regressions_on_the_other_items() -> None:
    covariance = synthetic_covariance(6)
    residuals = []
    for item in range(6):
        others = [place for place in range(6) if place != item]
        slopes = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, item])
        residuals.append(covariance[item, item] - slopes @ covariance[others, item])

    expected = 1 - sum(residuals) / covariance.sum()

    assert coefficients.lambda_6(covariance) == pytest.approx(expected)


def test_lambda_6_of_items_that_repeat_each_other_counts_no_error_for_them() -> None:
    scores = synthetic_scores()
    covariance = np.cov(np.hstack([scores, scores]).T)

    assert coefficients.lambda_6(covariance) == pytest.approx(1.0, abs=1e-9)


def test_the_best_split_of_few_items_is_the_best_of_all() -> None:
    covariance = synthetic_covariance(7)
    everything = [
        coefficients.split_coefficient(covariance, np.array([1.0, *rest]))
        for rest in itertools.product([1.0, -1.0], repeat=6)
        if min(rest) < 0
    ]

    assert coefficients.lambda_4(covariance) == pytest.approx(max(everything))


def test_the_search_among_many_items_finds_a_planted_split() -> None:
    """Twins correlate 0.9 and everything else 0.2: the best split parts all twins."""
    twins = np.kron(np.eye(12), np.array([[0.8, 0.7], [0.7, 0.8]]))
    covariance = twins + 0.2

    signs = coefficients.best_split(covariance)

    assert np.all(signs[::2] == -signs[1::2])


def test_split_halves_are_those_of_the_half_scores() -> None:
    scores = synthetic_scores()
    first, last = scores[:, :3].sum(axis=1), scores[:, 3:].sum(axis=1)

    halves = split_halves(responses_of(scores))

    correlation = np.corrcoef(first, last)[0, 1]
    assert halves.correlation[0] == pytest.approx(correlation)
    assert halves.spearman_brown[0] == pytest.approx(2 * correlation / (1 + correlation))
    covariance = np.cov(first, last)
    assert halves.rulon[0] == pytest.approx(4 * covariance[0, 1] / np.cov(first + last))
    assert halves.rulon[2] >= halves.rulon.max() - 1e-12
    assert SplitHalves.from_json(halves.to_json()).to_json() == halves.to_json()


def test_a_test_twice_as_long_and_then_halved_is_what_it_was() -> None:
    assert spearman_brown(spearman_brown(0.6, factor=2), factor=0.5) == pytest.approx(0.6)


def test_stratified_alpha_adds_the_errors_of_the_parts() -> None:
    scores = synthetic_scores()
    parts = [scores[:, :2], scores[:, 2:]]
    error = sum(
        np.var(part.sum(1), ddof=1) * (1 - coefficients.alpha(np.cov(part.T))) for part in parts
    )

    found = stratified_alpha(responses_of(scores), strata=["a", "a", "b", "b", "b", "b"])

    assert found == pytest.approx(1 - error / np.var(scores.sum(1), ddof=1))
    with pytest.raises(StrataInvalid, match="'a'"):
        stratified_alpha(responses_of(scores), strata=["a", *"bbbbb"])


@pytest.mark.parametrize("estimator", ["ml", "minres"])
def test_one_factor_recovers_the_loadings_that_made_the_matrix(estimator: str) -> None:
    loadings = np.array([0.3, 0.5, 0.6, 0.7, 0.9])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)

    found = one_factor(matrix, persons=500, estimator=estimator)  # type: ignore[arg-type]

    np.testing.assert_allclose(found.loadings, loadings, atol=1e-5)
    common = loadings.sum() ** 2
    assert found.omega == pytest.approx(common / (common + (1 - loadings**2).sum()), abs=1e-6)
    assert not found.improper
    assert OneFactor.from_json(found.to_json()).to_json() == found.to_json()


def test_maximum_likelihood_is_that_of_a_direct_search() -> None:
    covariance = synthetic_covariance(6, seed=2)
    deviation = np.sqrt(np.diag(covariance))
    matrix = covariance / np.outer(deviation, deviation)

    def misfit(values: np.ndarray) -> float:
        implied = np.outer(values[:6], values[:6]) + np.diag(np.exp(values[6:]))
        gap = np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, matrix))
        return float(gap - np.linalg.slogdet(matrix)[1] - 6)

    start = np.r_[np.full(6, 0.6), np.full(6, np.log(0.6))]
    direct = minimize(misfit, start, method="L-BFGS-B", options={"ftol": 1e-15, "maxfun": 50_000})
    found = one_factor(covariance, persons=301.0, estimator="ml")

    signed = direct.x[:6] * np.sign(direct.x[:6].sum())
    np.testing.assert_allclose(found.loadings, signed, atol=2e-4)
    assert found.chi_square == pytest.approx((300 - 17 / 6 - 2 / 3) * direct.fun, rel=1e-5)
    assert found.degrees == 9


def test_omega_of_tau_equivalent_items_is_alpha() -> None:
    covariance = 0.4 + np.diag([0.5, 0.6, 0.7, 0.8])

    assert one_factor(covariance).omega == pytest.approx(coefficients.alpha(covariance), abs=1e-6)


def test_a_heywood_case_is_said_to_be_improper() -> None:
    matrix = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]])

    assert one_factor(matrix, estimator="minres").improper
    assert one_factor(matrix, estimator="ml").improper


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.eye(2), "three or more"),
        (np.diag([1.0, 0.0, 1.0]), "does not vary"),
        (np.ones((3, 3)), "minres"),
    ],
)
def test_a_matrix_without_a_factor_is_refused(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(FactorNotFound, match=said):
        one_factor(matrix)


def test_ordinal_alpha_is_the_alpha_of_the_variables_behind_the_categories() -> None:
    """Synthetic: five items with correlation ½ cut into three categories; α of the normal variables is 5/6."""
    rng = np.random.default_rng(6)
    behind = np.sqrt(0.5) * (rng.normal(size=(20_000, 1)) + rng.normal(size=(20_000, 5)))
    scores = (behind > 0.3).astype(int) + (behind > 1.2)

    found = ordinal_reliability(responses_of(scores))

    assert found.alpha == pytest.approx(5 / 6, abs=0.01)
    assert found.omega == pytest.approx(5 / 6, abs=0.01)
    assert reliability(responses_of(scores)).of("alpha") < found.alpha
    assert OrdinalReliability.from_json(found.to_json()).to_json() == found.to_json()


def test_two_items_have_no_omega_and_one_item_has_no_reliability() -> None:
    scores = synthetic_scores()

    assert np.isnan(reliability(responses_of(scores[:, :2])).of("omega"))
    with pytest.raises(ReliabilityUndefined, match="at least two"):
        reliability(responses_of(scores[:, :1]))


def test_persons_who_all_score_alike_have_no_reliability() -> None:
    with pytest.raises(ReliabilityUndefined, match="one total score"):
        reliability(responses_of([[1, 0], [0, 1], [1, 0]]))
    with pytest.raises(ReliabilityUndefined):
        kr_21(mean=2.0, variance=0.0, items=4)


def test_missing_scores_give_no_distribution_free_error_but_an_interval() -> None:
    scores = synthetic_scores()
    scores[::9, 1] = -1

    found = reliability(responses_of(scores), missing="pairwise")

    assert np.isnan(found.standard_error[0])
    assert found.lower[0] < found.value[0] < found.upper[0]
    assert found.persons == 200 - 23


def test_the_error_of_measurement_follows_from_the_reliability() -> None:
    found = reliability(responses_of(synthetic_scores()))

    np.testing.assert_allclose(found.sem, found.deviation * np.sqrt(1 - found.value))
    assert Reliability.from_json(found.to_json()).to_json() == found.to_json()
