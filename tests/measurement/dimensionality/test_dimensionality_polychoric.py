"""Bivariate normal and polychoric correlations against integration, direct search and published values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from liangcai.measurement.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
)
from liangcai.measurement.dimensionality.polychoric import (
    BOUND,
    PolychoricCorrelations,
    PolychoricUndefined,
    polychoric_correlations,
    polychoric_of_tables,
    thresholds,
)
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.responses.moments import MissingRuleNeeded

#: LSAT section 6 (Bock & Lieberman, 1970): frequencies of the patterns 00000, 00001 … 11111.
LSAT6 = [
    *(3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15),
    *(10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298),
]
PATTERNS = (np.arange(32)[:, None] >> np.arange(4, -1, -1)) & 1
TABLE = np.array([[13.0, 6, 3], [8, 12, 7], [2, 9, 20]])


@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.0, 0.3, 0.8, 0.99])
def test_the_bivariate_normal_is_that_of_scipy(rho: float) -> None:
    """SciPy's multivariate normal, itself accurate to about 1e-8 in two dimensions."""
    points = np.array([[0.0, 0.0], [0.0, 1.2], [-1.5, 0.4], [2.0, 2.1], [-3.0, -2.5], [0.7, -0.7]])
    reference = multivariate_normal([0, 0], [[1, rho], [rho, 1]])

    found = bivariate_normal_cdf(points[:, 0], points[:, 1], np.array(rho))

    np.testing.assert_allclose(found, reference.cdf(points), atol=2e-8)


@pytest.mark.parametrize("rho", [-0.999, -0.6, 0.2, 0.7, 0.9999])
def test_the_bivariate_normal_is_exact_to_fourteen_digits(rho: float) -> None:
    """Against Plackett's integral ∫ φ2(x, y; r) dr from 0 to rho by Gauss–Legendre in the angle."""
    x, y = np.array([0.3, -1.0, 1.7, 0.0]), np.array([-0.8, -1.1, 0.4, 0.9])
    node, weight = np.polynomial.legendre.leggauss(400)
    angle = 0.5 * np.arcsin(rho) * (node + 1)
    with np.errstate(under="ignore"):
        density = np.exp(
            -(x[:, None] ** 2 - 2 * np.sin(angle) * (x * y)[:, None] + y[:, None] ** 2)
            / (2 * np.cos(angle) ** 2)
        ) / (2 * np.pi)
    expected = ndtr(x) * ndtr(y) + density @ weight * 0.5 * np.arcsin(rho)

    np.testing.assert_allclose(bivariate_normal_cdf(x, y, np.array(rho)), expected, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-1, 1))
def test_the_bivariate_normal_keeps_its_symmetries(x: float, y: float, rho: float) -> None:
    value = bivariate_normal_cdf(np.array(x), np.array(y), np.array(rho))

    np.testing.assert_allclose(
        bivariate_normal_cdf(np.array(y), np.array(x), np.array(rho)), value, atol=1e-14
    )
    reflected = ndtr(x) - bivariate_normal_cdf(np.array(x), np.array(-y), np.array(-rho))
    np.testing.assert_allclose(reflected, value, atol=2e-14)


def test_limits_without_end_and_perfect_correlations_have_their_probabilities() -> None:
    infinite = np.inf
    x = np.array([infinite, -infinite, infinite, 0.5, 0.5, 0.5])
    y = np.array([0.3, 0.3, infinite, 1.0, -1.0, -0.2])
    rho = np.array([0.5, 0.5, 0.5, 1.0, -1.0, -1.0])

    found = bivariate_normal_cdf(x, y, rho)

    expected = [ndtr(0.3), 0.0, 1.0, ndtr(0.5), 0.0, ndtr(0.5) + ndtr(-0.2) - 1]
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_the_density_is_the_derivative_by_the_correlation() -> None:
    step = 1e-5
    ahead, behind = (
        bivariate_normal_cdf(np.array(0.4), np.array(-0.9), np.array(0.5 + s))
        for s in (step, -step)
    )

    density = bivariate_normal_density(np.array(0.4), np.array(-0.9), np.array(0.5))

    assert density == pytest.approx((ahead - behind) / (2 * step), rel=1e-8)


