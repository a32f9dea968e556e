"""Hostile YAML in, plain values with line numbers out.

Only the part of YAML that a standard needs is read: mappings, sequences and scalars, with the
plain scalars of YAML 1.2's core schema. Aliases, anchors, tags and merge keys are refused, so a
small file cannot grow; size, depth and node count are bounded, so neither can a large one.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 300_000

NOT_READABLE = RULES.add(
    "file.not-readable", "error", zh="文件无法读取", en="The file cannot be read"
)
TOO_LARGE = RULES.add("file.too-large", "error", zh="文件过大", en="The file is too large")
WRONG_ENCODING = RULES.add(
    "file.encoding", "error", zh="文件不是 UTF-8 编码", en="The file is not UTF-8"
)
SYNTAX = RULES.add("yaml.syntax", "error", zh="YAML 语法错误", en="The YAML cannot be parsed")
TOO_DEEP = RULES.add(
    "yaml.too-deep",
    "error",
    zh="YAML 嵌套过深或过大",
    en="The YAML is nested too deeply or too big",
)
REFUSED = RULES.add(
    "yaml.refused", "error", zh="YAML 使用了不允许的特性", en="The YAML uses a refused feature"
)
DUPLICATE_KEY = RULES.add(
    "yaml.duplicate-key", "error", zh="同一映射中键重复", en="A key stands twice in one mapping"
)

Place = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(
    r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]{1,3})?|[0-9]+[eE][-+]?[0-9]{1,3})"
)
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
#: What the parser says → what a person can do about it.
_PROBLEMS = {
    "cannot start any token": (
        "此处不能以这个字符开头；缩进请用空格而不用制表符，文本请加引号",
        "Nothing begins with this character; indent with spaces, not tabs; put the text in quotes",
    ),
    "end of stream": (
        "从这里起的引号或括号没有结束",
        "The quotation mark or bracket that opens here is never closed",
    ),
    "mapping values are not allowed": (
        "此处不应有冒号；请给整个文本加引号，或核对缩进",
        "A colon is out of place; put the whole text in quotes, or check the indentation",
    ),
    "expected ',' or": (
        "从这里起的括号缺少逗号或没有结束",
        "The bracket that opens here lacks a comma or is never closed",
    ),
    "expected ':'": ("缺少冒号，应为“键: 值”", "A colon is missing: write key: value"),
    "expected key": (
        "此处应为键；请核对缩进和引号",
        "A key is expected here; check the indentation and the quotation marks",
    ),
    "expected <document start>": (
        "文件在此处应已结束；请核对缩进",
        "The file should have ended here; check the indentation",
    ),
    "control characters": ("有不允许的控制字符；请删去", "A control character; remove it"),
    "special characters": ("有不允许的控制字符；请删去", "A control character; remove it"),
}


@dataclass(slots=True)
class YamlTree:
    """A file's value and the line (1-based) on which each part of it begins."""

    file: str
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """Return the line of the nearest known part at or above `place`."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(
    path: Path, *, name: str | None = None
) -> tuple[YamlTree | None, tuple[Finding, ...]]:
    """Read a YAML file; a tree comes back only when there is no finding."""
    shown = name or path.name
    try:
        if not path.is_file():
            return None, (
                _finding(NOT_READABLE, shown, 1, "没有这个文件", "There is no such file"),
            )
        if path.stat().st_size > MAX_BYTES:
            return None, (_too_large(shown),)
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "I/O error"
        return None, (
            _finding(NOT_READABLE, shown, 1, f"无法读取：{reason}", f"It cannot be read: {reason}"),
        )
    return parse_yaml(raw, name=shown)


def parse_yaml(raw: bytes, *, name: str) -> tuple[YamlTree | None, tuple[Finding, ...]]:
    """Parse YAML bytes; a tree comes back only when there is no finding."""
    if len(raw) > MAX_BYTES:
        return None, (_too_large(name),)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        zh = f"第 {error.start + 1} 个字节起不是 UTF-8；请另存为 UTF-8"
        en = f"From byte {error.start + 1} on it is not UTF-8; save the file as UTF-8"
        return None, (_finding(WRONG_ENCODING, name, line, zh, en),)
    builder = _Builder(name)
    try:
        builder.read(text)
    except _Refusal as refusal:
        builder.findings.append(refusal.finding)
    except yaml.YAMLError as error:
        builder.findings.append(_syntax(name, text, error))
    return (None if builder.findings else builder.tree), tuple(builder.findings)


class _Refusal(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


class _Builder:
    """Turns the parser's events into values, one pass, with its own limits."""

    def __init__(self, name: str) -> None:
        self.tree = YamlTree(name)
        self.findings: list[Finding] = []
        self.nodes = 0

    def read(self, text: str) -> None:
        loader = _Loader(text)
        try:
            self.next = loader.get_event
            self.next()  # stream start
            if isinstance(event := self.next(), yaml.StreamEndEvent):
                return
            self.tree.value = self._node(self.next(), (), 0)
            self.next()  # document end
            if not isinstance(event := self.next(), yaml.StreamEndEvent):
                raise self._refuse(
                    REFUSED, event, "一个文件只能有一个文档", "A file holds one document"
                )
        finally:
            loader.dispose()

    def _node(self, event: Any, place: Place, depth: int) -> Any:
        self._allow(event, depth)
        self.tree.lines[place] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place, depth)
        return self._mapping(place, depth)

    def _allow(self, event: Any, depth: int) -> None:
        """Refuse what lets a small file grow or name things to run, and what is beyond the limits."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            zh = f"最多嵌套 {MAX_DEPTH} 层、{MAX_NODES} 个节点"
            en = f"At most {MAX_DEPTH} levels and {MAX_NODES} nodes are read"
            raise self._refuse(TOO_DEEP, event, zh, en)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            zh, en = "不接受锚点和别名（& 与 *）", "Anchors and aliases (& and *) are refused"
            raise self._refuse(REFUSED, event, zh, en)
        if event.tag not in (None, "!"):
            zh, en = f"不接受标签 {event.tag}", f"The tag {event.tag} is refused"
            raise self._refuse(REFUSED, event, zh, en)
        if "\0" in getattr(event, "value", ""):  # databases and other languages cut text there
            zh, en = "不接受字符 NUL（\\0）", "The character NUL (\\0) is refused"
            raise self._refuse(REFUSED, event, zh, en)

    def _sequence(self, place: Place, depth: int) -> list[Any]:
        members: list[Any] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            members.append(self._node(event, (*place, len(members)), depth + 1))
        return members

    def _mapping(self, place: Place, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            self._allow(event, depth)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(REFUSED, event, "键应为文本", "A key is plain text")
            mark: Any = event.start_mark
            key, line = event.value, mark.line + 1
            inner = (*place, key)
            if key in value:
                zh, en = f"键 {key} 重复；请删去其一", f"The key {key} stands twice; remove one"
                self.findings.append(_finding(DUPLICATE_KEY, self.tree.file, line, zh, en))
            value[key] = self._node(self.next(), inner, depth + 1)
            self.tree.lines[inner] = line
        return value

    def _refuse(self, rule: Rule, event: Any, zh: str, en: str) -> _Refusal:
        return _Refusal(_finding(rule, self.tree.file, event.start_mark.line + 1, zh, en))


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _finding(rule: Rule, file: str, line: int, zh: str, en: str) -> Finding:
    return Finding(rule.id, rule.severity, file, line, LocalizedText(zh=zh, en=en))


def _too_large(name: str) -> Finding:
    size = MAX_BYTES // 1024 // 1024
    return _finding(
        TOO_LARGE,
        name,
        1,
        f"超过 {size} MiB 上限，未读取",
        f"It is over {size} MiB and was not read",
    )


def _syntax(name: str, text: str, error: yaml.YAMLError) -> Finding:
    problem = str(
        getattr(error, "problem", None) or getattr(error, "reason", None) or "syntax error"
    )
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None or "end of stream" in problem or "expected ','" in problem:
        mark = getattr(error, "context_mark", None) or mark  # where the open part begins
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0) or 0) + 1
    for sign, (zh, en) in _PROBLEMS.items():
        if sign in problem:
            return _finding(SYNTAX, name, line, zh, en)
    return _finding(SYNTAX, name, line, f"无法解析：{problem}", f"It cannot be parsed: {problem}")
