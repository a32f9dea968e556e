"""Data frames of pandas, polars or anything with `columns` and `frame[name]` as responses."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from liangcai.measurement.responses.cells import MISSING_WORDS, ScoreCells
from liangcai.measurement.responses.columns import choose_columns, known, places
from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.long import LongResponses
from liangcai.measurement.responses.long_rows import GroupDiffers, LongRows
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.rows import RowBlock, gather
from liangcai.measurement.responses.table_values import (
    Values,
    labels_of_values,
    scores_of_values,
    weights_of_values,
)

_FILE = "the frame"


class Frame(Protocol):
    """A table with named columns: pandas, polars, pyarrow, or a mapping with `columns`."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of the columns."""

    def __getitem__(self, name: Any, /) -> Any: ...


def responses_from_frame(
    frame: Frame,
    *,
    weights: str | None = None,
    group: str | None = None,
    person: str | None = None,
    items: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING_WORDS,
) -> Responses:
    """
    Return the responses in a wide frame: one row a person; the columns as in `read_responses_csv`.

    Numbers, truth values, nullable integers, categories and texts are read; NaN, None, NA, −1
    and the words of `missing` mean not asked.

    Raises:
        ResponsesUnreadable: a column is unknown, stands twice, or holds something that is no score.
    """
    names, cells = _names(frame), ScoreCells(missing)
    choice = choose_columns(
        list(names), file=_FILE, person=person, group=group, weights=weights, items=items
    )
    columns = [
        scores_of_values(_values(frame, names[name]), cells, file=_FILE, column=name)
        for name in choice.names
    ]
    persons, groups = (
        None
        if name is None
        else labels_of_values(_values(frame, names[name]), file=_FILE, column=name)
        for name in (person, group)
    )
    held = None
    if weights is not None:
        held = weights_of_values(_values(frame, names[weights]), file=_FILE, column=weights)
    block = RowBlock(np.ascontiguousarray(np.stack(columns, axis=1)), persons, groups, held)
    return gather([block], choice.names, file=_FILE)


def long_responses_from_frame(
    frame: Frame,
    *,
    person: str = "person",
    item: str = "item",
    score: str = "score",
    group: str | None = None,
    missing: Sequence[str] = MISSING_WORDS,
) -> LongResponses:
    """
    Return the responses in a long frame: one row a score; the columns as in `read_long_csv`.

    Raises:
        ResponsesUnreadable: as `responses_from_frame`; also when a person stands in two groups.
    """
    names, rows = _names(frame), LongRows()
    place = places(list(names), file=_FILE)
    for name in (person, item, score, *((group,) if group else ())):
        known(name, place, file=_FILE)
    scores = scores_of_values(
        _values(frame, names[score]), ScoreCells(missing), file=_FILE, column=score
    )
    texts = [
        np.array(labels_of_values(_values(frame, names[name]), file=_FILE, column=name), object)
        for name in (person, item, *((group,) if group else ()))
    ]
    if not scores.size:
        raise ResponsesUnreadable("there is no row", file=_FILE)
    try:
        rows.add(texts[0], texts[1], scores, groups=texts[2] if group else None)
    except GroupDiffers as error:
        raise ResponsesUnreadable(str(error), file=_FILE) from error
    return rows.responses()


def _names(frame: Frame) -> dict[str, Any]:
    """Return the frame's own column names by their text."""
    # In Arrow tables `columns` are the columns themselves.
    own = list(getattr(frame, "column_names", None) or frame.columns)
    if len({str(name) for name in own}) != len(own):
        places([str(name) for name in own], file=_FILE)
    return {str(name): name for name in own}


def _values(frame: Frame, name: Any) -> Values:
    column = frame[name]
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return np.asarray(values)
