"""Raw values into documents, each fault with the file and line of the part that has it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from liangcai.kernel.findings import Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place, YamlTree

MAX_FAULTS = 500
Model = TypeVar("Model", bound=BaseModel)
#: From a part of the value to its line (or row) and, in a workbook, its sheet and cell.
Spot = Callable[[Place], tuple[int, str | None]]

_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少 {path}", "{path} is missing"),
    "extra_forbidden": ("不认识的键 {path}", "{path} is not a known key"),
    "union_tag_invalid": (
        "{path} 的 kind 不是已知种类：{expected_tags}",
        "{path} has an unknown kind; known are {expected_tags}",
    ),
    "union_tag_not_found": ("{path} 没有 kind", "{path} has no kind"),
    "literal_error": ("{path} 应为 {expected} 之一", "{path} should be {expected}"),
    "greater_than": ("{path} 应大于 {gt}", "{path} should be greater than {gt}"),
    "greater_than_equal": ("{path} 不应小于 {ge}", "{path} should be at least {ge}"),
    "less_than": ("{path} 应小于 {lt}", "{path} should be less than {lt}"),
    "less_than_equal": ("{path} 不应大于 {le}", "{path} should be at most {le}"),
    "float_type": ("{path} 应为数字", "{path} should be a number"),
    "float_parsing": ("{path} 应为数字", "{path} should be a number"),
    "int_type": ("{path} 应为整数", "{path} should be a whole number"),
    "int_parsing": ("{path} 应为整数", "{path} should be a whole number"),
    "int_from_float": ("{path} 应为整数", "{path} should be a whole number"),
    "finite_number": ("{path} 应为有限的数字", "{path} should be a finite number"),
    "bool_type": ("{path} 应为 true 或 false", "{path} should be true or false"),
    "bool_parsing": ("{path} 应为 true 或 false", "{path} should be true or false"),
    "string_type": ("{path} 应为文本", "{path} should be text"),
    "string_too_long": (
        "{path} 超过 {max_length} 个字符",
        "{path} has over {max_length} characters",
    ),
    "string_too_short": ("{path} 不应为空", "{path} should not be empty"),
    "string_pattern_mismatch": (
        "{path} 的写法不符合 {pattern}",
        "{path} is not written as {pattern} asks",
    ),
    "tuple_type": ("{path} 应为列表", "{path} should be a list"),
    "dict_type": ("{path} 应为“键: 值”", "{path} should be a mapping"),
    "model_type": ("{path} 应为“键: 值”", "{path} should be a mapping"),
    "too_short": ("{path} 至少要有 {min_length} 项", "{path} should have at least {min_length}"),
    "too_long": ("{path} 最多可有 {max_length} 项", "{path} should have at most {max_length}"),
}


def spot_in(tree: YamlTree) -> Spot:
    """Return the spots of a YAML file: lines only."""
    return lambda place: (tree.line_of(place), None)


def validate(
    model: type[Model], value: Any, *, rule: Rule, file: str, spot: Spot
) -> tuple[Model | None, list[Finding]]:
    """Return the document, or None and a finding of `rule` for each fault of its shape."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        faults = error.errors(include_url=False)[:MAX_FAULTS]
        return None, [_finding(fault, value, rule, file, spot) for fault in faults]


def _finding(fault: Any, value: Any, rule: Rule, file: str, spot: Spot) -> Finding:
    place = _place_of(value, fault["loc"])
    asked = fault["loc"][-1:] if fault["type"] in ("missing", "extra_forbidden") else ()
    shown = place if place[-1:] == asked else (*place, *asked)
    path = ".".join(str(part) for part in shown) or file
    reason = fault["msg"].removeprefix("Value error, ")
    zh, en = _WORDS.get(fault["type"], ("{path} 的值不合要求：{reason}", "{path}: {reason}"))
    words = {**(fault.get("ctx") or {}), "path": path, "reason": reason}
    message = LocalizedText(zh=zh.format(**words), en=en.format(**words))
    line, cell = spot(shown)
    return Finding(rule.id, rule.severity, file, line, message, clause=cell)


def _place_of(value: Any, location: tuple[str | int, ...]) -> Place:
    """Return the part of `location` that exists in the value (union tags do not)."""
    place: list[str | int] = []
    for part in location:
        inside: Any = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(inside, dict) and part in inside:
            value = inside[part]
            place.append(part)
    return tuple(place)
