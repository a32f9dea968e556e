"""Equating designs: who took which form, as tables of how many persons earned each score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index


class ScoresInvalid(LiangcaiError):
    """Scores or frequencies do not make a table that forms can be equated from."""

    code = "measurement.equating.scores-invalid"


@dataclass(frozen=True, slots=True)
class RandomGroups:
    """Two random samples of one population: one took form X, the other form Y.

    `x`, `y`: how many persons earned each score 0 … highest.
    """

    x: Array
    y: Array

    def __post_init__(self) -> None:
        _check("x", self.x, dimensions=1)
        _check("y", self.y, dimensions=1)

    @property
    def tables(self) -> tuple[Array, ...]:
        """The independent samples."""
        return (self.x, self.y)

    def with_tables(self, tables: Sequence[Array]) -> "RandomGroups":
        """Return the design with other frequencies."""
        return RandomGroups(*tables)

    def possible(self) -> tuple[Flags, ...]:
        """Return which cells of each table can hold persons at all."""
        return tuple(np.ones(table.shape, dtype=bool) for table in self.tables)


@dataclass(frozen=True, slots=True)
class SingleGroup:
    """One sample that took both forms; `joint` counts persons by score on X (rows) and Y (columns)."""

    joint: Array

    def __post_init__(self) -> None:
        _check("joint", self.joint, dimensions=2)

    @property
    def tables(self) -> tuple[Array, ...]:
        """The one sample."""
        return (self.joint,)

    def with_tables(self, tables: Sequence[Array]) -> "SingleGroup":
        """Return the design with other frequencies."""
        return SingleGroup(*tables)

    def possible(self) -> tuple[Flags, ...]:
        """Return which cells of each table can hold persons at all."""
        return (np.ones(self.joint.shape, dtype=bool),)


@dataclass(frozen=True, slots=True)
class AnchorGroups:
    """Two samples of different populations that share an anchor test V (the NEAT design).

    `x` counts persons of population 1 by score on X (rows) and V (columns), `y` persons of population 2
    by score on Y and V. An "internal" anchor counts towards the form's score, an "external" one does not.
    """

    x: Array
    y: Array
    anchor: Literal["internal", "external"]

    def __post_init__(self) -> None:
        _check("x", self.x, dimensions=2)
        _check("y", self.y, dimensions=2)
        if self.anchor not in {"internal", "external"}:
            raise ScoresInvalid(f'an anchor is "internal" or "external", not {self.anchor!r}')
        if self.x.shape[1] != self.y.shape[1]:
            raise ScoresInvalid(
                f"the anchor has {self.x.shape[1]} scores in x and {self.y.shape[1]} in y"
            )
        for name, table, cells in zip("xy", self.tables, self.possible(), strict=True):
            if np.any(table[~cells] > 0.0):
                raise ScoresInvalid(
                    f"{name}: a person's anchor score does not fit inside the total; "
                    'an anchor that does not count is "external"'
                )

    @property
    def tables(self) -> tuple[Array, ...]:
        """The independent samples."""
        return (self.x, self.y)

    def with_tables(self, tables: Sequence[Array]) -> "AnchorGroups":
        """Return the design with other frequencies."""
        x, y = tables
        return AnchorGroups(x, y, self.anchor)

    def possible(self) -> tuple[Flags, ...]:
        """Return which cells of each table can hold persons at all."""
        return tuple(_possible(table.shape, self.anchor) for table in self.tables)


Design = RandomGroups | SingleGroup | AnchorGroups


def score_frequencies(
    scores: npt.ArrayLike, *, highest: int | None = None, weights: npt.ArrayLike | None = None
) -> Array:
    """
    Return how many persons (or how much weight) earned each score 0 … highest.

    Raises:
        ScoresInvalid: a score is not a whole number from 0 to `highest`, or there is none.
    """
    whole, top = _whole(scores, highest)
    counts = np.bincount(whole, weights=_weights(weights, whole.size), minlength=top + 1)
    return counts.astype(float)


def joint_frequencies(
    scores: npt.ArrayLike,
    others: npt.ArrayLike,
    *,
    highest: tuple[int, int] | None = None,
    weights: npt.ArrayLike | None = None,
) -> Array:
    """
    Return how many persons earned each pair of scores: rows by `scores`, columns by `others`.

    Raises:
        ScoresInvalid: a score is not a whole number from 0 to its highest, or lengths differ.
    """
    rows, top = _whole(scores, None if highest is None else highest[0])
    columns, side = _whole(others, None if highest is None else highest[1])
    if rows.size != columns.size:
        raise ScoresInvalid(f"{rows.size} scores on one test and {columns.size} on the other")
    cell = rows * (side + 1) + columns
    weight = _weights(weights, rows.size)
    counts = np.bincount(cell, weights=weight, minlength=(top + 1) * (side + 1))
    return counts.reshape(top + 1, side + 1).astype(float)


def _whole(scores: npt.ArrayLike, highest: int | None) -> tuple[Index, int]:
    values = np.asarray(scores, dtype=float).ravel()
    if values.size == 0:
        raise ScoresInvalid("there are no scores")
    finite = values[np.isfinite(values)]
    top = finite.max(initial=0.0) if highest is None else highest
    wrong = ~((values >= 0.0) & (values <= top) & (values == np.floor(values)))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ScoresInvalid(
            f"score {place + 1} is {values[place]:g}, not a whole number from 0 to {top:g}"
        )
    return values.astype(np.intp), int(top)


def _weights(weights: npt.ArrayLike | None, count: int) -> Array:
    held = np.ones(count) if weights is None else np.asarray(weights, dtype=float)
    if held.shape != (count,):
        raise ScoresInvalid(f"{held.size} weights for {count} persons")
    if not (np.isfinite(held) & (held >= 0.0)).all():
        raise ScoresInvalid("weights must be finite and at least 0")
    return held


def _possible(shape: tuple[int, ...], anchor: str) -> Flags:
    total, part = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    if anchor == "external":
        return np.ones(shape, dtype=bool)
    return np.asarray((part <= total) & (total - part <= shape[0] - shape[1]))


def _check(name: str, table: Array, *, dimensions: int) -> None:
    if table.ndim != dimensions or min(table.shape) < 2:
        raise ScoresInvalid(
            f"{name}: {dimensions} dimensions of two or more scores, not {table.shape}"
        )
    if not np.isfinite(table).all() or table.min() < 0.0 or table.sum() <= 0.0:
        raise ScoresInvalid(f"{name}: frequencies must be finite, at least 0, and not all 0")
    for axis in range(dimensions):
        others = tuple(place for place in range(dimensions) if place != axis)
        if np.count_nonzero(table.sum(axis=others)) < 2:
            raise ScoresInvalid(f"{name}: all persons have one score; nothing can be equated to it")
