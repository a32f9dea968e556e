"""Workbooks from strangers: opened within bounds or refused with a reason."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from liangcai.reading import xlsx
from liangcai.reading.xlsx import WorkbookUnreadable, merged_ranges, open_workbook_safely, rows_of


def workbook(change: Callable[[Workbook], None] = lambda _: None) -> bytes:
    book = Workbook()
    book.worksheets[0].append(["one", 2, "=A1"])
    change(book)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def tampered(name: str, body: bytes) -> bytes:
    """Return a workbook with one member replaced or added."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, body)
    return packed.getvalue()


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(lambda b: b.worksheets[0].__setitem__("A9", "nine")))

    sheet = open_workbook_safely(path).worksheets[0]

    rows = [
        (n, [c.value for c in cells]) for n, cells in rows_of(sheet, max_rows=20, max_columns=3)
    ]
    assert rows == [(1, ["one", 2, "=A1"]), (9, ["nine", None, None])]


def test_rows_beyond_the_bound_are_not_read() -> None:
    sheet = open_workbook_safely(
        workbook(lambda b: b.worksheets[0].__setitem__("A1048576", "last"))
    ).worksheets[0]

    assert [n for n, _ in rows_of(sheet, max_rows=100, max_columns=3)] == [1]


def test_a_merge_over_the_whole_sheet_costs_nothing() -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet += b'<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'

    page = open_workbook_safely(tampered("xl/worksheets/sheet1.xml", sheet)).worksheets[0]

    assert merged_ranges(page) == ("A1:XFD1048576",)
    assert list(rows_of(page, max_rows=10, max_columns=3)) == []


BOMB = b"<a>" + b"0" * 30_000_000 + b"</a>"
ENTITY = b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 cut short", "damaged"),
        (tampered("xl/extra.xml", BOMB), "packed over"),
        (tampered("xl/sharedStrings.xml", ENTITY), "document type or entity"),
        (tampered("xl/workbook.xml", b" " * 300_000 + ENTITY), "document type or entity"),
        (tampered("xl/workbook.xml", "<a/>".encode("utf-16")), "not UTF-8"),
        (tampered("xl/workbook.xml", b"<a"), "damaged"),
    ],
)
def test_a_harmful_or_damaged_file_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(WorkbookUnreadable, match=reason):
        open_workbook_safely(raw)


def test_an_archive_of_something_else_is_no_workbook() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(WorkbookUnreadable, match="not a workbook"):
        open_workbook_safely(packed.getvalue())


def test_a_sheet_that_is_damaged_inside_is_refused_while_reading() -> None:
    cell = b'<row r="1"><c r="A1" t="n"><v>12x</v></c></row>'
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    raw = tampered(
        "xl/worksheets/sheet1.xml", sheet + b"<sheetData>" + cell + b"</sheetData></worksheet>"
    )
    page = open_workbook_safely(raw).worksheets[0]

    with pytest.raises(WorkbookUnreadable, match="damaged"):
        list(rows_of(page, max_rows=10, max_columns=3))


@pytest.mark.parametrize("limit", ["MAX_BYTES", "MAX_UNPACKED", "MAX_MEMBERS"])
def test_each_bound_is_kept(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(xlsx, limit, 3)

    with pytest.raises(WorkbookUnreadable, match="over"):
        open_workbook_safely(workbook())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreadable, match=r"none\.xlsx"):
        open_workbook_safely(tmp_path / "none.xlsx")


def test_an_encrypted_member_is_refused() -> None:
    raw = bytearray(workbook())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag of the first entry of the directory

    with pytest.raises(WorkbookUnreadable, match="encrypted"):
        open_workbook_safely(bytes(raw))
