"""The files of an item bank, read item by item, each still knowing its file and line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from liangcai.items.model import Item
from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import NOT_READABLE, Place, YamlTree, read_yaml

MAX_FILES = 500

SHAPE = RULES.add(
    "item.shape", "error", zh="结构不符合试题格式", en="The shape is not that of an item"
)
NO_ITEMS = RULES.add(
    "item.no-items", "error", zh="没有任何试题文件", en="There is no file of items"
)
TOO_MANY_FILES = RULES.add(
    "item.too-many-files", "error", zh="试题文件过多", en="There are too many files of items"
)


@dataclass(frozen=True, slots=True)
class SourcedItem:
    """An item and where it stands."""

    item: Item
    tree: YamlTree
    index: int

    def where(self, *place: str | int) -> tuple[str, int]:
        """Return file and line of a part of the item."""
        return self.tree.file, self.tree.line_of(("items", self.index, *place))

    def finding(
        self,
        rule: Rule,
        place: Place = (),
        *,
        zh: str,
        en: str,
        quote: str | None = None,
    ) -> Finding:
        """Return a finding of `rule` at a part of the item, its code in front."""
        file, line = self.where(*place)
        message = LocalizedText(zh=f"{self.item.code}：{zh}", en=f"{self.item.code}: {en}")
        return Finding(rule.id, rule.severity, file, line, message, quote=quote)


def read_item_files(path: Path) -> tuple[tuple[SourcedItem, ...], tuple[Finding, ...]]:
    """Read one file of items, every file of an `items` folder, or the `items` of a standard's folder."""
    paths, findings = _files(path)
    found: list[SourcedItem] = []
    for file in paths:
        name = f"items/{file.name}" if file.parent.name == "items" else file.name
        tree, faults = read_yaml(file, name=name)
        findings += faults
        if tree is not None:
            found += _items_of(tree, findings)
    return tuple(found), tuple(findings)


def _files(path: Path) -> tuple[list[Path], list[Finding]]:
    if path.is_file():
        return [path], []
    folder = path / "items" if (path / "items").is_dir() else path
    if not folder.is_dir():
        return [], [
            _at_top(
                NOT_READABLE, path.name, "没有这个文件或文件夹", "There is no such file or folder"
            )
        ]
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        zh, en = "文件夹里没有 .yaml 试题文件", "The folder holds no .yaml file of items"
        return [], [_at_top(NO_ITEMS, folder.name, zh, en)]
    if len(paths) > MAX_FILES:
        zh, en = f"最多读取 {MAX_FILES} 个试题文件", f"At most {MAX_FILES} files of items are read"
        return [], [_at_top(TOO_MANY_FILES, folder.name, zh, en)]
    return paths, []


def _items_of(tree: YamlTree, findings: list[Finding]) -> list[SourcedItem]:
    value = tree.value
    if not (
        isinstance(value, dict) and set(value) == {"items"} and isinstance(value["items"], list)
    ):
        zh = "顶层应只有一个键 items，其值为试题列表"
        en = "The top level holds one key, items, with a list of items"
        findings.append(_at_top(SHAPE, tree.file, zh, en))
        return []
    found = []
    for index, raw in enumerate(value["items"]):
        try:
            found.append(SourcedItem(Item.model_validate(raw), tree, index))
        except ValidationError as error:
            faults = error.errors(include_url=False)[:50]
            findings += [_shape_finding(tree, index, raw, fault) for fault in faults]
    return found


def _shape_finding(tree: YamlTree, index: int, raw: Any, fault: Any) -> Finding:
    place = tuple(fault["loc"])
    code = raw.get("code") if isinstance(raw, dict) else None
    name = code if isinstance(code, str) else f"items[{index}]"
    path, kind, reason = ".".join(str(part) for part in place), fault["type"], fault["msg"]
    if kind == "missing":
        zh, en = f"缺少 {path}", f"{path} is missing"
    elif kind == "extra_forbidden":
        zh, en = f"不认识的键 {path}", f"{path} is not a known key"
    else:
        where = path or "item"
        zh, en = f"{where} 的值不合要求：{reason}", f"{where}: {reason}"
    line = tree.line_of(("items", index, *place))
    message = LocalizedText(zh=f"{name}：{zh}", en=f"{name}: {en}")
    return Finding(SHAPE.id, SHAPE.severity, tree.file, line, message)


def _at_top(rule: Rule, file: str, zh: str, en: str) -> Finding:
    return Finding(rule.id, rule.severity, file, 1, LocalizedText(zh=zh, en=en))
