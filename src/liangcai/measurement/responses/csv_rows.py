"""Rows of CSV by its full grammar: slower than arrays of bytes, and exact about what is wrong."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from liangcai.measurement.responses.byte_source import LineSource
from liangcai.measurement.responses.cells import HIGHEST
from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped


def exact_rows(
    source: LineSource,
    blocks: Iterable[tuple[int, bytes]],
    *,
    first: int,
    width: int,
    delimiter: str,
) -> Iterator[tuple[int, list[str]]]:
    """
    Yield (line number, cells) of the rows in `blocks`, which begin at line `first`; empty lines are passed over.

    Raises:
        ResponsesUnreadable: a row has not `width` cells, or its quotes do not close.
    """
    lines = chain.from_iterable(
        io.StringIO(source.decoded(raw, line), newline="\n") for line, raw in blocks
    )
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = first + reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise source.fault(str(error), line=line) from error
        if row is None:
            return
        if not row:
            continue
        if len(row) != width:
            raise source.fault(f"{len(row)} cells where the header has {width}", line=line)
        yield line, row


def read_header(source: LineSource, delimiter: str) -> list[str]:
    """
    Return the first row of an open file.

    Raises:
        ResponsesUnreadable: the file is empty, its first row is damaged, or its separator is another.
    """
    if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
        raise source.fault(f"{clipped(delimiter)} cannot separate cells: use one ASCII sign")
    try:
        header = next(csv.reader(source.text_lines(), delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        raise source.fault(str(error), line=1) from error
    if not header:
        raise source.fault("it is empty: the first row names the columns", line=1)
    others = [sign for sign in ",;\t|" if sign != delimiter and sign in header[0]]
    if len(header) == 1 and others:
        fault = f"one column only; another sign separates: say delimiter={others[0]!r}"
        raise source.fault(fault, line=1)
    return [name.strip() for name in header]


def no_score(source: LineSource, text: str, *, line: int, column: str) -> ResponsesUnreadable:
    """Return the error for a cell that holds no score."""
    fault = f"{clipped(text)} is no whole score from 0 to {HIGHEST} and no word for a missing one"
    fault += (
        "; a column that is no item must be named as person, group or weights, or left out of items"
    )
    return source.fault(fault, line=line, column=clipped(column))
