"""Columns of Arrow tables and data frames as scores and labels."""

from typing import Any

import numpy as np
import numpy.typing as npt

from liangcai.measurement.responses.cells import HIGHEST, NoScore, ScoreCells
from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped
from liangcai.measurement.responses.matrix import MISSING, Scores
from liangcai.measurement.responses.rows import weight_of

Values = npt.NDArray[Any]


def scores_of_values(
    values: Values, cells: ScoreCells, *, file: str, column: str, first: int = 1
) -> Scores:
    """
    Return a column of numbers, truth values or texts as scores; NaN, None and −1 are missing.

    `first` is the row number of the first value, for the message.

    Raises:
        ResponsesUnreadable: a value is no whole number from 0 to 127; the message names its row.
    """
    if values.dtype.kind == "b":
        return values.astype(np.int8)
    if values.dtype.kind not in "iuf":
        return _scores_of_texts(values, cells, file=file, column=column, first=first)
    absent = values != values if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)  # noqa: PLR0124
    absent |= values == MISSING
    for code in cells.codes:
        absent |= values == code
    wrong = ~absent & ~((values >= 0) & (values <= HIGHEST))
    if values.dtype.kind == "f":
        wrong |= ~absent & (np.floor(values) != values)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise _no_score(str(values[row]), file=file, column=column, row=first + row)
    return np.where(absent, MISSING, np.where(absent, 0, values)).astype(np.int8)


def _scores_of_texts(
    values: Values, cells: ScoreCells, *, file: str, column: str, first: int
) -> Scores:
    texts = [_text(value) for value in values.tolist()]
    scores = np.empty(len(texts), dtype=np.int8)
    for row, text in enumerate(texts):
        try:
            scores[row] = cells[text]
        except NoScore:
            raise _no_score(text, file=file, column=column, row=first + row) from None
    scores[np.isin(scores, cells.codes)] = MISSING
    return scores


def labels_of_values(values: Values, *, file: str, column: str, first: int = 1) -> list[str]:
    """
    Return a column as texts.

    Raises:
        ResponsesUnreadable: a label is missing; the message names its row.
    """
    listed = values.tolist()
    for row, value in enumerate(listed):
        if _is_null(value) or value == "":
            fault = f"row {first + row} has no label: give every person one"
            raise ResponsesUnreadable(fault, file=file, column=clipped(column))
    return [str(value) for value in listed]


def weights_of_values(values: Values, *, file: str, column: str, first: int = 1) -> list[float]:
    """
    Return a column as frequency weights.

    Raises:
        ResponsesUnreadable: one is no finite number from 0 on; the message names its row.
    """
    weights = []
    for row, value in enumerate(values.tolist()):
        try:
            weights.append(weight_of(str(value)))
        except ValueError:
            fault = f"row {first + row}: {clipped(str(value))} is no weight: a number from 0 on"
            raise ResponsesUnreadable(fault, file=file, column=clipped(column)) from None
    return weights


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if _is_null(value) else str(value)


def _is_null(value: Any) -> bool:
    """Whether a value of a frame means "nothing here": None, NaN or the frame's own NA."""
    return value is None or str(value) == "<NA>" or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _no_score(text: str, *, file: str, column: str, row: int) -> ResponsesUnreadable:
    fault = f"row {row}: {clipped(text)} is no whole score from 0 to {HIGHEST}"
    return ResponsesUnreadable(fault, file=file, column=clipped(column))
