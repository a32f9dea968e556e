"""One cell of the exchange workbook: how a value is written and read back unchanged."""

import datetime as dt
import re
from typing import Any

from liangcai.kernel.errors import LiangcaiError
from liangcai.standard.exchange.layout import Column

MAX_CELL = 32_767
_SPLIT = re.compile(r"[\s,，;；、]+")
#: Characters that XML cannot hold or would change, and text that looks like their escaped form.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FLAGS = {
    **dict.fromkeys(("true", "yes", "是", "1"), True),
    **dict.fromkeys(("false", "no", "否", "0"), False),
}


class CellTooLong(LiangcaiError):
    """A text is longer than a cell of a workbook can be."""

    code = "exchange.cell-too-long"


class CellFault(Exception):
    """The cell does not hold what its column asks for; `args` are rule suffix, zh and en."""


def written(column: Column, value: Any) -> str | float | bool | None:
    """Return what stands in the cell for a value of the standard.

    Raises:
        CellTooLong: the text is over 32,767 characters.

    """
    if value is None or value in ("", []):
        return None
    if column.kind == "codes":
        return ", ".join(value)
    if column.kind == "number":
        return int(value) if float(value).is_integer() else float(value)
    if column.kind == "flag":
        return bool(value)
    text = _UNWRITABLE.sub(lambda match: f"_x{ord(match.group()):04X}_", str(value))
    if len(text) > MAX_CELL:
        raise CellTooLong(f"a text in column {column.key} is over {MAX_CELL} characters")
    return text


def read(column: Column, value: Any) -> Any:
    """Return the value of the standard that a filled cell stands for.

    Raises:
        CellFault: the cell holds something else.

    """
    if column.kind == "date" and isinstance(value, dt.datetime | dt.date):
        return value.strftime("%Y-%m-%d")
    if column.kind == "number":
        return _number(value)
    if column.kind == "flag":
        return _flag(value)
    if column.kind == "code" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _not_text(column, value)
    text = _ESCAPED.sub(_unescaped, value)
    if column.kind == "text":
        return text
    codes = [part for part in _SPLIT.split(text) if part] if column.kind == "codes" else []
    for code in codes or [text.strip()]:
        if column.choices and code not in column.choices:
            raise _not_a_choice(column, code)
    return codes if column.kind == "codes" else text.strip()


def _unescaped(match: re.Match[str]) -> str:
    number = int(match.group(1), 16)
    return match.group() if 0xD800 <= number < 0xE000 else chr(number)  # no half pairs


def _not_a_choice(column: Column, code: str) -> CellFault:
    known = ", ".join(column.choices)
    return CellFault(
        "choice",
        f"“{code[:80]}”不是可选值；可选：{known}",
        f'"{code[:80]}" is not one of the choices: {known}',
    )


def _number(value: Any) -> float:
    try:
        if isinstance(value, bool | dt.date | dt.time):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise CellFault("type", "此列应为数值", "This column holds numbers") from None


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if (flag := _FLAGS.get(str(value).strip().casefold())) is None:
        raise CellFault("type", "此列应为“是”或“否”", "This column holds true or false")
    return flag


def _not_text(column: Column, value: Any) -> CellFault:
    if column.kind == "date":
        return CellFault(
            "date",
            f"日期写成了数值 {value}；请写作 2026-01-31 这样的文本",
            f"The date is the number {value}; write it as text like 2026-01-31",
        )
    return CellFault(
        "type",
        f"此列应为文本，单元格却是 {value}；请将单元格设为文本格式",
        f"This column holds text, but the cell holds {value}; format the cell as text",
    )
