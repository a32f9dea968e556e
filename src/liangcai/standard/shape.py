"""What is wrong with a document's shape, said in both languages."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.source import StandardSource

SHAPE = RULES.add(
    "standard.shape", "error", zh="结构不符合标准格式", en="The shape is not that of a standard"
)
MOST_FINDINGS = 500

_Sentence = Callable[[Mapping[str, Any]], tuple[str, str]]
_KINDS: dict[str, _Sentence] = {
    "literal_error": lambda c: (
        f"应为 {c['expected'].replace(' or ', ' 或 ')}",
        f"it is one of {c['expected']}",
    ),
    "string_pattern_mismatch": lambda c: (
        f"不符合格式 {c['pattern']}",
        f"it does not match {c['pattern']}",
    ),
    "string_too_long": lambda c: (
        f"最多 {c['max_length']} 个字符",
        f"it has at most {c['max_length']} characters",
    ),
    "greater_than_equal": lambda c: (f"不小于 {c['ge']}", f"it is at least {c['ge']}"),
    "less_than_equal": lambda c: (f"不大于 {c['le']}", f"it is at most {c['le']}"),
    "finite_number": lambda _: ("应为有限的数", "it is a finite number"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float"),
        lambda _: ("应为整数", "it is a whole number"),
    ),
    **dict.fromkeys(("float_type", "float_parsing"), lambda _: ("应为数", "it is a number")),
    **dict.fromkeys(
        ("bool_type", "bool_parsing"), lambda _: ("应为 true 或 false", "it is true or false")
    ),
    "string_type": lambda _: (
        "应为文本；数字等须加引号",
        "it is a text; put numbers and the like in quotes",
    ),
    "tuple_type": lambda _: ("应为列表", "it is a list"),
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type"),
        lambda _: ("应为“键: 值”的映射", "it is a mapping of keys to values"),
    ),
}


def shape_findings(error: ValidationError, source: StandardSource) -> list[Finding]:
    """Return a finding per fault of shape, at most 500, each at its file and line."""
    faults = error.errors(include_url=False)[:MOST_FINDINGS]
    return [
        _finding(source, fault)
        for fault in faults
        if not (fault["type"] == "missing" and fault["loc"][0] in source.unread_parts)
    ]


def _finding(source: StandardSource, fault: Mapping[str, Any]) -> Finding:
    place = tuple(part for part in fault["loc"] if part != "[key]")
    path = ".".join(str(part) for part in place) or "standard"
    kind = fault["type"]
    if kind == "missing":
        zh, en = f"缺少 {path}；请补充", f"{path} is missing; add it"
    elif kind == "extra_forbidden":
        zh = f"不认识的键 {path}；请改正拼写或删去"
        en = f"{path} is not a known key; correct its spelling or remove it"
    else:
        shown = _shown(fault["input"])
        zh_reason, en_reason = (
            _KINDS[kind](fault.get("ctx", {})) if kind in _KINDS else ("不合要求", fault["msg"])
        )
        zh, en = f"{path} 的值 {shown} 不对：{zh_reason}", f"{path} is {shown}: {en_reason}"
    return source.finding(SHAPE, place, zh=zh, en=en)


def _shown(value: Any) -> str:
    """Return a value as a person wrote it, or what kind of thing stands there."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if value is None:
        return "null"
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
