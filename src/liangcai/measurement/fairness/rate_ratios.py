"""Two pass rates: intervals of their ratio, and Fisher's exact test of their difference."""

import numpy as np
from scipy.special import betainc, betaincinv, gammaln, ndtri

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.brackets import halved

_NODES, _BISECTIONS, _WIDEST = 400, 36, 30.0
# Beyond so many standard deviations no table adds a digit to Fisher's p.
_FARTHEST = 40.0


def log_interval(passing: Array, total: Array, place: int, confidence: float) -> Array:
    """Return the interval of Katz and others (1978); for a group without passes the lower end is 0 and there is no upper end."""
    z = float(ndtri(0.5 + confidence / 2.0))
    some = passing > 0
    own = np.where(some, 1.0 / np.maximum(passing, 1.0) - 1.0 / total, np.nan)
    reach = z * np.sqrt(own + 1.0 / passing[place] - 1.0 / total[place])
    centre = (passing / total) / (passing[place] / total[place])
    low, high = centre * np.exp(-reach), centre * np.exp(reach)
    return np.stack([np.where(some, low, 0.0), high])


def bayes_interval(
    passing: Array, total: Array, place: int, rows: Index, confidence: float
) -> Array:
    """Return the equal-tailed interval of the ratio of two rates with independent Beta(½, ½) priors."""
    a, b = passing + 0.5, total - passing + 0.5
    shares = (np.arange(_NODES) + 0.5) / _NODES
    at_reference = betaincinv(a[place], b[place], shares)
    own, other = a[rows, None], b[rows, None]
    wanted = np.array([[0.5 - confidence / 2.0], [0.5 + confidence / 2.0]])

    def is_below(log_ratio: Array) -> Flags:
        point = np.minimum(np.exp(log_ratio)[:, :, None] * at_reference, 1.0)
        return np.asarray(betainc(own, other, point).mean(axis=2) < wanted, dtype=bool)

    low, high = np.full((2, rows.size), -_WIDEST), np.full((2, rows.size), _WIDEST)
    return np.exp(halved(is_below, low, high, halvings=_BISECTIONS))


def exact_p(passing: Array, total: Array, place: int, row: int) -> float:
    """Return Fisher's two-sided p: the chance of all tables no likelier than this one."""
    passes, size, other = passing[row] + passing[place], total[row], total[place]
    everybody = size + other
    mean = passes * size / everybody
    spread = np.sqrt(mean * other * (everybody - passes) / everybody / max(everybody - 1.0, 1.0))
    reach = np.ceil(_FARTHEST * (spread + 1.0))
    lowest = max(0.0, passes - other, np.floor(mean) - reach)
    highest = min(passes, size, np.ceil(mean) + reach)
    if not lowest <= passing[row] <= highest:
        return 0.0
    seen = np.arange(lowest, highest + 1.0)
    log_chance = _log_choices(size, seen) + _log_choices(other, passes - seen)
    chance = np.exp(log_chance - log_chance.max())
    # Equally likely tables may differ in the last digits.
    no_likelier = chance <= chance[int(passing[row] - seen[0])] * (1.0 + 1e-7)
    return float(min(chance[no_likelier].sum() / chance.sum(), 1.0))


def _log_choices(size: float, chosen: Array) -> Array:
    return np.asarray(
        gammaln(size + 1.0) - gammaln(chosen + 1.0) - gammaln(size - chosen + 1.0), dtype=float
    )
