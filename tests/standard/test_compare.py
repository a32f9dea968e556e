"""Two levels of a standard and two roles, side by side."""

import json
from typing import Any

import pytest
from tests.standard.tiny import text, tiny_record, tiny_standard

from liangcai.standard import Standard, load_standard
from liangcai.standard.compare import compare_levels, compare_roles


def grower(**role: Any) -> Standard:
    """Return the neighbour of the tea taster."""
    record = tiny_record() | {"code": "tea-grower"}
    record["role"] = {
        "title": text("茶农", "Tea grower"),
        "definition": text("种茶的人", "Who grows tea"),
        "origin": "proposal",
        "duties": [
            {"code": "D1", "text": text("种植茶树", "Grow tea plants"), "origin": "note"},
            {"code": "D2", "text": text("初步评定茶叶品质", "Judge"), "origin": "note"},
        ],
        "exclusions": [
            {"code": "X1", "text": text("评级", "Rank"), "owner": "tea-taster", "origin": "note"},
            {"code": "X2", "text": text("销售", "Sell"), "owner": "tea-seller", "origin": "note"},
        ],
        "handoffs": [
            {"code": "H1", "to": "tea-taster", "gives": text("样茶", "Samples"), "origin": "note"}
        ],
        **role,
    }
    return Standard.model_validate(record)


def test_two_levels_stand_side_by_side_unit_by_unit() -> None:
    table = compare_levels(tiny_standard(), "low", "high")

    assert [(row.unit.code, len(row.low), len(row.high)) for row in table.units] == [
        ("A1", 1, 1),
        ("B1", 1, 0),
    ]


def test_levels_named_in_the_other_order_give_the_same_table() -> None:
    standard = tiny_standard()

    assert compare_levels(standard, "high", "low") == compare_levels(standard, "low", "high")


def test_a_level_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        compare_levels(tiny_standard(), "low", "highest")


def test_the_boundary_table_shows_what_roles_share_leave_and_hand_over() -> None:
    table = compare_roles(tiny_standard(), grower())

    assert [(pair.one.code, pair.other.code) for pair in table.shared] == [("D1", "D2")]
    assert [duty.code for duty in table.only_other] == ["D1"]
    assert table.only_one == ()
    assert [x.text.en for x in table.left_to_other] == ["Growing tea"]
    assert [x.text.en for x in table.left_to_one] == ["Rank"]
    assert [x.gives.en for x in table.handed_to_other] == ["Comments"]
    assert [x.gives.en for x in table.handed_to_one] == ["Samples"]


def test_contrasts_are_told_from_the_first_roles_side() -> None:
    theirs = [
        {
            "role": "tea-taster",
            "aspect": text("季节", "Season"),
            "here": text("春", "Spring"),
            "there": text("全年", "All year"),
            "origin": "note",
        }
    ]

    rows = compare_roles(tiny_standard(), grower(contrasts=theirs)).contrasts

    assert [(row.one.en, row.other.en, row.told_by) for row in rows] == [
        ("Brew", "Garden", "tea-taster"),
        ("All year", "Spring", "tea-grower"),
    ]


def test_the_boundary_table_is_the_same_seen_from_the_other_side() -> None:
    one, other = tiny_standard(), grower()

    here, there = compare_roles(one, other), compare_roles(other, one)

    assert here.left_to_other == there.left_to_one
    assert here.handed_to_one == there.handed_to_other
    assert [(p.one, p.other) for p in here.shared] == [(p.other, p.one) for p in there.shared]


def test_comparison_records_are_json() -> None:
    standard = load_standard("llm-product-engineer")
    first, second, *_ = [level.code for level in standard.levels_upwards()]
    for record in (
        compare_levels(standard, first, second).as_record(),
        compare_roles(standard, grower()).as_record(),
    ):
        assert json.loads(json.dumps(record)) == record


def test_roles_of_many_duties_that_read_alike_are_paired_one_to_one() -> None:
    duties = [
        {
            "code": f"D{n}",
            "text": text(f"规划定义产品需求产品需求{n}", "Plan"),
            "origin": "proposal",
        }
        for n in range(200)
    ]
    record = tiny_record() | {"units": []}
    record["role"] |= {"duties": duties, "exclusions": [], "handoffs": []}
    standard = Standard.model_validate(record)

    table = compare_roles(standard, standard)

    assert [(pair.one, pair.similarity) for pair in table.shared] == [
        (pair.other, 1.0) for pair in table.shared
    ]
    assert len(table.shared) == 200
