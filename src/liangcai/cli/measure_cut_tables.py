"""Judgements as they stand in files, brought into the shapes that standard setting takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liangcai.cli.measure_files import TextTable
from liangcai.kernel.errors import LiangcaiError

if TYPE_CHECKING:
    from liangcai.measurement.arrays import Array, Index

_MASTERS = {"1", "yes", "true", "master", "是"}
_OTHERS = {"0", "no", "false", "non-master", "否"}


class JudgementsIncomplete(LiangcaiError):
    """A file of judgements lacks a cell, or has it twice."""

    code = "measurement.judgements-incomplete"


def wide_judgements(table: TextTable, judge: str) -> tuple[tuple[str, ...], list[str], "Array"]:
    """
    Return judges, items and the judgements of one row a judge and one column an item.

    Raises:
        ResponsesUnreadable: a column is missing, or a cell is no number.
    """
    import numpy as np

    judges = table.labels(judge)
    items = [name for name in table.columns if name != judge]
    columns = [table.numbers(name) for name in items]
    return judges, items, np.array(columns, dtype=float).reshape(len(items), len(judges)).T


def masters_of(table: TextTable, column: str) -> list[bool]:
    """
    Return who is a master.

    Raises:
        ResponsesUnreadable: the column is missing, or a cell says neither yes nor no.
    """
    found = []
    for row, text in enumerate(table.labels(column)):
        word = text.lower()
        if word not in _MASTERS | _OTHERS:
            raise table.fault(f"{text[:40]!r} is neither yes nor no", row, column)
        found.append(word in _MASTERS)
    return found


def judge_rows(
    table: TextTable, station: str, columns: Mapping[str, str]
) -> tuple[list[str] | None, dict[str, "Array"]]:
    """
    Return the stations, and each of `columns` as rows × stations, NaN where a row is of another station.

    Raises:
        ResponsesUnreadable: a column is missing, or a cell is no number.
    """
    import numpy as np

    values = {name: np.array(table.numbers(column)) for name, column in columns.items()}
    if not station:
        return None, values
    names, place = np.unique(np.array(table.labels(station)), return_inverse=True)
    own = place[:, None] == np.arange(names.size)
    spread = {name: np.where(own, column[:, None], np.nan) for name, column in values.items()}
    return [str(name) for name in names], spread


@dataclass(frozen=True, slots=True)
class CellShares:
    """The share right of a borderline person by difficulty and relevance: the panel's, or each judge's."""

    difficulties: tuple[str, ...]
    relevances: tuple[str, ...]
    grids: Mapping[str, "Array"]

    def of_judges(self, judges: Sequence[str]) -> "Array":
        """
        Return one grid for all (D × R), or one a judge in this order (J × D × R).

        Raises:
            JudgementsIncomplete: a judge has no shares.
        """
        import numpy as np

        if "" in self.grids:
            return self.grids[""]
        without = [name for name in judges if name not in self.grids]
        if without:
            raise JudgementsIncomplete(f"judge {without[0]!r} gave no share for any cell")
        return np.stack([self.grids[name] for name in judges])


def cell_shares(table: TextTable) -> CellShares:
    """
    Return the shares of a table with columns difficulty, relevance, share and, if judges differ, judge.

    Raises:
        ResponsesUnreadable: a column is missing, or a cell is no number.
        JudgementsIncomplete: a cell of the grid is missing or stands twice.
    """
    import numpy as np

    hard, relevant = table.labels("difficulty"), table.labels("relevance")
    rows, columns = tuple(dict.fromkeys(hard)), tuple(dict.fromkeys(relevant))
    judges = table.labels("judge") if "judge" in table.columns else ("",) * len(hard)
    grids = {name: np.full((len(rows), len(columns)), np.nan) for name in dict.fromkeys(judges)}
    for row, (name, one, other, share) in enumerate(
        zip(judges, hard, relevant, table.numbers("share"), strict=True)
    ):
        cell = rows.index(one), columns.index(other)
        if not np.isnan(grids[name][cell]):
            raise table.fault(f"the cell {one}, {other} stands twice", row, "share")
        grids[name][cell] = share
    for name, grid in grids.items():
        if np.isnan(grid).any():
            one, other = np.argwhere(np.isnan(grid))[0].tolist()
            who = f"judge {name!r}: " if name else ""
            raise JudgementsIncomplete(f"{who}no share for {rows[one]}, {columns[other]}")
    return CellShares(rows, columns, grids)


@dataclass(frozen=True, slots=True)
class SortedItems:
    """Judges × items: into which difficulty and which relevance each judge put each item."""

    judges: tuple[str, ...]
    difficulty: "Index"
    relevance: "Index"


def cell_codes(table: TextTable, grid: CellShares) -> SortedItems:
    """
    Return the sorting in a table with columns judge, item, difficulty and relevance.

    Raises:
        ResponsesUnreadable: a column is missing, or a cell has no share.
        JudgementsIncomplete: a judge sorted an item twice, or not at all.
    """
    import numpy as np

    judges, items = _distinct(table, "judge"), _distinct(table, "item")
    difficulty, relevance = (
        _pivot(table, column, known, rows=judges, columns=items, of="item")
        for column, known in (("difficulty", grid.difficulties), ("relevance", grid.relevances))
    )
    for code in (difficulty, relevance):
        if (code < 0).any():
            judge, item = np.argwhere(code < 0)[0].tolist()
            raise JudgementsIncomplete(f"judge {judges[judge]!r} did not sort item {items[item]!r}")
    return SortedItems(judges, difficulty, relevance)


def category_codes(
    table: TextTable, categories: Sequence[str]
) -> tuple[tuple[str, ...], list[float], "Array"]:
    """
    Return judges, the works' scores, and judges × works category codes, NaN where a work was not seen.

    Raises:
        ResponsesUnreadable: a column is missing, a category is unknown, or a work has two scores.
        JudgementsIncomplete: a judge sorted a work twice.
    """
    import numpy as np

    judges, works = _distinct(table, "judge"), _distinct(table, "work")
    codes = _pivot(table, "category", categories, rows=judges, columns=works, of="work")
    scores: dict[str, float] = {}
    for row, (work, score) in enumerate(
        zip(table.labels("work"), table.numbers("score"), strict=True)
    ):
        if scores.setdefault(work, score) != score:
            raise table.fault(f"work {work!r} has two scores, or none", row, "score")
    return judges, [scores[work] for work in works], np.where(codes < 0, np.nan, codes)


def _distinct(table: TextTable, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.labels(column)))


def _pivot(
    table: TextTable,
    column: str,
    known: Sequence[str],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    of: str,
) -> "Index":
    """Return the codes of a column as judges × items or works, −1 where there is none."""
    import numpy as np

    codes = np.full((len(rows), len(columns)), -1, dtype=np.intp)
    row_of = {name: place for place, name in enumerate(rows)}
    column_of = {name: place for place, name in enumerate(columns)}
    code_of = {name: place for place, name in enumerate(known)}
    for row, (judge, thing, text) in enumerate(
        zip(table.labels("judge"), table.labels(of), table.labels(column), strict=True)
    ):
        if text not in code_of:
            raise table.fault(f"{text[:40]!r} is none of {', '.join(known)}", row, column)
        cell = row_of[judge], column_of[thing]
        if codes[cell] >= 0:
            raise JudgementsIncomplete(
                f"{table.file}, line {table.lines[row]}: judge {judge!r} sorted {of} {thing!r} twice"
            )
        codes[cell] = code_of[text]
    return codes
