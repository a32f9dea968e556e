from datetime import date, timedelta

import pytest
from tests.grading.self_assessment_walk import ON, bank, plan_for, scheme, standard

from liangcai.grading.compiled import SchemeMismatch
from liangcai.grading.self_assessment import NothingToAsk, Settings, start
from liangcai.grading.self_assessment_plan import statement_text
from liangcai.items import ItemBank
from liangcai.kernel.text import LocalizedText
from liangcai.standard import Standard


def test_a_plan_holds_every_indicator_and_every_usable_item() -> None:
    plan = plan_for()

    assert len(plan.statements) == len(standard().indicators)
    assert len(plan.items) == len(bank().items)


def test_the_same_arguments_give_the_same_plan_and_others_another() -> None:
    hashes = {
        plan_for(1).hash,
        plan_for(2).hash,
        plan_for(1, items_most=5).hash,
        start(standard(), bank(), scheme=scheme(), seed=1, on=ON + timedelta(days=1)).hash,
    }
    again = start(standard(), bank(), scheme=scheme(), seed=1, on=ON, settings=Settings())

    assert len(hashes) == 4
    assert again.hash == plan_for(1).hash


def test_an_item_past_its_review_date_is_not_asked() -> None:
    dated = {item.code for item in bank().items if item.review_by is not None}

    plan = start(standard(), bank(), scheme=scheme(), seed=1, on=date(2031, 1, 1))

    assert dated
    assert {item.code for item in plan.items} == {item.code for item in bank().items} - dated


@pytest.mark.parametrize("status", ["draft", "review", "retired"])
def test_an_item_that_is_neither_pilot_nor_live_is_not_asked(status: str) -> None:
    first, *others = bank().items
    changed = ItemBank(items=(first.model_copy(update={"status": status}), *others))

    plan = start(standard(), changed, scheme=scheme(), seed=1, on=ON)

    assert first.code not in {item.code for item in plan.items}


def test_an_item_of_a_unit_that_the_standard_lacks_is_not_asked() -> None:
    stranger = bank().items[0].model_copy(update={"code": "XX1-J01", "unit": "XX1"})

    plan = start(standard(), ItemBank(items=(stranger,)), scheme=scheme(), seed=1, on=ON)

    assert plan.items == ()


def test_without_items_the_statements_alone_make_a_plan() -> None:
    plan = start(standard(), ItemBank(items=()), scheme=scheme(), seed=1, on=ON)

    assert plan.statements
    assert plan.item_pool.information.shape[0] == 0


def test_a_standard_without_indicators_and_items_gives_nothing_to_ask() -> None:
    record = standard().as_record()
    for unit in record["units"]:
        unit["indicators"] = []
    bare = Standard.model_validate(record)

    with pytest.raises(NothingToAsk):
        start(bare, ItemBank(items=()), scheme=scheme(), seed=1, on=ON)


def test_a_scheme_of_another_standard_is_refused() -> None:
    other = scheme().model_copy(update={"standard": "ai-trainer"})

    with pytest.raises(SchemeMismatch):
        start(standard(), bank(), scheme=other, seed=1, on=ON)


@pytest.mark.parametrize(
    ("zh", "en", "zh_work", "en_work"),
    [
        ("应能独立设计方案", "Shall independently design", "独立设计方案", "Independently design"),
        ("宜能复盘", "Should, under guidance, review", "复盘", "Under guidance, review"),
        ("可引用资料", "May cite", "引用资料", "Cite"),
    ],
)
def test_a_statement_is_the_indicator_without_its_provision(
    zh: str, en: str, zh_work: str, en_work: str
) -> None:
    indicator = standard().indicators[0].model_copy(update={"text": LocalizedText(zh=zh, en=en)})

    text = statement_text(indicator)

    assert f"**{zh_work}**" in text.zh
    assert f"**{en_work}**" in text.en
