"""Linear programs with 0–1 columns, solved again and again from the last basis (HiGHS)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.blueprint import Rows
from liangcai.measurement.arrays import Array, Index

_WHOLE = 1e-6
_MOST_BRANCHES = 400


class SolverMissing(LiangcaiError):
    """A shadow test was asked for, and HiGHS is not installed."""

    code = "measurement.adaptive.solver-missing"


class SolverFailed(LiangcaiError):
    """HiGHS gave up on a program that has a solution."""

    code = "measurement.adaptive.solver-failed"


@dataclass(slots=True)
class Effort:
    """How many programs were solved, and how many of them needed branching or the integer solver."""

    solved: int = 0
    branched: int = 0
    integer: int = 0


def solver() -> Any:
    """
    Return the highspy module.

    Raises:
        SolverMissing: it is not installed.
    """
    try:
        import highspy
    except ImportError:
        raise SolverMissing("a shadow test needs HiGHS: pip install 'liangcai[assembly]'") from None
    return highspy


class Program:
    """Maximise worth·x over rows, 0 ≤ x ≤ 1 whole; columns can be fixed, and the basis is kept.

    Columns beyond those that have a worth (the sets) are whole as well. The relaxation is solved
    from the last basis. Where it comes out fractional, the last solution serves if it is within
    `gap` (a share) of the relaxation; else it is branched on, by the same warm relaxation, and
    handed to the integer solver after 400 branches.
    """

    def __init__(self, rows: Rows, *, gap: float) -> None:
        highspy = solver()
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._infeasible = highspy.HighsModelStatus.kInfeasible
        self._rows, self._gap = rows, gap
        self._columns = np.arange(rows.matrix.shape[1], dtype=np.int32)
        self._low = np.zeros(self._columns.size)
        self._high = np.ones(self._columns.size)
        self._cost = np.zeros(self._columns.size)
        self._highs = _loaded(highspy, rows)
        self._highs.run()
        self._basis = self._highs.getBasis()
        self._known: Array | None = None
        self.effort = Effort()

    def forget(self) -> None:
        """Go back to the basis of the first feasible point, and free all columns."""
        self._bound(np.zeros_like(self._low), np.ones_like(self._high))
        self._highs.setBasis(self._basis)
        self._known = None

    def best(self, worth: Array, *, low: Array, high: Array) -> Array | None:
        """Return the best whole x within the bounds, or None where there is none."""
        self.effort.solved += 1
        self._cost[: worth.size] = -worth
        self._highs.changeColsCost(self._columns.size, self._columns, self._cost)
        self._bound(low, high)
        found = self._relaxed()
        if found is None:
            return None
        if _is_whole(found[0]) and self._fits(found[0]):
            self._known = np.round(found[0])
        else:
            self.effort.branched += 1
            self._known = self._branch(found[1], low, high)
        return self._known

    def _bound(self, low: Array, high: Array) -> None:
        changed = np.flatnonzero((low != self._low) | (high != self._high)).astype(np.int32)
        if changed.size:
            self._highs.changeColsBounds(changed.size, changed, low[changed], high[changed])
            self._low, self._high = low.copy(), high.copy()

    def _relaxed(self) -> tuple[Array, float] | None:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == self._infeasible:
            return None
        if status != self._optimal:
            raise SolverFailed(f"HiGHS stopped with {self._highs.modelStatusToString(status)}")
        x = np.array(self._highs.getSolution().col_value)
        return x, float(self._cost @ x)

    def _branch(self, bound: float, low: Array, high: Array) -> Array | None:
        """Depth first, the likelier value first; a branch ends when its relaxation is no better."""
        best, cost, tried = None, np.inf, 0
        if self._known is not None and (self._known >= low).all() and (self._known <= high).all():
            best, cost = self._known, float(self._cost @ self._known)
        waiting = [(bound, low, high)]
        while waiting:
            bound, lower, upper = waiting.pop()
            if bound >= cost - self._gap * abs(cost) - _WHOLE:
                continue
            if tried > _MOST_BRANCHES:
                return self._integer(low, high)
            self._bound(lower, upper)
            found, tried = self._relaxed(), tried + 1
            if found is None or found[1] >= cost - self._gap * abs(cost) - _WHOLE:
                continue
            x, bound = found
            if _is_whole(x):
                if not self._fits(x):
                    return self._integer(low, high)
                best, cost = np.round(x), bound
                continue
            column = int(np.where(np.abs(x - np.rint(x)) < _WHOLE, -1.0, x).argmax())
            for value in (0.0, 1.0):
                below, above = lower.copy(), upper.copy()
                below[column] = above[column] = value
                waiting.append((bound, below, above))
        return best

    def _fits(self, x: Array) -> bool:
        """Whether x still meets every row once it is rounded: a sum of seconds may hang on a millionth."""
        sums = self._rows.matrix @ np.round(x)
        low, high = self._rows.low - _WHOLE, self._rows.high + _WHOLE
        return bool((sums >= low).all() and (sums <= high).all())

    def _integer(self, low: Array, high: Array) -> Array | None:
        self.effort.integer += 1
        highspy = solver()
        highs = _loaded(highspy, self._rows)
        count = self._columns.size
        highs.changeColsCost(count, self._columns, self._cost)
        highs.changeColsBounds(count, self._columns, low, high)
        kinds = np.full(count, highspy.HighsVarType.kInteger)
        highs.changeColsIntegrality(count, self._columns, kinds)
        highs.setOptionValue("mip_rel_gap", self._gap)
        highs.run()
        if highs.getModelStatus() == self._infeasible:
            return None
        return np.round(np.array(highs.getSolution().col_value, dtype=float))


def relaxation(rows: Rows, *, items: int) -> dict[str, float]:
    """Return by how much constraints must give way so that a test exists: the least in all (elastic programming).

    Each row may be missed at a cost in proportion to its bound, the length at a hundred times it
    (Chinneck, 2008); empty when every constraint can hold.
    """
    highspy = solver()
    count, width = rows.matrix.shape
    size = np.maximum(1.0, np.where(np.isfinite(rows.high), np.abs(rows.high), np.abs(rows.low)))
    price = np.where(np.array(rows.names) == "length", 100.0, 1.0) / size
    elastic = Rows(
        np.hstack([rows.matrix, np.eye(count), -np.eye(count)]), rows.low, rows.high, rows.names
    )
    highs = _loaded(highspy, elastic)
    columns = np.arange(width + 2 * count, dtype=np.int32)
    highs.changeColsCost(columns.size, columns, np.concatenate([np.zeros(width), price, price]))
    free = np.full(columns.size, np.inf)
    free[:width] = 1.0
    highs.changeColsBounds(columns.size, columns, np.zeros(columns.size), free)
    # A link of an item to its set is no wish of anyone's: only bounds give way.
    links = _links(rows, items) + width
    stuck = np.concatenate([links, links + count]).astype(np.int32)
    highs.changeColsBounds(stuck.size, stuck, np.zeros(stuck.size), np.zeros(stuck.size))
    kinds = np.full(width, highspy.HighsVarType.kInteger)
    highs.changeColsIntegrality(width, columns[:width], kinds)
    highs.run()
    slack = np.array(highs.getSolution().col_value)[width:].reshape(2, count).sum(axis=0)
    missed: dict[str, float] = {}
    for row in np.flatnonzero(slack > _WHOLE).tolist():
        missed[rows.names[row]] = missed.get(rows.names[row], 0.0) + float(slack[row])
    return missed


def _links(rows: Rows, items: int) -> Index:
    of_item = (rows.matrix[:, :items] != 0.0).sum(axis=1) == 1
    of_set = (rows.matrix[:, items:] == -1.0).sum(axis=1) == 1
    return np.flatnonzero(of_item & of_set & (rows.high == 0.0) & np.isneginf(rows.low))


def _is_whole(x: Array) -> bool:
    return bool((np.abs(x - np.rint(x)) < _WHOLE).all())


def _loaded(highspy: Any, rows: Rows) -> Any:
    count, width = rows.matrix.shape
    # The plain solver: `Highs` prints a banner for callbacks that nobody asked for.
    highs = highspy._Highs()
    highs.setOptionValue("output_flag", False)
    # The basis of the last step is what makes a step quick: presolve would throw it away.
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("simplex_strategy", 1)
    row, column = np.nonzero(rows.matrix.T)[::-1]
    starts = np.searchsorted(column, np.arange(width))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = width, count
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(width), np.zeros(width), np.ones(width)
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.append(starts, row.size).astype(np.int32)
    lp.a_matrix_.index_ = row.astype(np.int32)
    lp.a_matrix_.value_ = rows.matrix[row, column]
    highs.passModel(lp)
    return highs
