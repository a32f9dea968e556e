"""What can be wrong with a file of responses, and the way out."""

from liangcai.kernel.errors import LiangcaiError


class ResponsesUnreadable(LiangcaiError):
    """A file or frame does not hold responses; `line` and `column` say where, when it is one place."""

    code = "measurement.responses-unreadable"

    def __init__(self, fault: str, *, file: str, line: int = 0, column: str = "") -> None:
        self.file, self.line, self.column = file, line, column
        place = file + (f", line {line}" if line else "") + (f", column {column}" if column else "")
        super().__init__(f"{place}: {fault}")


class ParquetMissing(LiangcaiError):
    """A Parquet file was to be read or written, and pyarrow is not installed."""

    code = "measurement.parquet-missing"

    def __init__(self) -> None:
        super().__init__(
            "Parquet needs pyarrow: pip install 'liangcai[parquet]'; CSV needs nothing"
        )


def clipped(text: str) -> str:
    """Return hostile text fit for a message: quoted, escaped and at most forty characters."""
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}…"
