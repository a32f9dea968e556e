"""Open a workbook that a stranger made: bounded, without entities, nothing executed.

The workbook is opened for reading only: rows are streamed, formulas stay text, links to other
files and macros are left out.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liangcai.kernel.errors import LiangcaiError

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_BYTES = 16 * 1024 * 1024
MAX_UNPACKED = 32 * 1024 * 1024
MAX_MEMBERS = 1000
MAX_RATIO = 200
_SMALL = 1024 * 1024  # a small member may be packed tightly: it can do no harm
_MIB = 1024 * 1024
_CHUNK = 256 * 1024
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]{0,200}?\bref="([A-Z0-9:]{2,21})"')
_MAX_MERGED = 100


class WorkbookUnreadable(LiangcaiError):
    """The file is no workbook, or it is one that would do harm to open."""

    code = "workbook.unreadable"


class DocumentsExtraMissing(LiangcaiError):
    """The packages that read and write office files are not installed."""

    code = "extra.documents-missing"

    def __init__(self) -> None:
        super().__init__("workbooks need two more packages: pip install liangcai[documents]")


def open_workbook_safely(source: str | Path | bytes) -> "Workbook":
    """Open a workbook for reading rows; at most 16 MiB packed and 32 MiB unpacked.

    Raises:
        WorkbookUnreadable: it is no XLSX file, too large, packed too tightly, encrypted,
            damaged, or its XML declares a document type or an entity.
        DocumentsExtraMissing: openpyxl or defusedxml is not installed.

    """
    try:
        import defusedxml  # noqa: F401  openpyxl parses through it where it is installed
        from openpyxl import load_workbook
    except ImportError as error:
        raise DocumentsExtraMissing from error
    raw = source if isinstance(source, bytes) else _read(Path(source))
    if len(raw) > MAX_BYTES:
        raise WorkbookUnreadable(f"the workbook is over {MAX_BYTES // _MIB} MiB")
    _inspect(raw)
    with _damage_named(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's notes on styles and extensions
        return load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)


def rows_of(
    sheet: Any, *, max_rows: int, max_columns: int
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield (row number, cells) of the rows of a sheet that hold something, the first `max_rows`.

    Raises:
        WorkbookUnreadable: the sheet's XML is damaged.

    """
    with _damage_named(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = sheet.iter_rows(max_row=max_rows, max_col=max_columns)
        for number, cells in enumerate(rows, 1):
            if any(cell.value is not None for cell in cells):
                yield number, cells


def merged_ranges(sheet: Any) -> tuple[str, ...]:
    """Return the ranges of merged cells of a sheet of a safely opened workbook, the first 100."""
    with sheet.parent._archive.open(sheet._worksheet_path) as member:
        found = (match.group(1).decode() for match in _MERGED.finditer(member.read()))
        return tuple(text for text, _ in zip(found, range(_MAX_MERGED), strict=False))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise WorkbookUnreadable(f"{path.name}: {error.strerror or 'it cannot be read'}") from error


def _inspect(raw: bytes) -> None:
    """Look at every member before anything parses it."""
    with _damage_named(), zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise WorkbookUnreadable(f"the workbook has over {MAX_MEMBERS} members")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise WorkbookUnreadable(f"the workbook unpacks to over {MAX_UNPACKED // _MIB} MiB")
        for member in members:
            _inspect_member(archive, member)
        if "[Content_Types].xml" not in archive.namelist():
            raise WorkbookUnreadable("the file is a ZIP archive, but not a workbook")


def _inspect_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise WorkbookUnreadable("the workbook is encrypted")
    if member.file_size > max(_SMALL, MAX_RATIO * member.compress_size):
        raise WorkbookUnreadable(f"{member.filename} is packed over {MAX_RATIO} to 1")
    with archive.open(member) as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            if not tail and chunk.startswith(_WIDE):
                raise WorkbookUnreadable(f"{member.filename} is not UTF-8")
            if _DECLARED.search(tail + chunk):
                raise WorkbookUnreadable(f"{member.filename} declares a document type or entity")
            tail = chunk[-16:]


class _damage_named:  # noqa: N801  used as a statement
    """Turns whatever the parsers below raise on damaged input into one typed error."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, LiangcaiError):
            reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise WorkbookUnreadable(f"the workbook is damaged: {reason}") from error
