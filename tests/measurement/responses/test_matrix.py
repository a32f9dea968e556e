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
