"""The chance that a normal vector lies above cuts and on the upper side of one plane."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.bivariate_normal import bivariate_normal_cdf
from liangcai.measurement.classification.cuts import chance_of_all
from liangcai.measurement.classification.tables import ClassificationInvalid

_BLOCK = 1 << 20
_FAR = 40.0
_SMALLEST = 1e-300
_EXACT = "exact normal probability"
_SAMPLED = "randomised quasi-Monte-Carlo (scrambled Sobol points), conditioned part by part"


@dataclass(frozen=True, slots=True)
class Region:
    """x ≥ cuts, and weights · x ≥ total unless that is None."""

    cuts: tuple[float, ...]
    weights: tuple[float, ...]
    total: float | None


@dataclass(frozen=True, slots=True)
class RegionChance:
    """Each row's chance of lying in a region, its standard error, and how it was found."""

    chance: Array
    error: Array
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class _Normal:
    """Rows of means and standard deviations (N × P) with common correlations, and the region."""

    mean: Array
    sd: Array
    correlations: Array
    cuts: Array
    weights: Array
    total: float | None

    def kept(self, parts: Index) -> "_Normal":
        return _Normal(
            self.mean[:, parts],
            self.sd[:, parts],
            self.correlations[np.ix_(parts, parts)],
            self.cuts[parts],
            self.weights[parts],
            self.total,
        )

    def distance(self) -> Array:
        """Standardised distances from the means up to the cuts."""
        return np.asarray(np.clip((self.cuts - self.mean) / self.sd, -_FAR, _FAR))

    def total_distance(self) -> tuple[Array, Array, Array]:
        """Return the total's distance to its cut, its sd, and its correlations with the parts."""
        scaled = self.weights * self.sd
        with_parts = scaled @ self.correlations
        sd = np.sqrt(np.einsum("np,np->n", scaled, with_parts))
        distance = ((self.total or 0.0) - self.mean @ self.weights) / sd
        return np.clip(distance, -_FAR, _FAR), sd, with_parts / sd[:, None]


def chance_in(
    region: Region,
    *,
    mean: Array,
    sd: Array,
    correlations: Array,
    rng: np.random.Generator | None,
    points: int,
    replicates: int,
) -> RegionChance:
    """
    Return each row's chance of lying in the region, exactly where a closed form is known.

    Raises:
        ClassificationInvalid: no closed form is known and there is no `rng`, or `points` is no
            power of 2, or there are fewer than 2 replicates.
    """
    weights = np.array(region.weights or (0.0,) * len(region.cuts))
    normal = _reduced(_Normal(mean, sd, correlations, np.array(region.cuts), weights, region.total))
    exact = _exact(normal)
    if exact is not None:
        chance = np.clip(exact[0], 0.0, 1.0)
        return RegionChance(chance, np.zeros(chance.size), _EXACT, exact[1])
    if rng is None:
        raise ClassificationInvalid(
            "three or more parts with a binding total or correlated errors have no exact form: "
            "pass rng=numpy.random.default_rng(seed)"
        )
    if points < 2 or points & (points - 1) or replicates < 2:
        raise ClassificationInvalid(
            f"points must be a power of 2 and replicates at least 2, not {points} and {replicates}"
        )
    chance, error = _sampled(normal, rng, points, replicates)
    return RegionChance(chance, error, _SAMPLED, "Genz (1992); Owen (1997)")


def _reduced(normal: _Normal) -> _Normal:
    """Turn a total of one part into a cut, and leave out parts that no condition touches."""
    if normal.total is not None and np.count_nonzero(normal.weights) == 1:
        part = int(np.flatnonzero(normal.weights)[0])
        cuts = normal.cuts.copy()
        cuts[part] = max(cuts[part], normal.total / normal.weights[part])
        normal = _Normal(
            normal.mean, normal.sd, normal.correlations, cuts, 0.0 * normal.weights, None
        )
    weights = normal.weights if normal.total is not None else 0.0 * normal.weights
    touched = np.isfinite(normal.cuts) | (weights > 0.0)
    return normal.kept(np.flatnonzero(touched))


