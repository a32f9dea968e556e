"""What a calibration must know of the responses before it starts; parts of them add up."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.responses.matrix import Responses, Scores

_ROWS = 65_536
_SCORES = 128


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of persons with each score on each item (J × 128, weighted), and how many there are."""

    items: tuple[str, ...]
    frequencies: Array
    rows: int
    persons: float
    any_missing: bool
    group_names: tuple[str, ...]
    group_sizes: Array
    smallest_group_rows: int

    @property
    def values(self) -> tuple[Scores, ...]:
        """The scores that occur on each item, rising: category k of an item is its k-th score."""
        return tuple(np.flatnonzero(row).astype(np.int8) for row in self.frequencies)

    def plus(self, other: "Summary") -> "Summary":
        """Return the summary of both parts (of one group)."""
        return Summary(
            self.items,
            self.frequencies + other.frequencies,
            self.rows + other.rows,
            self.persons + other.persons,
            self.any_missing or other.any_missing,
            self.group_names,
            self.group_sizes + other.group_sizes,
            self.smallest_group_rows + other.smallest_group_rows,
        )


def summary_of(responses: Responses) -> Summary:
    """Return the summary of responses in memory."""
    top = int(max(responses.highest_scores(), default=0))
    frequencies = np.zeros((responses.item_count, _SCORES))
    weights, start = responses.weights, 0
    for block in responses.blocks(_ROWS):
        weight = None if weights is None else weights[start : start + block.shape[0]]
        for score in range(top + 1):
            hit = block == score
            frequencies[:, score] += (
                np.count_nonzero(hit, axis=0) if weight is None else weight @ hit
            )
        start += block.shape[0]
    places = responses.groups
    names = ("all",) if places is None else responses.group_names
    sizes, smallest = np.array([responses.total_weight()]), responses.person_count
    if places is not None:
        sizes = np.bincount(places, weights, len(names)).astype(float)
        smallest = int(np.bincount(places, minlength=len(names)).min())
    return Summary(
        responses.items,
        frequencies,
        responses.person_count,
        responses.total_weight(),
        responses.has_missing,
        names,
        sizes,
        smallest,
    )
