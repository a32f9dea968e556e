"""Bookmark: items in order of difficulty, each judge's mark where mastery ends (Mitzel et al., 2001)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.brackets import halved
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import (
    JudgementsInvalid,
    PanelCut,
    Summary,
    numbers,
    panel_cut,
)

Guessing = Literal["kept", "removed"]
At = Literal["last-mastered", "midpoint", "first-missed"]
_WIDEST = 64.0
_HALVINGS = 60
_BLOCK = 16


class LocationMissing(LiangcaiError):
    """An item is nowhere answered with the response probability, so it has no place in a booklet."""

    code = "measurement.location-missing"


@dataclass(frozen=True, slots=True)
class Booklet(Result):
    """An ordered item booklet: one page for each score point of each item, easiest first.

    `location` is the ability at which P(score ≥ point) is the response probability.
    """

    title: ClassVar[str] = "Ordered item booklet"
    method: str
    source: ClassVar[str] = "Mitzel, Lewis, Patz & Green (2001); Huynh (2006)"
    response_probability: float
    items: tuple[str, ...]
    points: Index
    location: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a page."""
        return {
            "page": np.arange(1, self.location.size + 1),
            "item": self.items,
            "points": self.points,
            "location": self.location,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the response probability, the pages and the widest gap between neighbours."""
        gaps = np.diff(self.location)
        return {
            "response probability": self.response_probability,
            "pages": self.location.size,
            "widest gap": float(gaps.max()) if gaps.size else 0.0,
        }


def ordered_item_booklet(
    items: ItemParameters, *, response_probability: float = 2.0 / 3.0, guessing: Guessing = "kept"
) -> Booklet:
    """
    Return the pages of a booklet, a page for each score point, ordered by location in logits.

    With `guessing="removed"` the response probability is asked of knowing the answer:
    P = c + (d − c)·RP instead of RP.

    Raises:
        LocationMissing: an asymptote keeps an item from the response probability at any ability.
        JudgementsInvalid: there is no item, the response probability is not between 0 and 1,
            `guessing` is unknown, or an item is nominal or falls with ability: its score points
            have no order.
    """
    if not 0.0 < response_probability < 1.0:
        raise JudgementsInvalid(
            f"the response probability must lie between 0 and 1, not {response_probability!r}"
        )
    if guessing not in {"kept", "removed"}:
        raise JudgementsInvalid(f"guessing must be kept or removed, not {guessing!r}")
    if not items.count:
        raise JudgementsInvalid("a booklet needs at least one item")
    for name, model, slope in zip(items.names, items.models, items.a, strict=True):
        if FAMILY_OF[model] == "nominal" or not slope > 0.0:
            raise JudgementsInvalid(f"item {name!r}: its score points do not rise with ability")
    row, point = np.nonzero(~np.isnan(items.b))
    wanted = np.full(row.size, response_probability)
    if guessing == "removed":
        wanted = items.c[row] + (items.d[row] - items.c[row]) * wanted
    location = _locations(items, row, point + 1, wanted)
    order = np.lexsort((point, row, location))
    return Booklet(
        method=f"item locations at a response probability of {response_probability:g}, "
        f"guessing {guessing}",
        response_probability=response_probability,
        items=tuple(items.names[place] for place in row[order]),
        points=(point[order] + 1).astype(np.intp),
        location=location[order],
    )


def _locations(items: ItemParameters, row: Index, point: Index, wanted: Array) -> Array:
    low, high = np.full(row.size, -_WIDEST), np.full(row.size, _WIDEST)
    outside = ~(
        (_reaching(items, row, point, low) < wanted) & (_reaching(items, row, point, high) > wanted)
    )
    if outside.any():
        place = int(np.flatnonzero(outside)[0])
        raise LocationMissing(
            f"item {items.names[row[place]]!r}: no ability within ±{_WIDEST:g} scores {point[place]} or more with "
            f"probability {wanted[place]:g}; remove guessing, choose another response probability "
            "or leave the item out"
        )

    def is_below(theta: Array) -> Flags:
        return _reaching(items, row, point, theta) < wanted

    return halved(is_below, low, high, halvings=_HALVINGS)


def _reaching(items: ItemParameters, row: Index, point: Index, theta: Array) -> Array:
    """Return P(score ≥ point) of each page at an ability of its own."""
    found = np.empty(row.size)
    for start in range(0, row.size, _BLOCK):
        pages = slice(start, start + _BLOCK)
        # Every page of a block at every ability of it: the diagonal is wanted.
        shares = category_curves(items.select(row[pages]), theta[pages]).probability
        counted = np.arange(shares.shape[1]) >= point[pages, None]
        found[pages] = np.einsum("pk,pkp->p", counted.astype(float), shares)
    return found


def bookmark(
    booklet: Booklet,
    pages: npt.ArrayLike,
    *,
    at: At = "last-mastered",
    summary: Summary = "median",
    judges: Sequence[str] | None = None,
) -> PanelCut:
    """
    Return the cut in logits from each judge's bookmark.

    A judge's page (from 1) is the first that a borderline person would not master with the
    response probability. The cut lies at the page before it, midway, or at that page (`at`).

    Raises:
        JudgementsInvalid: a bookmark is no whole page number, or the page that `at` asks for does
            not exist (nothing mastered before page 1, nothing missed after the last).
    """
    marks = numbers(pages, "bookmarks")
    last = booklet.location.size
    lowest, highest = 1 + (at != "first-missed"), last + (at == "last-mastered")
    if at not in {"last-mastered", "midpoint", "first-missed"}:
        raise JudgementsInvalid(f"at must be last-mastered, midpoint or first-missed, not {at!r}")
    wrong = ~((marks >= lowest) & (marks <= highest) & (marks == np.floor(marks)))
    if marks.ndim != 1 or not marks.size or wrong.any():
        shown = marks[wrong].tolist() if marks.ndim == 1 and marks.size else "none"
        raise JudgementsInvalid(
            f"bookmarks must be pages from {lowest} to {highest} where the cut is at={at!r}: {shown}"
        )
    place = marks.astype(np.intp) - 1
    before = booklet.location[np.maximum(place - 1, 0)]
    after = booklet.location[np.minimum(place, last - 1)]
    cuts = {"last-mastered": before, "midpoint": 0.5 * (before + after), "first-missed": after}
    return panel_cut(
        cuts[at],
        summary=summary,
        judges=judges,
        scale="theta",
        method=f"bookmark, RP {booklet.response_probability:g}, cut at {at}",
    )
