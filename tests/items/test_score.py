from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.items.bank_builder import item

from liangcai.items import (
    RepeatedKey,
    TooManyKeys,
    UnknownKey,
    chance_score,
    score_response,
)

SINGLE = item(right="B")
MULTIPLE = item(right="ACD", keys="ABCDE")


def test_the_key_of_a_single_choice_item_earns_everything_and_a_distractor_nothing() -> None:
    assert score_response(SINGLE, ["B"]).value == 1.0
    assert score_response(SINGLE, ["A"]).value == 0.0


def test_marking_nothing_earns_nothing() -> None:
    assert score_response(SINGLE, []).value == 0.0
    assert score_response(MULTIPLE, []).value == 0.0


def test_a_wrong_mark_of_a_multiple_choice_item_costs_a_right_one() -> None:
    assert score_response(MULTIPLE, ["A", "C", "D"]).value == 1.0
    assert score_response(MULTIPLE, ["A", "C"]).value == pytest.approx(2 / 3, abs=1e-6)
    assert score_response(MULTIPLE, ["A", "C", "B"]).value == pytest.approx(1 / 3, abs=1e-6)
    assert score_response(MULTIPLE, ["B", "E"]).value == 0.0


def test_marking_every_option_never_earns_full_marks() -> None:
    assert score_response(MULTIPLE, list("ABCDE")).value < 0.5


def test_the_order_of_the_marks_does_not_matter() -> None:
    assert score_response(MULTIPLE, ["D", "A"]) == score_response(MULTIPLE, ["A", "D"])


def test_a_score_names_the_version_of_the_item_it_was_given_for() -> None:
    assert score_response(SINGLE, ["B"]).item_hash == SINGLE.hash


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        (["Z"], UnknownKey),
        (["A", "A"], RepeatedKey),
        (["A", "B"], TooManyKeys),
        (["a"], UnknownKey),
    ],
)
def test_a_response_that_cannot_be_is_refused(chosen: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        score_response(SINGLE, chosen)


def test_marking_at_random_earns_one_in_the_number_of_options_on_a_single_choice_item() -> None:
    assert chance_score(SINGLE) == 0.25


def test_marking_at_random_earns_the_mean_over_every_set_of_marks_on_a_multiple_choice_item() -> (
    None
):
    pair = item(right="AB")
    sets = chain.from_iterable(combinations("ABCD", size) for size in range(1, 5))
    values = [score_response(pair, marks).value for marks in sets]

    assert chance_score(pair) == pytest.approx(sum(values) / 15)


@given(st.sets(st.sampled_from("ABCDE")))
@settings(max_examples=40, deadline=None)
def test_scores_stay_between_none_and_all(chosen: set[str]) -> None:
    assert 0.0 <= score_response(MULTIPLE, sorted(chosen)).value <= 1.0


@given(st.sets(st.sampled_from("ABCDE")), st.sampled_from("ACD"))
@settings(max_examples=40, deadline=None)
def test_one_more_right_mark_never_costs(chosen: set[str], more: str) -> None:
    before = score_response(MULTIPLE, sorted(chosen)).value
    after = score_response(MULTIPLE, sorted(chosen | {more})).value

    assert after >= before
