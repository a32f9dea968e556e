"""Sums over blocks of persons: in this process by shards and threads, or wherever shards live."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.design import Block, Coding

Floats = npt.NDArray[np.floating]
#: What a task adds up over the blocks of one group.
Sums = tuple[Array, ...]
Part = TypeVar("Part")


class BlockTask(Protocol):
    """Work on one block of persons whose results are added up over the blocks of a group."""

    @property
    def dtype(self) -> npt.DTypeLike:
        """The precision that the design is wanted in."""

    def __call__(self, design: Floats, group: int, weights: Array | None) -> Sums:
        """Return the block's part of the sums."""


class Executor(Protocol):
    """Where the blocks are: adds a task's results up, group by group, in the order of the blocks."""

    @property
    def groups(self) -> int:
        """The number of groups."""

    def sums(self, task: BlockTask) -> list[Sums]:
        """Return the sums of each group."""


def shard_sums(
    blocks: Sequence[Block], coding: Coding, task: BlockTask, groups: int
) -> list[Sums | None]:
    """Return the sums of each group over these blocks; None for a group without any."""
    sums: list[Sums | None] = [None] * groups
    for block in blocks:
        part = task(block.encoded(coding, task.dtype), block.group, block.weights)
        sums[block.group] = _plus(sums[block.group], part)
    return sums


def added(parts: Sequence[Sequence[Sums | None]]) -> list[Sums]:
    """Return the sum of the shards' results, group by group, in the order of the shards."""
    totals: list[Sums] = []
    for group in range(len(parts[0])):
        total: Sums | None = None
        for part in parts:
            held = part[group]
            total = total if held is None else _plus(total, held)
        totals.append(() if total is None else total)
    return totals


def _plus(one: Sums | None, other: Sums) -> Sums:
    return other if one is None else tuple(a + b for a, b in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True)
class LocalShards:
    """Shards in this process's memory (or memory-mapped), a thread each."""

    shards: tuple[tuple[Block, ...], ...]
    coding: Coding
    groups: int

    def sums(self, task: BlockTask) -> list[Sums]:
        """Return the sums of each group over all shards."""

        def one(place: int) -> list[Sums | None]:
            return shard_sums(self.shards[place], self.coding, task, self.groups)

        return added(in_threads(one, len(self.shards)))


def local_shards(
    blocks: Sequence[Block], coding: Coding, *, groups: int, shards: int
) -> LocalShards:
    """Return the blocks in so many shards of neighbours."""
    cuts = np.array_split(np.arange(len(blocks)), max(1, min(shards, len(blocks))))
    parts = tuple(tuple(blocks[place] for place in cut) for cut in cuts)
    return LocalShards(parts, coding, groups)


def in_threads(task: Callable[[int], Part], count: int) -> list[Part]:
    """Return task(0) … task(count − 1), each in a thread of its own."""
    if count == 1:
        return [task(0)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(task, range(count)))


def one_thread_each() -> threadpool_limits:
    """Return the context in which linear algebra runs on the calling thread alone."""
    return threadpool_limits(limits=1, user_api="blas")
