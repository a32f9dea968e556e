"""Alike texts: within a unit across levels, and between a role and its neighbours."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standard.minimal import minimal_record, minimal_standard

from liangcai.standard import load_standard
from liangcai.standard.model import Standard
from liangcai.standard.rules import check_boundary
from liangcai.standard.rules.boundary import check_own_boundary
from liangcai.standard.rules.progression import check_autonomy, check_texts
from liangcai.standard.rules.similarity import alike_pairs, bigrams, dice
from liangcai.standard.source import StandardSource

NOWHERE = StandardSource(Path())


def with_indicators(*rows: tuple[str, str]) -> Standard:
    """Return a standard of three levels whose one unit has these (level, text) indicators."""
    record = minimal_record()
    levels = [
        {**record["levels"][0], "code": code, "rank": rank}
        for rank, code in enumerate(("low", "middle", "high"), start=1)
    ]
    unit = record["units"][0]
    first = unit["indicators"][0]
    unit["indicators"] = [
        {**first, "code": f"E1-{n}", "level": level, "text": {"zh": zh}}
        for n, (level, zh) in enumerate(rows)
    ]
    return minimal_standard(levels=levels, units=[unit])


def with_role(code: str = "minimal", **parts: Any) -> Standard:
    return minimal_standard(code=code, role={**minimal_record()["role"], "duties": [], **parts})


def duty(zh: str, code: str = "D1") -> dict[str, Any]:
    return {"code": code, "text": {"zh": zh}, "origin": "proposal"}


def exclusion(zh: str, owner: str, code: str = "X1") -> dict[str, Any]:
    return {**duty(zh, code), "owner": owner}


def test_likeness_is_one_for_the_same_text_and_zero_for_another() -> None:
    assert dice(bigrams("编制评测方案"), bigrams("编制，评测方案")) == 1.0
    assert dice(bigrams("编制评测方案"), bigrams("组织用户访谈")) == 0.0


def test_likeness_is_twice_the_shared_over_all() -> None:
    assert dice(bigrams("night"), bigrams("nacht")) == pytest.approx(2 * 1 / 8)


SETS = st.lists(
    st.tuples(st.frozensets(st.sampled_from("abcdefghij"), min_size=1), st.sampled_from("xyz")),
    max_size=14,
)


@settings(deadline=None, max_examples=200)
@given(rows=SETS, threshold=st.sampled_from([0.7, 0.8, 0.9, 1.0]))
def test_alike_pairs_are_those_that_comparing_each_with_each_finds(
    rows: list[tuple[frozenset[str], str]], threshold: float
) -> None:
    sets, groups = [row[0] for row in rows], [row[1] for row in rows]
    alike = {
        later
        for later in range(len(rows))
        for earlier in range(later)
        if groups[earlier] != groups[later] and dice(sets[earlier], sets[later]) >= threshold
    }

    pairs = list(alike_pairs(sets, groups, threshold=threshold))

    assert {later for _, later, _ in pairs} == alike
    assert all(likeness == dice(sets[one], sets[other]) for one, other, likeness in pairs)


def test_the_same_words_at_two_levels_are_told() -> None:
    text = "应能编制评测方案，写明指标与阈值"

    [found] = check_texts(with_indicators(("low", text), ("high", text)), NOWHERE)

    assert found.rule == "progression.same-text"
    assert "E1-0" in found.message.zh
    assert "E1-1" in found.message.en


def test_nearly_the_same_words_at_two_levels_are_told() -> None:
    standard = with_indicators(
        ("low", "应能编制评测方案，写明指标、阈值、样本量和判定规则"),
        ("high", "应能编制评测方案，写明指标、阈值、样本量及判定规则"),
    )

    assert [f.rule for f in check_texts(standard, NOWHERE)] == ["progression.near-text"]


def test_alike_indicators_of_one_level_are_a_matter_of_taste() -> None:
    standard = with_indicators(
        ("low", "应能编制评测方案，写明指标、阈值、样本量和判定规则"),
        ("low", "应能编制评测方案，写明指标、阈值、样本量及判定规则"),
    )

    assert list(check_texts(standard, NOWHERE)) == []


@pytest.mark.parametrize(
    ("level", "zh"),
    [
        ("low", "应能主导评测方案的编制"),
        ("low", "应能统筹评测"),
        ("low", "宜牵头评测方案的编制"),
        ("high", "应能在指导下编制评测方案"),
        ("high", "应能协助编制评测方案"),
        ("high", "应能在高级人员指导下编制评测方案"),
    ],
)
def test_words_of_autonomy_fit_the_level(level: str, zh: str) -> None:
    other = {"low": "high", "high": "low"}[level]

    assert [f.rule for f in check_autonomy(with_indicators((level, zh)), NOWHERE)] == [
        "progression.autonomy"
    ]
    assert list(check_autonomy(with_indicators((other, zh)), NOWHERE)) == []


def test_to_lead_one_who_helps_is_to_lead() -> None:
    standard = with_indicators(("high", "应能主导制定协助编制方案的规则"))

    assert list(check_autonomy(standard, NOWHERE)) == []


def test_autonomy_rises_from_level_to_level() -> None:
    guided, alone, leading = "应能协助编制方案", "应能独立编制方案", "应能主导编制方案"
    rising = with_indicators(("low", guided), ("middle", alone), ("high", leading))
    falling = with_indicators(("low", alone), ("middle", guided), ("high", leading))

    assert list(check_autonomy(rising, NOWHERE)) == []
    assert [f.rule for f in check_autonomy(falling, NOWHERE)] == ["progression.backwards"]


@pytest.mark.parametrize(
    ("zh", "found"),
    [
        ("应能独立完成模型微调", True),
        ("应能亲自标注样本", True),
        ("应能标注训练样本", True),
        ("应能独立训练奖励模型", True),
        ("应能训练集群的使用人员", False),
        ("应能列出训练数据的来源", False),
        ("应能执行模型参数的调优", True),
        ("应能编制数据标注需求说明", False),
        ("应能验收微调后的模型版本", False),
        ("应能完成微调可行性评估", False),
        ("应能判断是否需要微调，由算法工程师完成微调", False),
        ("应能与人工智能训练师约定标注规范", False),
        ("应能组织完成标注质量的抽查", False),
    ],
)
def test_work_of_another_role_is_told_only_where_the_person_does_it(zh: str, found: bool) -> None:
    record = minimal_record()
    record["units"][0]["indicators"][0]["text"] = {"zh": zh}
    excluded = exclusion("数据标注、模型微调、训练与参数调优的操作", "ai-trainer")
    standard = minimal_standard(
        units=record["units"], role={**record["role"], "exclusions": [excluded]}
    )

    rules = [finding.rule for finding in check_own_boundary(standard, NOWHERE)]

    assert rules == (["boundary.excluded-work"] if found else [])


def test_work_that_no_exclusion_names_is_free() -> None:
    record = minimal_record()
    record["units"][0]["indicators"][0]["text"] = {"zh": "应能独立完成模型微调"}

    assert list(check_own_boundary(minimal_standard(units=record["units"]), NOWHERE)) == []


def test_a_duty_of_a_neighbour_is_told() -> None:
    ours = with_role("ours", duties=[duty("规划和定义基于大模型能力的产品")])
    theirs = with_role("theirs", duties=[duty("规划、定义基于大模型能力的产品", "D7")])

    [found] = check_boundary(ours, [theirs])

    assert (found.rule, found.file, found.line) == ("boundary.same-duty", "role.yaml", 1)
    assert "D7" in found.message.zh


def test_a_neighbour_that_leaves_work_to_us_agrees_with_us() -> None:
    ours = with_role("ours", duties=[duty("用户需求洞察")])
    agrees = with_role("agrees", exclusions=[exclusion("用户需求洞察", "ours")])
    disagrees = with_role("disagrees", exclusions=[exclusion("用户需求洞察", "third")])

    assert check_boundary(ours, [agrees]) == ()
    assert [f.rule for f in check_boundary(ours, [disagrees])] == ["boundary.neighbour-exclusion"]


def test_work_that_both_sides_give_away_has_no_owner() -> None:
    ours = with_role("ours", exclusions=[exclusion("训练集的构建与维护", "theirs")])
    theirs = with_role("theirs", exclusions=[exclusion("训练集构建与维护", "third", "X5")])

    assert [f.rule for f in check_boundary(ours, [theirs])] == ["boundary.ownerless"]


def test_a_standard_is_no_neighbour_of_itself() -> None:
    standard = load_standard("llm-product-engineer")

    assert check_boundary(standard, [standard]) == ()
