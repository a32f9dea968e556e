"""Responses in data frames and in anything else with columns."""

from typing import Any

import numpy as np
import pytest

from liangcai.measurement.responses.faults import ResponsesUnreadable
from liangcai.measurement.responses.frames import long_responses_from_frame, responses_from_frame

pd = pytest.importorskip("pandas")


class Columns(dict[str, Any]):
    """A table of another kind: a mapping that names its columns."""

    @property
    def columns(self) -> list[str]:
        return list(self)


@pytest.mark.parametrize(
    "column",
    [
        [1, None, 3],
        [1.0, float("nan"), 3.0],
        ["1", "NA", "3"],
        ["1.0", None, "3"],
        pd.array([1, None, 3], dtype="Int64"),
        pd.array(["1", None, "3"], dtype="string"),
        pd.Categorical(["1", None, "3"]),
        np.array([1, -1, 3], dtype=np.int16),
    ],
    ids=["object", "float", "text", "nullable text", "Int64", "string", "category", "int16"],
)
def test_every_kind_of_column_is_read_alike(column: Any) -> None:
    frame = pd.DataFrame({"q1": column, "q2": [True, False, True]})

    assert responses_from_frame(frame).scores.tolist() == [[1, 1], [-1, 0], [3, 1]]


def test_names_groups_and_weights_come_from_their_columns() -> None:
    frame = Columns(who=["p", "r"], sex=["m", "f"], n=[1, 2.5], q=np.array([0, 1]))

    seen = responses_from_frame(frame, person="who", group="sex", weights="n")

    assert (seen.items, seen.persons, seen.group_names) == (("q",), ("p", "r"), ("f", "m"))
    assert seen.weights is not None
    assert seen.weights.tolist() == [1.0, 2.5]


def test_an_arrow_table_is_read_as_a_frame() -> None:
    pa = pytest.importorskip("pyarrow")

    seen = responses_from_frame(pa.table({"who": ["p", "r"], "q": [1, None]}), person="who")

    assert (seen.items, seen.persons, seen.scores.tolist()) == (("q",), ("p", "r"), [[1], [-1]])


def test_a_code_for_missing_may_be_named() -> None:
    frame = pd.DataFrame({"a": [9, 1], "b": ["9", "1"]})

    assert responses_from_frame(frame, missing=("9",)).scores.tolist() == [[-1, -1], [1, 1]]


@pytest.mark.parametrize("score", [0.5, 1e9, -3, "one", float("inf"), 128])
def test_a_value_that_is_no_score_is_told_with_row_and_column(score: object) -> None:
    frame = pd.DataFrame({"a": [0, 1], "b": [1, score]})

    with pytest.raises(ResponsesUnreadable, match=r"column 'b': row 2: .* no whole score"):
        responses_from_frame(frame)


def test_a_column_that_stands_twice_is_refused() -> None:
    frame = pd.DataFrame([[0, 1]], columns=["a", "a"])

    with pytest.raises(ResponsesUnreadable, match="both called 'a'"):
        responses_from_frame(frame)


@pytest.mark.parametrize("role", ["group", "person"])
def test_a_person_without_a_label_is_refused(role: str) -> None:
    frame = pd.DataFrame({"a": [0, 1], "x": ["m", None]})

    with pytest.raises(ResponsesUnreadable, match="row 2 has no label"):
        responses_from_frame(frame, **{role: "x"})


def test_a_weight_below_nought_is_refused() -> None:
    frame = pd.DataFrame({"a": [0, 1], "n": [1, -1]})

    with pytest.raises(ResponsesUnreadable, match="row 2: '-1' is no weight"):
        responses_from_frame(frame, weights="n")


def test_a_frame_without_persons_is_refused() -> None:
    with pytest.raises(ResponsesUnreadable, match="no person"):
        responses_from_frame(pd.DataFrame({"a": []}))


def test_a_long_frame_gives_long_responses() -> None:
    frame = pd.DataFrame(
        {"who": [7, 7, 8], "q": ["a", "b", "b"], "score": [1, 0, None], "sex": ["f", "f", "m"]}
    )

    seen = long_responses_from_frame(frame, person="who", item="q", group="sex").to_matrix()

    assert (seen.persons, seen.items) == (("7", "8"), ("a", "b"))
    assert seen.scores.tolist() == [[1, 0], [-1, -1]]
    assert seen.group_names == ("f", "m")


def test_a_long_frame_whose_person_changes_group_is_refused() -> None:
    frame = pd.DataFrame({"person": [7, 7], "item": "a", "score": 1, "sex": ["f", "m"]})

    with pytest.raises(ResponsesUnreadable, match="in group 'f' and in 'm'"):
        long_responses_from_frame(frame, group="sex")


def test_a_long_frame_without_rows_is_refused() -> None:
    with pytest.raises(ResponsesUnreadable, match="no row"):
        long_responses_from_frame(pd.DataFrame({"person": [], "item": [], "score": []}))
