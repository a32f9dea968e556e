"""Wide CSV: a header of item names, one row a person, an empty cell where nothing was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from liangcai.measurement.responses.byte_source import LineSource
from liangcai.measurement.responses.byte_table import ByteTable, CellRefused, byte_table, scores_of
from liangcai.measurement.responses.cells import MISSING_WORDS, NoScore, ScoreCells
from liangcai.measurement.responses.columns import ColumnChoice, choose_columns
from liangcai.measurement.responses.csv_rows import exact_rows, no_score, read_header
from liangcai.measurement.responses.faults import clipped
from liangcai.measurement.responses.matrix import MISSING, Responses
from liangcai.measurement.responses.rows import RowBlock, gather, weight_of

_ROWS = 4096
Labels = list[str] | None


def read_responses_csv(
    path: str | Path,
    *,
    weights: str | None = None,
    group: str | None = None,
    person: str | None = None,
    items: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING_WORDS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Responses:
    """
    Return the responses in a CSV file, plain or gzip: a header row, then one row a person.

    Columns named by `person`, `group` and `weights` hold names, labels and frequencies; `items`
    names the columns of scores, by default all others. A score is a whole number from 0 to 127
    (`1.0` counts as 1); a cell that is a word of `missing` means not asked. Empty lines are
    passed over. The file is read in blocks of about a mebibyte; nothing in it is executed.

    Raises:
        ResponsesUnreadable: the file cannot be read or is not text in `encoding`, a row has more
            or fewer cells than the header, a header stands twice, a cell holds no score. The
            error's `line` and `column`, and its message, say where.
    """
    with LineSource(Path(path), encoding) as source:
        header = read_header(source, delimiter)
        choice = choose_columns(
            header, file=source.file, person=person, group=group, weights=weights, items=items
        )
        table = WideTable(source, choice, ScoreCells(missing), delimiter)
        return gather(table.blocks(), choice.names, file=source.file)


@dataclass(frozen=True, slots=True)
class WideTable:
    """An open wide CSV below its header: which columns are read, and how."""

    source: LineSource
    choice: ColumnChoice
    cells: ScoreCells
    delimiter: str

    def blocks(self) -> Iterator[RowBlock]:
        """
        Yield the persons in file order.

        Raises:
            ResponsesUnreadable: as `read_responses_csv` says.
        """
        places = np.array(self.choice.items, dtype=np.intp)
        source = self.source.blocks()
        for first, raw in source:
            table = byte_table(raw, width=self.choice.width, delimiter=self.delimiter.encode())
            if table is None:
                # Only within quotes can a row go on in the next block.
                later = source if b'"' in raw else iter(())
                yield from self._exact(chain([(first, raw)], later), first)
                continue
            try:
                scores = scores_of(table, places, self.cells)
            except CellRefused as refused:
                place = self.choice.items[refused.place]
                line, name = first + refused.row, self.choice.names[refused.place]
                text = self.source.decoded(table.cell(refused.row, place), line, name)
                raise no_score(self.source, text, line=line, column=name) from None
            lines = range(first, first + len(scores))
            persons, groups, weights = (
                self._texts(table, place, lines)
                for place in (self.choice.person, self.choice.group, self.choice.weights)
            )
            yield RowBlock(
                scores, persons, self._groups(groups, lines), self._weights(weights, lines)
            )

    def _texts(self, table: ByteTable, place: int | None, lines: Sequence[int]) -> Labels:
        if place is None:
            return None
        found = table.column(place)
        return [self.source.decoded(raw, line) for raw, line in zip(found, lines, strict=True)]

    def _exact(self, blocks: Iterator[tuple[int, bytes]], first: int) -> Iterator[RowBlock]:
        rows = exact_rows(
            self.source, blocks, first=first, width=self.choice.width, delimiter=self.delimiter
        )
        while some := list(islice(rows, _ROWS)):
            numbers = [line for line, _ in some]
            persons, groups, weights = (
                None if place is None else [row[place] for _, row in some]
                for place in (self.choice.person, self.choice.group, self.choice.weights)
            )
            scores = np.array([self._scores(row, line) for line, row in some], dtype=np.int8)
            if self.cells.codes:
                scores[np.isin(scores, self.cells.codes)] = MISSING
            yield RowBlock(
                scores, persons, self._groups(groups, numbers), self._weights(weights, numbers)
            )

    def _scores(self, row: Sequence[str], line: int) -> list[int]:
        cells, places = self.cells, self.choice.items
        try:
            return [cells[row[place]] for place in places]
        except NoScore as refused:
            text = str(refused)
            name = next(n for n, p in zip(self.choice.names, places, strict=True) if row[p] == text)
            raise no_score(self.source, text, line=line, column=name) from None

    def _groups(self, labels: Labels, lines: Sequence[int]) -> Labels:
        if labels is not None and not all(labels):
            fault = "the group is empty: give every person one, or leave the person out"
            raise self.source.fault(fault, line=lines[labels.index("")])
        return labels

    def _weights(self, texts: Labels, lines: Sequence[int]) -> list[float] | None:
        if texts is None:
            return None
        weights = []
        for text, line in zip(texts, lines, strict=True):
            try:
                weights.append(weight_of(text))
            except ValueError:
                fault = f"{clipped(text)} is no weight: a number from 0 on"
                raise self.source.fault(fault, line=line) from None
        return weights
