"""One likelihood for comparisons and ratings: P(category) ∝ exp(features·parameters + offset).

A comparison has the categories lost and won (and tied), a rating those of its criterion; both are
log-linear in measures, severities and steps, so that Newton's method with sparse products finds
the penalised maximum (Agresti, 2013, chapter 8).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.comparison.judgements import Comparisons

_TOLERANCE = 1e-9
_MOST_STEPS = 100
_FLOOR = 1e-24


class EstimatesNotFound(LiangcaiError):
    """The penalised likelihood could not be maximised."""

    code = "measurement.comparison-estimates-not-found"


@dataclass(frozen=True, slots=True)
class Categories:
    """
    The categories of all observations, one after the other.

    `features` is (rows × parameters, sparse), `seen` the weight observed in each row, `offset` its
    fixed part; `starts` are the first rows of the observations, `owner` each row's observation.
    """

    features: sparse.csr_array
    seen: Array
    offset: Array
    starts: Index
    owner: Index

    def probabilities(self, parameters: Array) -> tuple[Array, float]:
        """Return each category's probability and the log-likelihood of what was seen."""
        z = self.features @ parameters + self.offset
        z = z - np.maximum.reduceat(z, self.starts)[self.owner]
        share = np.exp(z)
        totals = np.add.reduceat(share, self.starts)
        value = float(self.seen @ (z - np.log(totals)[self.owner]))
        return share / totals[self.owner], value

    def totals(self, values: Array) -> Array:
        """Return the sum over the categories of each observation."""
        return np.asarray(np.add.reduceat(values, self.starts), dtype=float)

    def information(self, share: Array, weights: Array) -> sparse.csr_array:
        """Return the Fisher information of the parameters, for a weight of each observation."""
        scaled = sparse.diags_array(share * weights[self.owner]) @ self.features
        means = self._means(share)
        centre = means.T @ (sparse.diags_array(weights) @ means)
        return sparse.csr_array(self.features.T @ scaled - centre)

    def spread(self, share: Array, weights: Array) -> sparse.csr_array:
        """Return a factor L (rows × parameters) of the information, L'L."""
        centred = self.features - self._means(share)[self.owner]
        return sparse.csr_array(sparse.diags_array(np.sqrt(share * weights[self.owner])) @ centred)

    def _means(self, share: Array) -> sparse.csr_array:
        ends = np.append(self.starts, share.size)
        shape = (self.starts.size, share.size)
        gather = sparse.csr_array((share, np.arange(share.size), ends), shape=shape)
        return sparse.csr_array(gather @ self.features)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The parameters found, the penalised information there, the log-likelihood and the steps taken."""

    parameters: Array
    information: sparse.csr_array
    log_likelihood: float
    steps: int


def maximise(
    categories: Categories,
    penalty: sparse.csr_array,
    start: Array,
    *,
    floating: int = 0,
    tilt: Array | None = None,
) -> Estimate:
    """
    Return the parameters that maximise log-likelihood − ½·b'Pb + tilt'b, by Newton steps with halving.

    The first `floating` parameters have no origin of their own: their mean stays as it starts.

    Raises:
        EstimatesNotFound: it did not converge.
    """
    parameters = start.copy()
    weights = categories.totals(categories.seen)
    drift = np.zeros(start.size) if tilt is None else tilt

    def height(at: Array) -> tuple[Array, float]:
        found, likelihood = categories.probabilities(at)
        return found, likelihood - 0.5 * float(at @ (penalty @ at)) + float(drift @ at)

    share, value = height(parameters)
    for step in range(_MOST_STEPS):
        information = sparse.csr_array(categories.information(share, weights) + penalty)
        slope = categories.features.T @ (categories.seen - share * weights[categories.owner])
        slope = slope - penalty @ parameters + drift
        move = solved(information, slope[:, None])[:, 0]
        move[:floating] -= move[:floating].mean() if floating else 0.0
        if np.abs(move).max(initial=0.0) < _TOLERANCE:
            likelihood = categories.probabilities(parameters)[1]
            return Estimate(parameters, information, likelihood, step)
        parameters, share, value = _risen(height, parameters, move, value)
    raise EstimatesNotFound(f"no maximum within {_MOST_STEPS} Newton steps")


def _risen(
    height: Callable[[Array], tuple[Array, float]], parameters: Array, move: Array, value: float
) -> tuple[Array, Array, float]:
    length = min(1.0, 5.0 / max(float(np.abs(move).max()), 1e-300))
    for _ in range(30):
        tried = parameters + length * move
        share, new = height(tried)
        if new >= value - 1e-10 * (1.0 + abs(value)):
            return tried, share, new
        length *= 0.5
    raise EstimatesNotFound("the penalised likelihood does not rise along Newton's direction")


def solved(matrix: sparse.csr_array, right: Array, *, precision: float = 1e-12) -> Array:
    """
    Return the solutions of a symmetric positive (semi-)definite system for several right sides.

    Conjugate gradients with Jacobi's preconditioner (Hestenes & Stiefel, 1952), all sides at once;
    where they are slow, as for long chains, sparse LU, which is then cheap.
    """
    diagonal = np.maximum(matrix.diagonal(), 1e-300)[:, None]
    solution = np.zeros_like(right)
    rest = right.copy()
    scaled = rest / diagonal
    direction, energy = scaled.copy(), (rest * scaled).sum(axis=0)
    # Below the floor a residual is rounding, which a singular system would blow up.
    goal = np.maximum(precision**2 * energy, _FLOOR)
    for _ in range(400):
        if (energy <= goal).all():
            return solution
        image = matrix @ direction
        curve = (direction * image).sum(axis=0)
        length = np.where(energy > goal, energy / np.where(curve > 0, curve, 1.0), 0.0)
        solution += length * direction
        rest -= length * image
        scaled = rest / diagonal
        new = (rest * scaled).sum(axis=0)
        direction = scaled + new / np.where(energy > 0, energy, 1.0) * direction
        energy = new
    if matrix.shape[0] <= 3_000:
        return np.asarray(np.linalg.lstsq(matrix.toarray(), right, rcond=1e-12)[0], dtype=float)
    return np.asarray(sparse_linalg.splu(sparse.csc_array(matrix)).solve(right), dtype=float)


def comparison_categories(
    comparisons: Comparisons, fixed: Flags, values: Array, *, ties: str = "half", slope: float = 1.0
) -> Categories:
    """
    Return the outcomes of comparisons; parameters are the free scripts, their centre and log ν.

    `fixed` scripts have their `values`; `slope` is the unit of measures in logits of a comparison.
    """
    size, count = len(comparisons.scripts), comparisons.count
    width = 3 if ties == "davidson" else 2
    base = width * np.arange(count)
    won, lost = base, base + width - 1
    rows = np.concatenate([won, won, lost, lost])
    columns = np.concatenate([comparisons.first, comparisons.second] * 2)
    half = slope * np.repeat([0.5, -0.5, -0.5, 0.5], count)
    features = sparse.csr_array((half, (rows, columns)), shape=(width * count, size))
    tied = np.zeros(width * count)
    seen = np.zeros(width * count)
    seen[won], seen[lost] = comparisons.outcome, 1.0 - comparisons.outcome
    if width == 3:
        tied[base + 1] = 1.0
        is_tie = comparisons.outcome == 0.5
        seen[base + 1] = is_tie
        seen[won], seen[lost] = comparisons.outcome == 1.0, comparisons.outcome == 0.0
    owner = np.repeat(np.arange(count), width)
    # The centre's column: the sum of the free scripts', all zero where nothing is anchored.
    centre = features @ (~fixed).astype(float)
    extra = sparse.csr_array(np.stack([centre, tied], axis=1))
    free = sparse.hstack([features[:, np.flatnonzero(~fixed)], extra], format="csr")
    return Categories(free, seen * comparisons.weights[owner], features @ values, base, owner)
