"""When an adaptive test ends: length, precision, an exhausted pool, a classification that is settled."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, Protocol

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.estimation import Estimator
from liangcai.measurement.adaptive.item_pool import ItemPool
from liangcai.measurement.adaptive.standing import Standing
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.grid import Grid


class StopInvalid(LiangcaiError):
    """A stopping rule has an impossible setting."""

    code = "measurement.adaptive.stop-invalid"


class StopRule(Protocol):
    """Anything that says, person by person, whether a test may end."""

    @property
    def name(self) -> str:
        """The rule's name in reports."""

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:
        """Return whether each person's test may end (N)."""


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """Stop at the standard error `target_se`, but not before `fewest` items nor after `most`."""

    name: ClassVar[str] = "precision"
    target_se: float
    fewest: int
    most: int

    def __post_init__(self) -> None:
        if not self.target_se > 0.0:
            raise StopInvalid(f"a standard error to stop at lies above 0, not {self.target_se}")

    def is_met(self, *, se: float, asked: int) -> bool:
        """Whether the test may end."""
        return asked >= self.most or (asked >= self.fewest and se <= self.target_se)

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:  # noqa: ARG002
        """Return whether each person's test may end (N)."""
        limit = self.target_se if standing.asked >= self.fewest else -np.inf
        met: Flags = standing.se <= (np.inf if standing.asked >= self.most else limit)
        return met


@dataclass(frozen=True, slots=True)
class Length:
    """Stop after `items` items."""

    name: ClassVar[str] = "length"
    items: int

    def __post_init__(self) -> None:
        if not self.items >= 1:
            raise StopInvalid(f"a test has at least one item, not {self.items}")

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:  # noqa: ARG002
        """Return whether each person's test may end (N)."""
        return np.full(standing.size, standing.asked >= self.items)


@dataclass(frozen=True, slots=True)
class Precision:
    """Stop when the standard error is at most `se` logits."""

    name: ClassVar[str] = "precision"
    se: float

    def __post_init__(self) -> None:
        if not self.se > 0.0:
            raise StopInvalid(f"a standard error to stop at lies above 0, not {self.se}")

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:  # noqa: ARG002
        """Return whether each person's test may end (N)."""
        return np.asarray(standing.se <= self.se)


@dataclass(frozen=True, slots=True)
class InformationFloor:
    """Stop when no open item has at least `information` at the estimate."""

    name: ClassVar[str] = "information-floor"
    information: float

    def __post_init__(self) -> None:
        if not self.information >= 0.0:
            raise StopInvalid(f"an information floor is at least 0, not {self.information}")

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:  # noqa: ARG002
        """Return whether each person's test may end (N)."""
        worth = pool.by_node[pool.node_of(standing.theta)]
        enough = (worth >= self.information) & ~standing.closed
        return np.asarray(~enough.any(axis=1), dtype=bool)


@dataclass(frozen=True, slots=True)
class Interval:
    """Stop when the estimate ± its interval at `level` contains no cut (Kingsbury & Weiss, 1983)."""

    name: ClassVar[str] = "interval"
    cuts: tuple[float, ...]
    level: float = 0.95

    def __post_init__(self) -> None:
        _check_cuts(self.cuts)
        if not 0.0 < self.level < 1.0:
            raise StopInvalid(f"the level of an interval lies between 0 and 1, not {self.level}")

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:  # noqa: ARG002
        """Return whether each person's test may end (N)."""
        reach = NormalDist().inv_cdf(0.5 + 0.5 * self.level) * standing.se
        gap = np.abs(standing.theta[:, None] - np.array(self.cuts)).min(axis=1)
        return np.asarray((gap > reach) & (standing.asked > 0))


