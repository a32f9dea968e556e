import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from liangcai.measurement.classification.beta_truth import FOUR, TWO, beta_of, true_moments
from liangcai.measurement.classification.strong_true_score import (
    effective_length,
    hanson_brennan,
    livingston_lewis,
)
from liangcai.measurement.classification.tables import ClassificationInvalid

TRUTH = {"alpha": 4.0, "beta": 3.0, "lower": 0.25, "upper": 0.95}


def scores_of(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every score once, weighted by its share: a population without sampling error."""
    return np.arange(shares.size, dtype=float), shares


def beta_binomial(items: int) -> np.ndarray:
    """The score distribution of four-parameter beta truths with binomial errors, by quadrature."""
    node, weight = np.polynomial.legendre.leggauss(200)
    place = 0.5 * (node + 1)
    mass = weight * stats.beta.pdf(place, TRUTH["alpha"], TRUTH["beta"])
    truth = TRUTH["lower"] + (TRUTH["upper"] - TRUTH["lower"]) * place
    shares = stats.binom.pmf(np.arange(items + 1)[:, None], items, truth) @ mass
    return np.asarray(shares / shares.sum())


def brute_force(items: int, cut: int) -> tuple[float, float]:
    """Accuracy and consistency at one cut by adaptive quadrature over the true proportion."""
    width = TRUTH["upper"] - TRUTH["lower"]

    def density(truth: float) -> float:
        place = (truth - TRUTH["lower"]) / width
        return float(stats.beta.pdf(place, TRUTH["alpha"], TRUTH["beta"]) / width)

    def reach(truth: float) -> float:
        return float(stats.binom.sf(cut - 1, items, truth))

    edge = cut / items
    right = integrate.quad(lambda t: density(t) * (1 - reach(t)), TRUTH["lower"], edge)[0]
    right += integrate.quad(lambda t: density(t) * reach(t), edge, TRUTH["upper"])[0]
    again = integrate.quad(
        lambda t: density(t) * (reach(t) ** 2 + (1 - reach(t)) ** 2),
        TRUTH["lower"],
        TRUTH["upper"],
    )[0]
    return right, again


def test_hanson_brennan_recovers_the_truth_and_agrees_with_adaptive_quadrature() -> None:
    scores, shares = scores_of(beta_binomial(40))

    found = hanson_brennan(scores, items=40, cuts=[26], weights=shares)

    accuracy, consistency = brute_force(40, 26)
    assert found.method.startswith(FOUR)
    for name, value in TRUTH.items():
        assert found.parameters[name] == pytest.approx(value, abs=1e-5)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-7)
    assert found.consistency == pytest.approx(consistency, abs=1e-7)
    assert found.numerical_error < 1e-8


def test_livingston_lewis_finds_the_true_length_of_a_binomial_test() -> None:
    scores, shares = scores_of(beta_binomial(40))
    mean = shares @ scores
    variance = shares @ (scores - mean) ** 2
    kr21 = 40 / 39 * (1 - mean * (40 - mean) / (40 * variance))

    found = livingston_lewis(
        10 + 2 * scores, cuts=[10 + 2 * 26], reliability=kr21, lowest=10, highest=90, weights=shares
    )

    accuracy, consistency = brute_force(40, 26)
    assert found.parameters["effective length"] == pytest.approx(40.0, abs=1e-9)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-7)
    assert found.consistency == pytest.approx(consistency, abs=1e-7)


def test_the_two_parameter_model_is_the_beta_binomial_of_two_forms() -> None:
    """Keats and Lord (1962): both margins are beta-binomial; here against its closed form."""
    items, alpha, beta = 20, 6.0, 4.0
    scores, shares = scores_of(stats.betabinom.pmf(np.arange(items + 1), items, alpha, beta))

    found = hanson_brennan(
        scores, items=items, cuts=[9, 14], weights=shares, true_model="two-parameter"
    )

    cumulative = stats.betabinom.cdf([8, 13, 20], items, alpha, beta)
    truth = stats.beta.cdf([9 / 20, 14 / 20, 1.0], alpha, beta)
    assert found.method.startswith(TWO)
    np.testing.assert_allclose(np.cumsum(found.joint.sum(axis=0)), cumulative, atol=1e-9)
    np.testing.assert_allclose(np.cumsum(found.joint.sum(axis=1)), truth, atol=1e-9)
    np.testing.assert_allclose(found.agreement, found.agreement.T, atol=1e-15)


def test_lords_two_terms_give_the_errors_of_a_test_of_unequal_items() -> None:
    """Var(X | truth) = (n − 2k)·τ(1 − τ): the mean error variance is that of the reliability."""
    scores, shares = scores_of(beta_binomial(40))
    mean = shares @ scores
    variance = shares @ (scores - mean) ** 2
    kr21 = 40 / 39 * (1 - mean * (40 - mean) / (40 * variance))

    plain = hanson_brennan(scores, items=40, cuts=[26], weights=shares)
    same = hanson_brennan(scores, items=40, cuts=[26], weights=shares, reliability=kr21)
    surer = hanson_brennan(scores, items=40, cuts=[26], weights=shares, reliability=kr21 + 0.03)

    assert same.parameters["Lord's k"] == pytest.approx(0.0, abs=1e-9)
    assert same.consistency == pytest.approx(plain.consistency, abs=1e-9)
    assert surer.consistency > plain.consistency + 0.005
    truth = surer.parameters
    spread = (truth["upper"] - truth["lower"]) * stats.beta.std(truth["alpha"], truth["beta"])
    assert spread**2 * 40**2 == pytest.approx((kr21 + 0.03) * variance, rel=1e-6)


def test_compound_binomial_moments_are_those_of_the_two_term_distribution() -> None:
    items, k, truth = 12, 0.8, 0.65
    scores = np.arange(items + 1)
    shorter = stats.binom.pmf(scores[:, None] - np.arange(3), items - 2, truth)
    shares = stats.binom.pmf(scores, items, truth)
    shares = shares - k * truth * (1 - truth) * (shorter @ np.array([1.0, -2.0, 1.0]))

    raw = np.array([shares @ scores.astype(float) ** r for r in range(1, 5)])

    np.testing.assert_allclose(
        true_moments(raw, length=items, lords_k=k), truth ** np.arange(1, 5), rtol=1e-12
    )


@settings(deadline=None, max_examples=60)
@given(st.floats(0.6, 30), st.floats(0.6, 30), st.floats(0.0, 0.4), st.floats(0.6, 1.0))
def test_a_four_parameter_beta_is_recovered_from_its_moments(
    alpha: float, beta: float, lower: float, upper: float
) -> None:
    place = stats.beta(alpha, beta)
    inner = np.array([1.0, *(place.moment(r) for r in range(1, 5))])
    width = upper - lower
    raw = np.array(
        [np.polynomial.polynomial.polypow([lower, width], r) @ inner[: r + 1] for r in range(1, 5)]
    )

    found = beta_of(raw)

    if found.model == FOUR:
        assert found.lower == pytest.approx(lower, abs=0.02)
        assert found.upper == pytest.approx(upper, abs=0.02)
    else:
        assert lower < 1e-3 or upper > 1 - 1e-3


def test_moments_without_a_four_parameter_beta_inside_the_scale_fall_back() -> None:
    found = beta_of(np.array([0.5, 0.26, 0.5, 0.5]))

    assert found.model == TWO
    assert found.alpha / (found.alpha + found.beta) == pytest.approx(0.5)


def test_observed_margins_are_those_of_the_scores() -> None:
    scores = np.random.default_rng(9).binomial(30, 0.6, 500).astype(float)

    found = livingston_lewis(scores, cuts=[17, 20], reliability=0.3, highest=30, margins="observed")

    observed = np.bincount(np.searchsorted([17, 20], scores, side="right"), minlength=3) / 500
    np.testing.assert_allclose(found.joint.sum(axis=0), observed, atol=1e-12)
    np.testing.assert_allclose(found.agreement.sum(axis=0), observed, atol=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.floats(0.3, 0.9), st.floats(0.1, 40), st.floats(-30, 30))
def test_another_unit_of_scores_changes_nothing(
    reliability: float, unit: float, origin: float
) -> None:
    scores = np.array([3.0, 8, 11, 12, 12, 14, 15, 17, 19])

    one = livingston_lewis(scores, cuts=[12.5], reliability=reliability, highest=25)
    other = livingston_lewis(
        origin + unit * scores,
        cuts=[origin + unit * 12.5],
        reliability=reliability,
        lowest=origin,
        highest=origin + unit * 25,
    )

    assert other.accuracy == pytest.approx(one.accuracy, abs=1e-6)
    assert other.consistency == pytest.approx(one.consistency, abs=1e-6)


def test_a_more_reliable_score_is_classified_more_consistently() -> None:
    scores = np.random.default_rng(1).beta(5, 4, 2_000) * 100

    consistency = [
        livingston_lewis(scores, cuts=[60], reliability=r, highest=100).consistency
        for r in (0.5, 0.7, 0.9)
    ]

    assert consistency == sorted(consistency)


def test_the_effective_length_is_that_of_the_published_formula() -> None:
    length = effective_length(mean=30, variance=36, reliability=0.75, lowest=0, highest=50)

    assert length == pytest.approx((30 * 20 - 0.75 * 36) / (36 * 0.25))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: livingston_lewis([5, 5], cuts=[3], reliability=0.8, highest=9), "equal"),
        (lambda: livingston_lewis([5, 6], cuts=[3], reliability=1.0, highest=9), "reliability"),
        (lambda: livingston_lewis([5, 12], cuts=[3], reliability=0.8, highest=9), "outside"),
        (lambda: livingston_lewis([5, 6], cuts=[0], reliability=0.8, highest=9), "above 0"),
        (lambda: livingston_lewis([0, 9], cuts=[3], reliability=0.01, highest=9), "effective"),
        (
            lambda: effective_length(mean=5, variance=40, reliability=0.5, lowest=0, highest=9),
            "effective",
        ),
        (lambda: hanson_brennan([1, 2], items=1, cuts=[1]), "2 items"),
        (lambda: hanson_brennan([1.5, 2], items=4, cuts=[1]), "whole"),
        (lambda: hanson_brennan([2, 2, 2], items=4, cuts=[1]), "variance"),
        (lambda: hanson_brennan([0, 4, 2], items=4, cuts=[1], reliability=0.05), "KR-21"),
    ],
)
def test_scores_that_no_model_fits_are_refused(call: object, message: str) -> None:
    with pytest.raises(ClassificationInvalid, match=message):
        call()  # type: ignore[operator]
