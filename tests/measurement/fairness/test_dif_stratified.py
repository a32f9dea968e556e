"""Statistics over strata against published tables and definitions written out in plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.ordinal_strata import (
    cumulative_odds,
    general_association,
    mean_difference,
)
from liangcai.measurement.fairness.stratified import (
    FourCounts,
    common_odds,
    homogeneity,
    standardized_difference,
)

# Beitler & Landis (1985), in Agresti, Categorical Data Analysis (2nd ed., 2002), table 6.9:
# drug success, drug failure, control success, control failure in eight clinics.
CLINICS = FourCounts(
    *np.array(
        [
            [11, 25, 10, 27],
            [16, 4, 22, 10],
            [14, 5, 7, 12],
            [2, 14, 1, 16],
            [6, 11, 0, 12],
            [1, 10, 0, 10],
            [1, 4, 1, 8],
            [4, 2, 6, 1],
        ],
        dtype=float,
    ).T
)
# Bickel, Hammel & O'Connell (1975), Berkeley admissions: men admitted, men rejected, women
# admitted, women rejected in departments A to F.
BERKELEY = FourCounts(
    *np.array(
        [
            [512, 313, 89, 19],
            [353, 207, 17, 8],
            [120, 205, 202, 391],
            [138, 279, 131, 244],
            [53, 138, 94, 299],
            [22, 351, 24, 317],
        ],
        dtype=float,
    ).T
)
# Agresti (2002), table 7.12: income (rows) and job satisfaction (columns), women then men.
JOBS = np.array(
    [
        [[1, 3, 11, 2], [2, 3, 17, 3], [0, 1, 8, 5], [0, 2, 4, 2]],
        [[1, 1, 2, 1], [0, 3, 5, 1], [0, 0, 7, 3], [0, 1, 9, 6]],
    ],
    dtype=float,
)


def test_the_clinics_of_agresti_give_his_odds_ratio_error_and_tests() -> None:
    odds = common_odds(CLINICS)
    same = homogeneity(CLINICS, odds.alpha, np.arange(8.0))

    # Agresti (2002), section 6.3: 2.13, standard error of the log 0.303, CMH 6.38,
    # Breslow–Day 8.0 on 7 df; to the digits printed.
    assert float(odds.alpha) == pytest.approx(2.13, abs=0.005)
    assert float(odds.log_se) == pytest.approx(0.303, abs=5e-4)
    assert float(odds.chi2) == pytest.approx(6.38, abs=0.005)
    assert float(same.breslow_day) == pytest.approx(8.0, abs=0.05)
    assert float(same.df) == 7.0


def test_the_berkeley_admissions_give_the_values_that_r_prints() -> None:
    odds = common_odds(BERKELEY)

    # R's documentation of mantelhaen.test(UCBAdmissions): 1.4269, p-value 0.2323,
    # common odds ratio 0.9046968, 95 % interval 0.7719074 to 1.0603298.
    assert float(odds.chi2_corrected) == pytest.approx(1.4269, abs=1e-4)
    assert float(odds.alpha) == pytest.approx(0.9046968, abs=1e-7)
    reach = 1.959963984540054 * float(odds.log_se)
    assert float(odds.alpha) * math.exp(-reach) == pytest.approx(0.7719074, abs=1e-6)
    assert float(odds.alpha) * math.exp(reach) == pytest.approx(1.0603298, abs=1e-6)


def test_the_job_satisfaction_of_agresti_gives_his_general_association() -> None:
    found = general_association(JOBS.transpose(1, 2, 0))

    # R's documentation of mantelhaen.test(Satisfaction): 10.2001, df 9, p-value 0.3345.
    assert float(found.chi2) == pytest.approx(10.2001, abs=1e-4)
    assert float(found.df) == 9.0


def test_for_two_scores_all_methods_meet() -> None:
    at_reference = np.stack([CLINICS.reference_wrong, CLINICS.reference_right])
    at_focal = np.stack([CLINICS.focal_wrong, CLINICS.focal_right])
    odds = common_odds(CLINICS)
    means = mean_difference(at_reference, at_focal)
    general = general_association(np.stack([at_reference, at_focal], axis=1))
    cumulative = cumulative_odds(at_reference, at_focal)
    spread = standardized_difference(CLINICS)

    assert float(means.chi2) == pytest.approx(float(odds.chi2), rel=1e-12)
    assert float(general.chi2) == pytest.approx(float(odds.chi2), rel=1e-9)
    assert float(cumulative.psi) == pytest.approx(float(odds.alpha), rel=1e-12)
    # Two consistent estimates of one variance: they differ by the sampling of small strata.
    assert float(cumulative.log_se) == pytest.approx(float(odds.log_se), rel=0.01)
    assert float(means.smd) == pytest.approx(float(spread.difference), rel=1e-12)
    assert float(means.smd_se) == pytest.approx(float(spread.se), rel=1e-12)


def test_the_fitted_table_has_the_common_odds_ratio() -> None:
    """Breslow–Day by definition: cells with the same margins and odds ratio, found by bisection."""
    alpha = float(common_odds(CLINICS).alpha)
    total = 0.0
    for a, b, c, d in zip(
        CLINICS.reference_right,
        CLINICS.reference_wrong,
        CLINICS.focal_right,
        CLINICS.focal_wrong,
        strict=True,
    ):
        low, high = max(0.0, a - d), min(a + b, a + c)
        for _ in range(200):
            middle = 0.5 * (low + high)
            odds = middle * (d - a + middle) - alpha * (a + b - middle) * (a + c - middle)
            low, high = (middle, high) if odds < 0 else (low, middle)
        cells = np.array([low, a + b - low, a + c - low, d - a + low])
        total += (a - low) ** 2 * (1.0 / cells).sum()

    found = homogeneity(CLINICS, np.array(alpha), np.arange(8.0))

    assert float(found.breslow_day) == pytest.approx(total, rel=1e-9)


def _persons(counts: Array) -> tuple[list[int], list[int]]:
    scores = np.arange(counts.shape[0])
    return tuple(  # type: ignore[return-value]
        np.repeat(scores, counts[:, group].astype(int)).tolist() for group in (0, 1)
    )


@given(st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=1, max_size=5))
def test_mantel_and_liu_agresti_equal_their_definitions_person_by_person(
    rows: list[list[int]],
) -> None:
    counts = np.array(rows, dtype=float).reshape(-1, 3, 2).transpose(1, 2, 0)
    gap = spread = over = under = 0.0
    for stratum in range(counts.shape[2]):
        reference, focal = _persons(counts[:, :, stratum])
        everybody = np.array(reference + focal, dtype=float)
        size = everybody.size
        if size > 1 and reference and focal:
            gap += sum(focal) - len(focal) * everybody.mean()
            spread += len(reference) * len(focal) * everybody.var() / (size - 1)
        over += sum(max(x - y, 0) for x in reference for y in focal) / max(size, 1)
        under += sum(max(y - x, 0) for x in reference for y in focal) / max(size, 1)

    means = mean_difference(counts[:, 0], counts[:, 1])
    odds = cumulative_odds(counts[:, 0], counts[:, 1])

    if spread > 1e-9:
        assert float(means.chi2) == pytest.approx(gap**2 / spread, rel=1e-9, abs=1e-12)
    else:
        assert math.isnan(float(means.chi2))
    if over > 0 and under > 0:
        assert float(odds.psi) == pytest.approx(over / under, rel=1e-9)
    else:
        assert math.isnan(float(odds.log_se))


def test_the_error_of_liu_agresti_is_the_spread_of_simulated_estimates() -> None:
    rng = np.random.default_rng(20261)  # synthetic
    strata, draws = 40, 1500
    cuts = rng.normal(size=(strata, 1)) + np.array([-1.0, 0.0, 1.0])
    shares = []
    for shift in (0.0, -0.5):
        reach = 1.0 / (1.0 + np.exp(cuts - shift))
        edges = np.concatenate([np.ones((strata, 1)), reach, np.zeros((strata, 1))], axis=1)
        shares.append(-np.diff(edges, axis=1))
    counts = [
        np.stack([rng.multinomial(12, row, size=draws) for row in share], axis=-1).astype(float)
        for share in shares
    ]

    found = cumulative_odds(counts[0], counts[1])

    spread = np.log(found.psi).std()
    # 1,500 draws know a standard deviation to 2 %; three of those.
    assert float(found.log_se.mean()) == pytest.approx(float(spread), rel=0.06)
    assert float(np.log(found.psi).mean()) == pytest.approx(0.5, abs=0.05)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=6),
)
def test_exchanging_the_groups_turns_the_odds_ratio_over(rows: list[list[int]]) -> None:
    a, b, c, d = np.array(rows, dtype=float).T
    here, there = common_odds(FourCounts(a, b, c, d)), common_odds(FourCounts(c, d, a, b))

    if here.alpha > 0 and np.isfinite(here.alpha):
        assert float(here.alpha * there.alpha) == pytest.approx(1.0)
        assert float(here.log_se) == pytest.approx(float(there.log_se), rel=1e-9)
    np.testing.assert_allclose(here.chi2, there.chi2, rtol=1e-9, atol=1e-12)
