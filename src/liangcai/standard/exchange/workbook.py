"""A standard written as a workbook that is also the template it can be imported from."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from liangcai.reading.xlsx import DocumentsExtraMissing
from liangcai.standard.exchange.cells import written
from liangcai.standard.exchange.layout import ABOUT, SHEETS, Column, Sheet
from liangcai.standard.model import Standard

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_EPOCH = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_LIKE_FORMULAS = ("=", "+", "-", "@")
_TEMPLATE_ROWS = 1000  # choices are offered this far down


def to_xlsx(standard: Standard, language: str = "zh") -> bytes:
    """Return the workbook of a standard; the same standard gives the same bytes.

    Text is written as text whatever it begins with, so no cell is ever a formula.

    Raises:
        CellTooLong: a text is over 32,767 characters.
        DocumentsExtraMissing: openpyxl is not installed.

    """
    return _workbook(standard.as_record(), language=language)


def xlsx_template(language: str = "zh") -> bytes:
    """Return the same workbook with empty rows, to be filled in and imported.

    Raises:
        DocumentsExtraMissing: openpyxl is not installed.

    """
    return _workbook({}, language=language)


def _workbook(record: dict[str, Any], *, language: str) -> bytes:
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise DocumentsExtraMissing from error
    book = Workbook()
    book.remove(book.worksheets[0])
    _write_about(book.create_sheet(ABOUT), language)
    for sheet in SHEETS:
        _write_sheet(book, sheet, record, language)
    packed = io.BytesIO()
    book.save(packed)
    return _without_clock(packed.getvalue())


def _write_sheet(book: "Workbook", sheet: Sheet, record: dict[str, Any], language: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A3"
    for at, column in enumerate(sheet.columns, 1):
        _put(page, 1, at, column.key)
        _put(page, 2, at, column.title.in_language(language))
        page.cell(1, at).font = Font(bold=True)
        page.cell(2, at).font = Font(italic=True)
        page.column_dimensions[get_column_letter(at)].width = _width(column)
        _offer_choices(page, at, column)
    for row, values in enumerate(sheet_rows(sheet, record), 3):
        for at, value in enumerate(values, 1):
            if value is not None:
                _put(page, row, at, value)


def _put(page: "Worksheet", row: int, at: int, value: str | float | bool) -> None:
    cell = page.cell(row, at)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes "=…" for a formula
        if value.startswith(_LIKE_FORMULAS):
            cell.quotePrefix = True  # stays text when somebody edits the cell


def _width(column: Column) -> int:
    return 48 if column.kind == "text" and column.key.endswith(("zh", "en")) else 16


def _offer_choices(page: "Worksheet", at: int, column: Column) -> None:
    if column.choices and column.kind == "code":
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.datavalidation import DataValidation

        letter = get_column_letter(at)
        listed = '"' + ",".join(column.choices) + '"'
        offer = DataValidation(type="list", formula1=listed, allow_blank=True)
        offer.add(f"{letter}3:{letter}{_TEMPLATE_ROWS}")
        page.add_data_validation(offer)


_ABOUT = (
    (
        "本工作簿即一份标准，也是导入模板：第一行的键不可改动，第二行为说明，数据自第三行起。",
        "This workbook is a standard and its import template: the keys in the first row stay as"
        " they are, the second row explains them, the data begin in the third.",
    ),
    (
        "导入时按编码识别；工作簿中有的表以表中内容为准，删去的表沿用原标准。",
        "Parts are recognised by their codes on import; a sheet that is here is taken as the whole"
        " of its part, a sheet that is deleted leaves that part of the standard as it was.",
    ),
    ("多个编码之间用逗号分隔。", "Several codes in one cell are separated by commas."),
)


def _write_about(page: "Worksheet", language: str) -> None:
    row = 1
    for zh, en in _ABOUT:
        _put(page, row, 1, en if language.startswith("en") else zh)
        row += 1
    for sheet in SHEETS:
        row += 1
        _put(page, row, 1, sheet.name)
        _put(page, row, 2, sheet.title.in_language(language))
        for column in sheet.columns:
            if column.choices:
                row += 1
                _put(page, row, 2, f"{column.key}: {', '.join(column.choices)}")
    page.column_dimensions["A"].width = 24
    page.column_dimensions["B"].width = 100


def sheet_rows(sheet: Sheet, record: dict[str, Any]) -> Iterator[list[str | float | bool | None]]:
    """Yield the rows of a sheet, cell by cell, from a standard's record."""
    if not record:
        return
    for owner, container in _containers(sheet, record):
        for names, part in _members(sheet, container):
            given = dict(zip(sheet.maps, names, strict=False))
            if sheet.parent:
                given[sheet.parent] = owner
            yield [
                written(
                    column,
                    given.get(column.key, "")
                    if column.key in (sheet.parent, *sheet.maps)
                    else _at(part, column.field),
                )
                for column in sheet.columns
            ]


def _containers(sheet: Sheet, record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if sheet.parent:
        for owner in record[sheet.path[0]]:
            yield owner[sheet.parent_key], owner[sheet.path[1]]
        return
    container: Any = record
    for name in sheet.path:
        container = container[name]
    yield "", container


def _members(sheet: Sheet, container: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if sheet.single:
        yield (), container
    elif not sheet.maps:
        yield from (((), member) for member in container)
    elif len(sheet.maps) == 1:
        yield from (((name,), value) for name, value in container.items())
    else:
        for outer, inner in container.items():
            yield from (((outer, name), value) for name, value in inner.items())


def _at(part: Any, field: tuple[str, ...]) -> Any:
    for name in field:
        part = None if part is None else part[name]
    return part


def _without_clock(raw: bytes) -> bytes:
    """Pack again with one fixed moment in place of the moment of writing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", body)
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, body)
    return packed.getvalue()
