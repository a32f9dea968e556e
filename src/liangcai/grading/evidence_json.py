"""Hostile JSON in, plain values with line numbers out."""

import json
from typing import Any, NoReturn

from liangcai.grading.documents import Spot, spot_in
from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import (
    DUPLICATE_KEY,
    MAX_DEPTH,
    TOO_DEEP,
    WRONG_ENCODING,
    parse_yaml,
)

SYNTAX = RULES.add("json.syntax", "error", zh="JSON 语法错误", en="The JSON cannot be parsed")


class _DuplicateKey(Exception):
    pass


def parse_json(
    raw: bytes, *, name: str, first_line: int = 1
) -> tuple[tuple[Any, Spot] | None, tuple[Finding, ...]]:
    """Parse JSON bytes (UTF-8, no NaN, no key twice); a value comes back only without a finding."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = first_line + raw.count(b"\n", 0, error.start)
        zh = f"第 {error.start + 1} 个字节起不是 UTF-8；请另存为 UTF-8"
        en = f"From byte {error.start + 1} on it is not UTF-8; save the file as UTF-8"
        return None, (_finding(WRONG_ENCODING, name, line, zh, en),)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        zh, en = f"无法解析：{error.msg}", f"It cannot be parsed: {error.msg}"
        return None, (_finding(SYNTAX, name, line, zh, en),)
    except RecursionError:
        zh, en = f"最多嵌套 {MAX_DEPTH} 层", f"At most {MAX_DEPTH} levels are read"
        return None, (_finding(TOO_DEEP, name, first_line, zh, en),)
    except _DuplicateKey as error:
        return None, (_duplicate(raw, name, first_line, str(error)),)
    except ValueError as error:  # a constant such as NaN, or an integer of thousands of digits
        reason = str(error)[:200]
        zh, en = f"无法解析：{reason}", f"It cannot be parsed: {reason}"
        return None, (_finding(SYNTAX, name, first_line, zh, en),)
    return (value, _spots(raw, name)), ()


def _spots(raw: bytes, name: str) -> Spot:
    """Return the lines of the parts: all but the strangest JSON is YAML, whose reader knows them."""
    tree, _ = parse_yaml(raw, name=name)
    return spot_in(tree) if tree is not None else lambda _: (1, None)


def _duplicate(raw: bytes, name: str, first_line: int, key: str) -> Finding:
    _, findings = parse_yaml(raw, name=name)
    lines = [finding.line for finding in findings if finding.rule == DUPLICATE_KEY.id]
    line = first_line + (lines[0] - 1 if lines else 0)
    return _finding(DUPLICATE_KEY, name, line, f"键 {key} 重复", f"The key {key} stands twice")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKey(next(key for key in keys if keys.count(key) > 1))
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _finding(rule: Rule, file: str, line: int, zh: str, en: str) -> Finding:
    return Finding(rule.id, rule.severity, file, line, LocalizedText(zh=zh, en=en))
