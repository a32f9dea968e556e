from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grading.self_assessment_walk import (
    always,
    bank,
    plan_for,
    simulated,
    walk,
)

from liangcai.grading.self_assessment import (
    Answer,
    AnsweredTwice,
    InvalidAnswer,
    UnknownQuestion,
    next_question,
)
from liangcai.items import UnknownKey

SEEDS = st.integers(0, 2**31)
THETAS = st.floats(-2.5, 2.5)


def test_it_begins_with_an_intermediate_statement_and_four_anchored_answers() -> None:
    question = next_question(plan_for(), [])

    assert question is not None
    assert (question.part, question.level, question.number) == ("statement", "intermediate", 1)
    assert [choice.key for choice in question.choices] == ["none", "guided", "independent", "led"]
    assert all(choice.text.zh and choice.text.en for choice in question.choices)
    assert not question.is_multiple
    assert not question.is_calibrated


def test_a_statement_asks_for_the_work_without_the_words_of_a_requirement() -> None:
    question = next_question(plan_for(), [])

    assert question is not None
    assert "应能" not in question.stem.zh
    assert "Shall" not in question.stem.en


def test_every_unit_gets_a_statement_before_any_gets_a_second() -> None:
    questions, _ = walk(plan_for(), simulated(0.0, seed=1))

    units = [question.unit for question in questions if question.part == "statement"]

    assert len(set(units[:24])) == 24


def test_statements_come_first_and_items_after() -> None:
    questions, _ = walk(plan_for(), simulated(0.0, seed=1))

    parts = [question.part for question in questions]

    assert parts == sorted(parts, reverse=True)
    assert set(parts) == {"statement", "item"}


def test_the_whole_takes_no_longer_than_its_time_budget() -> None:
    plan = plan_for()
    questions, _ = walk(plan, simulated(0.5, seed=2))

    assert sum(question.seconds for question in questions) <= plan.settings.budget_seconds


@pytest.mark.parametrize(("anchor", "level"), [("led", "senior"), ("none", "junior")])
def test_a_further_statement_goes_up_after_high_answers_and_down_after_low_ones(
    anchor: str, level: str
) -> None:
    questions, _ = walk(plan_for(), always(anchor, right=True))

    further = [question for question in questions if question.part == "statement"][24:]

    assert further
    assert {question.level for question in further} - {level} <= {"intermediate"}
    assert further[0].level == level


def test_no_unit_gets_more_statements_than_the_settings_allow() -> None:
    plan = plan_for(budget_seconds=3600, statement_target_se=0.1, statements_per_unit=3)
    questions, _ = walk(plan, simulated(0.0, seed=5))

    counts = Counter(question.unit for question in questions if question.part == "statement")

    assert set(counts.values()) == {3}


def test_a_precise_enough_self_rating_is_asked_no_further() -> None:
    plan = plan_for(budget_seconds=3600, statement_target_se=2.0)
    questions, _ = walk(plan, simulated(0.0, seed=5))

    assert sum(question.part == "statement" for question in questions) == 24


def test_the_knowledge_test_stops_once_it_is_precise_enough() -> None:
    loose = plan_for(budget_seconds=7200, item_target_se=0.95, items_fewest_per_element=2)
    tight = plan_for(budget_seconds=7200, item_target_se=0.3, items_most=30)

    few = sum(q.part == "item" for q in walk(loose, simulated(0.0, seed=5))[0])
    many = sum(q.part == "item" for q in walk(tight, simulated(0.0, seed=5))[0])

    assert 4 <= few < 12
    assert many == 30


def test_a_knowledge_test_spreads_over_the_units_of_both_elements() -> None:
    plan = plan_for(budget_seconds=7200, item_target_se=0.1, items_most=28)
    questions, _ = walk(plan, simulated(0.0, seed=6))

    counts = Counter(question.unit for question in questions if question.part == "item")

    assert set(counts) == {unit for unit in plan.compiled.units if unit[:2] in ("ZS", "JN")}
    assert max(counts.values()) <= 3


def test_options_come_in_an_order_of_the_sitting_with_every_option_there() -> None:
    questions, _ = walk(plan_for(), simulated(0.0, seed=1))

    for question in questions:
        if question.part == "item":
            keys = [choice.key for choice in question.choices]
            assert sorted(keys) == sorted(bank().item(question.code).keys)
    orders = {
        tuple(choice.key for choice in question.choices)
        for question in questions
        if question.part == "item"
    }
    assert len(orders) > 1


