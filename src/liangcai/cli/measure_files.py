"""Files that measurement reads: responses, and tables of labels and numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liangcai.kernel.errors import LiangcaiError

if TYPE_CHECKING:
    from liangcai.measurement.responses.matrix import Responses

_PARQUET = {".parquet", ".pq"}


def read_responses(
    path: Path,
    *,
    person: str | None = None,
    group: str | None = None,
    weights: str | None = None,
    items: Sequence[str] | None = None,
    missing_codes: Sequence[str] | None = None,
) -> "Responses":
    """
    Return the responses in a wide CSV (tabs in a .tsv) or Parquet file.

    Raises:
        ResponsesUnreadable: the file is missing or damaged, or a column or a score is wrong.
        ParquetMissing: a Parquet file, and pyarrow is not installed.
    """
    from liangcai.measurement.responses.cells import MISSING_WORDS
    from liangcai.measurement.responses.csv_wide import read_responses_csv
    from liangcai.measurement.responses.parquet import read_responses_parquet

    missing = (*MISSING_WORDS, *(missing_codes or ()))
    if is_parquet(path):
        return read_responses_parquet(
            path, person=person, group=group, weights=weights, items=items, missing=missing
        )
    return read_responses_csv(
        path,
        person=person,
        group=group,
        weights=weights,
        items=items,
        missing=missing,
        delimiter=delimiter_of(path),
    )


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts by column, and the line of each row in its file."""

    file: str
    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]

    def texts(self, column: str) -> tuple[str, ...]:
        """
        Return a column.

        Raises:
            ResponsesUnreadable: there is no such column.
        """
        from liangcai.measurement.responses.columns import known

        known(column, {name: place for place, name in enumerate(self.columns)}, file=self.file)
        return self.columns[column]

    def labels(self, column: str) -> tuple[str, ...]:
        """
        Return a column in which no cell may be empty.

        Raises:
            ResponsesUnreadable: there is no such column, or a cell is empty.
        """
        found = self.texts(column)
        if "" in found:
            raise self.fault("the cell is empty: give every row a name", found.index(""), column)
        return found

    def numbers(self, column: str) -> list[float]:
        """
        Return a column as numbers, NaN where a cell is empty.

        Raises:
            ResponsesUnreadable: there is no such column, or a cell is no finite number.
        """
        found = []
        for row, text in enumerate(self.texts(column)):
            value = _number(text)
            if value is None:
                raise self.fault(f"{text[:40]!r} is no number", row, column)
            found.append(value)
        return found

    def fault(self, text: str, row: int, column: str) -> LiangcaiError:
        """Return the error for a cell."""
        from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped

        return ResponsesUnreadable(
            text, file=self.file, line=self.lines[row], column=clipped(column)
        )


def read_table(path: Path) -> TextTable:
    """
    Return a CSV (tabs in a .tsv) or Parquet file as texts.

    Raises:
        ResponsesUnreadable: the file is missing, damaged or empty, or its header is.
        ParquetMissing: a Parquet file, and pyarrow is not installed.
    """
    from liangcai.measurement.responses.byte_source import LineSource
    from liangcai.measurement.responses.columns import places
    from liangcai.measurement.responses.csv_rows import exact_rows, read_header
    from liangcai.measurement.responses.faults import ResponsesUnreadable

    if is_parquet(path):
        header, rows = _parquet_rows(path)
    else:
        delimiter = delimiter_of(path)
        with LineSource(path, "utf-8") as source:
            header = read_header(source, delimiter)
            places(header, file=path.name)
            blocks = source.blocks()
            first = source.line
            rows = list(
                exact_rows(source, blocks, first=first, width=len(header), delimiter=delimiter)
            )
    places(header, file=path.name)
    if not rows:
        raise ResponsesUnreadable("there is no row below the header", file=path.name)
    cells = zip(*(tuple(cell.strip() for cell in row) for _, row in rows), strict=True)
    return TextTable(
        path.name, dict(zip(header, cells, strict=True)), tuple(line for line, _ in rows)
    )


def header_of(path: Path) -> list[str]:
    """
    Return the names of a file's columns.

    Raises:
        ResponsesUnreadable: the file is missing, damaged or empty.
        ParquetMissing: a Parquet file, and pyarrow is not installed.
    """
    from liangcai.measurement.responses.byte_source import LineSource
    from liangcai.measurement.responses.csv_rows import read_header
    from liangcai.measurement.responses.parquet import opened_parquet

    if is_parquet(path):
        with opened_parquet(path) as table:
            return list(table.schema_arrow.names)
    with LineSource(path, "utf-8") as source:
        return read_header(source, delimiter_of(path))


def is_parquet(path: Path) -> bool:
    """Whether a file's name says that it is Parquet."""
    return path.suffix.lower() in _PARQUET


def delimiter_of(path: Path) -> str:
    """Return the sign between the cells of a text file: a tab in .tsv, else a comma."""
    return "\t" if ".tsv" in [suffix.lower() for suffix in path.suffixes] else ","


def _parquet_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    from liangcai.measurement.responses.parquet import opened_parquet

    with opened_parquet(path) as table:
        header = list(table.schema_arrow.names)
        held = table.read()
        columns = [held.column(place).to_pylist() for place in range(len(header))]
    texts = [["" if cell is None or cell != cell else str(cell) for cell in c] for c in columns]  # noqa: PLR0124
    return header, [(row + 1, list(cells)) for row, cells in enumerate(zip(*texts, strict=True))]


def _number(text: str) -> float | None:
    """Return a cell as a number: NaN for an empty one, None where it is no finite number."""
    from liangcai.measurement.responses.cells import MISSING_WORDS

    if text in MISSING_WORDS and not text.startswith("-"):
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
