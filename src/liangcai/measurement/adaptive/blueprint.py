"""What every test must hold: numbers and sums by attribute, enemies, sets with a stimulus, required items."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index


class BlueprintInvalid(LiangcaiError):
    """A constraint names an item or a set that does not exist, or has bounds that cannot hold."""

    code = "measurement.adaptive.blueprint-invalid"


@dataclass(frozen=True, slots=True)
class Count:
    """From `least` to `most` of `items` (places in the pool)."""

    name: str
    items: tuple[int, ...]
    least: float = 0
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the test from `least` to `most`, of `values` (one for each item of the pool): seconds, words."""

    name: str
    values: tuple[float, ...]
    least: float = -math.inf
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Enemies:
    """At most one of `items`: one gives away the answer of another."""

    name: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Required:
    """All of `items`."""

    name: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Items that share a stimulus: none of them, or from `least` to `most`, asked one after the other."""

    name: str
    items: tuple[int, ...]
    least: float = 1
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class SetCount:
    """From `least` to `most` of the item sets named in `sets`."""

    name: str
    sets: tuple[str, ...]
    least: float = 0
    most: float = math.inf


Constraint = Count | Total | Enemies | Required | ItemSet | SetCount


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A test of `length` items that meets every constraint.

    A shadow test is accepted when no other that meets them has more than `gap` (a share) more
    information; constraints hold exactly, whatever the gap.
    """

    length: int
    constraints: tuple[Constraint, ...] = ()
    gap: float = 0.005

    @property
    def sets(self) -> tuple[ItemSet, ...]:
        """The item sets."""
        return tuple(one for one in self.constraints if isinstance(one, ItemSet))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """low ≤ matrix·(items, sets) ≤ high, each row belonging to the named constraint."""

    matrix: Array
    low: Array
    high: Array
    names: tuple[str, ...]


def counts_by(
    labels: Sequence[str], bounds: Mapping[str, tuple[float, float]], *, attribute: str
) -> tuple[Count, ...]:
    """Return a count for each label in `bounds` (least, most); `labels` has one for each item of the pool."""
    return tuple(
        Count(
            f"{attribute}: {label}",
            tuple(place for place, own in enumerate(labels) if own == label),
            least,
            most,
        )
        for label, (least, most) in bounds.items()
    )


def rows_of(blueprint: Blueprint, *, items: int) -> Rows:
    """
    Return the constraints as linear rows over `items` items and the blueprint's sets.

    Raises:
        BlueprintInvalid: see `check_blueprint`.
    """
    check_blueprint(blueprint, items=items)
    sets = blueprint.sets
    place = {one.name: items + number for number, one in enumerate(sets)}
    width = items + len(sets)
    length = _row(width, dict.fromkeys(range(items), 1.0))
    found: list[tuple[Array, float, float, str]] = [
        (length, blueprint.length, blueprint.length, "length")
    ]
    for one in blueprint.constraints:
        if isinstance(one, Total):
            found.append((_row(width, dict(enumerate(one.values))), one.least, one.most, one.name))
        elif isinstance(one, SetCount):
            columns = {place[name]: 1.0 for name in one.sets}
            found.append((_row(width, columns), one.least, one.most, one.name))
        elif isinstance(one, ItemSet):
            found += _set_rows(one, place[one.name], width)
        else:
            least, most = _bounds(one)
            found.append((_row(width, dict.fromkeys(one.items, 1.0)), least, most, one.name))
    matrix, low, high, names = zip(*found, strict=True)
    return Rows(np.array(matrix), np.array(low, dtype=float), np.array(high, dtype=float), names)


def _bounds(one: Count | Enemies | Required) -> tuple[float, float]:
    if isinstance(one, Enemies):
        return 0.0, 1.0
    return (len(one.items), len(one.items)) if isinstance(one, Required) else (one.least, one.most)


def _set_rows(one: ItemSet, column: int, width: int) -> list[tuple[Array, float, float, str]]:
    """Take a set in as soon as one of its items is; then it holds from `least` to `most` of them."""
    members = dict.fromkeys(one.items, 1.0)
    most = min(one.most, len(one.items))
    rows = [(_row(width, {item: 1.0, column: -1.0}), -np.inf, 0.0, one.name) for item in one.items]
    rows.append((_row(width, members | {column: -float(one.least)}), 0.0, np.inf, one.name))
    rows.append((_row(width, members | {column: -float(most)}), -np.inf, 0.0, one.name))
    return rows


def _row(width: int, columns: Mapping[int, float]) -> Array:
    row = np.zeros(width)
    row[list(columns)] = list(columns.values())
    return row


def check_blueprint(blueprint: Blueprint, *, items: int) -> None:
    """
    Check that a blueprint can be meant for a pool of so many items.

    Raises:
        BlueprintInvalid: a constraint names an item or set that does not exist, an item is in two
            sets, lower bounds exceed upper ones, two constraints share a name, the length is not
            from 1 to `items`, or the gap is no share below 1.
    """
    if not 0.0 <= blueprint.gap < 1.0:
        raise BlueprintInvalid(f"the gap is a share from 0 to below 1, not {blueprint.gap}")
    if not 1 <= blueprint.length <= items:
        raise BlueprintInvalid(f"a test of {blueprint.length} items from a pool of {items}")
    names = [one.name for one in blueprint.constraints]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BlueprintInvalid(f"constraints need names of their own: {twice}")
    sets = {one.name for one in blueprint.sets}
    members = [item for one in blueprint.sets for item in one.items]
    if shared := sorted({item for item in members if members.count(item) > 1}):
        raise BlueprintInvalid(f"an item belongs to one set at most: {shared} belong to two")
    for one in blueprint.constraints:
        if isinstance(one, Total):
            if len(one.values) != items or not np.isfinite(one.values).all():
                raise BlueprintInvalid(
                    f"{one.name!r} needs a finite value for each of {items} items"
                )
        elif isinstance(one, SetCount):
            if unknown := sorted(set(one.sets) - sets):
                raise BlueprintInvalid(f"{one.name!r} names sets that do not exist: {unknown}")
        elif not all(0 <= item < items for item in one.items) or len(set(one.items)) < len(
            one.items
        ):
            raise BlueprintInvalid(
                f"{one.name!r} names an item twice, or one outside 0 … {items - 1}"
            )
        if isinstance(one, Count | Total | ItemSet | SetCount) and not one.least <= one.most:
            raise BlueprintInvalid(
                f"{one.name!r} asks for at least {one.least} and at most {one.most}"
            )


def violations(blueprint: Blueprint, given: Flags) -> Index:
    """Return how many constraints each test breaks (N), the length among them; `given` is N × J."""
    rows = rows_of(blueprint, items=given.shape[1])
    sets = [given[:, list(one.items)].any(axis=1) for one in blueprint.sets]
    columns = np.column_stack([given, *sets]).astype(float)
    sums = columns @ rows.matrix.T
    broken = (sums < rows.low - 1e-6) | (sums > rows.high + 1e-6)
    owners = {name: number for number, name in enumerate(dict.fromkeys(rows.names))}
    codes = np.array([owners[name] for name in rows.names])
    return np.array([np.unique(codes[row]).size for row in broken], dtype=np.intp)
