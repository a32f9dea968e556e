"""Long responses: one row a score (person, item, score); what sparse designs and log files look like."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.responses.matrix import MISSING, Responses, ResponsesInvalid, Scores
from liangcai.measurement.responses.rows import MAX_CELLS

_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class LongResponses:
    """
    R scores (0 … 127, int8): whose (`person`, a code per row), on which item (`item`), how many.

    `persons` and `items` are the names that the codes point at, in order of first appearance;
    `persons` may be None: they are then numbered. `groups` and `weights` have one entry a person
    (N), as in `Responses`.
    """

    person: Index
    item: Index
    score: Scores
    person_count: int
    items: tuple[str, ...]
    persons: tuple[str, ...] | None = None
    groups: Index | None = None
    group_names: tuple[str, ...] = ()
    weights: Array | None = None

    def __post_init__(self) -> None:
        rows = len(self.score)
        if not len(self.person) == len(self.item) == rows:
            raise ResponsesInvalid("person, item and score need one entry a row each")
        if self.score.dtype != np.int8 or (rows and int(self.score.min()) < 0):
            raise ResponsesInvalid("a long row is a score: int8 from 0 on; leave missing ones out")
        for name, codes, count in (
            ("person", self.person, self.person_count),
            ("item", self.item, len(self.items)),
        ):
            if codes.dtype.kind not in "iu":
                raise ResponsesInvalid(f"codes of {name} must be whole numbers, not {codes.dtype}")
            if rows and not (int(codes.min()) >= 0 and int(codes.max()) < count):
                raise ResponsesInvalid(f"a code of {name} is not from 0 to {count - 1}")

    def to_matrix(self) -> Responses:
        """
        Return the same responses as a matrix (N × J int8).

        Raises:
            ResponsesInvalid: a person has two scores on one item, or the matrix would not fit in memory.
        """
        cells = self.person_count * len(self.items)
        if cells > MAX_CELLS:
            raise ResponsesInvalid(f"{cells:,} cells do not fit in memory: analyse the long form")
        scores = np.full(cells, MISSING, dtype=np.int8)
        places = self.person * len(self.items) + self.item
        scores[places] = self.score
        if np.count_nonzero(scores >= 0) != len(self.score):
            self._refuse_repeated(places)
        return Responses(
            scores.reshape(self.person_count, len(self.items)),
            self.items,
            self.persons,
            self.groups,
            self.group_names,
            self.weights,
        )

    def _refuse_repeated(self, places: Index) -> None:
        order = np.argsort(places, kind="stable")
        second = order[1:][places[order][1:] == places[order][:-1]].min()
        person, item = int(self.person[second]), self.items[self.item[second]]
        name = str(person + 1) if self.persons is None else self.persons[person]
        raise ResponsesInvalid(
            f"row {second + 1}: person {name!r} has a second score on item {item!r}; "
            "keep one, or analyse them as ratings"
        )


def long_responses_of(responses: Responses) -> LongResponses:
    """Return the long form of a matrix: its scores person by person, missing ones left out."""
    parts = []
    for number, block in enumerate(responses.blocks(_ROWS)):
        person, item = np.nonzero(block >= 0)
        parts.append((person + number * _ROWS, item, np.asarray(block[person, item])))
    person, item, score = (
        (np.concatenate(columns) for columns in zip(*parts, strict=True))
        if parts
        else (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.int8))
    )
    return LongResponses(
        person,
        item,
        score,
        responses.person_count,
        responses.items,
        responses.persons,
        responses.groups,
        responses.group_names,
        responses.weights,
    )
