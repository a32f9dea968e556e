"""Rows on their way from a file to `Responses`: blocks of persons, and what gathers them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Index
from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped
from liangcai.measurement.responses.matrix import Responses, Scores

#: More than this many scores are not gathered in memory: `as_memory_map` reads them from disk.
MAX_CELLS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Some persons in file order: scores, and of the columns that were named their texts."""

    scores: Scores
    persons: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    weights: Sequence[float] | None = None


class Labels:
    """What stands beside the scores (names, groups, weights) gathered while blocks pass by."""

    def __init__(self) -> None:
        self._persons: list[str] = []
        self._groups: list[str] = []
        self._weights: list[float] = []

    def add(self, block: RowBlock) -> None:
        """Take in the labels of the next block."""
        self._persons.extend(block.persons or ())
        self._groups.extend(block.groups or ())
        self._weights.extend(block.weights or ())

    def responses(self, scores: Scores, items: tuple[str, ...]) -> Responses:
        """Return the responses; groups are numbered in the order of their sorted names."""
        codes, names = coded(self._groups) if self._groups else (None, ())
        weights = np.array(self._weights, dtype=float) if self._weights else None
        persons = tuple(self._persons) if self._persons else None
        return Responses(scores, items, persons, codes, names, weights)


def coded(labels: Sequence[str]) -> tuple[Index, tuple[str, ...]]:
    """Return each label's place among the sorted labels, and these."""
    names = tuple(sorted(set(labels)))
    place = {name: code for code, name in enumerate(names)}
    return np.fromiter((place[label] for label in labels), dtype=np.intp, count=len(labels)), names


def gather(
    blocks: Iterable[RowBlock], items: tuple[str, ...], *, file: str, expected: int = 0
) -> Responses:
    """
    Return the responses of all blocks, in order; `expected` persons are made room for at once.

    Raises:
        ResponsesUnreadable: there is no person, or there are more scores than fit in memory.
    """
    kept = np.empty((min(expected, MAX_CELLS // len(items)), len(items)), dtype=np.int8)
    labels, rows = Labels(), 0
    for block in blocks:
        first, rows = rows, rows + len(block.scores)
        if rows * len(items) > MAX_CELLS:
            fault = f"more than {MAX_CELLS:,} scores: read it with as_memory_map"
            raise ResponsesUnreadable(fault, file=file)
        if rows > len(kept):
            # refcheck: nothing else holds the array while it grows by half.
            kept.resize((max(rows, len(kept) + len(kept) // 2), len(items)), refcheck=False)
        kept[first:rows] = block.scores
        labels.add(block)
    if not rows:
        raise ResponsesUnreadable("there is no person below the header", file=file)
    kept.resize((rows, len(items)), refcheck=False)
    return labels.responses(kept, items)


def weight_of(text: str) -> float:
    """
    Return a frequency weight.

    Raises:
        ValueError: it is no finite number from 0 on.
    """
    weight = float(text)
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"{clipped(text)} is no weight: a number from 0 on")
    return weight
