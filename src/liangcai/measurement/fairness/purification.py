"""Purification: match again without the items that were flagged, until the flags no longer change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np

from liangcai.measurement.arrays import Flags
from liangcai.measurement.results import Result

Stop = Literal["stable", "cycle", "limit", "too few anchors"]


class Flagging(Protocol):
    """A result that names the items it flags."""

    def flagged_items(self) -> tuple[str, ...]:
        """Return the names of the flagged items."""
        ...


Screened = TypeVar("Screened", bound=Flagging)


@dataclass(frozen=True, slots=True)
class Purification(Result):
    """
    Which items were flagged in each round, and why the rounds stopped.

    `stop`: "stable" (the flags repeat those of the round before), "cycle" (the flags repeat an
    earlier round; the items flagged anywhere in the cycle are then no anchors), "limit" (the
    allowed rounds were used up) or "too few anchors" (another round would match by fewer than
    asked). Only after "stable" are the last result's anchors exactly the items it does not flag.
    """

    title = "Purification of the matching score"
    method = "Flagged items leave the matching score and all items are tested again, in rounds"
    source = "Holland & Thayer (1988); Candell & Drasgow (1988); Clauser, Mazor & Hambleton (1993)"
    items: tuple[str, ...]
    anchors: tuple[str, ...]
    history: tuple[tuple[str, ...], ...]
    stop: str

    def columns(self) -> dict[str, tuple[str, ...] | Flags | list[int]]:
        """Return one row an item: is it an anchor, and how often was it flagged."""
        return {
            "item": self.items,
            "anchor": np.isin(np.array(self.items), np.array(self.anchors)),
            "rounds flagged": [sum(name in flags for flags in self.history) for name in self.items],
        }

    def facts(self) -> dict[str, str | int]:
        """Return rounds, stop and the number of anchors."""
        return {"rounds": len(self.history), "stop": self.stop, "anchors": len(self.anchors)}


def purified(
    screen: Callable[[tuple[str, ...]], Screened],
    items: Sequence[str],
    *,
    rounds: int = 25,
    least_anchors: int = 4,
) -> tuple[Screened, Purification]:
    """
    Return the last result of `screen`, and how it was reached.

    `screen` takes the anchor items of a round and tests all items, for example
    `lambda anchors: mantel_haenszel(r, reference="a", matching=Matching(anchors))`.
    """
    names = tuple(items)
    anchors = names
    history: list[tuple[str, ...]] = []
    stop: Stop = "limit"
    for _ in range(max(rounds, 1)):
        result = screen(anchors)
        flagged = result.flagged_items()
        known = history.index(flagged) if flagged in history else None
        history.append(flagged)
        if flagged == tuple(name for name in names if name not in anchors):
            stop = "stable"
            break
        out = set(flagged) if known is None else set().union(*history[known:])
        kept = tuple(name for name in names if name not in out)
        if len(kept) < least_anchors:
            stop = "too few anchors"
            break
        if known is not None:
            anchors, stop = kept, "cycle"
            result = screen(anchors)
            history.append(result.flagged_items())
            break
        if len(history) < max(rounds, 1):
            anchors = kept
    return result, Purification(names, anchors, tuple(history), stop)
