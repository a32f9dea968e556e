"""Responses counted once: scores by item, persons at the extremes, what connects the items."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.responses.matrix import MISSING, Responses, Scores

_ROWS = 8192
_SPELLINGS = 128


@dataclass(frozen=True, slots=True)
class Census:
    """
    Counts of a matrix of responses; a person counts as often as their weight says, at 0 not at all.

    `counts` (J × 128): persons by score. `unanswered`, `zero`, `perfect`: rows of persons without
    answers, with only zeros, with only the highest score seen on each item. `item_sets`: items
    (answered ones) that persons link directly or by a chain, largest set first. `duplicates`:
    pairs of columns that are the same and vary.
    """

    counts: Array
    unanswered: Index
    zero: Index
    perfect: Index
    item_sets: tuple[tuple[int, ...], ...]
    duplicates: tuple[tuple[int, int], ...]

    @staticmethod
    def first_above(responses: Responses, item: int, most: int) -> int:
        """Return the row of the first person whose score on `item` is above `most`."""
        return int(np.argmax(responses.scores[:, item] > most))


def census_of(responses: Responses) -> Census:
    """Count responses in two passes over blocks of persons; memory holds one block."""
    items = responses.item_count
    start = np.arange(items) * (_SPELLINGS + 1)
    counts = np.zeros(items * (_SPELLINGS + 1))
    label = np.arange(items)
    hashes = [hashlib.blake2b(digest_size=16) for _ in range(items)]
    for block, weights in _blocks(responses):
        cells = (block + np.intp(1)) + start
        each = None if weights is None else np.repeat(weights, items)
        counts += np.bincount(cells.ravel(), each, minlength=counts.size)
        if label.any():
            label = _joined(label, block >= 0)
        for hashed, column in zip(hashes, np.ascontiguousarray(block.T), strict=True):
            hashed.update(column.data)
    table = counts.reshape(items, _SPELLINGS + 1)[:, 1:]
    return Census(
        table,
        *_extremes(responses, table),
        _item_sets(label, table.sum(axis=1) > 0),
        _duplicates([hashed.digest() for hashed in hashes], (table > 0).sum(axis=1) > 1),
    )


def _blocks(responses: Responses) -> Iterator[tuple[Scores, Array | None]]:
    """Yield the blocks of persons with their weights; who has weight zero has no score there."""
    for number, block in enumerate(responses.blocks(_ROWS)):
        if responses.weights is None:
            yield block, None
            continue
        weights = responses.weights[number * _ROWS : number * _ROWS + len(block)]
        yield np.where(weights[:, None] > 0.0, block, np.int8(MISSING)), weights


def _joined(label: Index, asked: Flags) -> Index:
    """Return the set of each item (J) after these persons joined what they answered; all 0 when it is one set."""
    items = label.size
    person, item = np.nonzero(asked)
    same = person[1:] == person[:-1]
    first, second = np.divmod(np.unique(item[:-1][same] * items + item[1:][same]), items)
    # Items that were one set before stay one: each is tied to its set's first.
    first, second = (
        np.append(first, np.arange(items)),
        np.append(second, np.unique(label, return_index=True)[1][label]),
    )
    graph = coo_array((np.ones(first.size, dtype=np.int8), (first, second)), shape=(items, items))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _extremes(responses: Responses, counts: Array) -> tuple[Index, Index, Index]:
    highest = np.where(
        counts.any(axis=1), _SPELLINGS - 1 - np.argmax(counts[:, ::-1] > 0, axis=1), 0
    ).astype(np.int8)
    found: tuple[list[Index], ...] = ([], [], [])
    for number, (block, weights) in enumerate(_blocks(responses)):
        present = np.ones(len(block), dtype=bool) if weights is None else weights > 0.0
        for rows, flags in zip(found, _flags(block, highest), strict=True):
            rows.append(np.flatnonzero(flags & present) + number * _ROWS)
    unanswered, zero, perfect = (
        np.concatenate(rows) if rows else np.empty(0, dtype=np.intp) for rows in found
    )
    return unanswered, zero, perfect


def _flags(block: Scores, highest: Scores) -> tuple[Flags, Flags, Flags]:
    answered: Flags = np.any(block >= 0, axis=1)
    zero: Flags = answered & np.all(block <= 0, axis=1)
    full: Flags = np.all((block == highest) | (block < 0), axis=1)
    return ~answered, zero, answered & ~zero & full


def _item_sets(label: Index, answered: Flags) -> tuple[tuple[int, ...], ...]:
    sets: dict[int, list[int]] = {}
    for place in np.flatnonzero(answered).tolist():
        sets.setdefault(int(label[place]), []).append(place)
    return tuple(sorted(map(tuple, sets.values()), key=lambda members: (-len(members), members)))


def _duplicates(digests: list[bytes], vary: Flags) -> tuple[tuple[int, int], ...]:
    first: dict[bytes, int] = {}
    pairs = []
    for place in np.flatnonzero(vary).tolist():
        twin = first.setdefault(digests[place], place)
        if twin != place:
            pairs.append((twin, place))
    return tuple(pairs)