@dataclass(frozen=True, slots=True)
class Sprt:
    """Stop when a sequential probability ratio test has settled every cut (Wald, 1947; Reckase, 1983).

    At each cut the likelihoods at cut + `indifference` and cut − `indifference` are compared;
    `false_pass` (α) and `false_fail` (β) are the error rates aimed at; a ratio jumps past its bound,
    so that it errs less often and asks more than it must. `hold_error_rates` finds tighter bounds.
    """

    name: ClassVar[str] = "sprt"
    cuts: tuple[float, ...]
    indifference: float = 0.2
    false_pass: float = 0.05
    false_fail: float = 0.05

    def __post_init__(self) -> None:
        _check_test(self.cuts, self.indifference, self.false_pass, self.false_fail)

    def ratios(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Array:
        """Return the log likelihood ratio above : below at each cut (N × cuts)."""
        cuts = np.array(self.cuts)
        ends = np.concatenate([cuts + self.indifference, cuts - self.indifference])
        heights = values_at(standing.log_likelihood(pool, estimator), pool.grid, ends)
        return np.asarray(heights[:, : cuts.size] - heights[:, cuts.size :], dtype=float)

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:
        """Return whether each person's test may end (N)."""
        return _settled(self.ratios(pool, estimator, standing), self.false_pass, self.false_fail)


@dataclass(frozen=True, slots=True)
class Glr:
    """Stop when a generalised likelihood ratio has settled every cut (Thompson, 2011).

    As `Sprt`, with the largest likelihood anywhere at or above cut + `indifference` against the
    largest anywhere at or below cut − `indifference`. It stops no later than `Sprt`; the bounds are
    Wald's, which it does not keep: near a cut more than α or β are wrong. `hold_error_rates` finds
    the bounds that do.
    """

    name: ClassVar[str] = "glr"
    cuts: tuple[float, ...]
    indifference: float = 0.2
    false_pass: float = 0.05
    false_fail: float = 0.05

    def __post_init__(self) -> None:
        _check_test(self.cuts, self.indifference, self.false_pass, self.false_fail)

    def ratios(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Array:
        """Return the generalised log likelihood ratio above : below at each cut (N × cuts)."""
        height = standing.log_likelihood(pool, estimator)
        nodes, columns = pool.grid.nodes, []
        for cut in self.cuts:
            high, low = cut + self.indifference, cut - self.indifference
            ends = values_at(height, pool.grid, np.array([high, low]))
            above = np.max(height, axis=1, initial=-np.inf, where=nodes >= high)
            below = np.max(height, axis=1, initial=-np.inf, where=nodes <= low)
            columns.append(np.maximum(above, ends[:, 0]) - np.maximum(below, ends[:, 1]))
        return np.stack(columns, axis=1)

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:
        """Return whether each person's test may end (N)."""
        return _settled(self.ratios(pool, estimator, standing), self.false_pass, self.false_fail)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Stop when one of the rules is met; the first of them is the reason."""

    name: ClassVar[str] = "any"
    rules: tuple[StopRule, ...]

    def __post_init__(self) -> None:
        _check_rules(self.rules)

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:
        """Return whether each person's test may end (N)."""
        met = [rule.met(pool, estimator, standing) for rule in self.rules]
        return np.asarray(np.any(met, axis=0), dtype=bool)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Stop when all rules are met."""

    name: ClassVar[str] = "all"
    rules: tuple[StopRule, ...]

    def __post_init__(self) -> None:
        _check_rules(self.rules)

    def met(self, pool: ItemPool, estimator: Estimator, standing: Standing) -> Flags:
        """Return whether each person's test may end (N)."""
        met = [rule.met(pool, estimator, standing) for rule in self.rules]
        return np.asarray(np.all(met, axis=0), dtype=bool)


def alternatives(rule: StopRule) -> tuple[StopRule, ...]:
    """Return the rules of which one suffices."""
    return rule.rules if isinstance(rule, AnyOf) else (rule,)


def values_at(height: Array, grid: Grid, points: Sequence[float] | Array) -> Array:
    """Return smooth functions given at the nodes (N × Q) at `points` (N × points), by six-point interpolation.

    Raises:
        StopInvalid: a point lies outside the grid.
    """
    position = (np.asarray(points, dtype=float) - grid.nodes[0]) / grid.step
    if not ((position >= 0.0) & (position <= grid.nodes.size - 1)).all():
        raise StopInvalid(
            f"a cut and its indifference must lie within the grid from {grid.nodes[0]:g} to "
            f"{grid.nodes[-1]:g}: {np.asarray(points).tolist()}"
        )
    first = np.clip(np.floor(position).astype(np.intp) - 2, 0, grid.nodes.size - 6)
    t = (position - first)[:, None]
    places = np.arange(6.0)
    weights = np.ones((position.size, 6))
    for other in range(6):
        apart = places != other
        weights[:, apart] *= (t - other) / (places[apart] - other)
    near = height[:, first[:, None] + np.arange(6)]
    return np.asarray(np.einsum("npk,pk->np", near, weights), dtype=float)


def _settled(ratios: Array, false_pass: float, false_fail: float) -> Flags:
    upper = np.log((1.0 - false_fail) / false_pass)
    lower = np.log(false_fail / (1.0 - false_pass))
    return np.asarray(((ratios >= upper) | (ratios <= lower)).all(axis=1))


def _check_rules(rules: tuple[StopRule, ...]) -> None:
    if not rules:
        raise StopInvalid("a combination of stopping rules needs at least one rule")


def _check_cuts(cuts: tuple[float, ...]) -> None:
    rise = all(low < high for low, high in itertools.pairwise(cuts))
    if not cuts or not rise or not np.isfinite(cuts).all():
        raise StopInvalid(f"cuts must be finite and rise, and there must be one: {cuts}")


def _check_test(
    cuts: tuple[float, ...], indifference: float, false_pass: float, false_fail: float
) -> None:
    _check_cuts(cuts)
    if not 0.0 < indifference < np.inf:
        raise StopInvalid(f"indifference must be finite and above 0, not {indifference}")
    if not (0.0 < false_pass < 0.5 and 0.0 < false_fail < 0.5):
        raise StopInvalid(f"error rates lie between 0 and 0.5, not {false_pass} and {false_fail}")
