"""Tables as values: what a figure's twin and a report are made of, and how a number is written."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | float | int | bool | None
_TINY = 0.0005


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, the names of the columns, and rows of as many cells; the first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"each row of {self.caption!r} needs {len(self.columns)} cells")

    def is_number(self, column: int) -> bool:
        """Whether a column holds numbers (and missing ones) only: it is then set flush right."""
        cells = [row[column] for row in self.rows]
        found = [cell for cell in cells if cell is not None]
        return bool(found) and all(
            isinstance(cell, int | float) and not isinstance(cell, bool) for cell in found
        )


def table_of(caption: str, columns: Mapping[str, Any]) -> Table:
    """Return the table whose columns are given by name; NumPy values become plain ones, counts whole numbers."""
    lists = [_counts([cell_of(value) for value in _listed(values)]) for values in columns.values()]
    return Table(caption, tuple(columns), tuple(zip(*lists, strict=True)))


def cell_text(cell: Cell, language: str = "zh") -> str:
    """Return a cell as a person reads it: three decimals, missing as an en dash, yes or no in words."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "–"
    if isinstance(cell, bool):
        yes, no = ("yes", "no") if language.startswith("en") else ("是", "否")
        return yes if cell else no
    if isinstance(cell, int):
        return f"{cell:,}".replace("-", "−")
    if isinstance(cell, float):
        return _number(cell)
    return legible(cell, longest=400)


def legible(text: str, *, longest: int = 60) -> str:
    """Return hostile text fit for print: signs of control become �, and a long text is cut with an ellipsis."""
    shown = "".join(
        "�" if unicodedata.category(sign) in {"Cc", "Cs", "Cf", "Cn", "Co"} else sign
        for sign in text[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value.is_integer() and abs(value) >= 1000:
        return f"{int(value):,}".replace("-", "−")
    if value and abs(value) < _TINY:
        return f"{value:.1e}".replace("-", "−")
    return f"{value:z,.{1 if abs(value) >= 1000 else 3}f}".replace("-", "−")


def _counts(cells: list[Cell]) -> list[Cell]:
    """Return a column as whole numbers where it holds nothing else."""
    floats = [cell for cell in cells if isinstance(cell, float)]
    if len(floats) == len(cells) and all(cell.is_integer() for cell in floats):
        return [int(cell) for cell in floats]
    return cells


def _listed(values: Any) -> Sequence[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)


def cell_of(value: Any) -> Cell:
    """Return any value as a cell: NumPy values become plain ones, sequences and others text."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(cell_text(cell_of(entry)) for entry in value)
    return str(value)
