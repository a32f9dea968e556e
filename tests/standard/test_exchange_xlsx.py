"""The workbook of a standard: written, filled in by people, and read back."""

import datetime as dt
import io
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import Workbook, load_workbook
from tests.standard.minimal import minimal_standard
from tests.standard.tiny import standards, tiny_standard

from liangcai.kernel.findings import RULES
from liangcai.kernel.text import LocalizedText
from liangcai.reading.xlsx import DocumentsExtraMissing
from liangcai.standard import Standard, load_standard
from liangcai.standard.exchange.cells import CellTooLong
from liangcai.standard.exchange.layout import SHEETS
from liangcai.standard.exchange.plan import ImportPlan, import_xlsx
from liangcai.standard.exchange.workbook import to_xlsx, xlsx_template


def edited(change: Callable[[Workbook], Any], standard: Standard | None = None) -> bytes:
    """Return the workbook of a standard after somebody worked on it."""
    book = load_workbook(io.BytesIO(to_xlsx(standard or minimal_standard())))
    change(book)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def found(plan: ImportPlan) -> list[tuple[str, str, int]]:
    return [(finding.rule, finding.file, finding.line) for finding in plan.findings]


def test_a_workbook_brings_back_the_same_standard() -> None:
    standard = minimal_standard()

    plan = import_xlsx(to_xlsx(standard), standard)

    assert plan.findings == ()
    assert plan.standard is not None
    assert plan.standard.hash == standard.hash
    assert plan.diff is not None
    assert plan.diff.changes == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_titles_under_the_keys_may_be_in_either_language(language: str) -> None:
    standard = load_standard("llm-product-engineer")

    plan = import_xlsx(to_xlsx(standard, language), standard)

    assert plan.standard is not None
    assert plan.standard.hash == standard.hash


@settings(deadline=None, max_examples=30)
@given(standards())
def test_any_wording_survives_the_workbook(standard: Standard) -> None:
    plan = import_xlsx(to_xlsx(standard))

    readable = [
        f for f in plan.findings if f.rule.startswith(("sheet.", "workbook.", "standard.shape"))
    ]
    assert readable == []
    if plan.standard is not None:
        assert plan.standard.hash == standard.hash


def test_the_same_standard_gives_the_same_bytes() -> None:
    assert to_xlsx(tiny_standard()) == to_xlsx(tiny_standard())


def test_importing_twice_changes_nothing_the_second_time() -> None:
    book = edited(lambda b: b["indicators"].__setitem__("E3", "应能在指导下按给定配方萃取咖啡"))

    first = import_xlsx(book, minimal_standard())
    assert first.standard is not None
    assert first.diff is not None
    assert [change.code for change in first.diff.changes] == ["E1-1-1"]
    second = import_xlsx(book, first.standard)

    assert second.diff is not None
    assert second.diff.changes == ()


def test_a_sheet_that_is_not_there_leaves_its_part_as_it_was() -> None:
    base = minimal_standard()

    def keep_units_only(book: Workbook) -> None:
        for name in book.sheetnames:
            if name != "units":
                del book[name]
        book["units"]["C3"] = "咖啡萃取"

    plan = import_xlsx(edited(keep_units_only), base)

    assert plan.standard is not None
    assert plan.standard.units[0].title.zh == "咖啡萃取"
    assert plan.standard.units[0].indicators == base.units[0].indicators


def test_a_column_that_is_not_there_leaves_its_field_as_it_was() -> None:
    base = minimal_standard()

    plan = import_xlsx(edited(lambda b: b["units"].delete_cols(7)), base)  # duties

    assert plan.standard is not None
    assert plan.standard.units[0].duties == base.units[0].duties


def test_a_row_taken_out_is_a_removal() -> None:
    plan = import_xlsx(edited(lambda b: b["terms"].delete_rows(3)), minimal_standard())

    assert plan.standard is None or plan.standard.terms == ()


def test_a_template_filled_with_nothing_says_what_is_missing() -> None:
    plan = import_xlsx(xlsx_template())

    assert plan.standard is None
    assert {finding.rule for finding in plan.findings} == {"standard.shape"}


