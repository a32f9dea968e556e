"""Statistics over strata for items with several scores: Mantel, generalised Mantel–Haenszel, Liu–Agresti.

Counts are … × K scores × G groups × S strata (reference group first); each function returns one
value per leading cell, NaN where a value does not exist.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.ratios import ratio, share


@dataclass(frozen=True, slots=True)
class GeneralAssociation:
    """A χ² statistic of association at equal matching score and its degrees of freedom."""

    chi2: Array
    df: Array


def general_association(counts: Array) -> GeneralAssociation:
    """
    Return the generalised Mantel–Haenszel statistic (Birch, 1965; Landis, Heyman & Koch, 1978; Somes, 1986).

    Any number of scores and groups at once; scores or groups that never occur take no degree
    of freedom.
    """
    n = counts.sum(axis=(-3, -2))
    by_score, by_group = counts.sum(axis=-2), counts.sum(axis=-3)
    expected = share(by_score[..., :, None, :] * by_group[..., None, :, :], n[..., None, None, :])
    gap = (counts - expected)[..., 1:, 1:, :].sum(-1)
    weight = share(1.0, n**2 * (n - 1.0))
    scores, groups = _covariance(by_score, n), _covariance(by_group, n)
    spread = np.einsum("...s,...kls,...ghs->...kglh", weight, scores, groups)
    size = gap.shape[-2] * gap.shape[-1]
    if size == 0:
        return GeneralAssociation(np.full(gap.shape[:-2], np.nan), np.zeros(gap.shape[:-2]))
    spread = spread.reshape(*gap.shape[:-2], size, size)
    flat = gap.reshape(*gap.shape[:-2], size)
    scale = np.maximum(np.diagonal(spread, axis1=-2, axis2=-1).max(-1), 1e-300)[..., None, None]
    inverse = np.linalg.pinv(spread / scale, rcond=1e-9, hermitian=True)
    df = np.linalg.matrix_rank(spread / scale, tol=1e-9, hermitian=True).astype(float)
    chi2 = np.einsum("...a,...ab,...b->...", flat, inverse / scale, flat)
    return GeneralAssociation(np.where(df > 0, chi2, np.nan), df)


def _covariance(margin: Array, n: Array) -> Array:
    """Return n·diag(m) − m·mᵀ of a margin without its first entry (… × K−1 × K−1 × S)."""
    part = margin[..., 1:, :]
    width = np.eye(part.shape[-2])[:, :, None]
    return np.asarray(
        width * (n[..., None, :] * part)[..., None, :, :]
        - part[..., :, None, :] * part[..., None, :, :],
        dtype=float,
    )


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """
    Focal minus reference mean score at equal matching score, weighted by the focal group.

    `chi2`: Mantel's test (1 df). `smd`: the difference; `smd_se` its standard error; `effect`:
    the difference over the pooled standard deviation of the item.
    """

    chi2: Array
    smd: Array
    smd_se: Array
    effect: Array


def mean_difference(reference: Array, focal: Array) -> MeanDifference:
    """
    Compare mean scores (… × K × S each) at equal matching score.

    Mantel (1963); standardized mean difference and its error: Dorans & Schmitt (1993), Zwick &
    Thayer (1996, independent multinomial samples).
    """
    scores = np.arange(reference.shape[-2], dtype=float)[:, None]
    sums, squares = {}, {}
    sizes = {"reference": reference.sum(-2), "focal": focal.sum(-2)}
    for name, table in (("reference", reference), ("focal", focal)):
        sums[name] = (scores * table).sum(-2)
        squares[name] = (scores**2 * table).sum(-2)
    n_reference, n_focal = sizes["reference"], sizes["focal"]
    n = n_reference + n_focal
    both = (n_reference > 0) & (n_focal > 0)
    all_sum, all_squares = (
        sums["reference"] + sums["focal"],
        squares["reference"] + squares["focal"],
    )
    gap = np.where(both, sums["focal"] - share(n_focal * all_sum, n), 0.0).sum(-1)
    spread = share(n_reference * n_focal * (n * all_squares - all_sum**2), n**2 * (n - 1.0)).sum(-1)
    weight = np.where(both, n_focal, 0.0)
    weight = ratio(weight, weight.sum(-1, keepdims=True))
    means = {name: share(sums[name], sizes[name]) for name in sizes}
    noise = {
        name: share(share(squares[name], sizes[name]) - means[name] ** 2, sizes[name])
        for name in sizes
    }
    smd = (weight * (means["focal"] - means["reference"])).sum(-1)
    pooled = _pooled_deviation(reference, focal)
    return MeanDifference(
        chi2=np.where(spread > 1e-12, share(gap**2, spread), np.nan),
        smd=smd,
        smd_se=np.sqrt((weight**2 * np.maximum(noise["focal"] + noise["reference"], 0.0)).sum(-1)),
        effect=np.where(pooled > 0, ratio(smd, pooled), np.nan),
    )


def _pooled_deviation(reference: Array, focal: Array) -> Array:
    """Return the within-group standard deviation of the item score, both groups pooled."""
    scores = np.arange(reference.shape[-2], dtype=float)
    total, size = np.zeros(reference.shape[:-2]), np.zeros(reference.shape[:-2])
    for table in (reference, focal):
        seen = table.sum(-1)
        count = seen.sum(-1)
        mean = share((scores * seen).sum(-1), count)
        total = total + ((scores - mean[..., None]) ** 2 * seen).sum(-1)
        size = size + count
    return np.asarray(np.sqrt(share(total, np.maximum(size - 2.0, 0.0))), dtype=float)


@dataclass(frozen=True, slots=True)
class CumulativeOdds:
    """The common cumulative odds ratio (above 1 favours the reference group) and the error of its log."""

    psi: Array
    log_se: Array


def cumulative_odds(reference: Array, focal: Array) -> CumulativeOdds:
    """
    Return the Liu–Agresti odds ratio of counts … × K × S (Liu & Agresti, 1996; Penfield & Algina, 2003).

    Its error treats ψ as a ratio of two-sample U-statistics: over pairs (x of the reference, y
    of the focal group) the kernel is max(x − y, 0) − ψ·max(y − x, 0), and only pairs that share
    a person are correlated. So it holds in few large as well as in many small strata.
    """
    scores = np.arange(reference.shape[-2], dtype=float)
    ahead = np.maximum(scores[:, None] - scores, 0.0)
    n = reference.sum(-2) + focal.sum(-2)
    over_at = np.einsum("...xs,...ys,xy->...s", reference, focal, ahead)
    under_at = np.einsum("...xs,...ys,yx->...s", reference, focal, ahead)
    over, under = share(over_at, n).sum(-1), share(under_at, n).sum(-1)
    psi = ratio(over, under)
    exists = (over > 0) & (under > 0)
    kernel = ahead - np.where(exists, psi, 1.0)[..., None, None] * ahead.T
    by_reference = np.einsum("...ys,...xy->...xs", focal, kernel)
    by_focal = np.einsum("...xs,...xy->...ys", reference, kernel)
    shared = (
        (reference * by_reference**2).sum(-2)
        + (focal * by_focal**2).sum(-2)
        - np.einsum("...xs,...ys,...xy->...s", reference, focal, kernel**2)
    )
    variance = share(np.maximum(shared, 0.0), n**2).sum(-1)
    return CumulativeOdds(psi, np.where(exists, ratio(np.sqrt(variance), over), np.nan))
