"""Evidence in tables: one record or fact a row, from CSV or the first sheet of a workbook."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from liangcai.grading.documents import Spot
from liangcai.grading.evidence import MAX_RECORDS
from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import NOT_READABLE, WRONG_ENCODING, Place
from liangcai.reading.xlsx import WorkbookUnreadable, open_workbook_safely, rows_of

BAD_TABLE = RULES.add("table.syntax", "error", zh="表格无法读取", en="The table cannot be read")
UNKNOWN_COLUMN = RULES.add(
    "table.unknown-column", "error", zh="不认识的列", en="A column is not known"
)
DUPLICATE_COLUMN = RULES.add(
    "table.duplicate-column", "error", zh="列重复", en="A column stands twice"
)
TOO_MANY_ROWS = RULES.add("table.too-many-rows", "error", zh="行数过多", en="Too many rows")
SEVERAL_PEOPLE = RULES.add(
    "table.several-people",
    "error",
    zh="一个表格中有多个人或多个标准",
    en="A table holds more than one person or standard",
)

MAX_ROWS = MAX_RECORDS + 1000
MAX_COLUMNS = 64
_ABOUT_PERSON = ("person", "person_name", "person_synthetic", "standard")
#: Column → its Chinese heading; either may head a table.
COLUMNS = {
    "person": "人员编号",
    "person_name": "姓名",
    "person_synthetic": "人员为合成",
    "standard": "标准",
    "kind": "种类",
    "id": "编号",
    "units": "能力单元",
    "level": "等级",
    "component": "考核项",
    "item": "试题",
    "lab": "实操任务",
    "score": "得分",
    "max_score": "满分",
    "se": "标准误",
    "options": "选项数",
    "a": "区分度",
    "b": "难度",
    "c": "猜测度",
    "fact": "事实",
    "value": "值",
    "verified": "已核实",
    "source": "来源",
    "date": "日期",
    "assessor": "评定人",
    "conditions": "条件",
    "synthetic": "合成",
}
_BY_HEADING = {heading: column for column, heading in COLUMNS.items()}
_TEXTS = {
    "id",
    "level",
    "component",
    "item",
    "lab",
    "fact",
    "source",
    "assessor",
    "conditions",
    *_ABOUT_PERSON,
}
_NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,12})?")
_BETWEEN_UNITS = re.compile(r"[\s;,；，、]+")


@dataclass(frozen=True, slots=True)
class _Cell:
    value: Any
    place: str | None


@dataclass(slots=True)
class _Table:
    """The rows of a table as one raw evidence document that knows where each part stood."""

    name: str
    value: dict[str, Any] = field(default_factory=dict)
    spots: dict[Place, tuple[int, str | None]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def spot(self, place: Place) -> tuple[int, str | None]:
        while place and place not in self.spots:
            place = place[:-1]
        return self.spots.get(place, (1, None))

    def fault(self, rule: Rule, line: int, zh: str, en: str, *, cell: str | None = None) -> None:
        message = LocalizedText(zh=zh, en=en)
        self.findings.append(Finding(rule.id, rule.severity, self.name, line, message, clause=cell))


Read = tuple[tuple[Any, Spot] | None, tuple[Finding, ...]]


def read_csv(raw: bytes, name: str) -> Read:
    """Read CSV bytes: UTF-8 with or without a byte-order mark, a heading row first."""
    table = _Table(name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        zh = f"第 {error.start + 1} 个字节起不是 UTF-8；请另存为“CSV UTF-8”"
        en = f"From byte {error.start + 1} on it is not UTF-8; save the file as “CSV UTF-8”"
        table.fault(WRONG_ENCODING, line, zh, en)
        return None, tuple(table.findings)
    return _read(table, _csv_rows(table, text))


def read_xlsx(raw: bytes, name: str) -> Read:
    """Read the first sheet of a workbook, a heading row first; findings name sheet and cell."""
    table = _Table(name)
    try:
        book = open_workbook_safely(raw)
        return _read(table, list(_xlsx_rows(book.worksheets[0])))
    except WorkbookUnreadable as error:
        zh, en = f"工作簿无法读取：{error}", f"The workbook cannot be read: {error}"
        table.fault(NOT_READABLE, 1, zh, en)
        return None, tuple(table.findings)
    except IndexError:
        table.fault(NOT_READABLE, 1, "工作簿没有工作表", "The workbook has no sheet")
        return None, tuple(table.findings)


def _csv_rows(table: _Table, text: str) -> Iterator[tuple[int, list[_Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [_Cell(cell.strip() or None, None) for cell in row]
    except csv.Error as error:
        table.fault(
            BAD_TABLE,
            max(reader.line_num, 1),
            f"无法解析：{error}",
            f"It cannot be parsed: {error}",
        )


def _xlsx_rows(sheet: Any) -> Iterator[tuple[int, list[_Cell]]]:
    for number, cells in rows_of(sheet, max_rows=MAX_ROWS + 2, max_columns=MAX_COLUMNS):
        yield (
            number,
            [
                _Cell(_plain(cell.value), f"{sheet.title}!{_letters(column)}{number}")
                for column, cell in enumerate(cells)
            ],
        )


def _read(table: _Table, rows: Iterable[tuple[int, list[_Cell]]]) -> Read:
    numbered = iter(rows)
    heading = next(numbered, None)
    if heading is None:
        if not table.findings:
            table.fault(BAD_TABLE, 1, "表格是空的", "The table is empty")
        return None, tuple(table.findings)
    columns = _columns(table, *heading)
    records: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    table.value = {"person": {}, "records": records, "facts": facts}
    for count, (line, cells) in enumerate(numbered):
        if count >= MAX_ROWS:
            zh, en = f"最多 {MAX_ROWS} 行", f"At most {MAX_ROWS} rows are read"
            table.fault(TOO_MANY_ROWS, line, zh, en)
            break
        row = {
            name: cell
            for name, cell in zip(columns, cells, strict=False)
            if name is not None and cell.value is not None
        }
        _person(table, line, row)
        is_fact = "kind" in row and row["kind"].value == "fact"
        place: Place = ("facts", len(facts)) if is_fact else ("records", len(records))
        table.spots[place] = (line, cells[0].place)
        for name, cell in row.items():
            table.spots[*place, name] = (line, cell.place)
        values = {name: _value(name, cell.value) for name, cell in row.items()}
        values = {name: value for name, value in values.items() if name not in _ABOUT_PERSON}
        if is_fact:
            del values["kind"]
        (facts if is_fact else records).append(values)
    return (table.value, table.spot), tuple(table.findings)


def _columns(table: _Table, line: int, cells: list[_Cell]) -> list[str | None]:
    names: list[str | None] = []
    for cell in cells:
        heading = "" if cell.value is None else str(cell.value).strip()
        name = _BY_HEADING.get(heading, heading) or None
        if name is not None and name not in COLUMNS:
            zh, en = f"不认识的列“{heading[:60]}”", f"The column “{heading[:60]}” is not known"
            table.fault(UNKNOWN_COLUMN, line, zh, en, cell=cell.place)
            name = None
        elif name is not None and name in names:
            zh, en = f"列 {name} 重复", f"The column {name} stands twice"
            table.fault(DUPLICATE_COLUMN, line, zh, en, cell=cell.place)
            name = None
        names.append(name)
    return names


def _person(table: _Table, line: int, row: dict[str, _Cell]) -> None:
    """Take the columns about the person from the row; every row that fills them says the same."""
    for name in _ABOUT_PERSON:
        if name not in row:
            continue
        value = _value(name, row[name].value)
        holder = table.value if name == "standard" else table.value["person"]
        key = {"person": "id", "person_name": "name", "person_synthetic": "synthetic"}.get(
            name, name
        )
        if name == "person_name":
            value = {"zh": value}
        if holder.setdefault(key, value) != value:
            zh = f"{name} 与前面的行不同；一个表格只放一个人对一个标准的佐证"
            en = f"{name} differs from the rows before; a table holds one person and one standard"
            table.fault(SEVERAL_PEOPLE, line, zh, en, cell=row[name].place)
        place: Place = (key,) if name == "standard" else ("person", key)
        table.spots.setdefault(place, (line, row[name].place))


def _value(name: str, value: Any) -> Any:
    if name == "units":
        return [unit for unit in _BETWEEN_UNITS.split(str(value)) if unit]
    if name in _TEXTS:
        return str(value)
    if name == "value" and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _letters(column: int) -> str:
    """Return a sheet's name of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
