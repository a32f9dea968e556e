"""Adaptive testing on a grid of abilities: which question next, and when to stop.

Everything is a table of curves over the nodes of a grid, so a step is a few small matrix products:
pure, the same for the same arguments, and fast enough to be computed anew from all answers at every
step. Chance comes in as a number in [0, 1).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.curves import Curves, curves_at
from liangcai.measurement.grid import Grid
from liangcai.measurement.hierarchy import Index
from liangcai.measurement.scales import Array

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions with equally many categories: log P[question, category, node] and Fisher information."""

    log_probability: Array
    information: Array


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Stop at the standard error `target_se`, but not before `fewest` questions nor after `most`."""

    target_se: float
    fewest: int
    most: int

    def is_met(self, *, se: float, asked: int) -> bool:
        """Whether the test may end."""
        return asked >= self.most or (asked >= self.fewest and se <= self.target_se)


def right_or_wrong(parameters: Array, nodes: Array) -> Pool:
    """Return the pool of three-parameter logistic questions (Birnbaum, 1968), rows (a, b, c).

    Category 0 is wrong, 1 right; information is a²(1 − c)s²(1 − s)/P with s = logistic(a(theta − b)).
    """
    curves = curves_at(parameters, nodes)
    right = curves.log_miss + curves.log_odds
    return Pool(np.stack([curves.log_miss, right], axis=1), curves.information)


def graded(slopes: Array, thresholds: Array, nodes: Array) -> Pool:
    """Return the pool of graded response questions (Samejima, 1969).

    `thresholds` has a rising row per question: P(category ≥ k) = logistic(a(theta − threshold[k−1])).
    Information is the sum over categories of P'²/P.
    """
    z = slopes[:, None, None] * (nodes[None, None, :] - thresholds[:, :, None])
    reach = 0.5 * (1.0 + np.tanh(0.5 * z))
    rise = slopes[:, None, None] * reach * (1.0 - reach)
    edge = np.ones_like(reach[:, :1])
    probability = -np.diff(np.concatenate([edge, reach, 0.0 * edge], axis=1), axis=1)
    change = -np.diff(np.concatenate([0.0 * edge, rise, 0.0 * edge], axis=1), axis=1)
    probability = np.maximum(probability, _SMALLEST)
    return Pool(np.log(probability), (change**2 / probability).sum(axis=1))


def averaged_over_members(pool: Pool, kernel: Array, grid: Grid) -> Pool:
    """Return the pool as the group sees it: each curve averaged over how members scatter about it.

    `kernel` is `hierarchy.spread_kernel`. The information is that of the averaged curves, ΣP'²/P with
    slopes from neighbouring nodes.
    """
    weights = kernel / kernel.sum(axis=1, keepdims=True)
    probability = np.exp(pool.log_probability) @ weights.T
    slope = np.gradient(probability, grid.step, axis=2)
    probability = np.maximum(probability, _SMALLEST)
    return Pool(np.log(probability), (slope**2 / probability).sum(axis=1))


def log_likelihoods(pool: Pool, questions: Index, shares: Array) -> Array:
    """Return a row over the nodes for each answer.

    `shares` has a row per answer over the categories, summing to 1: all in one category for an
    ordinary answer, split between wrong and right for partial credit (a fractional quasi-likelihood).
    """
    rows = np.einsum("ack,ac->ak", pool.log_probability[questions], shares)
    return np.asarray(rows, dtype=float)


def mean_and_se(grid: Grid, mass: Array) -> tuple[Array, Array]:
    """Return the posterior mean (EAP, Bock & Mislevy, 1982) and standard deviation of each row."""
    mean = mass @ grid.nodes
    variance = mass @ grid.nodes**2 - mean**2
    return mean, np.sqrt(np.maximum(variance, 0.0))


def expected_information(pool: Pool, mass: Array) -> Array:
    """Return each question's information averaged over the posterior `mass` (van der Linden, 1998)."""
    return np.asarray(pool.information @ mass, dtype=float)


def expected_variance(pool: Pool, mass: Array, grid: Grid) -> Array:
    """Return each question's expected posterior variance after its answer (van der Linden, 1998)."""
    joint = np.exp(pool.log_probability) * mass
    chance = np.maximum(joint.sum(axis=2), _SMALLEST)
    mean = joint @ grid.nodes / chance
    square = joint @ grid.nodes**2 / chance
    return np.asarray((chance * (square - mean**2)).sum(axis=1), dtype=float)


def most_wanted(shares: Array, asked: Index, open_areas: npt.NDArray[np.bool_]) -> Index:
    """Return the open areas whose share of the test lags most (Kingsbury & Zara, 1989).

    `shares` sum to 1 over the areas, `asked` counts the questions of each so far. Areas that lag
    equally all come back, so that the choice between them is left to precision.
    """
    lag = np.where(open_areas, shares * (asked.sum() + 1) - asked, -np.inf)
    return np.flatnonzero(open_areas & (lag >= lag.max() - 1e-9))


def one_of_the_best(merit: Array, *, among: int, chance: float) -> int:
    """Return the place of one of the `among` largest merits (randomesque; Kingsbury & Zara, 1989).

    Equal merits (to nine decimals, so that a processor's last bit decides nothing) rank in order of
    place; `chance` in [0, 1) picks among the best.
    """
    order = np.argsort(-np.round(merit, 9), kind="stable")
    return int(order[int(chance * min(among, order.size))])


@dataclass(frozen=True, slots=True)
class OneObservation:
    """Several answers told as one: a share of the possible score that counts as so many trials.

    `misfit` is the mean squared difference of the two log-likelihoods over the posterior.
    """

    share: float
    trials: float
    misfit: float


def as_one_observation(log_likelihood: Array, mass: Array, curve: Curves) -> OneObservation:
    """Return the observation on the one row of `curve` whose log-likelihood is closest to the given.

    Least squares weighted with the posterior `mass`, of log-likelihood on log P, log Q and a constant,
    the first two with coefficients of at least 0.
    """
    miss = curve.log_miss[0]
    hit = miss + curve.log_odds[0]
    columns = np.column_stack([hit, miss])
    columns = columns - mass @ columns
    target = log_likelihood - mass @ log_likelihood
    weights = _least_squares(columns, target, mass)
    if weights.min() < 0.0:
        singles = [_least_squares(columns[:, [side]], target, mass)[0] for side in (0, 1)]
        weights = np.where(np.arange(2) == int(weights.argmax()), np.maximum(singles, 0.0), 0.0)
    trials = float(weights.sum())
    misfit = float(mass @ (target - columns @ weights) ** 2)
    return OneObservation(float(weights[0]) / trials if trials else 0.5, trials, misfit)


def _least_squares(columns: Array, target: Array, mass: Array) -> Array:
    normal = columns.T * mass
    return np.asarray(np.linalg.solve(normal @ columns, normal @ target), dtype=float)
