import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.items.bank_builder import option, raw_item, text, write_items

from liangcai.items import check_items
from liangcai.items.rules import BANK_CHECKS, ITEM_CHECKS
from liangcai.kernel.findings import RULES, Finding
from liangcai.standard import Standard, load_standard

ON = date(2026, 11, 23)
STANDARD: Standard = load_standard("llm-product-engineer")


def changed(index: int, **changes: Any) -> list[Any]:
    options = [option(key, correct=key == "A") for key in "ABCD"]
    options[index] = {**options[index], **changes}
    return options


def without(index: int, part: str) -> list[Any]:
    options = changed(index)
    del options[index][part]
    return options


#: rule → an item that breaks it, and words of the line that the finding points at.
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "item.correct-count": ({"right": "AB", "kind": "single-choice"}, "options:"),
    "item.option-count": ({"keys": "AB"}, "options:"),
    "item.duplicate-key": ({"options": changed(1, key="A", correct=False)}, "key: A"),
    "item.duplicate-option": (
        {"options": changed(2, text=text(" 选项B 的说法。", "Something else"))},
        "text:",
    ),
    "item.rationale-missing": ({"options": without(3, "rationale")}, "key: D"),
    "item.misconception-missing": ({"options": without(2, "misconception")}, "key: C"),
    "item.misconception-on-key": ({"options": changed(0, misconception="x")}, "misconception: x"),
    "item.unknown-unit": ({"unit": "XX9"}, "unit: XX9"),
    "item.unknown-level": ({"level": "expert"}, "level: expert"),
    "item.unknown-indicator": ({"indicators": ["JN5-1-1", "JN4-1-1"]}, "- JN4-1-1"),
    "item.pilot-calibrated": ({"calibration": "2027-spring"}, "calibration: 2027-spring"),
    "item.live-uncalibrated": ({"status": "live"}, "status: live"),
    "item.prior-far": ({"prior": {"difficulty": 0.6}}, "difficulty: 0.6"),
    "item.translation-missing": ({"stem": text("怎样做？", " ")}, "stem:"),
    "item.catch-all-option": ({"options": changed(3, text=text("以上都不对", "Neither"))}, "text:"),
    "item.negative-stem": ({"stem": text("下列做法中不正确的是哪一项？", "Choose.")}, "zh: 下列"),
    "item.markup": ({"stem": text("<b>怎样</b>做？", "How?")}, "zh: <b>"),
    "item.review-by-missing": ({"stem": text("按《标识办法》应怎样做？", "How?")}, "code:"),
    "item.unknown-enemy": ({"enemies": ["JN5-I09", "JN5-X99"]}, "JN5-X99"),
    "item.review-by-past": ({"review_by": "2026-11-22"}, "review_by: "),
}


def findings_of(folder: Path, *items: Any) -> tuple[Finding, ...]:
    write_items(folder, *items)
    return check_items(folder, STANDARD, on=ON)[1]


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_finds_its_fault_on_its_line_and_nothing_else(tmp_path: Path, rule: str) -> None:
    changes, line = BROKEN[rule]

    findings = findings_of(tmp_path, raw_item("JN5-I09"), raw_item(**changes))

    assert {finding.rule for finding in findings} == {rule}
    lines = (tmp_path / "items" / "JN5.yaml").read_text().splitlines()
    assert line in lines[findings[0].line - 1]
    assert findings[0].severity == RULES.rules[rule].severity


def test_every_rule_of_items_has_a_failing_example_here() -> None:
    elsewhere = {"item.shape", "item.no-items", "item.too-many-files"}
    whole_bank = {"item.duplicate-code", "item.duplicate-stem", "item.key-longest"}

    rules = {rule for rule in RULES.rules if rule.startswith("item.")}

    assert rules == set(BROKEN) | elsewhere | whole_bank
    assert len(ITEM_CHECKS) + len(BANK_CHECKS) > 10


def test_every_rule_of_items_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "item-format.md"
    documented = page.read_text(encoding="utf-8")

    assert not {rule for rule in RULES.rules if rule.startswith("item.")} - set(
        re.findall(r"`(item\.[a-z-]+)`", documented)
    )


