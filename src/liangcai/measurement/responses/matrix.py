"""Responses as a matrix: one row a person, one column an item, −1 where nothing was asked."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index

Scores = npt.NDArray[np.int8]
MISSING = -1
_ROWS = 65_536
#: Rows that are hashed together.
HASHED_ROWS = 2048


class ResponsesInvalid(LiangcaiError):
    """The arrays given as responses do not fit together or hold impossible scores."""

    code = "measurement.responses-invalid"


@dataclass(frozen=True, slots=True)
class Responses:
    """
    Scores 0 … highest of N persons on J items (int8, −1 missing; may be memory-mapped).

    `groups` holds a code per person into `group_names`; `weights` a frequency per person (a row
    that stands for several equal persons). `persons` are row names, or None for row numbers.

    Raises:
        ResponsesInvalid: scores are no matrix of int8 from −1 on (those of a memory map are taken on
            trust), lengths differ, a group has no name, or a weight is not finite or below 0.
    """

    scores: Scores
    items: tuple[str, ...]
    persons: tuple[str, ...] | None = None
    groups: Index | None = None
    group_names: tuple[str, ...] = ()
    weights: Array | None = None

    def __post_init__(self) -> None:
        if self.scores.ndim != 2 or self.scores.dtype != np.int8:
            raise ResponsesInvalid(
                f"scores must be a matrix of int8, not {self.scores.ndim}-dimensional {self.scores.dtype}"
            )
        rows, columns = self.scores.shape
        on_disk = isinstance(self.scores, np.memmap)
        if self.scores.size and not on_disk and int(self.scores.min()) < MISSING:
            raise ResponsesInvalid(
                f"a score is {self.scores.min()}: scores are 0 … 127, −1 is missing"
            )
        if columns != len(self.items) or len(set(self.items)) != columns:
            raise ResponsesInvalid("each column needs one item name of its own")
        for name, values in (
            ("persons", self.persons),
            ("groups", self.groups),
            ("weights", self.weights),
        ):
            if values is not None and len(values) != rows:
                raise ResponsesInvalid(f"{name} has {len(values)} entries for {rows} persons")
        _check_groups(self.groups, len(self.group_names))
        weights = self.weights
        if weights is not None and not (
            weights.ndim == 1 and np.isfinite(weights).all() and (weights >= 0).all()
        ):
            raise ResponsesInvalid("weights must be finite and at least 0, one a person")

    @property
    def person_count(self) -> int:
        """The number of rows N."""
        return int(self.scores.shape[0])

    @property
    def item_count(self) -> int:
        """The number of columns J."""
        return int(self.scores.shape[1])

    @property
    def has_missing(self) -> bool:
        """Whether any score is missing."""
        return any(bool((block < 0).any()) for block in self.blocks(_ROWS))

    def blocks(self, rows: int) -> "tuple[Scores, ...]":
        """Return the matrix in views of `rows` persons, in order (nothing is copied)."""
        return tuple(
            self.scores[start : start + rows] for start in range(0, self.person_count, rows)
        )

    def highest_scores(self) -> Index:
        """Return the highest score seen on each item (J), −1 where nobody answered."""
        tops = [block.max(axis=0) for block in self.blocks(_ROWS)]
        return np.max(tops, axis=0).astype(np.intp) if tops else np.full(self.item_count, MISSING)

    def total_weight(self) -> float:
        """Return the number of persons that the rows stand for."""
        return float(self.person_count if self.weights is None else self.weights.sum())

    def person_name(self, row: int) -> str:
        """Return a row's name: the person's, or its number from 1."""
        return str(row + 1) if self.persons is None else self.persons[row]

    def select_items(self, columns: Index) -> "Responses":
        """
        Return the responses to the items of `columns` (places from 0), in that order.

        Raises:
            ResponsesInvalid: there is no such place, or it stands twice.
        """
        chosen = _places(columns, self.item_count, "items")
        return Responses(
            np.ascontiguousarray(self.scores[:, chosen]),
            tuple(self.items[place] for place in chosen),
            self.persons,
            self.groups,
            self.group_names,
            self.weights,
        )

    def select_persons(self, rows: Index | Flags) -> "Responses":
        """
        Return the responses of the persons of `rows` (places from 0, or one flag a person).

        Raises:
            ResponsesInvalid: there is no such place, or there are more or fewer flags than persons.
        """
        chosen = _places(rows, self.person_count, "persons")
        return Responses(
            np.ascontiguousarray(self.scores[chosen]),
            self.items,
            None if self.persons is None else tuple(self.persons[place] for place in chosen),
            None if self.groups is None else self.groups[chosen],
            self.group_names,
            None if self.weights is None else self.weights[chosen],
        )

    def sha256(self) -> str:
        """Return the hash of names, shape, scores, groups and weights: what a result rests on.

        It is the hash of the names, the shape and the hashes of the blocks of 2,048 rows, so that
        parts of the rows can be hashed where they are.
        """
        return hash_of(self.items, self.group_names, self.person_count, self.block_hashes())

    def block_hashes(self) -> tuple[bytes, ...]:
        """Return the hash of each block of 2,048 rows."""
        found = []
        for start in range(0, self.person_count, HASHED_ROWS):
            rows = slice(start, start + HASHED_ROWS)
            digest = hashlib.sha256(np.ascontiguousarray(self.scores[rows]).data)
            for values, dtype in ((self.groups, "<i8"), (self.weights, "<f8")):
                if values is not None:
                    digest.update(np.ascontiguousarray(values[rows], dtype=dtype).data)
            found.append(digest.digest())
        return tuple(found)


def _check_groups(groups: Index | None, count: int) -> None:
    if groups is None:
        return
    whole = groups.ndim == 1 and groups.dtype.kind in "iu"
    if not whole or (groups.size and not (int(groups.min()) >= 0 and int(groups.max()) < count)):
        raise ResponsesInvalid(f"groups must be one whole code a person, from 0 to {count - 1}")


def _places(chosen: npt.ArrayLike, count: int, what: str) -> Index:
    held = np.asarray(chosen)
    if held.dtype == bool and held.shape == (count,):
        return np.flatnonzero(held)
    if held.size == 0:
        return np.empty(0, dtype=np.intp)
    if held.ndim != 1 or held.dtype.kind not in "iu" or held.min() < 0 or held.max() >= count:
        raise ResponsesInvalid(f"{what} are chosen by places from 0 to {count - 1}, or a flag each")
    return held.astype(np.intp)


def hash_of(
    items: tuple[str, ...], group_names: tuple[str, ...], persons: int, blocks: Iterable[bytes]
) -> str:
    """Return the hash of responses from the hashes of their blocks of `HASHED_ROWS` rows."""
    digest = hashlib.sha256(repr((items, group_names, persons)).encode())
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def responses_of(
    scores: npt.ArrayLike,
    *,
    items: tuple[str, ...] | None = None,
    persons: tuple[str, ...] | None = None,
    groups: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> Responses:
    """
    Return responses from anything like a matrix of whole scores; NaN, negative and masked mean missing.

    Items are named "1" … "J" unless `items` names them; `groups` may be any labels.

    Raises:
        ResponsesInvalid: a score is not a whole number from 0 to 127, a person has no group, a weight
            is not finite or below 0, or lengths differ.
    """
    matrix = _matrix_of(scores)
    names = items if items is not None else tuple(str(n + 1) for n in range(matrix.shape[1]))
    codes: Index | None = None
    labels: tuple[str, ...] = ()
    if groups is not None:
        codes, labels = _coded(groups)
    try:
        held = None if weights is None else np.asarray(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise ResponsesInvalid(f"weights must be numbers: {error}") from error
    named = None if persons is None else tuple(persons)
    return Responses(matrix, tuple(names), named, codes, labels, held)


def _coded(groups: npt.ArrayLike) -> tuple[Index, tuple[str, ...]]:
    # As objects: NumPy would write a missing label among texts as the text "nan".
    listed = np.asarray(groups, dtype=object)
    if listed.ndim != 1 or any(one is None or one != one for one in listed.tolist()):  # noqa: PLR0124
        raise ResponsesInvalid("groups must be one label a person; None and NaN are none")
    found, inverse = np.unique(listed.astype(str), return_inverse=True)
    return inverse.astype(np.intp), tuple(str(label) for label in found)


def _matrix_of(scores: npt.ArrayLike) -> Scores:
    try:
        held = np.asanyarray(scores)
    except ValueError as error:
        raise ResponsesInvalid(f"scores must be rows of one length: {error}") from error
    if held.ndim != 2:
        raise ResponsesInvalid(f"scores must have two dimensions, not {held.ndim}")
    if isinstance(held, np.ma.MaskedArray):
        shown = np.asarray(held.data, dtype=float)
        return _as_int8(np.where(np.ma.getmaskarray(held), np.nan, shown))
    if held.dtype != np.int8:
        return _as_int8(np.asarray(held))
    # One on disk stays there, and is not read through.
    plain: Scores = held if isinstance(held, np.memmap) else np.asarray(held)
    if isinstance(held, np.memmap) or not held.size or int(plain.min()) >= MISSING:
        return plain
    return np.maximum(plain, np.int8(MISSING))


def _as_int8(matrix: npt.NDArray[np.generic]) -> Scores:
    if matrix.dtype.kind not in "biufOSU":
        raise ResponsesInvalid(f"scores must be numbers, not {matrix.dtype}")
    try:
        values = matrix.astype(float)
    except (TypeError, ValueError) as error:
        raise ResponsesInvalid(f"scores must be numbers: {error}") from error
    missing = np.isnan(values) | ((values < 0) & np.isfinite(values))
    whole = np.where(missing, 0.0, values)
    wrong = (whole != np.floor(whole)) | (whole > 127) | (whole < 0)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ResponsesInvalid(
            f"row {row + 1}, column {column + 1}: {values[row, column]:g} is no whole score from 0 to 127"
        )
    return np.where(missing, MISSING, whole).astype(np.int8)
