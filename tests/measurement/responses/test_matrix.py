import numpy as np
import pytest

from liangcai.measurement.responses.matrix import Responses, ResponsesInvalid, responses_of


def test_missing_and_negative_scores_are_the_same_missing() -> None:
    seen = responses_of([[1, float("nan")], [-3, 2]])

    assert seen.scores.tolist() == [[1, -1], [-1, 2]]
    assert seen.has_missing
    assert seen.highest_scores().tolist() == [1, 2]


@pytest.mark.parametrize("score", [0.5, 128, "one"])
def test_a_score_that_is_no_small_whole_number_is_refused(score: object) -> None:
    with pytest.raises(ResponsesInvalid):
        responses_of([[0, score]])


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ResponsesInvalid, match="weights has 1 entries for 2 persons"):
        responses_of([[0], [1]], weights=[1.0])


def test_the_hash_speaks_of_scores_groups_and_weights() -> None:
    scores = np.array([[0, 1], [1, 0]], dtype=np.int8)
    plain = responses_of(scores)

    assert plain.sha256() == responses_of(scores.copy()).sha256()
    assert plain.sha256() != responses_of(scores[::-1]).sha256()
    assert plain.sha256() != responses_of(scores, groups=["x", "y"]).sha256()
    assert plain.sha256() != responses_of(scores, weights=[1.0, 2.0]).sha256()


def test_selections_carry_groups_weights_and_names() -> None:
    seen = responses_of([[0, 1], [1, 0]], persons=("p", "q"), groups=["x", "y"], weights=[1, 2])
    chosen = seen.select_persons(np.array([False, True])).select_items(np.array([1]))

    assert chosen == Responses(
        chosen.scores, ("2",), ("q",), chosen.groups, ("x", "y"), chosen.weights
    )
    assert (chosen.scores.tolist(), chosen.groups.tolist(), chosen.weights.tolist()) == (
        [[0]],
        [1],
        [2.0],
    )


@pytest.mark.parametrize(
    ("scores", "fault"),
    [
        ([[np.inf, 1]], "no whole score"),
        ([[-np.inf, 1]], "no whole score"),
        ([[1], [1, 2]], "rows of one length"),
        (np.array([[1 + 2j]]), "must be numbers"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), "must be numbers"),
        ([1, 2], "two dimensions"),
    ],
)
def test_what_is_no_matrix_of_scores_is_refused(scores: object, fault: str) -> None:
    with pytest.raises(ResponsesInvalid, match=fault):
        responses_of(scores)  # type: ignore[arg-type]


def test_a_score_below_minus_one_becomes_missing_or_is_refused() -> None:
    low = np.array([[-5, 1]], dtype=np.int8)

    assert responses_of(low).scores.tolist() == [[-1, 1]]
    with pytest.raises(ResponsesInvalid, match="a score is -5"):
        Responses(low, ("a", "b"))


def test_a_masked_score_is_missing() -> None:
    masked = np.ma.array([[1, 2]], mask=[[False, True]])

    assert responses_of(masked).scores.tolist() == [[1, -1]]


@pytest.mark.parametrize("groups", [[None, "a"], [np.nan, "a"], [["a"], ["b"]]])
def test_a_person_without_a_group_is_refused(groups: list[object]) -> None:
    with pytest.raises(ResponsesInvalid, match="one label a person"):
        responses_of([[1], [0]], groups=groups)  # type: ignore[arg-type]


def test_groups_and_weights_that_mean_nothing_are_refused() -> None:
    scores = np.zeros((1, 1), dtype=np.int8)

    with pytest.raises(ResponsesInvalid, match="from 0 to 0"):
        Responses(scores, ("a",), groups=np.array([5]), group_names=("x",))
    for weight in (np.nan, np.inf, -1.0):
        with pytest.raises(ResponsesInvalid, match="weights must be finite"):
            Responses(scores, ("a",), weights=np.array([weight]))
    with pytest.raises(ResponsesInvalid, match="must be numbers"):
        responses_of([[1]], weights=["x"])


@pytest.mark.parametrize("chosen", [[2], [-1], [0.0], [[0]], [True], [True, False, True]])
def test_a_choice_that_is_not_there_is_refused(chosen: list[object]) -> None:
    seen = responses_of([[0, 1], [1, 0]])

    with pytest.raises(ResponsesInvalid, match="a flag each"):
        seen.select_items(np.array(chosen))
    with pytest.raises(ResponsesInvalid, match="a flag each"):
        seen.select_persons(np.array(chosen))
