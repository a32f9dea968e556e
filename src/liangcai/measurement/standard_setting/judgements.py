"""A table of judges by items: additive fit, variance components, and what is missing."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.standard_setting.panel import JudgementsInvalid


@dataclass(frozen=True, slots=True)
class AdditiveFit:
    """Judges' and items' effects by least squares, and the variance components behind them.

    `filled` (J × I) holds the judgements, and the additive fit where there is none. Components are
    method-of-moments estimates (Henderson's third method, the analysis of variance where nothing
    is missing), negative ones set to 0; `judge_item` includes error. NaN where the table does not
    tell: judges' component with one judge, items' with one item, the residual with either.
    """

    filled: Array
    judge: float
    item: float
    judge_item: float


def additive_fit(table: Array) -> AdditiveFit:
    """
    Return the two-way fit of a table with NaN where a judge did not judge an item.

    Raises:
        JudgementsInvalid: a judge or an item has no judgement, or the table falls into parts with
            no judge and no item in common.
    """
    known = ~np.isnan(table)
    judges, items = table.shape
    for axis, kind in ((1, "judge"), (0, "item")):
        empty = np.flatnonzero(~known.any(axis=axis))
        if empty.size:
            raise JudgementsInvalid(f"{kind} {empty[0] + 1} has no judgement: leave it out")
    seen, values = known.astype(float), np.where(known, table, 0.0)
    # The normal equations: judges' sums and items' sums, whose matrix counts who judged what.
    counts = np.diag(np.concatenate([seen.sum(axis=1), seen.sum(axis=0)]))
    counts[:judges, judges:], counts[judges:, :judges] = seen, seen.T
    sums = np.concatenate([values.sum(axis=1), values.sum(axis=0)])
    effects, _, rank, _ = np.linalg.lstsq(counts, sums, rcond=None)
    if rank < judges + items - 1:
        raise JudgementsInvalid(
            "the judgements fall into parts that share no judge and no item: "
            "the missing ones cannot be filled"
        )
    fitted = effects[:judges, None] + effects[None, judges:]
    components = _components(table, known, float((seen * (values - fitted) ** 2).sum()))
    return AdditiveFit(np.where(known, table, fitted), *components)


def _components(table: Array, known: Flags, residual: float) -> tuple[float, float, float]:
    judges, items = table.shape
    seen = int(known.sum())
    free = seen - judges - items + 1
    if free <= 0:
        return float("nan"), float("nan"), float("nan")
    error = residual / free
    judge = _component(_within(table, 0) - residual, seen - items, judges - 1, error)
    item = _component(_within(table, 1) - residual, seen - judges, items - 1, error)
    return judge, item, error


def _within(table: Array, axis: int) -> float:
    """Return the sum of squares around the means over `axis`."""
    return float(np.nansum((table - np.nanmean(table, axis=axis, keepdims=True)) ** 2))


def _component(squares: float, divisor: int, free: int, error: float) -> float:
    if free == 0:
        return float("nan")
    return max((squares - free * error) / divisor, 0.0)
