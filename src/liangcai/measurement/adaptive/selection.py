"""Which item is best for a person: the criteria of selection, each a small value with a merit.

A rule returns the merit of every item for each of N persons; where the merit depends on nothing but
a node of the grid (information at an ability), it names the node instead, and the pool's ranking of
that node is scanned for the first open item.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.criteria import (
    divergence,
    expected_information,
    variance_after,
)
from liangcai.measurement.adaptive.draws import uniforms
from liangcai.measurement.adaptive.item_pool import ItemPool
from liangcai.measurement.adaptive.standing import Standing
from liangcai.measurement.arrays import Array, Index


class SelectionInvalid(LiangcaiError):
    """A rule of selection has an impossible setting."""

    code = "measurement.adaptive.selection-invalid"


class Selection(Protocol):
    """Anything that ranks the items of a pool for persons; larger merit is better."""

    def nodes(self, pool: ItemPool, theta: Array) -> Index | None:
        """Return the node at which information decides (N), or None when `merit` must be asked."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:
        """Return the merit of every item for each person (N × J); `theta` is where they are aimed at."""


@dataclass(frozen=True, slots=True)
class MaximumInformation:
    """Fisher information at the estimate (Birnbaum, 1968; Lord, 1980), read at the nearest node."""

    def nodes(self, pool: ItemPool, theta: Array) -> Index:
        """Return the node nearest to each ability."""
        return pool.node_of(theta)

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:  # noqa: ARG002
        """Return the information at the node (N × J)."""
        return pool.by_node[pool.node_of(theta)]


@dataclass(frozen=True, slots=True)
class CutInformation:
    """Fisher information at the cut nearest to the estimate, for classification (Spray & Reckase, 1994)."""

    cuts: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.cuts or not np.isfinite(self.cuts).all():
            raise SelectionInvalid(
                f"information at a cut needs at least one finite cut: {self.cuts}"
            )

    def nodes(self, pool: ItemPool, theta: Array) -> Index:
        """Return the node of the nearest cut."""
        cuts = np.array(self.cuts)
        return pool.node_of(cuts[np.abs(theta[:, None] - cuts).argmin(axis=1)])

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:  # noqa: ARG002
        """Return the information at the nearest cut (N × J)."""
        return pool.by_node[self.nodes(pool, theta)]


@dataclass(frozen=True, slots=True)
class PosteriorInformation:
    """Information averaged over the posterior (van der Linden, 1998)."""

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: the whole posterior decides."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:  # noqa: ARG002
        """Return the expected information (N × J)."""
        return expected_information(pool.tables, standing.mass())


@dataclass(frozen=True, slots=True)
class KullbackLeibler:
    """Kullback–Leibler information about the estimate, weighted with the posterior (Chang & Ying, 1996)."""

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: the whole posterior decides."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:
        """Return the weighted divergence (N × J)."""
        return divergence(pool.tables.log_probability, standing.mass(), pool.node_of(theta))


@dataclass(frozen=True, slots=True)
class ExpectedVariance:
    """The posterior variance to be expected after the answer, the smaller the better (van der Linden, 1998)."""

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: the whole posterior decides."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:  # noqa: ARG002
        """Return minus the expected variance (N × J)."""
        return -variance_after(pool.probability, standing.mass(), pool.grid)


@dataclass(frozen=True, slots=True)
class Progressive:
    """A mixture of chance and information that turns to information as the test goes on.

    Merit is (1 − w)·R + w·I with w = asked/`length` and R uniform up to the largest information of
    an open item (Revuelta & Ponsoda, 1998).
    """

    length: int

    def __post_init__(self) -> None:
        if self.length < 1:
            raise SelectionInvalid(
                f"a progressive test needs a length of at least 1: {self.length}"
            )

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: chance has its part."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:
        """Return the mixture (N × J)."""
        worth = pool.by_node[pool.node_of(theta)]
        share = min(1.0, standing.asked / self.length)
        top = np.where(standing.closed, 0.0, worth).max(axis=1, keepdims=True)
        chance = uniforms(
            standing.seeds[:, None], "worth", standing.asked, np.arange(pool.count)[None, :]
        )
        return np.asarray((1.0 - share) * top * chance + share * worth, dtype=float)


@dataclass(frozen=True, slots=True)
class NearestDifficulty:
    """The difficulty nearest to the estimate (Urry, 1970)."""

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: difficulty decides, not information."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:  # noqa: ARG002
        """Return minus the distance (N × J)."""
        return -np.abs(pool.difficulty - theta[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Stratified:
    """The nearest difficulty within strata of rising discrimination (Chang & Ying, 1999).

    `stratum` is each item's (J, from 0), `ends` after how many items each stratum's stage ends.
    """

    stratum: Index
    ends: tuple[int, ...]

    def nodes(self, pool: ItemPool, theta: Array) -> None:
        """Return None: difficulty decides, not information."""

    def merit(self, pool: ItemPool, standing: Standing, theta: Array) -> Array:
        """Return minus the distance, an exhausted stratum giving way to the nearest one (N × J)."""
        stage = int(np.searchsorted(self.ends, standing.asked, side="right"))
        away = np.abs(self.stratum - min(stage, len(self.ends) - 1))
        reach = 2.0 * np.ptp(pool.grid.nodes) + np.ptp(pool.difficulty)
        return -(np.abs(pool.difficulty - theta[:, None]) + away * reach)


def stratified(pool: ItemPool, *, strata: int, length: int) -> Stratified:
    """
    Return the a-stratified rule with b-blocking (Chang, Qian & Ying, 2001) for a test of `length` items.

    Items in order of difficulty are cut into blocks of `strata`; within a block the item of lowest
    discrimination goes to the first stratum, and so on, so that every stratum spans all difficulties.
    Each stratum serves an equal part of the test.

    Raises:
        SelectionInvalid: there are fewer items than strata, or the length is below their number.
    """
    if not 1 <= strata <= min(pool.count, length):
        raise SelectionInvalid(f"{strata} strata do not fit {pool.count} items and length {length}")
    order = np.argsort(pool.difficulty, kind="stable")
    block = np.empty(pool.count, dtype=np.intp)
    block[order] = np.arange(pool.count) // strata
    inside = np.lexsort((np.arange(pool.count), pool.discrimination, block))
    stratum = np.empty(pool.count, dtype=np.intp)
    sizes = np.bincount(block)
    ranks = np.arange(pool.count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # The last block may be short: its items are spread over the strata as far as they go.
    stratum[inside] = ranks * strata // np.repeat(sizes, sizes)
    ends = tuple(round(length * (stage + 1) / strata) for stage in range(strata))
    return Stratified(stratum, ends)
