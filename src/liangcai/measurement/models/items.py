"""Calibrated items: parameters in slope–difficulty form, one row an item, whatever its model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index

#: Model of an item → the family of curves that draws it.
FAMILY_OF = {
    "rasch": "logistic",
    "1pl": "logistic",
    "2pl": "logistic",
    "3pl": "logistic",
    "4pl": "logistic",
    "rsm": "partial-credit",
    "pcm": "partial-credit",
    "gpcm": "partial-credit",
    "grm": "graded",
    "nominal": "nominal",
}


class ItemParametersInvalid(LiangcaiError):
    """Item parameters do not describe response curves."""

    code = "measurement.item-parameters-invalid"


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """Parameters of J items in the logistic metric (D = 1), padded with NaN to M steps.

    `a` (J): slope. `b` (J × M): difficulty; rising thresholds (grm: P(X ≥ k) is
    logistic(a(theta − b_k))) or step difficulties (rsm, pcm, gpcm: odds of k over k − 1 are
    exp(a(theta − b_k))). `c`, `d` (J): lower and upper asymptote. A nominal item has in
    `category_slopes` and `b` the slope and the intercept of categories 1 … M (those of category 0
    are 0) and NaN in `a`. `dimension` (J): which ability the item measures, from 0.
    """

    names: tuple[str, ...]
    models: tuple[str, ...]
    a: Array
    b: Array
    c: Array
    d: Array
    category_slopes: Array
    dimension: Index

    @property
    def count(self) -> int:
        """The number of items J."""
        return len(self.names)

    @property
    def steps(self) -> Index:
        """The highest score of each item (J)."""
        return np.asarray((~np.isnan(self.b)).sum(axis=1), dtype=np.intp)

    def select(self, rows: Sequence[int] | Index) -> Self:
        """Return the items of `rows`, in that order."""
        chosen = np.asarray(rows, dtype=np.intp)
        arrays = {
            field.name: getattr(self, field.name)[chosen]
            for field in fields(self)
            if field.name not in {"names", "models"}
        }
        names = tuple(self.names[row] for row in chosen)
        return type(self)(names=names, models=tuple(self.models[row] for row in chosen), **arrays)

    def positions(self, names: Iterable[str]) -> Index:
        """
        Return the rows of the named items.

        Raises:
            ItemParametersInvalid: a name is unknown.
        """
        place = {name: row for row, name in enumerate(self.names)}
        try:
            return np.array([place[name] for name in names], dtype=np.intp)
        except KeyError as error:
            raise ItemParametersInvalid(f"no item is called {error.args[0]!r}") from None

    def to_json(self) -> list[dict[str, Any]]:
        """Return one record an item: item, model, a, b (a number, or a list), c; d and dimension if set."""
        return [self._record(row) for row in range(self.count)]

    def _record(self, row: int) -> dict[str, Any]:
        steps = int(self.steps[row])
        b = [float(value) for value in self.b[row, :steps]]
        nominal = self.models[row] == "nominal"
        record: dict[str, Any] = {
            "item": self.names[row],
            "model": self.models[row],
            "a": None if nominal else float(self.a[row]),
            "b": b[0] if FAMILY_OF.get(self.models[row]) == "logistic" else b,
            "c": float(self.c[row]),
        }
        if self.d[row] != 1.0:
            record["d"] = float(self.d[row])
        if nominal:
            record["category_slopes"] = [float(v) for v in self.category_slopes[row, :steps]]
        if self.dimension[row]:
            record["dimension"] = int(self.dimension[row])
        return record

    @classmethod
    def from_json(cls, records: Sequence[Mapping[str, Any]]) -> Self:
        """
        Return the items that `to_json` wrote; a record may leave out model, c, d and dimension.

        Raises:
            ItemParametersInvalid: a record is malformed or describes no curve; the message names it.
        """
        rows = [_Row.read(record, place) for place, record in enumerate(records)]
        width = max((len(row.b) for row in rows), default=1)
        return cls(
            names=tuple(row.name for row in rows),
            models=tuple(row.model for row in rows),
            a=np.array([row.a for row in rows], dtype=float),
            b=_padded([row.b for row in rows], width),
            c=np.array([row.c for row in rows], dtype=float),
            d=np.array([row.d for row in rows], dtype=float),
            category_slopes=_padded([row.category_slopes for row in rows], width),
            dimension=np.array([row.dimension for row in rows], dtype=np.intp),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    model: str
    a: float
    b: tuple[float, ...]
    c: float
    d: float
    category_slopes: tuple[float, ...]
    dimension: int

    @classmethod
    def read(cls, record: Mapping[str, Any], place: int) -> Self:
        name = str(record.get("item", place + 1))
        try:
            listed = isinstance(record["b"], list | tuple)
            b = tuple(float(v) for v in record["b"]) if listed else (float(record["b"]),)
            slopes = tuple(float(v) for v in record.get("category_slopes") or ())
            guessed = ("gpcm" if listed else "2pl") if not slopes else "nominal"
            row = cls(
                name=name,
                model=str(record.get("model", guessed)),
                a=float("nan") if record.get("a") is None else float(record["a"]),
                b=b,
                c=float(record.get("c") or 0.0),
                d=float(1.0 if record.get("d") is None else record["d"]),
                category_slopes=slopes,
                dimension=int(record.get("dimension", 0)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ItemParametersInvalid(f"item {name!r}: {error!r}") from error
        row.check()
        return row

    def check(self) -> None:
        finite = np.isfinite([*self.b, *self.category_slopes, self.c, self.d]).all()
        nominal = self.model == "nominal"
        if not finite or not self.b or (not nominal and not np.isfinite(self.a)):
            raise ItemParametersInvalid(f"item {self.name!r}: a parameter is missing or not finite")
        if nominal and len(self.category_slopes) != len(self.b):
            raise ItemParametersInvalid(
                f"item {self.name!r}: as many category slopes as intercepts"
            )
        if not 0.0 <= self.c < self.d <= 1.0:
            raise ItemParametersInvalid(f"item {self.name!r}: 0 ≤ c < d ≤ 1 does not hold")
        if self.model == "grm" and np.any(np.sign(self.a) * np.diff(self.b) <= 0.0):
            raise ItemParametersInvalid(
                f"item {self.name!r}: thresholds of a graded item must rise (fall if a < 0)"
            )


def _padded(rows: Sequence[Sequence[float]], width: int) -> Array:
    table = np.full((len(rows), width), np.nan)
    for place, values in enumerate(rows):
        table[place, : len(values)] = values
    return table
