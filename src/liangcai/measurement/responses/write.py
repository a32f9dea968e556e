"""Responses as CSV, wide: what `read_responses_csv` reads back."""

import csv
from pathlib import Path

import numpy as np

from liangcai.measurement.responses.matrix import Responses, ResponsesInvalid

_ROWS = 16_384


def write_responses_csv(
    responses: Responses,
    path: str | Path,
    *,
    person: str = "person",
    group: str = "group",
    weights: str = "weight",
) -> None:
    """
    Write responses as UTF-8 CSV: names, groups and weights where there are any, then one column an item.

    A missing score is an empty cell. Scores are never formulas; a name that a spreadsheet would
    take for one is written as it is, since another program would read an altered name.

    Raises:
        ResponsesInvalid: an item is called as one of the other columns is.
    """
    beside = [
        (name, values)
        for name, values in (
            (person, responses.persons),
            (group, responses.groups),
            (weights, responses.weights),
        )
        if values is not None
    ]
    header = [*(name for name, _ in beside), *responses.items]
    if len(set(header)) < len(header):
        raise ResponsesInvalid(
            f"items and the columns {', '.join(name for name, _ in beside)} need names of their own"
        )
    words = np.array(["", *map(str, range(128))], dtype=object)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        # The writer quotes the signs of its line end only, and a lone CR would end a line too.
        lone = any(
            "\r" in name for name in (*header, *(responses.persons or ()), *responses.group_names)
        )
        style = "unix" if lone else "excel"
        writer = csv.writer(file, style, lineterminator="\n")
        writer.writerow(header)
        for number, block in enumerate(responses.blocks(_ROWS)):
            rows = slice(number * _ROWS, number * _ROWS + len(block))
            labels = _labels(responses, rows)
            cells = words[np.asarray(block, dtype=np.intp) + 1].tolist()
            writer.writerows(
                [*(one[row] for one in labels), *cells[row]] for row in range(len(block))
            )


def _labels(responses: Responses, rows: slice) -> list[list[object]]:
    labels: list[list[object]] = []
    if responses.persons is not None:
        labels.append(list(responses.persons[rows]))
    if responses.groups is not None:
        labels.append([responses.group_names[code] for code in responses.groups[rows].tolist()])
    if responses.weights is not None:
        labels.append([repr(weight) for weight in responses.weights[rows].tolist()])
    return labels
