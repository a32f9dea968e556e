"""Content balance without a solver: constrained adaptive testing and the maximum priority index."""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index


class ContentInvalid(LiangcaiError):
    """Content areas, shares or bounds do not fit together or the pool."""

    code = "measurement.adaptive.content-invalid"


def lagging(shares: Array, asked: Index, open_areas: Flags) -> Flags:
    """Return which open areas lag most behind their share of the test (Kingsbury & Zara, 1989).

    `shares` sum to 1 over the areas, `asked` counts the items of each so far; `asked` and
    `open_areas` are one row, or N × areas. Areas that lag equally are all flagged, so that the
    choice between them is left to precision.
    """
    lag = np.where(open_areas, shares * (asked.sum(axis=-1, keepdims=True) + 1) - asked, -np.inf)
    return np.asarray(open_areas & (lag >= lag.max(axis=-1, keepdims=True) - 1e-9), dtype=bool)


def most_wanted(shares: Array, asked: Index, open_areas: Flags) -> Index:
    """Return the places of the areas that `lagging` flags."""
    return np.flatnonzero(lagging(shares, asked, open_areas))


@dataclass(frozen=True, slots=True, eq=False)
class ContentShares:
    """Constrained adaptive testing (Kingsbury & Zara, 1989): the next item is of an area that lags most.

    `areas` are the names, `area` each item's place among them (J), `shares` what part of a test each
    should make up. A heuristic: shares are approached, not guaranteed.
    """

    areas: tuple[str, ...]
    area: Index
    shares: Array

    @property
    def items(self) -> int:
        """The number of items J."""
        return int(self.area.size)


def content_shares(area: tuple[str, ...], shares: dict[str, float]) -> ContentShares:
    """
    Return the balance in which each name in `shares` makes up its share of every test.

    `area` names the area of each item of the pool; shares are scaled to sum to 1.

    Raises:
        ContentInvalid: an item's area has no share, an area no item, or a share is not above 0.
    """
    unknown, empty = set(area) - set(shares), set(shares) - set(area)
    if unknown or empty:
        raise ContentInvalid(
            f"give every area of the pool a share and no other: without share {sorted(unknown)}, "
            f"without item {sorted(empty)}"
        )
    values = np.array(list(shares.values()), dtype=float)
    if not (np.isfinite(values).all() and (values > 0.0).all()):
        raise ContentInvalid(f"shares must be above 0, not {shares}")
    place = {name: number for number, name in enumerate(shares)}
    codes = np.array([place[name] for name in area], dtype=np.intp)
    return ContentShares(tuple(shares), codes, values / values.sum())


@dataclass(frozen=True, slots=True, eq=False)
class PriorityIndex:
    """The maximum priority index with two phases (after Cheng & Chang, 2009).

    `members` (constraints × J) says which items count for which constraint, `least` and `most` are
    the bounds on their number, `weights` how much each constraint matters. An item's information is
    multiplied by Π weight·(what is left of the bound)/(bound) over its constraints: of the lower
    bound until it is met, then of the upper one; as long as a lower bound is open, only items that
    serve one have priority. A heuristic: bounds may be missed, and a simulation reports how often.
    """

    members: Flags
    least: Array
    most: Array
    weights: Array

    @property
    def items(self) -> int:
        """The number of items J."""
        return int(self.members.shape[1])

    def priority(self, asked: Array) -> Array:
        """Return each item's priority (N × J) after tests that hold `asked` (N × constraints) of each."""
        lower: Array = np.maximum(self.least - asked, 0.0) / np.maximum(self.least, 1.0)
        # Of an infinite bound everything is left.
        most = np.where(np.isinf(self.most), 1.0, self.most)
        left_of_most = np.maximum(most - asked, 0.0) / np.maximum(most, 1.0)
        upper = np.where(np.isinf(self.most), 1.0, left_of_most)
        left = self.weights * np.where(lower > 0.0, lower, upper)
        priority = np.ones((asked.shape[0], self.members.shape[1]))
        for row, member in enumerate(self.members):
            priority[:, member] *= left[:, [row]]
        serves = np.asarray((lower > 0.0) @ self.members, dtype=bool)
        is_open = np.asarray(lower.any(axis=1), dtype=bool)
        priority[is_open[:, None] & ~serves] = 0.0
        return priority


def priority_index(
    members: Flags, *, least: Array, most: Array, weights: Array | None = None
) -> PriorityIndex:
    """
    Return the priority index of constraints on numbers of items (see `PriorityIndex`).

    Raises:
        ContentInvalid: shapes differ, a bound is negative, or a lower one exceeds the upper one.
    """
    matter = np.ones(len(least)) if weights is None else np.asarray(weights, dtype=float)
    low, high = np.asarray(least, dtype=float), np.asarray(most, dtype=float)
    if not members.shape[0] == low.size == high.size == matter.size:
        raise ContentInvalid("each constraint needs a row of members, a least, a most and a weight")
    right = (low >= 0.0) & (low <= high) & np.isfinite(low) & (matter > 0.0) & np.isfinite(matter)
    if not right.all():
        row = int(np.flatnonzero(~right)[0])
        raise ContentInvalid(
            f"constraint {row}: 0 ≤ {low[row]:g} ≤ {high[row]:g} or weight {matter[row]:g} > 0 fails"
        )
    return PriorityIndex(np.asarray(members, dtype=bool), low, high, matter)
