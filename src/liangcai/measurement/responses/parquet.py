"""Parquet, wide and long, a batch of rows at a time (extra `parquet`)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liangcai.measurement.responses.cells import MISSING_WORDS, ScoreCells
from liangcai.measurement.responses.columns import ColumnChoice, choose_columns, known, places
from liangcai.measurement.responses.faults import ParquetMissing, ResponsesUnreadable
from liangcai.measurement.responses.long import LongResponses
from liangcai.measurement.responses.long_rows import GroupDiffers, LongRows
from liangcai.measurement.responses.matrix import MISSING, Responses
from liangcai.measurement.responses.rows import RowBlock, gather
from liangcai.measurement.responses.table_values import (
    Values,
    labels_of_values,
    scores_of_values,
    weights_of_values,
)

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetFile

_CELLS = 4 * 1024 * 1024


def read_responses_parquet(
    path: str | Path,
    *,
    weights: str | None = None,
    group: str | None = None,
    person: str | None = None,
    items: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING_WORDS,
) -> Responses:
    """
    Return the responses in a wide Parquet file: one row a person; the columns as in `read_responses_csv`.

    Rows are read in batches of some four million cells. Null, NaN and −1 mean not asked.

    Raises:
        ParquetMissing: pyarrow is not installed.
        ResponsesUnreadable: the file is no Parquet, a column is unknown, or a value is no score.
    """
    with opened_parquet(Path(path)) as table:
        choice = choose_columns(
            table.schema_arrow.names,
            file=Path(path).name,
            person=person,
            group=group,
            weights=weights,
            items=items,
        )
        blocks = wide_blocks(table, choice, ScoreCells(missing), file=Path(path).name)
        expected = table.metadata.num_rows
        return gather(blocks, choice.names, file=Path(path).name, expected=expected)


def read_long_parquet(
    path: str | Path,
    *,
    person: str = "person",
    item: str = "item",
    score: str = "score",
    group: str | None = None,
    missing: Sequence[str] = MISSING_WORDS,
) -> LongResponses:
    """
    Return the responses in a long Parquet file: one row a score; the columns as in `read_long_csv`.

    Raises:
        ParquetMissing: pyarrow is not installed.
        ResponsesUnreadable: the file is no Parquet, a column is unknown, a value is no score, or a
            person stands in two groups.
    """
    file, rows, cells, first = Path(path).name, LongRows(), ScoreCells(missing), 1
    names = [person, item, score, *((group,) if group else ())]
    with opened_parquet(Path(path)) as table:
        place = places(table.schema_arrow.names, file=file)
        for name in names:
            known(name, place, file=file)
        for batch in table.iter_batches(_CELLS // 4, columns=names):
            scores = scores_of_values(
                _values(batch, score), cells, file=file, column=score, first=first
            )
            texts = [
                np.array(
                    labels_of_values(_values(batch, name), file=file, column=name, first=first),
                    object,
                )
                for name in names
                if name != score
            ]
            try:
                rows.add(texts[0], texts[1], scores, groups=texts[2] if group else None)
            except GroupDiffers as error:
                raise ResponsesUnreadable(str(error), file=file) from error
            first += batch.num_rows
    if not rows.parts:
        raise ResponsesUnreadable("there is no row", file=file)
    return rows.responses()


@contextmanager
def opened_parquet(path: Path) -> "Iterator[ParquetFile]":
    """
    Open a Parquet file; what pyarrow says of a damaged one becomes one typed error.

    Raises:
        ParquetMissing: pyarrow is not installed.
        ResponsesUnreadable: the file is missing or damaged.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ParquetMissing from error
    try:
        with ParquetFile(path, memory_map=True, pre_buffer=False) as table:
            yield table
    except (ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise ResponsesUnreadable(
            f"it cannot be read as Parquet: {reason}", file=path.name
        ) from error


def wide_blocks(
    table: "ParquetFile", choice: ColumnChoice, cells: ScoreCells, *, file: str
) -> Iterator[RowBlock]:
    """
    Yield the persons of an open wide Parquet file in batches, in file order.

    Raises:
        ResponsesUnreadable: a value is no score, or a label or weight is missing.
    """
    names = table.schema_arrow.names
    beside = (choice.person, choice.group, choice.weights)
    wanted = [*choice.names, *(names[place] for place in beside if place is not None)]
    rows, first = max(1, _CELLS // len(choice.names)), 1
    for batch in table.iter_batches(rows, columns=wanted):
        scores = np.empty((batch.num_rows, len(choice.names)), dtype=np.int8)
        for place, name in enumerate(choice.names):
            scores[:, place] = scores_of_values(
                _values(batch, name), cells, file=file, column=name, first=first
            )
        persons, groups = (
            None
            if place is None
            else labels_of_values(
                _values(batch, names[place]), file=file, column=names[place], first=first
            )
            for place in (choice.person, choice.group)
        )
        weights = None
        if choice.weights is not None:
            name = names[choice.weights]
            weights = weights_of_values(_values(batch, name), file=file, column=name, first=first)
        yield RowBlock(scores, persons, groups, weights)
        first += batch.num_rows


def _values(batch: "RecordBatch", name: str) -> Values:
    """Return a column as NumPy values; a null in a column of whole numbers is −1."""
    from pyarrow import types

    column: Any = batch.column(batch.schema.get_field_index(name))
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count and types.is_integer(column.type) and types.is_signed_integer(column.type):
        column = column.fill_null(MISSING)
    elif types.is_decimal(column.type):
        column = column.cast("float64")
    return np.asarray(column.to_numpy(zero_copy_only=False))
