"""A document of the wrong shape is told what is wrong with it, in both languages, at its line."""

from pathlib import Path
from typing import Any

import pytest
from tests.standard.minimal import minimal_record, write_minimal

from liangcai.kernel.findings import Finding
from liangcai.standard import check_standard
from liangcai.standard.shape import MOST_FINDINGS


def findings_of(tmp_path: Path, **parts: Any) -> tuple[Finding, ...]:
    standard, findings = check_standard(write_minimal(tmp_path, **parts))
    assert standard is None
    assert {finding.rule for finding in findings} == {"standard.shape"}
    return findings


@pytest.mark.parametrize(
    ("parts", "zh", "en"),
    [
        (
            {"status": "finished"},
            "status 的值 finished 不对：应为 'draft', 'consultation', 'published' 或 'withdrawn'",
            "status is finished: it is one of 'draft', 'consultation', 'published' or 'withdrawn'",
        ),
        (
            {"version": 1.0},
            "应为文本；数字等须加引号",
            "it is a text; put numbers and the like in quotes",
        ),
        (
            {"version": "1.0"},
            "version 的值 1.0 不对：不符合格式",
            "version is 1.0: it does not match",
        ),
        (
            {"levels": "junior"},
            "levels 的值 junior 不对：应为列表",
            "levels is junior: it is a list",
        ),
        (
            {"levels": ["junior"]},
            "levels.0 的值 junior 不对：应为",
            "it is a mapping of keys to values",
        ),
        ({"title": None}, "title 的值 null 不对", "title is null: it is a mapping"),
        ({"colour": "red"}, "不认识的键 colour；请改正拼写或删去", "colour is not a known key"),
        ({"code": "x" * 65}, "…", "it has at most 64 characters"),
        ({"role": {}}, "缺少 role.title；请补充", "role.title is missing; add it"),
    ],
)
def test_the_message_names_the_place_the_value_and_the_way_out(
    tmp_path: Path, parts: dict[str, Any], zh: str, en: str
) -> None:
    parts = {"code": "minimal", **parts}
    findings = findings_of(tmp_path, **parts)

    assert any(zh in finding.message.zh for finding in findings)
    assert any(en in finding.message.en for finding in findings)


@pytest.mark.parametrize(
    ("rank", "zh", "en"),
    [
        (0, "不小于 1", "it is at least 1"),
        (21, "不大于 20", "it is at most 20"),
        (1.5, "应为整数", "it is a whole number"),
        ("one", "应为整数", "it is a whole number"),
        ([], "[…]", "[…]"),
        ({"a": 1}, "{…}", "{…}"),
    ],
)
def test_a_number_is_told_its_range(tmp_path: Path, rank: Any, zh: str, en: str) -> None:
    levels = minimal_record()["levels"]
    levels[1]["rank"] = rank

    [found] = findings_of(tmp_path, levels=levels)

    assert zh in found.message.zh
    assert en in found.message.en


def test_a_fault_is_told_on_its_line(tmp_path: Path) -> None:
    units = minimal_record()["units"]
    units[0]["indicators"][1]["evidence"] = ["work-product", "hearsay"]
    folder = write_minimal(tmp_path, units=units)

    [found] = check_standard(folder)[1]

    line = (folder / "standard.yaml").read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert line.strip() == "- hearsay"
    assert "units.0.indicators.1.evidence.1" in found.message.en


def test_no_more_faults_are_told_than_anybody_reads(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, aliases=[{"xx": "x"}] * (MOST_FINDINGS + 100))

    assert len(findings) == MOST_FINDINGS


def test_a_long_value_is_cut_in_the_message(tmp_path: Path) -> None:
    [found] = findings_of(tmp_path, status="x" * 1000)

    assert len(found.message.zh) < 150
