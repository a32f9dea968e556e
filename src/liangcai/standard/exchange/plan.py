"""Import of a workbook as a dry run: what is wrong with it, what it makes, what it would change."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from liangcai.kernel.findings import RULES, Finding, Rule, has_errors, in_reading_order
from liangcai.kernel.text import LocalizedText
from liangcai.reading.xlsx import WorkbookUnreadable, open_workbook_safely
from liangcai.standard.diff import StandardDiff, diff_standards
from liangcai.standard.exchange.assembly import Assembly
from liangcai.standard.exchange.intake import MAX_FINDINGS, SheetReader
from liangcai.standard.exchange.layout import ABOUT, BY_NAME, SHEETS
from liangcai.standard.model import Standard
from liangcai.standard.rules import check_rules
from liangcai.standard.shape import shape_findings

UNREADABLE = RULES.add(
    "workbook.unreadable", "error", zh="工作簿无法读取", en="The workbook cannot be read"
)
SHEET_UNKNOWN = RULES.add(
    "workbook.sheet-unknown", "warning", zh="未被读取的工作表", en="A sheet that nothing reads"
)
NO_SHEET = RULES.add(
    "workbook.no-sheet",
    "error",
    zh="工作簿里没有模板的工作表",
    en="No sheet of the template is there",
)
OTHER_STANDARD = RULES.add(
    "workbook.other-standard",
    "warning",
    zh="工作簿属于另一标准",
    en="The workbook is of another standard",
)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What importing a workbook would do; nothing has been changed.

    `standard` is there when there is no error, `diff` when there was a base to compare with.
    """

    findings: tuple[Finding, ...]
    standard: Standard | None = None
    diff: StandardDiff | None = None

    def as_record(self, language: str = "zh") -> dict[str, Any]:
        """Return the JSON form of the command line and the API."""
        return {
            "standard": self.standard.code if self.standard else None,
            "version": self.standard.version if self.standard else None,
            "hash": self.standard.hash if self.standard else None,
            "errors": sum(finding.severity == "error" for finding in self.findings),
            "warnings": sum(finding.severity == "warning" for finding in self.findings),
            "findings": [finding.as_record(language) for finding in self.findings],
            "diff": self.diff.as_record() if self.diff else None,
        }


def import_xlsx(source: str | Path | bytes, base: Standard | None = None) -> ImportPlan:
    """Plan the import of a workbook that `to_xlsx` or `xlsx_template` made and people filled.

    Rows are recognised by their codes. A sheet that is there is the whole of its part; the part
    of a sheet that is not there is taken from `base`. Each finding names sheet and cell in `file`
    ("indicators!C14") and the row in `line`. At most 50,000 rows of a sheet are read.

    Raises:
        DocumentsExtraMissing: openpyxl or defusedxml is not installed.

    """
    assembly = Assembly(base.as_record() if base else {})
    try:
        book = open_workbook_safely(source)
        read = _read_sheets(book, assembly)
    except WorkbookUnreadable as error:
        zh, en = f"工作簿无法读取：{error}", f"The workbook cannot be read: {error}"
        return ImportPlan((*assembly.findings, _finding(UNREADABLE, zh, en)))
    if not read:
        zh = "没有模板中的任何工作表；请用导出的工作簿或模板填写"
        en = "No sheet of the template is there; fill in an exported workbook or the template"
        return ImportPlan((*assembly.findings, _finding(NO_SHEET, zh, en)))
    return _plan(assembly, base)


def _read_sheets(book: Any, assembly: Assembly) -> int:
    """Read every known sheet; return how many there were."""
    pages = {}
    for page in book.worksheets:
        name = page.title.strip().casefold()
        if name in BY_NAME and name not in pages:
            pages[name] = page
        elif name != ABOUT:
            assembly.findings.append(_unknown_sheet(page.title))
    for sheet in SHEETS:
        if sheet.name in pages:
            assembly.put(sheet, SheetReader(sheet, assembly.findings).rows(pages[sheet.name]))
    return len(pages)


def _plan(assembly: Assembly, base: Standard | None) -> ImportPlan:
    findings = assembly.findings
    try:
        standard = Standard.model_validate(assembly.source.raw)
    except ValidationError as error:
        told = {finding.file for finding in findings}  # a faulty cell is reported once
        faults = shape_findings(error, assembly.source)
        findings += (finding for finding in faults if finding.file not in told)
        return ImportPlan(in_reading_order(findings[:MAX_FINDINGS]))
    if base is not None and standard.code != base.code:
        zh = f"工作簿是 {standard.code}，导入目标是 {base.code}"
        en = f"The workbook is {standard.code}, the import goes to {base.code}"
        findings.append(_finding(OTHER_STANDARD, zh, en))
    assembly.source.folder = Path(standard.code)  # a workbook has no folder to be named wrongly
    findings += check_rules(standard, assembly.source)
    ordered = in_reading_order(findings)[:MAX_FINDINGS]
    if has_errors(findings):
        return ImportPlan(ordered)
    return ImportPlan(ordered, standard, diff_standards(base, standard) if base else None)


def _unknown_sheet(title: str) -> Finding:
    zh, en = f"工作表“{title}”未被读取", f'The sheet "{title}" was not read'
    if close := get_close_matches(title.strip().casefold(), list(BY_NAME), 1):
        zh, en = f"{zh}；是否指 {close[0]}", f"{en}; is {close[0]} meant"
    message = LocalizedText(zh=zh, en=en)
    return Finding(SHEET_UNKNOWN.id, SHEET_UNKNOWN.severity, f"{title}!A1", 1, message)


def _finding(rule: Rule, zh: str, en: str) -> Finding:
    return Finding(rule.id, rule.severity, "workbook", 1, LocalizedText(zh=zh, en=en))
