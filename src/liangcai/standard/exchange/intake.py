"""One sheet of a filled workbook, read into rows with a finding for every faulty cell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LANGUAGES, LocalizedText
from liangcai.reading.xlsx import merged_ranges, rows_of
from liangcai.standard.exchange.cells import CellFault, read
from liangcai.standard.exchange.layout import Column, Sheet

MAX_ROWS = 50_000
MAX_COLUMNS = 64
MAX_FINDINGS = 500

COLUMN_UNKNOWN = RULES.add(
    "sheet.column-unknown", "error", zh="不认识的列", en="A column that nothing reads"
)
COLUMN_TWICE = RULES.add("sheet.column-twice", "error", zh="列重复", en="A column stands twice")
COLUMN_MISSING = RULES.add(
    "sheet.column-missing", "error", zh="缺少必填的列", en="A required column is missing"
)
DUPLICATE = RULES.add(
    "sheet.duplicate", "error", zh="同一编码占了两行", en="Two rows bear the same code"
)
KEY_MISSING = RULES.add(
    "sheet.key-missing", "error", zh="该行没有编码", en="The row does not say its code"
)
TOO_LONG = RULES.add("sheet.too-long", "error", zh="表格行数过多", en="The sheet has too many rows")
MERGED = RULES.add("sheet.merged", "error", zh="存在合并单元格", en="Cells are merged")
_CELL_RULES = {
    "formula": RULES.add(
        "sheet.formula", "error", zh="单元格是公式", en="The cell holds a formula"
    ),
    "error": RULES.add(
        "sheet.error-value", "error", zh="单元格是错误值", en="The cell is in error"
    ),
    "type": RULES.add("sheet.type", "error", zh="单元格类型不符", en="The cell has a wrong type"),
    "date": RULES.add("sheet.date", "error", zh="日期写成了数值", en="A date is given as a number"),
    "choice": RULES.add(
        "sheet.choice", "error", zh="不在可选值之内", en="The value is not one of the choices"
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row's values by column key, the cell of each column and the columns at fault."""

    number: int
    values: dict[str, Any]
    cells: dict[str, str]
    faulty: frozenset[str]