def test_a_template_has_keys_and_titles_and_offers_choices() -> None:
    book = load_workbook(io.BytesIO(xlsx_template("en")))

    assert book.sheetnames == ["about", *(sheet.name for sheet in SHEETS)]
    assert [book["indicators"].cell(1, 5).value, book["indicators"].cell(2, 5).value] == [
        "text_zh",
        "Text (Chinese)",
    ]
    assert book["indicators"].data_validations.count > 0


@pytest.mark.parametrize("attack", ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|" /C calc"!A0', "\t=1"])
def test_a_text_like_a_formula_stays_a_text(attack: str) -> None:
    standard = tiny_standard(licence=attack)

    book = to_xlsx(standard)

    cell = load_workbook(io.BytesIO(book))["identity"]["I3"]
    assert (cell.value, cell.data_type) == (attack, "s")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet2.xml")


FAULTS: list[tuple[Callable[[Workbook], Any], tuple[str, str, int]]] = [
    (lambda b: b["indicators"].__setitem__("E3", "=A1"), ("sheet.formula", "indicators!E3", 3)),
    (lambda b: b["indicators"].__setitem__("D4", "must"), ("sheet.choice", "indicators!D4", 4)),
    (lambda b: b["indicators"].__setitem__("G4", "lab, magic"), ("sheet.choice", "indicators!G4", 4)),
    (lambda b: b["indicators"].__setitem__("B4", "E1-1-1"), ("sheet.duplicate", "indicators!B4", 4)),
    (lambda b: b["indicators"].__setitem__("B4", None), ("sheet.key-missing", "indicators!B4", 4)),
    (lambda b: b["indicators"].__setitem__("A4", "E9"), ("sheet.parent-unknown", "indicators!A4", 4)),
    (lambda b: b["indicators"].__setitem__("E4", 12.5), ("sheet.type", "indicators!E4", 4)),
    (lambda b: b["indicators"].__setitem__("E4", None), ("translation.missing-zh", "", 0)),
    (lambda b: b["indicators"].merge_cells("E3:E4"), ("sheet.merged", "indicators!E3", 1)),
    (lambda b: b["indicators"].__setitem__("B1", "cod"), ("sheet.column-unknown", "indicators!B1", 1)),
    (lambda b: b["indicators"].__setitem__("B1", "unit"), ("sheet.column-twice", "indicators!B1", 1)),
    (lambda b: b["units"].delete_cols(3), ("sheet.column-missing", "units!A1", 1)),
    (lambda b: b["levels"].__setitem__("B3", "one"), ("sheet.type", "levels!B3", 3)),
    (lambda b: b["levels"].__setitem__("B3", 1.5), ("standard.shape", "levels!B3", 3)),
    (lambda b: b["levels"].__setitem__("C3", "#REF!"), ("sheet.error-value", "levels!C3", 3)),
    (lambda b: b["identity"].__setitem__("G3", 46349), ("sheet.date", "identity!G3", 3)),
    (lambda b: b["identity"].__setitem__("A4", "other"), ("sheet.extra-row", "identity!A4", 4)),
    (lambda b: b["identity"].__setitem__("E3", "first"), ("standard.shape", "identity!E3", 3)),
    (lambda b: setattr(b["indicators"], "title", "indicator"),
     ("workbook.sheet-unknown", "indicator!A1", 1)),
    (lambda b: b["weights"].__setitem__("D3", "a lot"), ("sheet.type", "weights!D3", 3)),
    (lambda b: b["weights"].__setitem__("D3", 130), ("standard.shape", "weights!D3", 3)),
]  # fmt: skip


@pytest.mark.parametrize(("change", "finding"), FAULTS)
def test_each_fault_is_found_at_its_sheet_and_cell(
    change: Callable[[Workbook], Any], finding: tuple[str, str, int]
) -> None:
    plan = import_xlsx(edited(change))

    if finding[1]:
        assert finding in found(plan)
    else:
        assert any(place.startswith("indicators!E4") for _, place, _ in found(plan))


def test_every_rule_of_workbooks_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "exchange.md"
    told = set(
        re.findall(r"^\| `([a-z]+\.[a-z-]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert told == {rule for rule in RULES.rules if rule.startswith(("sheet.", "workbook."))}


def test_a_date_typed_as_a_date_is_a_date() -> None:
    plan = import_xlsx(
        edited(lambda b: b["identity"].__setitem__("G3", dt.datetime(2026, 11, 24)))  # noqa: DTZ001
    )

    assert plan.standard is not None
    assert plan.standard.date == "2026-11-24"


def test_flags_and_codes_are_read_as_people_write_them() -> None:
    def write(book: Workbook) -> None:
        book["relations"]["G3"] = "是"
        book["relations"]["G4"] = "no"
        book["indicators"]["G3"] = "lab-result；testimony"

    plan = import_xlsx(edited(write, tiny_standard()))

    assert not [f for f in plan.findings if f.rule.startswith("sheet.")]


def test_a_flag_that_is_neither_yes_nor_no_is_found() -> None:
    plan = import_xlsx(edited(lambda b: b["relations"].__setitem__("G3", "maybe"), tiny_standard()))

    assert ("sheet.type", "relations!G3", 3) in found(plan)


def test_a_workbook_of_another_standard_is_noticed() -> None:
    plan = import_xlsx(to_xlsx(minimal_standard()), minimal_standard(code="other"))

    assert "workbook.other-standard" in {finding.rule for finding in plan.findings}


def test_a_workbook_without_any_known_sheet_is_refused() -> None:
    book, packed = Workbook(), io.BytesIO()
    book.save(packed)

    plan = import_xlsx(packed.getvalue(), minimal_standard())

    assert [finding.rule for finding in plan.findings] == [
        "workbook.sheet-unknown",
        "workbook.no-sheet",
    ]
    assert plan.standard is None


def test_a_sheet_of_a_hundred_thousand_rows_is_bounded() -> None:
    def stretch(book: Workbook) -> None:
        book["terms"]["A100000"] = "T99"

    plan = import_xlsx(edited(stretch))

    assert ("sheet.too-long", "terms!A50001", 50001) in found(plan)


def test_empty_rows_within_bounds_are_no_fault() -> None:
    def leave_gaps(book: Workbook) -> None:
        book["terms"].insert_rows(3, amount=200)

    assert import_xlsx(edited(leave_gaps)).standard == minimal_standard()


def test_a_thousand_faults_end_in_five_hundred_findings() -> None:
    def spoil(book: Workbook) -> None:
        for row in range(5, 1500):
            book["indicators"].cell(row, 5).value = 1

    assert len(import_xlsx(edited(spoil)).findings) <= 500


def test_what_is_no_workbook_is_a_finding_and_not_an_exception() -> None:
    plan = import_xlsx(b"not a workbook")

    assert [finding.rule for finding in plan.findings] == ["workbook.unreadable"]


def test_the_plan_has_a_json_form() -> None:
    record = import_xlsx(to_xlsx(minimal_standard()), minimal_standard()).as_record("en")

    assert (record["errors"], record["version"], record["diff"]["changes"]) == (0, "0.1.0", [])


def test_a_text_too_long_for_a_cell_is_not_cut_short() -> None:
    with pytest.raises(CellTooLong):
        to_xlsx(tiny_standard(licence="字" * 40_000))


def test_control_characters_and_escapes_survive() -> None:
    title = LocalizedText(zh="甲\x01乙\r\n_x0041_丙", en=" kept ")

    plan = import_xlsx(to_xlsx(minimal_standard(title=title)))

    assert plan.standard is not None
    assert plan.standard.title == title


def test_without_openpyxl_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(DocumentsExtraMissing, match=r"liangcai\[documents\]"):
        to_xlsx(tiny_standard())
    with pytest.raises(DocumentsExtraMissing):
        import_xlsx(b"")
