"""Responses larger than memory: an int8 matrix on disk that the operating system pages in."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from liangcai.measurement.responses.byte_source import LineSource
from liangcai.measurement.responses.cells import MISSING_WORDS, ScoreCells
from liangcai.measurement.responses.columns import ColumnChoice, choose_columns
from liangcai.measurement.responses.csv_rows import read_header
from liangcai.measurement.responses.csv_wide import WideTable
from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.parquet import opened_parquet, wide_blocks
from liangcai.measurement.responses.rows import Labels, RowBlock

_SCORES, _NAMES, _GROUPS, _WEIGHTS = "scores.int8", "names.json", "groups.npy", "weights.npy"
_PARQUET = b"PAR1"


def as_memory_map(
    path: str | Path,
    folder: str | Path,
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
    Return the responses of a wide CSV or Parquet file, their scores in a file under `folder`.

    The source is read once in blocks; memory holds one block, the names and the weights, never
    the matrix. `folder` is made when it is not there; `open_memory_map` opens it again later.

    Raises:
        ResponsesUnreadable: as `read_responses_csv`; or the folder holds responses already.
        ParquetMissing: the file is Parquet and pyarrow is not installed.
    """
    source, target = Path(path), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if (target / _NAMES).exists():
        raise ResponsesUnreadable(
            "the folder holds responses already: choose another", file=target.name
        )
    roles = {"weights": weights, "group": group, "person": person}
    with ExitStack() as stack:
        choice: ColumnChoice
        blocks: Iterator[RowBlock]
        if _is_parquet(source):
            table = stack.enter_context(opened_parquet(source))
            header = table.schema_arrow.names
            choice = choose_columns(header, file=source.name, items=items, **roles)
            blocks = wide_blocks(table, choice, ScoreCells(missing), file=source.name)
        else:
            lines = stack.enter_context(LineSource(source, encoding))
            header = read_header(lines, delimiter)
            choice = choose_columns(header, file=source.name, items=items, **roles)
            blocks = WideTable(lines, choice, ScoreCells(missing), delimiter).blocks()
        _write(blocks, choice.names, target, file=source.name)
    return open_memory_map(target)


def open_memory_map(folder: str | Path) -> Responses:
    """
    Return the responses that `as_memory_map` left in `folder`; the scores are read-only.

    Raises:
        ResponsesUnreadable: the folder holds none, or not all of them.
    """
    target = Path(folder)
    try:
        names = json.loads((target / _NAMES).read_text(encoding="utf-8"))
        shape = (int(names["rows"]), len(names["items"]))
        if (target / _SCORES).stat().st_size != shape[0] * shape[1]:
            raise ValueError(f"{_SCORES} is not {shape[0]} × {shape[1]} bytes")
        scores = np.memmap(target / _SCORES, dtype=np.int8, mode="r", shape=shape)
        groups, weights = (
            np.load(target / name) if (target / name).exists() else None
            for name in (_GROUPS, _WEIGHTS)
        )
        persons = None if names["persons"] is None else tuple(names["persons"])
        return Responses(
            scores, tuple(names["items"]), persons, groups, tuple(names["group_names"]), weights
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        fault = f"it holds no responses of as_memory_map ({error})"
        raise ResponsesUnreadable(fault, file=target.name) from error


def _write(blocks: Iterator[RowBlock], items: tuple[str, ...], target: Path, *, file: str) -> None:
    labels, rows = Labels(), 0
    with (target / _SCORES).open("wb") as out:
        for block in blocks:
            out.write(np.ascontiguousarray(block.scores).data)
            labels.add(block)
            rows += len(block.scores)
    if not rows:
        raise ResponsesUnreadable("there is no person below the header", file=file)
    shape = (rows, len(items))
    held = labels.responses(np.memmap(target / _SCORES, np.int8, mode="r", shape=shape), items)
    for name, values in ((_GROUPS, held.groups), (_WEIGHTS, held.weights)):
        if values is not None:
            np.save(target / name, values)
    document = {
        "rows": rows,
        "items": held.items,
        "persons": held.persons,
        "group_names": held.group_names,
    }
    # Written last and moved into place: a folder with names is complete.
    draft = target / f"{_NAMES}.part"
    draft.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    draft.replace(target / _NAMES)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == _PARQUET
    except OSError as error:
        raise ResponsesUnreadable(error.strerror or "it cannot be read", file=path.name) from error