@dataclass(slots=True)
class SheetReader:
    """Reads one sheet; what it finds wrong is added to `findings`."""

    sheet: Sheet
    findings: list[Finding]
    _missing: set[str] = field(default_factory=set)
    _columns: dict[int, Column] = field(default_factory=dict)
    _letters: dict[int, str] = field(default_factory=dict)

    def rows(self, page: Any) -> tuple[Row, ...]:
        """Return the data rows; none where the sheet lacks the columns that name a row."""
        for merged in merged_ranges(page):
            zh, en = f"请取消合并单元格 {merged}", f"Unmerge the cells {merged}"
            self._add(MERGED, merged.split(":")[0], 1, zh, en)
        rows: list[Row] = []
        last = page.max_row or 0
        for number, cells in rows_of(page, max_rows=MAX_ROWS + 1, max_columns=MAX_COLUMNS):
            last = max(last, number)
            if number > MAX_ROWS:
                break
            if number == 1:
                self._read_header(cells)
                continue
            if number == 2 and self._is_title_row(cells):
                continue
            if not self._columns or self._lacks_key():
                break
            rows.append(self._row(number, cells))
            if len(self.findings) > MAX_FINDINGS:
                break
        self._see_the_end(last)
        return tuple(self._distinct(rows))

    def _see_the_end(self, last: int) -> None:
        if last > MAX_ROWS:
            zh = f"只读取前 {MAX_ROWS} 行；请删除其后的空行或拆分"
            en = f"Only the first {MAX_ROWS} rows are read; delete empty rows below or split the sheet"
            self._add(TOO_LONG, f"A{MAX_ROWS + 1}", MAX_ROWS + 1, zh, en)

    def _read_header(self, cells: tuple[Any, ...]) -> None:
        known = {column.key: column for column in self.sheet.columns}
        for at, cell in enumerate(cells):
            if cell.value is None:
                continue
            self._letters[at] = cell.column_letter
            key, place = str(cell.value).strip().casefold(), f"{cell.column_letter}1"
            if key not in known:
                self._unknown_column(key, place)
            elif known[key] in self._columns.values():
                self._add(COLUMN_TWICE, place, 1, f"{key} 列重复", f"{key} stands twice")
            else:
                self._columns[at] = known[key]
        present = {column.key for column in self._columns.values()}
        self._missing = {column.key for column in self.sheet.columns} - present
        for column in self.sheet.columns:
            if column.required and column.key in self._missing:
                zh, en = f"缺少 {column.key} 列", f"The column {column.key} is missing"
                self._add(COLUMN_MISSING, "A1", 1, zh, en)

    def _unknown_column(self, key: str, place: str) -> None:
        names = [column.key for column in self.sheet.columns]
        zh, en = f"没有 {key[:80]} 这一列", f"There is no column {key[:80]}"
        if close := get_close_matches(key[:80], names, 1):
            zh, en = f"{zh}；是否指 {close[0]}", f"{en}; is {close[0]} meant"
        self._add(COLUMN_UNKNOWN, place, 1, zh, en)

    def _lacks_key(self) -> bool:
        naming = (*self.sheet.keys, *self.sheet.maps, *filter(None, [self.sheet.parent]))
        return any(key in self._missing for key in naming)

    def _is_title_row(self, cells: tuple[Any, ...]) -> bool:
        filled = {at: cell.value for at, cell in enumerate(cells) if cell.value is not None}
        return any(
            all(
                at in self._columns and value == self._columns[at].title.in_language(language)
                for at, value in filled.items()
            )
            for language in LANGUAGES
        )

    def _row(self, number: int, cells: tuple[Any, ...]) -> Row:
        values, places, faulty = {}, {}, set[str]()
        for at, column in self._columns.items():
            places[column.key] = place = f"{self._letters[at]}{number}"
            cell = cells[at] if at < len(cells) else None
            if cell is None or cell.value is None:
                continue
            try:
                if cell.data_type in ("f", "e"):
                    raise _not_a_value(cell.data_type)
                values[column.key] = read(column, cell.value)
            except CellFault as fault:
                suffix, zh, en = fault.args
                faulty.add(column.key)
                self._add(_CELL_RULES[suffix], place, number, zh, en)
        return Row(number, values, places, frozenset(faulty))

    def _distinct(self, rows: list[Row]) -> Iterator[Row]:
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows:
            keys = [key for key in self.sheet.keys if key not in row.values]
            if keys:
                if not row.faulty.intersection(keys):
                    zh, en = (
                        f"第 {row.number} 行缺少 {keys[0]}",
                        f"Row {row.number} lacks {keys[0]}",
                    )
                    self._add(KEY_MISSING, row.cells[keys[0]], row.number, zh, en)
                continue
            named = tuple(row.values[key] for key in self.sheet.keys)
            if named and named in seen:
                code = " / ".join(str(part) for part in named)
                zh = f"{code} 已在第 {seen[named]} 行"
                en = f"{code} stands in row {seen[named]} already"
                self._add(DUPLICATE, row.cells[self.sheet.keys[-1]], row.number, zh, en)
                continue
            seen[named] = row.number
            yield row

    def _add(self, rule: Rule, place: str, line: int, zh: str, en: str) -> None:
        where = f"{self.sheet.name}!{place}"
        message = LocalizedText(zh=zh, en=en)
        self.findings.append(Finding(rule.id, rule.severity, where, line, message))


def _not_a_value(data_type: str) -> CellFault:
    if data_type == "f":
        return CellFault(
            "formula", "不读取公式；请粘贴为值", "Formulas are not read; paste the value instead"
        )
    return CellFault("error", "单元格是错误值，如 #REF!", "The cell is in error, like #REF!")