def test_another_seed_asks_other_questions() -> None:
    codes = {
        tuple(question.code for question in walk(plan_for(seed), always("guided", right=True))[0])
        for seed in (1, 2, 3)
    }

    assert len(codes) == 3


def test_progress_rises_from_nothing_towards_all() -> None:
    questions, _ = walk(plan_for(), simulated(0.0, seed=1))

    progress = [question.progress for question in questions]

    assert progress[0] == 0.0
    assert progress == sorted(progress)
    assert progress[-1] <= 1.0


def test_high_self_ratings_begin_the_test_with_harder_items_but_not_by_much() -> None:
    def first_difficulty(anchor: str) -> float:
        found = []
        for seed in range(8):
            questions, _ = walk(plan_for(seed), always(anchor, right=True))
            first = next(question for question in questions if question.part == "item")
            found.append(bank().item(first.code).prior.difficulty)
        return fmean(found)

    assert 0.0 < first_difficulty("led") - first_difficulty("none") < 2.0


def test_items_get_harder_after_right_answers_and_easier_after_wrong_ones() -> None:
    def late_difficulty(right: bool) -> float:
        found = []
        for seed in range(6):
            questions, _ = walk(plan_for(seed), always("independent", right=right))
            items = [question.code for question in questions if question.part == "item"][-4:]
            found += [bank().item(code).prior.difficulty for code in items]
        return fmean(found)

    assert late_difficulty(right=True) > late_difficulty(right=False) + 0.7


def test_by_information_it_walks_as_well_as_by_variance() -> None:
    plan = plan_for(criterion="expected-information")

    questions, _ = walk(plan, simulated(1.0, seed=4))

    assert sum(question.part == "item" for question in questions) >= 8


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([Answer("XX-1", ("none",))], UnknownQuestion),
        ([Answer("JN5-2-1", ("none",)), Answer("JN5-2-1", ("led",))], AnsweredTwice),
        ([Answer("JN5-2-1", ())], InvalidAnswer),
        ([Answer("JN5-2-1", ("none", "led"))], InvalidAnswer),
        ([Answer("JN5-2-1", ("expert",))], InvalidAnswer),
        ([Answer("ZS1-J01", ("Z",))], UnknownKey),
    ],
)
def test_answers_that_are_not_this_plans_are_refused(
    answers: list[Answer], error: type[Exception]
) -> None:
    with pytest.raises(error):
        next_question(plan_for(), answers)


@given(SEEDS, THETAS)
@settings(max_examples=8, deadline=None)
def test_it_ends_and_never_repeats_a_question(seed: int, theta: float) -> None:
    questions, answers = walk(plan_for(), simulated(theta, seed=seed))

    assert len({question.code for question in questions}) == len(questions) < 60
    assert next_question(plan_for(), answers) is None


@given(SEEDS, THETAS)
@settings(max_examples=12, deadline=None)
def test_no_two_enemies_are_ever_asked(seed: int, theta: float) -> None:
    plan = plan_for(
        seed, budget_seconds=6000, statement_share=0.0, items_most=60, item_target_se=0.1
    )

    questions, _ = walk(plan, simulated(theta, seed=seed))

    codes = {question.code for question in questions}
    assert len(codes) == 60
    assert not any(bank().enemies_of(code) & codes for code in codes)


@given(SEEDS, st.data())
@settings(max_examples=8, deadline=None)
def test_the_same_answers_lead_to_the_same_question_whoever_asks_and_whenever(
    seed: int, data: st.DataObject
) -> None:
    questions, answers = walk(plan_for(), simulated(0.0, seed=seed))
    place = data.draw(st.integers(0, len(questions) - 1))
    plan_for.cache_clear()  # another process, later

    assert next_question(plan_for(), answers[:place]) == questions[place]


@given(
    st.lists(st.sampled_from(["none", "guided", "independent", "led"]), min_size=30, max_size=30)
)
@settings(max_examples=6, deadline=None)
def test_any_run_of_answers_leads_on(anchors: list[str]) -> None:
    given_so_far: list[Answer] = []
    for anchor in anchors:
        question = next_question(plan_for(), given_so_far)
        assert question is not None
        if question.part == "item":
            break
        given_so_far.append(Answer(question.code, (anchor,)))

    assert len(given_so_far) >= 24
