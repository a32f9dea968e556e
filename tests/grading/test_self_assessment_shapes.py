"""Standards, banks and settings of other shapes than the shipped ones."""

from typing import Any

import pytest
from tests.grading.self_assessment_walk import ON, bank, scheme, simulated, standard, walk

from liangcai.grading.evidence import Person
from liangcai.grading.self_assessment import Answer, Plan, Settings, finish, next_question, start
from liangcai.items import ItemBank
from liangcai.standard import Standard

PERSON = Person(id="synthetic-1", synthetic=True)


def plan_of(*, indicators: Any = None, items: ItemBank | None = None, **settings: Any) -> Plan:
    """Return a plan whose units keep only the indicators that `indicators` (unit, level) accepts."""
    record = standard().as_record()
    for unit in record["units"]:
        unit["indicators"] = [
            one
            for one in unit["indicators"]
            if indicators is None or indicators(unit["code"], one["level"])
        ]
    return start(
        Standard.model_validate(record),
        bank() if items is None else items,
        scheme=scheme(),
        seed=1,
        on=ON,
        settings=Settings(**settings),
    )


def test_a_unit_without_the_middle_level_begins_at_a_neighbouring_one() -> None:
    plan = plan_of(indicators=lambda unit, level: unit != "ZH1" or level == "senior")

    question = next_question(plan, [])

    assert question is not None
    assert (question.unit, question.level) == ("ZH1", "senior")


def test_a_unit_without_indicators_gets_no_statement_and_may_still_be_tested() -> None:
    plan = plan_of(indicators=lambda unit, _: unit != "ZS1", budget_seconds=7200, items_most=40)
    questions, _ = walk(plan, simulated(0.0, seed=1))

    parts = {question.part for question in questions if question.unit == "ZS1"}

    assert parts == {"item"}


def test_a_unit_with_few_indicators_is_asked_about_each_once() -> None:
    plan = plan_of(
        indicators=lambda unit, level: unit != "ZH4" or level == "intermediate",
        budget_seconds=7200,
        statement_target_se=0.1,
        statements_per_unit=10,
    )
    questions, _ = walk(plan, simulated(0.0, seed=1), most=250)

    asked = [question.code for question in questions if question.unit == "ZH4"]

    assert sorted(asked) == [one.code for one in plan.standard.unit("ZH4").indicators]


def test_without_items_the_self_assessment_ends_after_the_statements() -> None:
    plan = plan_of(items=ItemBank(items=()))
    questions, answers = walk(plan, simulated(0.0, seed=1))

    result = finish(plan, answers, person=PERSON)

    assert {question.part for question in questions} == {"statement"}
    assert len(result.missing) == 24


def test_without_indicators_it_is_a_knowledge_test_alone() -> None:
    plan = plan_of(indicators=lambda *_: False)
    questions, answers = walk(plan, simulated(0.0, seed=1))

    result = finish(plan, answers, person=PERSON)

    assert {question.part for question in questions} == {"item"}
    assert {part.basis for part in result.self_rated.units} == {"none"}


def test_no_time_for_statements_leaves_all_of_it_to_items() -> None:
    plan = plan_of(statement_share=0.0)
    questions, _ = walk(plan, simulated(0.0, seed=1))

    assert [question.part for question in questions] == ["item"] * 20


def test_time_for_nothing_asks_nothing() -> None:
    assert next_question(plan_of(budget_seconds=10), []) is None


def test_a_bank_of_three_items_is_used_up_and_no_more() -> None:
    plan = plan_of(items=ItemBank(items=bank().items[:3]), statement_share=0.0)
    questions, _ = walk(plan, simulated(0.0, seed=1))

    assert {question.code for question in questions} == {item.code for item in bank().items[:3]}


def test_items_answered_before_all_statements_end_the_first_part() -> None:
    plan = plan_of()
    item = plan.items[0]

    question = next_question(plan, [Answer(item.code, ())])

    assert question is not None
    assert question.part == "item"


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_seconds": 0},
        {"statement_share": 1.5},
        {"item_slope": -1},
        {"criterion": "gut-feeling"},
        {"self_rating_correlation": 1.0},
        {"patience": 3},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)
