"""A standard's folder, read into one tree that still knows the file and line of every part."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import NOT_READABLE, Place, YamlTree, read_yaml

#: The standards that ship with the package, one folder each.
SHIPPED = Path(__file__).parent.parent / "standards"

MAX_FILES = 500
MAX_PARTS = 300_000  # keys and values in all files together: a bound on memory

NO_STANDARD = RULES.add(
    "folder.no-standard",
    "error",
    zh="文件夹里没有 standard.yaml",
    en="The folder has no standard.yaml",
)
NOT_A_MAPPING = RULES.add(
    "file.not-a-mapping", "error", zh="文件顶层应为映射", en="The top of the file is not a mapping"
)
DEFINED_TWICE = RULES.add(
    "folder.defined-twice",
    "error",
    zh="同一内容在两个文件中定义",
    en="The same part is defined in two files",
)
TOO_MANY_FILES = RULES.add(
    "folder.too-many-files", "error", zh="文件过多", en="The folder holds too many files"
)
TOO_LARGE = RULES.add(
    "folder.too-large", "error", zh="文件夹内容过多", en="The folder holds too much in all"
)
OUTSIDE = RULES.add(
    "file.outside", "error", zh="文件指向文件夹之外", en="A file leads out of the folder"
)
UNKNOWN_FILE = RULES.add(
    "folder.unknown-file", "warning", zh="未被读取的 YAML 文件", en="A YAML file that nothing reads"
)

#: Files beside standard.yaml and the keys they may hold ("role" holds the profile itself).
_SIDE_FILES = {"role.yaml": None, "terms.yaml": "terms", "crosswalks.yaml": "crosswalks"}
_READ_ELSEWHERE = {"scheme.yaml"}


@dataclass(slots=True)
class StandardSource:
    """The merged raw document and where each part of it came from."""

    folder: Path
    raw: dict[str, Any] = field(default_factory=dict)
    #: Parts whose own file has faults: that they are missing is no fault of its own.
    unread_parts: set[str] = field(default_factory=set)
    fallback: str = "standard.yaml"
    _origins: dict[Place, tuple[YamlTree, Place]] = field(default_factory=dict)

    @classmethod
    def unread(cls, file: str) -> "StandardSource":
        """Return the source of a standard that did not come from files: every place is line 1 of `file`."""
        return cls(Path(), fallback=file)

    def where(self, *place: str | int) -> tuple[str, int]:
        """Return file (relative to the folder) and line of a part of the merged document."""
        for cut in range(len(place), -1, -1):
            if (found := self._origins.get(place[:cut])) is not None:
                tree, inner = found
                return tree.file, tree.line_of((*inner, *place[cut:]))
        return self.fallback, 1

    def finding(
        self,
        rule: Rule,
        place: Place,
        *,
        zh: str,
        en: str,
        quote: str | None = None,
        fix: LocalizedText | None = None,
    ) -> Finding:
        """Return a finding of `rule` at a part of the merged document."""
        file, line = self.where(*place)
        message = LocalizedText(zh=zh, en=en)
        return Finding(rule.id, rule.severity, file, line, message, quote=quote, fix=fix)

    def take(self, tree: YamlTree, place: Place = (), inner: Place = ()) -> None:
        """Remember that `place` of the merged document is `inner` of a file."""
        self._origins[place] = (tree, inner)


def read_source(folder: Path) -> tuple[StandardSource | None, tuple[Finding, ...]]:
    """Read every file of a standard's folder; a source comes back whenever standard.yaml itself could be read."""
    if not folder.is_dir():
        zh, en = f"没有文件夹 {folder.name}", f"There is no folder {folder.name}"
        return None, (_fault(NOT_READABLE, folder.name, zh, en),)
    if not (folder / "standard.yaml").is_file():
        zh = "标准的文件夹须有 standard.yaml"
        en = "A standard's folder holds a standard.yaml"
        return None, (_fault(NO_STANDARD, "standard.yaml", zh, en),)
    reading = _Reading(StandardSource(folder))
    source = reading.source
    if (main := reading.mapping("standard.yaml")) is None:
        return None, tuple(reading.findings)
    source.raw = dict(main.value)
    source.take(main)
    for name, key in _SIDE_FILES.items():
        if os.path.lexists(folder / name):  # a link that leads nowhere is no missing file
            reading.merge_side_file(name, key)
    reading.merge_units()
    reading.findings += _unknown_files(folder)
    return source, tuple(reading.findings)


