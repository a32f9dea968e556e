"""Cells of a block of comma-separated lines, found and read with array operations only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Index
from liangcai.measurement.responses.cells import NoScore, ScoreCells
from liangcai.measurement.responses.matrix import MISSING, Scores

Bytes = npt.NDArray[np.uint8]
_WIDEST = 64
_LF, _QUOTE, _ZERO, _POINT = 10, b'"', 48, 46


@dataclass(frozen=True, slots=True)
class ByteTable:
    """Where each cell of R × C cells starts and ends in the bytes of a block."""

    raw: bytes
    bytes_: Bytes
    starts: Index
    ends: Index

    def cell(self, row: int, column: int) -> bytes:
        """Return the bytes of one cell."""
        return self.raw[self.starts[row, column] : self.ends[row, column]]

    def column(self, place: int) -> list[bytes]:
        """Return the cells of one column."""
        raw = self.raw
        starts, ends = self.starts[:, place].tolist(), self.ends[:, place].tolist()
        return [raw[start:end] for start, end in zip(starts, ends, strict=True)]

    def texts(self, place: int) -> npt.NDArray[np.bytes_] | None:
        """Return the cells of one column as an array of bytes, None when one is long."""
        starts, length = self.starts[:, place], self.ends[:, place] - self.starts[:, place]
        width = int(length.max(initial=1))
        if width > _WIDEST:
            return None
        offset = np.arange(max(width, 1))
        where = np.minimum(starts[:, None] + offset, self.bytes_.size - 1)
        signs = np.where(offset < length[:, None], self.bytes_[where], 0).astype(np.uint8)
        return np.ascontiguousarray(signs).view(f"S{offset.size}").ravel()


class CellRefused(ValueError):
    """A cell (`row`, `place` among the columns that were asked for) is no score."""

    def __init__(self, row: int, place: int) -> None:
        self.row, self.place = row, place
        super().__init__(f"row {row}, place {place}")


def byte_table(raw: bytes, *, width: int, delimiter: bytes) -> ByteTable | None:
    """Return the cells of `raw` (lines that end in LF), or None where only a full parser can tell.

    That is: a quote, a lone CR, a line without exactly `width` cells, an empty line.
    """
    if _QUOTE in raw or b"\r" in raw:
        return None
    found = np.frombuffer(raw, dtype=np.uint8)
    found_ends = np.flatnonzero((found == delimiter[0]) | (found == _LF))
    if found_ends.size % width:
        return None
    ends = found_ends.reshape(-1, width)
    is_end = found[ends] == _LF
    if not is_end[:, -1].all() or is_end[:, :-1].any():
        return None
    starts = np.empty_like(ends)
    starts.ravel()[0] = 0
    starts.ravel()[1:] = ends.ravel()[:-1] + 1
    if width == 1 and bool((starts == ends).any()):
        return None
    return ByteTable(raw, found, starts, ends)


def scores_of(table: ByteTable, places: Index, cells: ScoreCells) -> Scores:
    """
    Return the scores in the columns `places` (R × J).

    Raises:
        CellRefused: a cell holds no score and no word for a missing one.
    """
    whole = places.size == table.ends.shape[1] and bool((np.diff(places) == 1).all())
    starts = table.starts if whole else table.starts[:, places]
    ends = table.ends if whole else table.ends[:, places]
    last = table.bytes_[ends - 1] - _ZERO  # an empty cell reads its delimiter; set right below
    length = ends - starts
    scores = last.astype(np.int8, order="C")
    single = length == 1
    if not (single.all() and (last <= 9).all()):
        scores[length == 0] = MISSING
        odd = np.flatnonzero((single & (last > 9)) | (length > 1))
        scores.ravel()[odd] = _longer(
            table,
            starts.ravel()[odd],
            ends.ravel()[odd],
            where=odd,
            width=scores.shape[1],
            cells=cells,
        )
    if cells.codes:
        scores[np.isin(scores, cells.codes)] = MISSING
    return scores


def _longer(
    table: ByteTable, starts: Index, ends: Index, *, where: Index, width: int, cells: ScoreCells
) -> Scores:
    """Read cells of more than one sign: two digits and `d.0` at once, all others one by one."""
    digits = table.bytes_[starts] - _ZERO
    last, length = table.bytes_[ends - 1] - _ZERO, ends - starts
    second = table.bytes_[np.minimum(starts + 1, ends - 1)]
    two = (length == 2) & (digits <= 9) & (last <= 9)
    point = (length == 3) & (digits <= 9) & (second == _POINT) & (last == 0)
    values = np.where(two, digits.astype(np.int16) * 10 + last, digits).astype(np.int8)
    for rest in np.flatnonzero(~(two | point)).tolist():
        try:
            values[rest] = cells[table.raw[starts[rest] : ends[rest]].decode("utf-8", "replace")]
        except NoScore:
            row, place = divmod(int(where[rest]), width)
            raise CellRefused(row, place) from None
    return values