def _exact(normal: _Normal) -> tuple[Array, str] | None:
    parts = normal.cuts.size
    if normal.total is not None and np.isneginf(normal.cuts).all():
        return ndtr(-normal.total_distance()[0]), "Rudner (2005)"
    if normal.total is None and np.array_equal(normal.correlations, np.eye(parts)):
        return chance_of_all(normal.cuts, theta=normal.mean, se=normal.sd), "Rudner (2005)"
    if parts > 2:
        return None
    cut = normal.distance()
    if normal.total is None:
        return both_above(
            cut[:, 0], cut[:, 1], correlation=normal.correlations[0, 1]
        ), "Owen (1956)"
    total, _, correlation = normal.total_distance()
    # Beyond the corner, what reaches the total and misses one cut has reached the other: the
    # region is what reaches cut 1 and the total, less what reaches the total but not cut 2.
    first = both_above(cut[:, 0], total, correlation=correlation[:, 0])
    second = both_above(cut[:, 1], total, correlation=correlation[:, 1])
    return first + second - ndtr(-total), "Owen (1956)"


def both_above(one: Array, other: Array, *, correlation: Array | float) -> Array:
    """Return P(X ≥ one, Y ≥ other) of standard normals with this correlation (Owen, 1956)."""
    return bivariate_normal_cdf(-one, -other, np.asarray(correlation))


def _sampled(
    normal: _Normal, rng: np.random.Generator, points: int, replicates: int
) -> tuple[Array, Array]:
    """Return the mean and standard error over independently scrambled point sets, person by person."""
    # The part with the largest weight goes last: it is integrated exactly, total included.
    order = np.argsort(normal.weights, kind="stable")
    ordered = normal.kept(order)
    root = np.asarray(np.linalg.cholesky(ordered.correlations), dtype=float)
    parts, log_points = order.size, points.bit_length() - 1
    uniforms = [
        qmc.Sobol(parts - 1, scramble=True, seed=rng).random_base2(log_points)
        for _ in range(replicates)
    ]
    rows = max(1, _BLOCK // points)
    blocks: list[Array] = []
    for start in range(0, normal.mean.shape[0], rows):
        share = _conditioner(ordered, root, slice(start, start + rows))
        blocks.append(np.stack([share(uniform).mean(axis=1) for uniform in uniforms]))
    found = np.concatenate(blocks, axis=1)
    return found.mean(axis=0), found.std(axis=0, ddof=1) / math.sqrt(replicates)


def _conditioner(normal: _Normal, root: Array, rows: slice) -> Callable[[Array], Array]:
    """Return the function from points (M × P − 1) to the smooth integrand (rows × M)."""
    cut = normal.distance()[rows]
    pull = (normal.weights * normal.sd[rows]) @ root
    gap = 0.0 if normal.total is None else normal.total - normal.mean[rows] @ normal.weights
    last = cut.shape[1] - 1

    def integrand(uniform: Array) -> Array:
        share = np.ones((cut.shape[0], uniform.shape[0]))
        drawn = np.empty((last, cut.shape[0], uniform.shape[0]))
        for part in range(last):
            reached = np.tensordot(root[part, :part], drawn[:part], axes=1)
            above = ndtr((reached - cut[:, part, None]) / root[part, part])
            drawn[part] = -ndtri(np.maximum(uniform[:, part] * above, _SMALLEST))
            share *= above
        reached = np.tensordot(root[last, :last], drawn, axes=1)
        bound = (cut[:, last, None] - reached) / root[last, last]
        if normal.total is not None:
            collected = np.einsum("np,pnm->nm", pull[:, :last], drawn)
            bound = np.maximum(bound, (np.asarray(gap)[:, None] - collected) / pull[:, last, None])
        return np.asarray(share * ndtr(-bound))

    return integrand
