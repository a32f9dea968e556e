"""Percentile ranks, lines and presmoothing against published examples and brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize

from liangcai.measurement.equating.continuous import cumulative_share, equipercentile, score_at
from liangcai.measurement.equating.degrees import DegreeChoice, choose_degrees
from liangcai.measurement.equating.kernel import (
    choose_bandwidth,
    kernel_equipercentile,
    kernel_share,
)
from liangcai.measurement.equating.linear import (
    AnchorUnrelated,
    FormMoments,
    chained_line,
    form_moments,
    levine_line,
    line_between,
    moments_of,
    tucker_line,
)
from liangcai.measurement.equating.presmoothing import (
    DegreesInvalid,
    LogLinearFit,
    SmoothingDiverged,
    log_linear,
)

#: Kolen & Brennan (2014), section 2.5: ten persons on each of two four-item forms.
SMALL_X = np.array([2.0, 3, 2, 2, 1])
SMALL_Y = np.array([1.0, 2, 2, 3, 2])
#: Kolen & Brennan (2014), chapter 4: two forms of 36 items, 12 in common, populations 1 and 2.
COMMON_X = FormMoments(15.8205, 6.5278**2, 5.1063, 2.3760**2, 13.4088)
COMMON_Y = FormMoments(18.6728, 6.8784**2, 5.8626, 2.4515**2, 14.7603)


def synthetic(
    persons: int = 2_000, *, shape: tuple[float, float] = (4, 3), seed: int = 1
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.bincount(rng.binomial(20, rng.beta(*shape, size=persons)), minlength=21).astype(float)


frequency_tables = st.lists(st.integers(1, 50), min_size=5, max_size=12).map(
    lambda counts: np.array(counts, dtype=float)
)


def test_percentile_ranks_and_equivalents_are_the_textbook_ones() -> None:
    scores = np.arange(5.0)

    np.testing.assert_allclose(cumulative_share(SMALL_X, at=scores), [0.1, 0.35, 0.6, 0.8, 0.95])
    np.testing.assert_allclose(
        equipercentile(SMALL_X, SMALL_Y, at=scores), [0.50, 1.75, 2.8333, 3.50, 4.25], atol=5e-5
    )


def test_a_linear_conversion_is_the_textbook_one() -> None:
    """ACT mathematics (Kolen & Brennan, 2014, chapter 2), from moments to four decimals."""
    line = line_between(mean_x=19.8524, deviation_x=8.2116, mean_y=18.9798, deviation_y=8.9393)

    assert line.slope == pytest.approx(1.0886, abs=5e-5)
    assert line.intercept == pytest.approx(-2.6319, abs=1e-3)


def test_tuckers_line_is_the_textbook_one() -> None:
    line = tucker_line(COMMON_X, COMMON_Y, weight=1.0)

    assert line.slope == pytest.approx(1.0289, abs=5e-5)
    assert line.intercept == pytest.approx(0.5370, abs=2e-4)


def test_synthetic_moments_follow_braun_and_holland() -> None:
    """The formulas of Kolen & Brennan (2014, 4.17 to 4.20), written out for weight 0.4."""
    one, two = 0.4, 0.6
    gamma_1 = COMMON_X.covariance / COMMON_X.anchor_variance
    gamma_2 = COMMON_Y.covariance / COMMON_Y.anchor_variance
    apart = COMMON_X.anchor_mean - COMMON_Y.anchor_mean
    spread = COMMON_X.anchor_variance - COMMON_Y.anchor_variance
    mean_x = COMMON_X.mean - two * gamma_1 * apart
    mean_y = COMMON_Y.mean + one * gamma_2 * apart
    variance_x = COMMON_X.variance - two * gamma_1**2 * spread + one * two * (gamma_1 * apart) ** 2
    variance_y = COMMON_Y.variance + one * gamma_2**2 * spread + one * two * (gamma_2 * apart) ** 2

    line = tucker_line(COMMON_X, COMMON_Y, weight=0.4)

    assert line.slope == pytest.approx(np.sqrt(variance_y / variance_x))
    assert line.at(np.array(mean_x)) == pytest.approx(mean_y)


def test_levines_line_uses_effective_lengths() -> None:
    """Angoff (1971): with weight 1 only γ of form Y enters; var(Y)/cov(Y, V) if internal."""
    gamma = COMMON_Y.variance / COMMON_Y.covariance
    apart = COMMON_X.anchor_mean - COMMON_Y.anchor_mean
    spread = COMMON_X.anchor_variance - COMMON_Y.anchor_variance

    line = levine_line(COMMON_X, COMMON_Y, weight=1.0, internal=True)

    deviation = np.sqrt(COMMON_Y.variance + gamma**2 * spread)
    assert line.slope == pytest.approx(deviation / np.sqrt(COMMON_X.variance))
    assert line.at(np.array(COMMON_X.mean)) == pytest.approx(COMMON_Y.mean + gamma * apart)


def test_all_anchor_lines_agree_when_the_populations_are_one() -> None:
    """Equal anchor moments leave nothing to adjust: every method gives the line of random groups."""
    x = FormMoments(20.0, 30.0, 6.0, 5.0, 9.0)
    y = FormMoments(22.0, 33.0, 6.0, 5.0, 10.0)
    plain = line_between(mean_x=20.0, deviation_x=30**0.5, mean_y=22.0, deviation_y=33**0.5)

    for line in (
        tucker_line(x, y, weight=0.3),
        levine_line(x, y, weight=0.3, internal=False),
        levine_line(x, y, weight=0.3, internal=True),
        chained_line(x, y),
    ):
        assert (line.slope, line.intercept) == pytest.approx((plain.slope, plain.intercept))


def test_levines_external_anchor_of_congeneric_tests_recovers_the_true_line() -> None:
    """Exact congeneric moments: X = T + 2 + E, Y = T + 5 + E, V = ½T + E in populations of different ability."""

    def moments(mean: float, variance: float, shift: float) -> FormMoments:
        error, anchor_error = 4.0, 2.0  # in proportion to the effective lengths 1 and ½
        return FormMoments(
            mean + shift, variance + error, mean / 2, variance / 4 + anchor_error, variance / 2
        )

    line = levine_line(moments(10, 20, 2), moments(13, 26, 5), weight=0.5, internal=False)

    assert line.slope == pytest.approx(1.0)
    assert line.intercept == pytest.approx(3.0)


def test_an_anchor_that_says_nothing_is_refused() -> None:
    flat = FormMoments(10.0, 4.0, 3.0, 0.0, 0.0)
    against = FormMoments(10.0, 4.0, 3.0, 2.0, -1.0)

    with pytest.raises(AnchorUnrelated, match="does not vary"):
        tucker_line(flat, flat, weight=0.5)
    with pytest.raises(AnchorUnrelated, match="positively"):
        levine_line(against, against, weight=0.5, internal=True)


@settings(max_examples=40, deadline=None)
@given(frequency_tables)
def test_a_form_is_equivalent_to_itself(table: np.ndarray) -> None:
    scores = np.arange(float(table.size))

    np.testing.assert_allclose(equipercentile(table, table, at=scores), scores, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(frequency_tables, frequency_tables)
def test_equipercentile_equating_rises_and_is_symmetric(x: np.ndarray, y: np.ndarray) -> None:
    scores = np.arange(float(x.size))

    there = equipercentile(x, y, at=scores)

    assert np.all(np.diff(there) > 0)
    assert there.min() >= -0.5
    assert there.max() <= y.size - 0.5
    np.testing.assert_allclose(equipercentile(y, x, at=there), scores, atol=1e-8)


def test_a_stretch_of_scores_that_nobody_earned_counts_with_its_middle() -> None:
    gapped = np.array([5.0, 0, 0, 5])

    assert score_at(gapped, share=np.array([0.5])) == pytest.approx(1.5)
    assert score_at(np.array([0.0, 5, 5, 0]), share=np.array([0.0, 1.0])) == pytest.approx(
        [0.0, 3.0]
    )


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_presmoothing_keeps_the_moments_and_the_sample_size(degree: int) -> None:
    table = synthetic()
    score = np.arange(21)

    fit = log_linear(table, degrees=(degree,))

    for power in range(degree + 1):
        assert fit.fitted @ score**power == pytest.approx(table @ score**power, rel=1e-9)
    assert fit.degrees_of_freedom == 21 - degree - 1
    assert LogLinearFit.from_json(fit.to_json()).to_json() == fit.to_json()


def test_presmoothing_is_the_maximum_of_the_likelihood() -> None:
    """Direct search over the coefficients of powers of a standardised score."""
    table = synthetic(500)
    z = (np.arange(21) - 10) / 10
    powers = np.vander(z, 4)[:, :3]

    def loss(beta: np.ndarray) -> float:
        eta = powers @ beta
        return float(table.sum() * np.log(np.exp(eta).sum()) - table @ eta)

    direct = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    expected = np.exp(powers @ direct.x)

    fit = log_linear(table, degrees=(3,))

    np.testing.assert_allclose(fit.fitted / 500, expected / expected.sum(), atol=1e-6)


def test_presmoothing_of_two_scores_keeps_margins_and_cross_products() -> None:
    rng = np.random.default_rng(2)
    chance = rng.beta(3, 2, size=1_500)
    anchor, rest = rng.binomial(6, chance), rng.binomial(10, chance)
    table = np.zeros((17, 7))
    np.add.at(table, (anchor + rest, anchor), 1.0)
    total, part = np.indices(table.shape)
    possible = (part <= total) & (total - part <= 10)

    fit = log_linear(table, degrees=(4, 3, 2), possible=possible)

    for i, j in [(1, 0), (4, 0), (0, 3), (1, 1), (1, 2), (2, 1), (2, 2)]:
        moment = total**i * part**j
        assert (fit.fitted * moment).sum() == pytest.approx((table * moment).sum(), rel=1e-8)
    assert np.all(fit.fitted[~possible] == 0.0)
    assert fit.degrees_of_freedom == possible.sum() - 12


def test_the_highest_possible_degree_reproduces_the_table() -> None:
    table = np.array([3.0, 7, 9, 4])

    fit = log_linear(table, degrees=(3,))

    np.testing.assert_allclose(fit.fitted, table, rtol=1e-8)
    assert fit.chi_square == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("criterion", ["aic", "bic", "chi-square"])
def test_a_choice_of_degrees_finds_the_degree_that_made_the_table(criterion: str) -> None:
    """Expected frequencies of a log-linear model of degree 3, so that nothing above it adds anything."""
    z = np.linspace(-1, 1, 31)
    table = np.exp(6 - 1.5 * z - 3 * z**2 + 1.2 * z**3)

    choice = choose_degrees(table, criterion=criterion)  # type: ignore[arg-type]

    assert choice.chosen == (3,)
    assert np.all(np.diff(choice.chi_square) <= 1e-8)
    assert DegreeChoice.from_json(choice.to_json()).to_json() == choice.to_json()


def test_degrees_that_do_not_fit_the_table_are_refused() -> None:
    with pytest.raises(DegreesInvalid, match="too high"):
        log_linear(np.array([3.0, 4, 5]), degrees=(3,))
    with pytest.raises(DegreesInvalid, match="three for two scores"):
        log_linear(np.ones((3, 3)), degrees=(2,))
    with pytest.raises(DegreesInvalid, match="nested"):
        choose_degrees(synthetic(), candidates=[(3,), (2,)], criterion="chi-square")


def test_moments_on_the_edge_have_no_log_linear_table() -> None:
    with pytest.raises(SmoothingDiverged, match="lower the degrees"):
        log_linear(np.array([0.0, 0, 0, 40, 60]), degrees=(2,))


def test_a_kernel_keeps_mean_and_variance() -> None:
    table = synthetic()
    mean, variance = moments_of(table)
    at = np.linspace(-30, 50, 80_001)

    share = kernel_share(table, bandwidth=0.7, at=at)

    mass, middle = np.diff(share), 0.5 * (at[1:] + at[:-1])
    assert mass @ middle == pytest.approx(mean, abs=1e-6)
    assert mass @ (middle - mean) ** 2 == pytest.approx(variance, abs=1e-5)


def test_a_wide_kernel_equates_linearly_and_a_kernel_inverts_exactly() -> None:
    """von Davier, Holland & Thayer (2004), theorem 4.5."""
    x, y = synthetic(), synthetic(shape=(3, 4), seed=2)
    (mean_x, variance_x), (mean_y, variance_y) = moments_of(x), moments_of(y)
    line = line_between(
        mean_x=mean_x, deviation_x=variance_x**0.5, mean_y=mean_y, deviation_y=variance_y**0.5
    )
    at = np.arange(21.0)

    wide = kernel_equipercentile(x, y, bandwidths=(500.0, 500.0), at=at)
    narrow = kernel_equipercentile(x, y, bandwidths=(0.6, 0.6), at=at)

    np.testing.assert_allclose(wide, line.at(at), atol=1e-3)
    share = float(kernel_share(x, bandwidth=0.6, at=np.array([7.0]))[0])
    root = brentq(
        lambda value: float(kernel_share(y, bandwidth=0.6, at=np.array([value]))[0]) - share, -5, 25
    )
    assert narrow[7] == pytest.approx(root, abs=1e-9)


def test_the_bandwidth_of_a_smooth_table_is_moderate_and_repeatable() -> None:
    smooth = log_linear(synthetic(), degrees=(3,)).fitted

    assert 0.3 < choose_bandwidth(smooth) < 1.5
    assert choose_bandwidth(smooth) == choose_bandwidth(smooth)


def test_form_moments_are_those_of_the_persons() -> None:
    rng = np.random.default_rng(3)
    score, anchor = rng.integers(0, 8, 300), rng.integers(0, 4, 300)
    table = np.zeros((8, 4))
    np.add.at(table, (score, anchor), 1.0)

    found = form_moments(table)

    assert found.covariance == pytest.approx(np.cov(score, anchor, ddof=0)[0, 1])
    assert (found.mean, found.variance) == pytest.approx((score.mean(), score.var()))