def test_a_good_item_has_no_findings(tmp_path: Path) -> None:
    assert findings_of(tmp_path, raw_item(), raw_item("JN5-I02", right="AC")) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"right": "ABCD"},  # every option correct
        {"right": "A", "kind": "multiple-choice"},
    ],
)
def test_a_multiple_choice_item_has_several_right_options_and_a_distractor(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    assert [finding.rule for finding in findings_of(tmp_path, raw_item(**changes))] == [
        "item.correct-count"
    ]


@pytest.mark.parametrize(
    "stem",
    [
        text("下列做法中**不**正确的是哪一项？", "Which of these is **not** right?"),
        text("模型不能联网。下列做法哪一项正确？", "The model is not online. Which one is right?"),
        text("哪一条可以据以判定通过或不通过？", "Which one tells pass from fail?"),
        text("除词元费用外，下列哪些应计入？", "Besides tokens, which of these count?"),
    ],
)
def test_a_marked_or_merely_apparent_negation_is_no_fault(
    tmp_path: Path, stem: dict[str, str]
) -> None:
    assert findings_of(tmp_path, raw_item(stem=stem)) == ()


@pytest.mark.parametrize("english", ["Which of these is not right?", "All of these help, except:"])
def test_an_unmarked_negation_is_found_in_english_too(tmp_path: Path, english: str) -> None:
    findings = findings_of(tmp_path, raw_item(stem=text("选出一项。", english)))

    assert [finding.rule for finding in findings] == ["item.negative-stem"]


@pytest.mark.parametrize("words", ["以上都对", "上述皆是", "以上均不正确", "前三项都成立"])
def test_catch_all_options_are_found_in_their_usual_words(tmp_path: Path, words: str) -> None:
    findings = findings_of(tmp_path, raw_item(options=changed(3, text=text(words, "It"))))

    assert [finding.rule for finding in findings] == ["item.catch-all-option"]


def test_bold_marks_that_do_not_pair_up_are_found(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, raw_item(stem=text("**怎样做？", "How?")))

    assert [finding.rule for finding in findings] == ["item.markup"]


def test_a_cited_source_ages_and_needs_a_review_date(tmp_path: Path) -> None:
    source = text("某公开报告，2025 年", "A public report, 2025")

    assert [f.rule for f in findings_of(tmp_path, raw_item(source=source))] == [
        "item.review-by-missing"
    ]
    assert findings_of(tmp_path, raw_item(source=source, review_by="2027-06-30")) == ()


def test_without_a_date_no_review_date_has_passed(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item(review_by="2020-01-01"))

    assert check_items(tmp_path, STANDARD)[1] == ()


def test_without_a_standard_the_usual_three_levels_give_the_expected_difficulty(
    tmp_path: Path,
) -> None:
    write_items(
        tmp_path,
        raw_item("JN5-J01", level="junior", prior={"difficulty": 0.0}),
        raw_item("JN5-X01", level="grandmaster", prior={"difficulty": 3.0}),
    )

    assert [finding.rule for finding in check_items(tmp_path)[1]] == ["item.prior-far"]


def test_a_calibrated_item_is_held_to_no_prior(tmp_path: Path) -> None:
    item = raw_item(status="live", calibration="2027-spring", prior={"difficulty": 2.0})

    assert findings_of(tmp_path, item) == ()


def test_a_code_or_a_stem_that_stands_twice_is_found_across_files(tmp_path: Path) -> None:
    write_items(tmp_path, raw_item("JN5-I01"))
    twin = {**raw_item("JN5-I01"), "stem": text("另一问？", "Another?")}
    write_items(tmp_path, twin, {**raw_item("JN5-I01"), "code": "JN5-I02"}, name="JN6.yaml")

    bank, findings = check_items(tmp_path, STANDARD, on=ON)

    assert bank is None
    assert [(f.file, f.rule) for f in findings] == [
        ("items/JN6.yaml", "item.duplicate-code"),
        ("items/JN6.yaml", "item.duplicate-stem"),
    ]


def test_a_bank_whose_right_options_are_always_the_longest_is_found_once(tmp_path: Path) -> None:
    long = changed(0, text=text("一个写得周到得多的长选项", "Something"))
    items = [raw_item(f"JN5-I{n:02}", options=long) for n in range(20)]

    findings = findings_of(tmp_path, *items)

    assert [(finding.rule, finding.severity) for finding in findings] == [
        ("item.key-longest", "warning")
    ]
    assert "20" in findings[0].message.zh


def test_a_handful_of_long_keys_says_nothing(tmp_path: Path) -> None:
    long = changed(0, text=text("一个写得周到得多的长选项", "Something"))
    items = [raw_item(f"JN5-I{n:02}", options=long) for n in range(19)]

    assert findings_of(tmp_path, *items) == ()


def test_an_item_is_not_its_own_enemy(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, raw_item(enemies=["JN5-I01"]))

    assert [finding.rule for finding in findings] == ["item.unknown-enemy"]


def test_a_file_checked_alone_may_name_enemies_in_other_files(tmp_path: Path) -> None:
    file = write_items(tmp_path, raw_item(enemies=["ZS3-J03"]))

    assert check_items(file, STANDARD, on=ON)[1] == ()
    assert [f.rule for f in check_items(tmp_path, STANDARD, on=ON)[1]] == ["item.unknown-enemy"]
