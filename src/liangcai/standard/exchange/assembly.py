"""Rows of a workbook put together into the raw document of a standard that knows its cells."""

from typing import Any

from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place, YamlTree
from liangcai.standard.exchange.intake import Row
from liangcai.standard.exchange.layout import Column, Sheet
from liangcai.standard.source import StandardSource

PARENT_UNKNOWN = RULES.add(
    "sheet.parent-unknown",
    "error",
    zh="所属的编码不存在",
    en="The row belongs to a code that is not there",
)
EXTRA_ROW = RULES.add(
    "sheet.extra-row", "error", zh="此表只应有一行", en="This sheet holds one row only"
)


class Assembly:
    """A document under construction: starts from a base record, sheets replace its parts."""

    def __init__(self, base: dict[str, Any]) -> None:
        self.source = StandardSource.unread("workbook")
        self.source.raw = base
        self.findings: list[Finding] = []

    def put(self, sheet: Sheet, rows: tuple[Row, ...]) -> None:
        """Take the rows of a sheet as the whole of its part."""
        if sheet.single:
            self._put_single(sheet, rows)
        elif sheet.parent:
            self._put_children(sheet, rows)
        else:
            self._put_list(sheet, rows)

    def _put_single(self, sheet: Sheet, rows: tuple[Row, ...]) -> None:
        for row in rows[1:]:
            self._add(sheet, row, "", "多出的一行未读取", "This further row was not read")
        raw = self.source.raw
        target = raw.setdefault(sheet.path[0], {}) if sheet.path else raw
        for row in rows[:1]:
            for name in _names(sheet, row):
                target.pop(name, None)
            target.update(_value(sheet, row))
            self._remember(sheet, row, sheet.path)

    def _put_list(self, sheet: Sheet, rows: tuple[Row, ...]) -> None:
        owner = self.source.raw
        for name in sheet.path[:-1]:
            owner = owner.setdefault(name, {})
        former = {
            tuple(part.get(key) for key in sheet.keys): part
            for part in owner.get(sheet.path[-1], [])
        }
        parts = owner[sheet.path[-1]] = []
        for row in rows:
            kept = former.get(tuple(row.values.get(key) for key in sheet.keys), {})
            others = {name: kept[name] for name in kept if name not in _names(sheet, row)}
            self._remember(sheet, row, (*sheet.path, len(parts)))
            parts.append(others | _value(sheet, row) if sheet.keys else _value(sheet, row))

    def _put_children(self, sheet: Sheet, rows: tuple[Row, ...]) -> None:
        top, inner = sheet.path
        owners = self.source.raw.get(top, [])
        index = {owner.get(sheet.parent_key): at for at, owner in enumerate(owners)}
        for owner in owners:
            owner[inner] = {} if sheet.maps else []
        for row in rows:
            if (at := index.get(row.values.get(sheet.parent))) is None:
                self._orphan(sheet, row)
                continue
            container, place = owners[at][inner], (top, at, inner)
            if not sheet.maps:
                self._remember(sheet, row, (*place, len(container)))
                container.append(_value(sheet, row))
                continue
            names = [row.values[key] for key in sheet.maps]
            for name in names[:-1]:
                container = container.setdefault(name, {})
            container[names[-1]] = _value(sheet, row)
            self._remember(sheet, row, (*place, *names))

    def _orphan(self, sheet: Sheet, row: Row) -> None:
        if sheet.parent in row.faulty:
            return
        code = row.values.get(sheet.parent, "")
        zh, en = f"{sheet.parent} “{code}”不存在", f'There is no {sheet.parent} "{code}"'
        self._add(sheet, row, sheet.parent, zh, en)

    def _add(self, sheet: Sheet, row: Row, column: str, zh: str, en: str) -> None:
        rule = PARENT_UNKNOWN if column else EXTRA_ROW
        place = row.cells[column] if column else f"A{row.number}"
        message = LocalizedText(zh=zh, en=en)
        where = f"{sheet.name}!{place}"
        self.findings.append(Finding(rule.id, rule.severity, where, row.number, message))

    def _remember(self, sheet: Sheet, row: Row, place: Place) -> None:
        """Note the cell of every field, so that a finding can name it."""
        self._take(sheet, row, f"A{row.number}", place)
        noted: set[Place] = set()
        for column in _own_columns(sheet):
            for cut in range(min(1, len(column.field)), len(column.field) + 1):
                inner = (*place, *column.field[:cut])
                if inner not in noted:  # a text's first cell stands for the whole text
                    noted.add(inner)
                    self._take(sheet, row, row.cells.get(column.key, ""), inner)

    def _take(self, sheet: Sheet, row: Row, cell: str, place: Place) -> None:
        line = row.number if cell else 1  # the header says that the column is missing
        tree = YamlTree(f"{sheet.name}!{cell or 'A1'}", lines={(): line})
        self.source.take(tree, place)


def _own_columns(sheet: Sheet) -> tuple[Column, ...]:
    return tuple(c for c in sheet.columns if c.key not in (sheet.parent, *sheet.maps))


def _names(sheet: Sheet, row: Row) -> set[str]:
    """Return the fields that a row speaks of, filled or not; those of absent columns stay."""
    return {c.field[0] for c in _own_columns(sheet) if c.field and c.key in row.cells}


def _value(sheet: Sheet, row: Row) -> Any:
    """Return the part that a row describes: a mapping, or the one number of a table of numbers."""
    value: dict[str, Any] = {}
    for column in _own_columns(sheet):
        if column.key not in row.values:
            continue
        if not column.field:
            return row.values[column.key]
        inner = value
        for name in column.field[:-1]:
            inner = inner.setdefault(name, {})
        inner[column.field[-1]] = row.values[column.key]
    for name, part in value.items():
        if isinstance(part, dict) and "zh" not in part:
            value[name] = {"zh": "", **part}
    return value
