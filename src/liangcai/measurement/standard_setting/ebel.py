"""Ebel's method: items sorted by difficulty and relevance, a share right for each cell (Ebel, 1972)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import (
    JudgementsInvalid,
    PanelCut,
    Summary,
    highest_points,
    numbers,
    panel_cut,
)


@dataclass(frozen=True, slots=True)
class Ebel(Result):
    """An Ebel cut on the raw score, and the grid behind it.

    `points` and `share` (D × R) are, by difficulty and relevance, the mean points that judges put
    into a cell and the panel's mean share right there. `same_cell` is the share of pairs of judges
    who put an item into the same cell, over all items (NaN for one judge).
    """

    title: ClassVar[str] = "Ebel cut score"
    method: str
    source: ClassVar[str] = "Ebel (1972)"
    panel: PanelCut
    difficulties: tuple[str, ...]
    relevances: tuple[str, ...]
    points: Array
    share: Array
    same_cell: float

    @property
    def cut(self) -> float:
        """The panel's cut on the raw score."""
        return self.panel.cut

    @property
    def standard_error(self) -> float:
        """The standard error from judges."""
        return self.panel.standard_error

    def columns(self) -> Mapping[str, Any]:
        """Return one row a cell: difficulty, relevance, points and share right."""
        rows, width = len(self.difficulties), len(self.relevances)
        return {
            "difficulty": [name for name in self.difficulties for _ in range(width)],
            "relevance": list(self.relevances) * rows,
            "points": self.points.ravel(),
            "share": self.share.ravel(),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the panel's headline and the judges' agreement on cells."""
        return {**self.panel.facts(), "pairs of judges with one cell": self.same_cell}


def ebel(
    difficulty: npt.ArrayLike,
    relevance: npt.ArrayLike,
    *,
    shares: npt.ArrayLike,
    difficulties: Sequence[str],
    relevances: Sequence[str],
    highest: npt.ArrayLike = 1.0,
    summary: Summary = "mean",
    judges: Sequence[str] | None = None,
) -> Ebel:
    """
    Return the cut from each judge's sorting of items (codes from 0, J × I) and the cells' shares.

    `shares` are the proportions right of a borderline person by cell: D × R agreed by the panel,
    or J × D × R, one grid a judge. `difficulties` and `relevances` name the codes; `highest` are
    the items' points.

    Raises:
        JudgementsInvalid: shapes differ, a code has no name, or a share lies outside 0 to 1.
    """
    hard, relevant = _codes(difficulty, len(difficulties)), _codes(relevance, len(relevances))
    if hard.shape != relevant.shape:
        raise JudgementsInvalid(
            "difficulty and relevance must be tables of the same judges × items"
        )
    panel_size, items = hard.shape
    grid = numbers(shares, "shares")
    cells = (len(difficulties), len(relevances))
    if grid.shape not in {cells, (panel_size, *cells)}:
        raise JudgementsInvalid(f"shares must be {cells} or {(panel_size, *cells)}: {grid.shape}")
    if not ((grid >= 0.0) & (grid <= 1.0)).all():
        raise JudgementsInvalid("shares must lie between 0 and 1")
    grids = np.broadcast_to(grid, (panel_size, *cells))
    top = highest_points(highest, items)
    cuts = grids[np.arange(panel_size)[:, None], hard, relevant] @ top
    cell = hard * cells[1] + relevant
    points = np.bincount(cell.ravel(), np.tile(top, panel_size), minlength=cells[0] * cells[1])
    panel = panel_cut(cuts, summary=summary, judges=judges, scale="raw score", method="Ebel")
    return Ebel(
        method=panel.method,
        panel=panel,
        difficulties=tuple(difficulties),
        relevances=tuple(relevances),
        points=points.reshape(cells) / panel_size,
        share=grids.mean(axis=0),
        same_cell=_same_cell(cell, cells[0] * cells[1]),
    )


def _codes(codes: npt.ArrayLike, count: int) -> Index:
    found = np.asarray(codes)
    if found.ndim != 2 or not found.size or found.dtype.kind not in "iu":
        raise JudgementsInvalid("codes must be a table of whole numbers, judges × items")
    if found.min() < 0 or found.max() >= count:
        raise JudgementsInvalid(f"codes must lie from 0 to {count - 1}: one is without a name")
    return found.astype(np.intp)


def _same_cell(cell: Index, count: int) -> float:
    judges = cell.shape[0]
    if judges < 2:
        return float("nan")
    tallies = (cell[:, :, None] == np.arange(count)).sum(axis=0)
    return float((tallies * (tallies - 1)).sum(axis=1).mean() / (judges * (judges - 1)))
