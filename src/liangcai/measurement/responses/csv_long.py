"""Long CSV: one row a score, in the columns person, item and score."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from liangcai.measurement.responses.byte_source import LineSource
from liangcai.measurement.responses.byte_table import ByteTable, CellRefused, byte_table, scores_of
from liangcai.measurement.responses.cells import MISSING_WORDS, NoScore, ScoreCells
from liangcai.measurement.responses.columns import known, places
from liangcai.measurement.responses.csv_rows import exact_rows, no_score, read_header
from liangcai.measurement.responses.long import LongResponses
from liangcai.measurement.responses.long_rows import GroupDiffers, LongRows, Texts
from liangcai.measurement.responses.matrix import MISSING, Scores

_ROWS = 65_536


def read_long_csv(
    path: str | Path,
    *,
    person: str = "person",
    item: str = "item",
    score: str = "score",
    group: str | None = None,
    missing: Sequence[str] = MISSING_WORDS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> LongResponses:
    """
    Return the responses in a CSV file, plain or gzip, that has one row a score.

    The columns are named by `person`, `item` and `score`; `group` names a column with each
    person's group; other columns are passed over. Names become codes in order of first
    appearance. A row whose score is missing leaves its names and no score.

    Raises:
        ResponsesUnreadable: as `read_responses_csv`; also when a person stands in two groups.
    """
    with LineSource(Path(path), encoding) as source:
        header = read_header(source, delimiter)
        place = places(header, file=source.file)
        columns = [known(name, place, file=source.file) for name in (person, item, score)]
        columns += [] if group is None else [known(group, place, file=source.file)]
        table = _LongTable(
            source, tuple(columns), score, len(header), ScoreCells(missing), delimiter
        )
        return table.read()


@dataclass(frozen=True, slots=True)
class _LongTable:
    """An open long CSV below its header; `columns` are person, item, score and perhaps group."""

    source: LineSource
    columns: tuple[int, ...]
    score_name: str
    width: int
    cells: ScoreCells
    delimiter: str

    def read(self) -> LongResponses:
        rows, blocks = LongRows(), self.source.blocks()
        for first, raw in blocks:
            table = byte_table(raw, width=self.width, delimiter=self.delimiter.encode())
            found = None if table is None else self._fast(table, first)
            # Only within quotes can a row go on in the next block.
            later = blocks if b'"' in raw else iter(())
            parts = self._exact(chain([(first, raw)], later), first) if found is None else [found]
            for texts, scores in parts:
                self._add(rows, texts, scores)
        if not rows.parts:
            raise self.source.fault("there is no row below the header")
        return rows.responses()

    def _fast(self, table: ByteTable, first: int) -> tuple[list[Texts], Scores] | None:
        text_places = [place for role, place in enumerate(self.columns) if role != 2]
        texts = [found for place in text_places if (found := table.texts(place)) is not None]
        if len(texts) < len(text_places):
            return None
        score = self.columns[2]
        try:
            scores = scores_of(table, np.array([score]), self.cells)[:, 0]
        except CellRefused as refused:
            line = first + refused.row
            text = self.source.decoded(table.cell(refused.row, score), line, self.score_name)
            raise no_score(self.source, text, line=line, column=self.score_name) from None
        return [*texts], scores

    def _exact(
        self, blocks: Iterator[tuple[int, bytes]], first: int
    ) -> Iterator[tuple[list[Texts], Scores]]:
        rows = exact_rows(
            self.source, blocks, first=first, width=self.width, delimiter=self.delimiter
        )
        while some := list(islice(rows, _ROWS)):
            texts: list[Texts] = [
                np.array([row[place] for _, row in some], dtype=object)
                for role, place in enumerate(self.columns)
                if role != 2
            ]
            scores = np.array([self._score(row, line) for line, row in some], dtype=np.int8)
            if self.cells.codes:
                scores[np.isin(scores, self.cells.codes)] = MISSING
            yield texts, scores

    def _score(self, row: Sequence[str], line: int) -> int:
        try:
            return self.cells[row[self.columns[2]]]
        except NoScore as refused:
            text = str(refused)
            raise no_score(self.source, text, line=line, column=self.score_name) from None

    def _add(self, rows: LongRows, texts: Sequence[Texts], scores: Scores) -> None:
        if any(bool((one == (b"" if one.dtype.kind == "S" else "")).any()) for one in texts):
            raise self.source.fault("a person, an item or a group has no name")
        groups = texts[2] if len(texts) > 2 else None
        try:
            rows.add(texts[0], texts[1], scores, groups=groups, text_of=self._text)
        except GroupDiffers as error:
            raise self.source.fault(str(error)) from error

    def _text(self, name: str | bytes) -> str:
        return name if isinstance(name, str) else self.source.decoded(bytes(name), 0)