@dataclass(slots=True)
class _Reading:
    """One reading of a folder: what it gave so far, within its bounds."""

    source: StandardSource
    findings: list[Finding] = field(default_factory=list)
    parts: int = 0

    def mapping(self, name: str) -> YamlTree | None:
        """Read one file whose top is a mapping; None, with findings, where it is not to be had."""
        path, name = self.source.folder / name, _shown(name)
        if not _is_inside(path, self.source.folder):
            zh = f"{name} 指向文件夹之外，未读取；请放入文件本身"
            en = f"{name} leads out of the folder and was not read; put the file itself there"
            self.findings.append(_fault(OUTSIDE, name, zh, en))
            return None
        tree, faults = read_yaml(path, name=name)
        self.findings += faults
        if tree is None:
            return None
        self.parts += len(tree.lines)
        if self.parts > MAX_PARTS:
            zh = f"到 {name} 为止已超过 {MAX_PARTS} 个键和值，不再读取"
            en = f"With {name} there are over {MAX_PARTS} keys and values; reading stopped"
            self.findings.append(_fault(TOO_LARGE, name, zh, en))
            return None
        if not isinstance(tree.value, dict):
            zh = "顶层应为“键: 值”"
            en = "The top level is a mapping of keys to values"
            line = tree.line_of(())
            self.findings.append(_fault(NOT_A_MAPPING, name, zh, en, line))
            return None
        return tree

    def merge_side_file(self, name: str, key: str | None) -> None:
        """Put role.yaml, terms.yaml or crosswalks.yaml in its place."""
        source = self.source
        if (tree := self.mapping(name)) is None:
            source.unread_parts.add(key or "role")
            return
        parts = {"role": tree.value} if key is None else tree.value
        for part, value in parts.items():
            inner = () if key is None else (part,)
            if part in source.raw:
                zh = f"{part} 已在 {source.where(part)[0]} 中定义；请只保留一处"
                en = f"{part} is defined in {source.where(part)[0]} already; keep one of them"
                line = tree.line_of(inner)
                self.findings.append(_fault(DEFINED_TWICE, name, zh, en, line))
                continue
            source.raw[part] = value
            source.take(tree, (part,), inner)

    def merge_units(self) -> None:
        """Append the units of the folder units/ to those of standard.yaml."""
        source = self.source
        listed = source.raw.get("units")
        if not (source.folder / "units").is_dir() or not (
            listed is None or isinstance(listed, list)
        ):
            return
        paths = sorted((source.folder / "units").glob("*.yaml"))
        if len(paths) > MAX_FILES:
            zh = f"有 {len(paths)} 个单元文件，最多读取 {MAX_FILES} 个"
            en = f"There are {len(paths)} unit files; at most {MAX_FILES} are read"
            self.findings.append(_fault(TOO_MANY_FILES, "units", zh, en))
            source.unread_parts.add("units")
            return
        units: list[Any] = list(listed or [])
        for path in paths:
            if self.parts > MAX_PARTS:
                break
            if (tree := self.mapping(f"units/{path.name}")) is not None:
                source.take(tree, ("units", len(units)))
                units.append(tree.value)
        source.raw["units"] = units


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle lead nowhere: reading says so
        return True


def _shown(name: str) -> str:
    """Return a file's name as text, whatever bytes it has on the disk."""
    return os.fsencode(name).decode("utf-8", "replace")


def _fault(rule: Rule, file: str, zh: str, en: str, line: int = 1) -> Finding:
    return Finding(rule.id, rule.severity, file, line, LocalizedText(zh=zh, en=en))


def _unknown_files(folder: Path) -> list[Finding]:
    known = {"standard.yaml", *_SIDE_FILES, *_READ_ELSEWHERE}
    strays = [path for ending in ("*.yaml", "*.yml") for path in folder.glob(ending)]
    strays = [path for path in strays if path.name not in known]
    strays += (folder / "units").glob("*.yml")
    return [
        _fault(
            UNKNOWN_FILE,
            name,
            f"{name} 不属于标准，未读取；请改名为标准的文件名或移走",
            f"{name} is no part of a standard and was not read; rename it or move it away",
        )
        for name in sorted(_shown(path.relative_to(folder).as_posix()) for path in strays)
    ]
