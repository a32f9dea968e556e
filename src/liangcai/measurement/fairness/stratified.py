"""Odds ratios over strata: Mantel–Haenszel, its standard error, Breslow–Day, standardization.

All functions take counts of right and wrong answers in the reference and the focal group, one
stratum along the last axis (leading axes are free: items, groups), and return one value per
leading cell; NaN where a value does not exist.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.ratios import ratio, share
from liangcai.measurement.significance import tail


@dataclass(frozen=True, slots=True)
class FourCounts:
    """Right and wrong answers in the reference and in the focal group (… × S each)."""

    reference_right: Array
    reference_wrong: Array
    focal_right: Array
    focal_wrong: Array

    @property
    def total(self) -> Array:
        """The persons of each stratum."""
        return self.reference_right + self.reference_wrong + self.focal_right + self.focal_wrong


@dataclass(frozen=True, slots=True)
class CommonOdds:
    """The common odds ratio, the standard error of its log, and the Mantel–Haenszel χ² (1 df).

    `alpha` above 1 favours the reference group. `chi2` is without, `chi2_corrected` with the
    continuity correction of one half.
    """

    alpha: Array
    log_se: Array
    chi2: Array
    chi2_corrected: Array


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """Tests that one odds ratio holds in all strata: Breslow–Day, Tarone's correction, trend (1 df)."""

    breslow_day: Array
    breslow_day_p: Array
    tarone: Array
    tarone_p: Array
    df: Array
    trend: Array
    trend_p: Array


def common_odds(counts: FourCounts) -> CommonOdds:
    """Return the Mantel–Haenszel odds ratio (1959), its RBG error (Robins, Breslow & Greenland, 1986)."""
    a, b, c, d = (
        counts.reference_right,
        counts.reference_wrong,
        counts.focal_right,
        counts.focal_wrong,
    )
    n = counts.total
    both = ((a + b) > 0) & ((c + d) > 0)
    same, cross = share(a * d, n), share(b * c, n)
    agree, differ = share(a + d, n), share(b + c, n)
    over, under = same.sum(-1), cross.sum(-1)
    variance = (
        ratio((agree * same).sum(-1), 2.0 * over**2)
        + ratio((agree * cross + differ * same).sum(-1), 2.0 * over * under)
        + ratio((differ * cross).sum(-1), 2.0 * under**2)
    )
    exists = (over > 0) & (under > 0)
    expected, spread = _hypergeometric(counts)
    gap = np.abs(np.where(both, a - expected, 0.0).sum(-1))
    total = spread.sum(-1)
    return CommonOdds(
        alpha=ratio(over, under),
        log_se=np.sqrt(np.where(exists, variance, np.nan)),
        chi2=np.where(total > 0, share(gap**2, total), np.nan),
        chi2_corrected=np.where(total > 0, share(np.maximum(gap - 0.5, 0.0) ** 2, total), np.nan),
    )


def _hypergeometric(counts: FourCounts) -> tuple[Array, Array]:
    """Mean and variance of the reference group's right answers, all margins fixed."""
    n = counts.total
    reference = counts.reference_right + counts.reference_wrong
    right = counts.reference_right + counts.focal_right
    mean = share(reference * right, n)
    # A stratum of one person (or less, by frequency weights) holds no comparison: share gives 0.
    return mean, share(reference * (n - reference) * right * (n - right), n**2 * (n - 1.0))


def homogeneity(counts: FourCounts, alpha: Array, scores: Array) -> Homogeneity:
    """
    Test that the odds ratio `alpha` holds in every stratum (Breslow & Day, 1980; Tarone, 1985).

    `trend` tests whether the odds ratio rises or falls with `scores`, the strata's matching
    scores (… × S or S): the more powerful test of non-uniform DIF (Penfield, 2003).
    """
    usable = np.isfinite(alpha) & (alpha > 0)
    expected = _fitted(counts, np.where(usable, alpha, 1.0)[..., None])
    reference = counts.reference_right + counts.reference_wrong
    right = counts.reference_right + counts.focal_right
    others = counts.total - reference - right + expected
    cells = np.stack([expected, reference - expected, right - expected, others])
    inside = (cells > 1e-10 * np.maximum(counts.total, 1.0)).all(axis=0)
    spread = np.where(inside, share(1.0, share(1.0, np.where(inside, cells, 1.0)).sum(axis=0)), 0.0)
    gap = np.where(inside, counts.reference_right - expected, 0.0)
    plain = share(gap**2, spread).sum(-1)
    total = spread.sum(-1)
    df = inside.sum(-1) - 1.0
    exists = usable & (df >= 1)
    tarone = plain - share(gap.sum(-1) ** 2, total)
    lever = np.where(inside, scores, 0.0)
    centre = share((lever * spread).sum(-1), total)
    tilt = (lever * gap).sum(-1) - centre * gap.sum(-1)
    room = (lever**2 * spread).sum(-1) - centre**2 * total
    trend = np.where(exists & (room > 1e-9 * total), share(tilt**2, room), np.nan)
    plain, tarone = np.where(exists, plain, np.nan), np.where(exists, tarone, np.nan)
    return Homogeneity(
        breslow_day=plain,
        breslow_day_p=tail(plain, np.maximum(df, 1.0)),
        tarone=tarone,
        tarone_p=tail(tarone, np.maximum(df, 1.0)),
        df=np.where(exists, df, np.nan),
        trend=trend,
        trend_p=tail(trend, 1.0),
    )


def _fitted(counts: FourCounts, alpha: Array) -> Array:
    """Return the reference group's right answers that give odds ratio alpha with the same margins."""
    reference = counts.reference_right + counts.reference_wrong
    focal = counts.focal_right + counts.focal_wrong
    right = counts.reference_right + counts.focal_right
    curve, slope, level = (
        1.0 - alpha,
        focal - right + alpha * (reference + right),
        -alpha * reference * right,
    )
    root = np.sqrt(np.maximum(slope**2 - 4.0 * curve * level, 0.0))
    # The stable form of the quadratic's root: no subtraction of near-equal numbers at alpha ≈ 1.
    return share(-2.0 * level, slope + root)


@dataclass(frozen=True, slots=True)
class StandardizedDifference:
    """Focal minus reference proportion right at equal matching score, weighted by the focal group."""

    difference: Array
    se: Array


def standardized_difference(counts: FourCounts) -> StandardizedDifference:
    """Return STD P-DIF and its standard error (Dorans & Kulick, 1986; Dorans & Holland, 1993)."""
    reference = counts.reference_right + counts.reference_wrong
    focal = counts.focal_right + counts.focal_wrong
    both = (reference > 0) & (focal > 0)
    weight = np.where(both, focal, 0.0)
    weight = ratio(weight, weight.sum(-1, keepdims=True))
    at_reference, at_focal = (
        share(counts.reference_right, reference),
        share(counts.focal_right, focal),
    )
    variance = share(at_focal * (1.0 - at_focal), focal) + share(
        at_reference * (1.0 - at_reference), reference
    )
    return StandardizedDifference(
        (weight * (at_focal - at_reference)).sum(-1), np.sqrt((weight**2 * variance).sum(-1))
    )
