"""How responses become the design of matrix products: indicator columns and blocks of persons."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.responses.matrix import Responses, Scores

#: Persons in a block: its posterior weights stay in the processor's cache. Shards are whole
#: blocks, so that every sum is formed in the same order however many shards there are.
BLOCK = 2048
_MOST_PATTERNS = 1 << 20


@dataclass(frozen=True, slots=True)
class Coding:
    """Which columns a design has: one for each item and category from 1, then who was asked, then 1.

    `values[k]` are the scores that count as category k + 1 and `items[k]` the items that have it;
    `asked` says whether there is a column per item for "was asked" (some responses are missing).
    """

    items: tuple[Index, ...]
    values: tuple[Scores, ...]
    item_count: int
    asked: bool

    @property
    def categories(self) -> Index:
        """The category of each indicator column."""
        return np.repeat(np.arange(1, len(self.items) + 1), [rows.size for rows in self.items])

    @property
    def owners(self) -> Index:
        """The item of each indicator column."""
        return np.concatenate(self.items)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.owners.size + (self.item_count if self.asked else 0) + 1

    def encode(self, scores: Scores, dtype: npt.DTypeLike) -> npt.NDArray[np.floating]:
        """Return the design (rows × width) of these rows of scores."""
        design = np.empty((scores.shape[0], self.width), dtype=dtype)
        start = 0
        for rows, values in zip(self.items, self.values, strict=True):
            part = scores if rows.size == self.item_count else scores[:, rows]
            np.equal(part, values, out=design[:, start : start + rows.size], casting="unsafe")
            start += rows.size
        if self.asked:
            np.greater_equal(scores, 0, out=design[:, start:-1], casting="unsafe")
        design[:, -1] = 1.0
        return design


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a score matrix that belong to one group: places or a slice, and their weights."""

    group: int
    rows: slice | Index
    scores: Scores
    weights: Array | None

    def encoded(self, coding: Coding, dtype: npt.DTypeLike) -> npt.NDArray[np.floating]:
        """Return the design of the block."""
        return coding.encode(self.scores[self.rows], dtype)


def coding_of(values: tuple[Scores, ...], *, asked: bool) -> Coding:
    """Return the coding in which the k-th score of an item (from 0) is its category k."""
    most = max(scores.size for scores in values)
    items, codes = [], []
    for category in range(1, most):
        rows = np.array([j for j, scores in enumerate(values) if scores.size > category], np.intp)
        items.append(rows)
        codes.append(np.array([values[j][category] for j in rows], dtype=np.int8))
    return Coding(tuple(items), tuple(codes), len(values), asked)


def blocks_of(responses: Responses) -> tuple[Block, ...]:
    """Return the responses in blocks of persons of one group each, in their order."""
    return tuple(_blocks(responses))


def sampled(responses: Responses, stride: int) -> Responses:
    """Return every so many-th person of each group."""
    if responses.groups is None:
        return responses.select_persons(np.arange(0, responses.person_count, stride))
    members = [
        np.flatnonzero(responses.groups == group)[::stride]
        for group in range(len(responses.group_names))
    ]
    return responses.select_persons(np.concatenate(members))


def _blocks(responses: Responses) -> Iterator[Block]:
    weights, scores = responses.weights, responses.scores
    if responses.groups is None:
        for start in range(0, responses.person_count, BLOCK):
            rows = slice(start, start + BLOCK)
            yield Block(0, rows, scores, None if weights is None else weights[rows])
        return
    for group in range(len(responses.group_names)):
        members = np.flatnonzero(responses.groups == group)
        for start in range(0, members.size, BLOCK):
            chosen = members[start : start + BLOCK]
            yield Block(group, chosen, scores, None if weights is None else weights[chosen])


def without_repeated_patterns(responses: Responses) -> Responses:
    """Return one row for each distinct pattern (and group) with its frequency, where that is shorter.

    Only for tests whose possible patterns are few; otherwise the responses come back unchanged.
    """
    sizes = responses.highest_scores().astype(float) + 2.0
    groups = max(len(responses.group_names), 1)
    if np.log(sizes).sum() + np.log(groups) > np.log(min(_MOST_PATTERNS, responses.person_count)):
        return responses
    code = np.zeros(responses.person_count, dtype=np.int64)
    for column, size in enumerate(sizes.astype(np.int64)):
        code = code * size + (responses.scores[:, column] + 1)
    code = code * groups + (0 if responses.groups is None else responses.groups)
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    frequency = np.bincount(place, responses.weights, first.size)
    return Responses(
        np.ascontiguousarray(responses.scores[first]),
        responses.items,
        None,
        None if responses.groups is None else responses.groups[first],
        responses.group_names,
        frequency.astype(float),
    )