def test_tetrachoric_correlations_of_published_data_are_found() -> None:
    """LSAT6, documentation of R psych, two decimals; thresholds too."""
    found = polychoric_correlations(responses_of(PATTERNS, weights=LSAT6))

    lower = [0.17, 0.23, 0.19, 0.11, 0.11, 0.19, 0.07, 0.17, 0.11, 0.20]
    np.testing.assert_allclose(found.matrix[np.tril_indices(5, -1)], lower, atol=0.0051)
    share = np.array(LSAT6) @ PATTERNS / 1000
    cuts = thresholds(np.column_stack([1 - share, share]))[:, 1]
    np.testing.assert_allclose(cuts, [-1.43, -0.55, -0.13, -0.72, -1.13], atol=0.0051)


def test_a_fourfold_table_cut_at_the_medians_has_a_closed_form() -> None:
    """Sheppard (1899): share in one corner = ¼ + arcsin(rho)/2π."""
    estimate, error = polychoric_of_tables(np.array([[[40.0, 10.0], [10.0, 40.0]]]))

    rho = np.sin(2 * np.pi * (0.4 - 0.25))
    assert estimate[0] == pytest.approx(rho, abs=1e-9)
    # Sampling error of the corner's share with the medians estimated: that of a share of agreements.
    expected = 2 * np.pi * np.sqrt(1 - rho**2) * np.sqrt(0.8 * 0.2 / 100) / 2
    assert error[0] == pytest.approx(expected, rel=1e-6)


def test_a_polychoric_correlation_is_the_maximum_of_its_likelihood() -> None:
    rows, columns = thresholds(TABLE.sum(axis=1)), thresholds(TABLE.sum(axis=0))

    def loss(rho: float) -> float:
        joint = bivariate_normal_cdf(rows[:, None], columns[None, :], np.array(rho))
        return -float((TABLE * np.log(np.diff(np.diff(joint, axis=0), axis=1))).sum())

    direct = minimize_scalar(loss, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-10})

    assert polychoric_of_tables(TABLE[None])[0][0] == pytest.approx(direct.x, abs=1e-6)


def test_the_standard_error_is_the_delta_method_of_both_steps() -> None:
    """Numerical derivative of the whole estimator by every cell of a table that the model fits exactly."""
    rows, columns = thresholds(TABLE.sum(axis=1)), thresholds(TABLE.sum(axis=0))
    joint = bivariate_normal_cdf(rows[:, None], columns[None, :], np.array(0.6))
    share = np.diff(np.diff(joint, axis=0), axis=1)
    table, step = share * 500, 0.01

    estimate, error = polychoric_of_tables(table[None])

    slopes = np.zeros((3, 3))
    for cell in np.ndindex(3, 3):
        moved = np.stack([table, table])
        moved[(0, *cell)] += step
        moved[(1, *cell)] -= step
        ahead, behind = polychoric_of_tables(moved)[0]
        slopes[cell] = (ahead - behind) / (2 * step) * 500
    variance = ((share * slopes**2).sum() - (share * slopes).sum() ** 2) / 500
    assert estimate[0] == pytest.approx(0.6, abs=1e-9)
    assert error[0] == pytest.approx(np.sqrt(variance), rel=1e-5)


def test_the_correlation_behind_synthetic_categories_is_recovered() -> None:
    rng = np.random.default_rng(11)
    behind = rng.multivariate_normal([0, 0], [[1, 0.55], [0.55, 1]], size=20_000)
    scores = np.column_stack(
        [(behind[:, :1] > [-1, 0, 1.1]).sum(1), (behind[:, 1:] > [0.4]).sum(1)]
    )

    found = polychoric_correlations(responses_of(scores))

    assert found.matrix[0, 1] == pytest.approx(0.55, abs=4 * found.standard_errors[0, 1])
    assert 0.004 < found.standard_errors[0, 1] < 0.012


