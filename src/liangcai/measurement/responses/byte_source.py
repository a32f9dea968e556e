"""Bytes of a text file that a stranger made: plain or gzip, in whole lines, never more than a block."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped

MAX_LINE = 8 * 1024 * 1024
_BLOCK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class LineSource:
    """An open file (a context manager) that gives lines and blocks of lines, and counts them.

    `line` is the number of the line that comes next. Line ends are LF or CRLF; a byte-order mark
    is skipped.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.file, self.encoding, self.line = path.name, encoding, 1
        try:
            raw: IO[bytes] = path.open("rb")
            packed = raw.read(2) == _GZIP
            raw.seek(0)
        except OSError as error:
            raise self.fault(error.strerror or "it cannot be read") from error
        self._raw = raw
        self._stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        self._first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._raw.close()

    def fault(self, text: str, *, line: int = 0, column: str = "") -> ResponsesUnreadable:
        """Return the error for a place of this file."""
        return ResponsesUnreadable(text, file=self.file, line=line, column=column)

    def text_lines(self) -> Iterator[str]:
        """Yield the lines one by one, decoded, with their ends, from where the file stands."""
        while line := self._read_line():
            text = self.decoded(line, self.line)
            self.line += 1
            yield text

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number of the first line, whole lines of about a mebibyte ending in LF)."""
        while block := self._read(_BLOCK):
            if not block.endswith(b"\n"):
                block += self._read_line() or b""
            first = self.line
            if b"\r" in block and b'"' not in block:  # within quotes a line end is part of a name
                block = block.replace(b"\r\n", b"\n")
            if not block.endswith(b"\n"):
                block += b"\n"
            self.line += block.count(b"\n")
            if b"\0" in block:
                line = first + block.count(b"\n", 0, block.index(b"\0"))
                raise self.fault("a NUL byte: this is no text", line=line)
            yield first, block

    def decoded(self, raw: bytes, line: int, column: str = "") -> str:
        """
        Return bytes as text.

        Raises:
            ResponsesUnreadable: they are not in the file's encoding.
        """
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            hint = ""
            if self.encoding.lower().replace("-", "") in {"utf8", "ascii"} and _is_gb18030(raw):
                hint = "; it may be GB18030: say encoding='gb18030', or save the file as UTF-8"
            fault = f"byte {raw[error.start]:#04x} is not {self.encoding}{hint}"
            line += raw.count(b"\n", 0, error.start)
            raise self.fault(fault, line=line, column=column) from error
        except LookupError as error:
            raise self.fault(f"no encoding is called {clipped(self.encoding)}") from error
        if "\0" in text:
            raise self.fault("a NUL byte: this is no text", line=line)
        return text

    def _read_line(self) -> bytes:
        with _Damage(self):
            line = self._stream.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            fault = f"the line is longer than {MAX_LINE // 2**20} MiB: this is no table of scores"
            raise self.fault(fault, line=self.line)
        return self._unmarked(line)

    def _read(self, size: int) -> bytes:
        with _Damage(self):
            return self._stream.read(size)

    def _unmarked(self, start: bytes) -> bytes:
        if not self._first:
            return start
        self._first = False
        if start.startswith(_WIDE):
            raise self.fault("it is UTF-16: save it as UTF-8", line=1)
        return start.removeprefix(_BOM)


class _Damage:
    """Turns what reading a damaged archive raises into one typed error."""

    def __init__(self, source: LineSource) -> None:
        self._source = source

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError | EOFError | zlib.error):
            raise self._source.fault(
                f"the file is damaged: {error}", line=self._source.line
            ) from error


def _is_gb18030(raw: bytes) -> bool:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
