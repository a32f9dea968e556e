"""Angoff's method: judges say how a borderline person would do on each item (Angoff, 1971)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.judgements import additive_fit
from liangcai.measurement.standard_setting.panel import (
    JudgementsInvalid,
    PanelCut,
    Summary,
    highest_points,
    numbers,
    panel_cut,
)

Judged = Literal["share", "percent", "yes-no", "points"]
_SOURCE = "Angoff (1971); Brennan & Lockwood (1980)"
_YES_NO_SOURCE = "Impara & Plake (1997); Brennan & Lockwood (1980)"


@dataclass(frozen=True, slots=True)
class Angoff(Result):
    """An Angoff cut on the raw score, with the errors of judges and of judges and items.

    `points` (J × I) are the judged expected points, missing ones filled by the additive fit of
    judges and items, within 0 and the item's points; `judged` counts how many judges gave each
    item. `panel.standard_error` holds items fixed; `error_with_items` is that of the mean of
    judges when other items could have been written too (NaN with fewer than two judges or items,
    and where the panel's summary is not the mean). Variance components are per item, in points².
    """

    title: ClassVar[str] = "Angoff cut score"
    method: str
    source: str
    panel: PanelCut
    error_with_items: float
    judge_variance: float
    item_variance: float
    judge_item_variance: float
    items: tuple[str, ...]
    highest: Array
    points: Array
    judged: Index

    @property
    def cut(self) -> float:
        """The panel's cut on the raw score."""
        return self.panel.cut

    @property
    def standard_error(self) -> float:
        """The standard error from judges, items fixed."""
        return self.panel.standard_error

    def columns(self) -> Mapping[str, Any]:
        """Return one row an item: mean and spread of its judgements as a share of its points."""
        share = self.points / self.highest
        return {
            "item": self.items,
            "judges": self.judged,
            "mean": share.mean(axis=0),
            "lowest": share.min(axis=0),
            "highest": share.max(axis=0),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the panel's headline, the error with items, and the variance components."""
        return {
            **self.panel.facts(),
            "standard error with items": self.error_with_items,
            "variance of judges": self.judge_variance,
            "variance of items": self.item_variance,
            "variance of judges × items": self.judge_item_variance,
        }


def angoff(
    judgements: npt.ArrayLike,
    *,
    judged: Judged = "share",
    highest: npt.ArrayLike = 1.0,
    summary: Summary = "mean",
    judges: Sequence[str] | None = None,
    items: Sequence[str] | None = None,
) -> Angoff:
    """
    Return the cut from judges × items judgements; NaN where a judge did not judge an item.

    `judged` says what was asked: the share (0–1) or percentage (0–100) of borderline persons who
    would be right, a yes (1) or no (0) for the one typical person, or expected points of items with
    several steps. `highest` are the items' points. A judge's cut is the sum over all items.

    Raises:
        JudgementsInvalid: a judgement lies outside its range, a judge or an item has none, the
            judgements fall into parts that share nothing, or items' names or points do not fit.
    """
    table = numbers(judgements, "judgements")
    if table.ndim != 2 or not table.size:
        raise JudgementsInvalid("judgements must be a table of judges × items")
    top = highest_points(highest, table.shape[1])
    names = tuple(items) if items is not None else tuple(str(n + 1) for n in range(top.size))
    if len(names) != top.size or len(set(names)) != top.size:
        raise JudgementsInvalid(f"{top.size} items need {top.size} different names, not {names}")
    fit = additive_fit(_in_points(table, judged, top))
    points = np.clip(fit.filled, 0.0, top)
    yes_no = judged == "yes-no"
    method = f"Angoff, {'yes or no' if yes_no else judged}"
    panel = panel_cut(
        points.sum(axis=1), summary=summary, judges=judges, scale="raw score", method=method
    )
    many_judges, many_items = table.shape
    per_item = (
        fit.judge / many_judges
        + fit.item / many_items
        + fit.judge_item / (many_judges * many_items)
    )
    return Angoff(
        method=panel.method,
        source=_YES_NO_SOURCE if yes_no else _SOURCE,
        panel=panel,
        error_with_items=float(many_items * np.sqrt(per_item)) if summary == "mean" else np.nan,
        judge_variance=fit.judge,
        item_variance=fit.item,
        judge_item_variance=fit.judge_item,
        items=names,
        highest=top,
        points=points,
        judged=(~np.isnan(table)).sum(axis=0).astype(np.intp),
    )


def _in_points(table: Array, judged: Judged, highest: Array) -> Array:
    limits = {"share": 1.0, "percent": 100.0, "yes-no": 1.0, "points": 1.0}
    if judged not in limits:
        raise JudgementsInvalid(f"judged must be one of {', '.join(limits)}, not {judged!r}")
    limit = highest if judged == "points" else np.full(highest.shape, limits[judged])
    wrong = (table < 0.0) | (table > limit) | np.isinf(table)
    if judged == "yes-no":
        wrong |= ~np.isnan(table) & (table != np.floor(table))
    if wrong.any():
        judge, item = np.argwhere(wrong)[0]
        raise JudgementsInvalid(
            f"judge {judge + 1}, item {item + 1}: {table[judge, item]:g} is no judgement of the "
            f"kind {judged!r}"
        )
    return np.asarray(table * (highest / limit))
