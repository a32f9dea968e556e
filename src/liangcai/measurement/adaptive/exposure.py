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

    Raises:
        ExposureInvalid: the rate lies outside (0, 1], or the wave is empty.
    """

    rate: float
    wave: int = 50

    def __post_init__(self) -> None:
        _check(self.rate, self.wave)


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
    """What has happened so far: persons, and for each item (J) how many were eligible and how many saw it."""

    persons: int
    eligible: Array
    administered: Array


def nothing_seen(items: int) -> Seen:
    """Return the counts before the first person."""
    return Seen(0, np.zeros(items), np.zeros(items))


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
    chance = rule.rate * seen.eligible / np.maximum(seen.administered, 1e-9)
    drawn = uniforms(seeds[:, None], "lottery", np.arange(items)[None, :])
    return np.asarray(drawn >= np.minimum(chance, 1.0) + (seen.administered == 0), dtype=bool)


def _check_edges(edges: Array) -> None:
    if not np.isfinite(edges).all() or (np.diff(edges) <= 0.0).any():
        raise ExposureInvalid(f"edges of ability must be finite and rise: {edges.tolist()}")


def _check(rate: float, wave: int) -> None:
    if not 0.0 < rate <= 1.0:
        raise ExposureInvalid(f"an exposure rate lies above 0 and is at most 1, not {rate}")
    if wave < 1:
        raise ExposureInvalid(f"a wave has at least one person, not {wave}")
