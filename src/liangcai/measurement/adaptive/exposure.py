"""How often an item may be seen: lotteries (Sympson–Hetter), eligibility and a plain maximum rate.

Each works on the items that a person may not see, drawn before the test begins. When every open item
is barred, the bars are lifted for that person: a test never ends for want of exposure.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.draws import Seeds, uniforms
from liangcai.measurement.arrays import Array, Flags, Index


class ExposureInvalid(LiangcaiError):
    """A rate or a table of exposure control is impossible."""

    code = "measurement.adaptive.exposure-invalid"


@dataclass(frozen=True, slots=True, eq=False)
class Lottery:
    """
    The exposure parameters of Sympson & Hetter (1985): a selected item is given with chance `keep`.

    `keep` is J × B; with one column it holds for everyone, with more for the ranges of the estimate
    between the `edges` (B − 1; Stocking & Lewis, 1998). A person meets an item's lottery once: an
    item that lost it stays away for the rest of the test, as in the original.

    Raises:
        ExposureInvalid: a chance lies outside (0, 1], edges do not rise, or do not fit the columns.
    """

    keep: Array
    edges: Array

    def __post_init__(self) -> None:
        if self.keep.ndim != 2 or self.keep.shape[1] != self.edges.size + 1:
            raise ExposureInvalid("a lottery needs a column of chances for each range of ability")
        if not ((self.keep > 0.0) & (self.keep <= 1.0)).all():
            raise ExposureInvalid("the chance of an item must lie above 0 and be at most 1")
        _check_edges(self.edges)

    @property
    def is_conditional(self) -> bool:
        """Whether the chances depend on the estimate."""
        return self.edges.size > 0

    def loses(self, seeds: Seeds, items: Index, theta: Array) -> Flags:
        """Return whether each person's lottery for `items` (N × any) is lost at the estimate `theta` (N)."""
        drawn = uniforms(seeds[:, None], "lottery", items)
        column = np.searchsorted(self.edges, theta, side="right")[:, None]
        return np.asarray(drawn >= self.keep[items, column], dtype=bool)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """
    Item eligibility (van der Linden & Veldkamp, 2004): before a test, items are drawn to be eligible.

    After each `wave` of persons, an item's chance becomes `rate`·eligible/administered, at most 1.
    With `edges`, which cut the estimate into ranges, the rate is held in each of them (van der
    Linden & Veldkamp, 2007): an item is eligible as long as it is in the range of the present
    estimate, and persons count in the range where their test ended.

    Raises:
        ExposureInvalid: the rate lies outside (0, 1], the wave is empty, or the edges do not rise.
    """

    rate: float
    wave: int = 50
    edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check(self.rate, self.wave)
        _check_edges(np.array(self.edges))


@dataclass(frozen=True, slots=True)
class MaximumRate:
    """
    No item for the next `wave` of persons that more than `rate` of the persons so far have seen.

    Raises:
        ExposureInvalid: the rate lies outside (0, 1], or the wave is empty.
    """

    rate: float
    wave: int = 50

    def __post_init__(self) -> None:
        _check(self.rate, self.wave)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What has happened so far: persons, and how many were eligible for each item and how many saw it.

    Counts are by item (J) or, for eligibility by ability, by item and range (J × B).
    """

    persons: int
    eligible: Array
    administered: Array


def nothing_seen(items: int, *, ranges: int = 1) -> Seen:
    """Return the counts before the first person."""
    shape = items if ranges == 1 else (items, ranges)
    return Seen(0, np.zeros(shape), np.zeros(shape))


def seen_after(before: Seen, *, barred: Flags, administered: Flags) -> Seen:
    """Return the counts after more persons, given which items each (a row) was barred from and saw.

    An item that was seen in spite of a bar, because bars were lifted, counts as eligible.
    """
    eligible = (~barred | administered).sum(axis=0)
    return Seen(
        before.persons + barred.shape[0],
        before.eligible + eligible,
        before.administered + administered.sum(axis=0),
    )


def barred_items(rule: Eligibility | MaximumRate, seen: Seen, seeds: Seeds) -> Flags:
    """Return which items each person (a row for each seed) may not see, given what was seen so far."""
    items = seen.administered.size
    if isinstance(rule, MaximumRate):
        over = seen.administered >= rule.rate * max(seen.persons, 1)
        return np.tile(over & (seen.administered > 0), (seeds.size, 1))
    drawn = uniforms(seeds[:, None], "lottery", np.arange(items)[None, :])
    return np.asarray(drawn >= _eligible_chance(rule.rate, seen), dtype=bool)


def eligibility_lottery(rule: Eligibility, seen: Seen) -> Lottery:
    """Return the chances of being eligible as a lottery, for the next wave or a live session.

    `seen` counts by item and range where the rule has edges, else by item.
    """
    chance = _eligible_chance(rule.rate, seen).reshape(seen.eligible.shape[0], -1)
    return Lottery(chance, np.array(rule.edges))


def seen_by_range(
    before: Seen, lottery: Lottery, *, seeds: Seeds, theta: Array, administered: Flags
) -> Seen:
    """Return the counts after persons whose tests ended at `theta` (N) and held `administered` (N × J).

    They count in the range of `theta`, and an item as eligible only if it was so in that range: one
    that was seen on the way through another range uses up the rate here without having a chance here.
    """
    items = np.broadcast_to(np.arange(administered.shape[1]), administered.shape)
    eligible = ~lottery.loses(seeds, items, theta)
    column = np.searchsorted(lottery.edges, theta, side="right")
    inside = (column[:, None] == np.arange(lottery.edges.size + 1)).astype(float)
    return Seen(
        before.persons + seeds.size,
        before.eligible + eligible.T @ inside,
        before.administered + administered.T @ inside,
    )


def _eligible_chance(rate: float, seen: Seen) -> Array:
    chance = rate * seen.eligible / np.maximum(seen.administered, 1e-9)
    return np.asarray(np.where(seen.administered > 0.0, np.minimum(chance, 1.0), 1.0), dtype=float)


def _check_edges(edges: Array) -> None:
    if not np.isfinite(edges).all() or (np.diff(edges) <= 0.0).any():
        raise ExposureInvalid(f"edges of ability must be finite and rise: {edges.tolist()}")


def _check(rate: float, wave: int) -> None:
    if not 0.0 < rate <= 1.0:
        raise ExposureInvalid(f"an exposure rate lies above 0 and is at most 1, not {rate}")
    if wave < 1:
        raise ExposureInvalid(f"a wave has at least one person, not {wave}")