def test_an_empty_cell_of_a_fourfold_table_counts_half_a_person_with_margins_kept() -> None:
    given_table = np.array([[[20.0, 0.0], [10.0, 30.0]]])
    corrected = np.array([[[19.5, 0.5], [10.5, 29.5]]])

    estimate, _ = polychoric_of_tables(given_table)

    assert estimate[0] == pytest.approx(polychoric_of_tables(corrected)[0][0])
    assert estimate[0] < 1.0


def test_categories_in_perfect_order_are_correlated_to_the_edge() -> None:
    # Each table is a staircase: some monotone line passes through all occupied cells and no other,
    # so that the likelihood rises up to a correlation of ±1, too flat near it to be climbed.
    falling = np.array([[[0, 0, 7], [4, 0, 21], [1, 0, 0]], [[0, 0, 0], [10, 10, 4], [4, 0, 0]]])

    estimate, error = polychoric_of_tables(np.concatenate([falling, falling[:, ::-1]]))

    assert estimate.tolist() == [-BOUND, -BOUND, BOUND, BOUND]
    assert np.isnan(error).all()


def test_a_correlation_on_the_edge_has_no_standard_error() -> None:
    estimate, error = polychoric_of_tables(np.array([[[20.0, 0, 0], [0, 20, 0], [0, 0, 20]]]))

    assert estimate[0] == pytest.approx(0.9999)
    assert np.isnan(error[0])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=9, max_size=9))
def test_turning_a_scale_round_turns_the_sign(counts: list[int]) -> None:
    table = np.array(counts, dtype=float).reshape(1, 3, 3)

    one, other = polychoric_of_tables(table)[0], polychoric_of_tables(table[:, ::-1])[0]

    np.testing.assert_allclose(one, -other, atol=1e-8)
    np.testing.assert_allclose(polychoric_of_tables(table.swapaxes(1, 2))[0], one, atol=1e-8)


def test_a_category_that_nobody_chose_changes_nothing() -> None:
    wider = np.zeros((1, 4, 5))
    wider[0][np.ix_([0, 1, 3], [0, 2, 3])] = TABLE

    np.testing.assert_allclose(
        polychoric_of_tables(wider), polychoric_of_tables(TABLE[None]), atol=1e-10
    )


def test_missing_scores_leave_a_person_out_of_a_pair_only() -> None:
    rng = np.random.default_rng(4)
    scores = (rng.normal(size=(300, 1)) + rng.normal(size=(300, 3)) > 0).astype(int)
    scores[:50, 2] = -1

    pairwise = polychoric_correlations(responses_of(scores), missing="pairwise")
    first_two = polychoric_correlations(responses_of(scores[:, :2]))

    assert pairwise.matrix[0, 1] == pytest.approx(first_two.matrix[0, 1])
    assert pairwise.persons == 250
    with pytest.raises(MissingRuleNeeded):
        polychoric_correlations(responses_of(scores))


def test_an_item_that_does_not_vary_is_named() -> None:
    with pytest.raises(PolychoricUndefined, match="item '2' does not vary"):
        polychoric_correlations(responses_of([[0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    with pytest.raises(PolychoricUndefined, match="table 1"):
        polychoric_of_tables(np.array([[[3.0, 4.0], [0.0, 0.0]]]))


def test_polychoric_correlations_read_back_from_their_json_form() -> None:
    found = polychoric_correlations(responses_of(PATTERNS, weights=LSAT6))

    assert PolychoricCorrelations.from_json(found.to_json()).to_json() == found.to_json()
    assert ndtri(0.5) == 0.0
