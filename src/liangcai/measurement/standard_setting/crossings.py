"""Where two groups' score densities are in a given ratio, and how sure that score is."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from liangcai.measurement.arrays import Array

_SCAN = 513
_BLOCK = 1 << 20
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class Divided:
    """Scores of the lower and the upper group, and the log density ratio upper : lower at the cut.

    `ratio_variance` is that of the log ratio: above 0 where the base rate is the sample's.
    """

    lower: Array
    upper: Array
    log_ratio: float
    ratio_variance: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A cut and its standard error."""

    cut: float
    standard_error: float


def normal_crossing(divided: Divided) -> Crossing | None:
    """Return where the ratio of two normal densities rises through the one wanted, or None."""
    means = np.array([divided.lower.mean(), divided.upper.mean()])
    sds = np.array([divided.lower.std(ddof=1), divided.upper.std(ddof=1)])
    if not (sds > 0.0).all():
        return None
    # log f₁ − log f₀ − ratio is a quadratic in the score.
    precision = 1.0 / sds**2
    a = -0.5 * (precision[1] - precision[0])
    b = float(precision[1] * means[1] - precision[0] * means[0])
    c = 0.5 * float(precision[0] * means[0] ** 2 - precision[1] * means[1] ** 2)
    c += math.log(sds[0] / sds[1]) - divided.log_ratio
    roots = np.roots([a, b, c]) if abs(a) > 1e-14 * precision.max() else np.array([-c / b])
    real = roots[np.abs(np.imag(roots)) < 1e-12].real
    rising = real[2.0 * a * real + b > 0.0]
    if not rising.size:
        return None
    cut = float(rising[0])
    z = (cut - means) / sds
    sizes = np.array([divided.lower.size, divided.upper.size])
    # ∂log f/∂mean = z/s with variance s²/n, ∂log f/∂s = (z² − 1)/s with variance s²/(2n).
    variance = float(((z**2 + 0.5 * (z**2 - 1.0) ** 2) / sizes).sum()) + divided.ratio_variance
    rise = 2.0 * a * cut + b
    return Crossing(cut, math.sqrt(variance) / abs(rise))


def kernel_crossing(divided: Divided) -> Crossing | None:
    """Return where the ratio of two kernel densities rises through the one wanted, or None.

    Of several such scores it is the one with the least smoothed share of wrong decisions.
    """
    widths = [silverman_bandwidth(group) for group in (divided.lower, divided.upper)]
    if not min(widths) > 0.0:
        return None
    both = np.concatenate([divided.lower, divided.upper])
    ratio = math.exp(divided.log_ratio)

    def gap(points: Array) -> Array:
        upper = kernel_density(divided.upper, points, bandwidth=widths[1])
        return np.asarray(
            upper - ratio * kernel_density(divided.lower, points, bandwidth=widths[0])
        )

    grid = np.linspace(both.min(), both.max(), _SCAN)
    rising = np.flatnonzero(np.diff(np.sign(gap(grid))) > 0)
    if not rising.size:
        return None
    passing = ndtr((divided.lower - grid[rising, None]) / widths[0]).mean(axis=1)
    failing = ndtr((grid[rising, None] - divided.upper) / widths[1]).mean(axis=1)
    cell = rising[np.argmin(ratio * passing + failing)]
    left, right = float(grid[cell]), float(grid[cell + 1])
    for _ in range(60):
        centre = 0.5 * (left + right)
        left, right = (centre, right) if gap(np.array([centre]))[0] < 0.0 else (left, centre)
    cut = 0.5 * (left + right)
    variance = _density_variance(divided.upper, widths[1], cut)
    variance += ratio**2 * _density_variance(divided.lower, widths[0], cut)
    lower_there = kernel_density(divided.lower, np.array([cut]), bandwidth=widths[0])[0]
    variance += (ratio * lower_there) ** 2 * divided.ratio_variance
    rise = kernel_slope(divided.upper, cut, bandwidth=widths[1]) - ratio * kernel_slope(
        divided.lower, cut, bandwidth=widths[0]
    )
    return Crossing(cut, math.sqrt(variance) / abs(rise)) if rise != 0.0 else None


def silverman_bandwidth(scores: Array) -> float:
    """Return 0.9 · min(sd, IQR/1.34) · n^(−1/5) (Silverman, 1986); sd alone where the IQR is 0."""
    sd = float(scores.std(ddof=1))
    quartiles = np.quantile(scores, [0.25, 0.75])
    iqr = float(quartiles[1] - quartiles[0]) / 1.34
    return 0.9 * (min(sd, iqr) if iqr > 0.0 else sd) * float(scores.size**-0.2)


def kernel_density(scores: Array, points: Array, *, bandwidth: float) -> Array:
    """Return the Gaussian kernel density of the scores at each point."""
    values, counts = np.unique(scores, return_counts=True)
    found = np.empty(points.size)
    rows = max(1, _BLOCK // values.size)
    for start in range(0, points.size, rows):
        z = (points[start : start + rows, None] - values) / bandwidth
        found[start : start + rows] = np.exp(-0.5 * z * z) @ counts
    return found / (scores.size * bandwidth * _ROOT_TWO_PI)


def kernel_slope(scores: Array, point: float, *, bandwidth: float) -> float:
    """Return the slope of the Gaussian kernel density at a point."""
    z = (point - scores) / bandwidth
    return float(-(z * np.exp(-0.5 * z * z)).mean() / (bandwidth**2 * _ROOT_TWO_PI))


def _density_variance(scores: Array, bandwidth: float, point: float) -> float:
    z = (point - scores) / bandwidth
    return float((np.exp(-0.5 * z * z) / (bandwidth * _ROOT_TWO_PI)).var(ddof=1) / scores.size)
