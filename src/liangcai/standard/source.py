"""A standard's folder, read into one tree that still knows the file and line of every part."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import NOT_READABLE, Place, YamlTree, read_yaml

MAX_FILES = 500

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
    _origins: dict[Place, tuple[YamlTree, Place]] = field(default_factory=dict)

    def where(self, *place: str | int) -> tuple[str, int]:
        """Return file (relative to the folder) and line of a part of the merged document."""
        for cut in range(len(place), -1, -1):
            if (found := self._origins.get(place[:cut])) is not None:
                tree, inner = found
                return tree.file, tree.line_of((*inner, *place[cut:]))
        return "standard.yaml", 1

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
        message = LocalizedText(
            zh=f"没有文件夹 {folder.name}", en=f"There is no folder {folder.name}"
        )
        return None, (Finding(NOT_READABLE.id, "error", folder.name, 1, message),)
    if not (folder / "standard.yaml").is_file():
        message = LocalizedText(
            zh="标准的文件夹须有 standard.yaml", en="A standard's folder holds a standard.yaml"
        )
        return None, (Finding(NO_STANDARD.id, "error", "standard.yaml", 1, message),)
    source, findings = StandardSource(folder), list[Finding]()
    if (main := _mapping(folder / "standard.yaml", "standard.yaml", findings)) is None:
        return None, tuple(findings)
    source.raw = dict(main.value)
    source.take(main)
    for name, key in _SIDE_FILES.items():
        if (folder / name).exists():
            _merge_side_file(source, folder / name, key, findings)
    _merge_units(source, folder / "units", findings)
    findings += _unknown_files(folder)
    return source, tuple(findings)


def _mapping(path: Path, name: str, findings: list[Finding]) -> YamlTree | None:
    tree, faults = read_yaml(path, name=name)
    findings += faults
    if tree is None:
        return None
    if not isinstance(tree.value, dict):
        message = LocalizedText(
            zh="顶层应为“键: 值”", en="The top level is a mapping of keys to values"
        )
        findings.append(Finding(NOT_A_MAPPING.id, "error", name, 1, message))
        return None
    return tree


def _merge_side_file(
    source: StandardSource, path: Path, key: str | None, findings: list[Finding]
) -> None:
    if (tree := _mapping(path, path.name, findings)) is None:
        return
    parts = {"role": tree.value} if key is None else tree.value
    for part, value in parts.items():
        if part in source.raw:
            zh = f"{part} 已在 {source.where(part)[0]} 中定义"
            en = f"{part} is defined in {source.where(part)[0]} already"
            message = LocalizedText(zh=zh, en=en)
            findings.append(Finding(DEFINED_TWICE.id, "error", path.name, 1, message))
            continue
        source.raw[part] = value
        source.take(tree, (part,), () if key is None else (part,))


def _merge_units(source: StandardSource, folder: Path, findings: list[Finding]) -> None:
    if not folder.is_dir():
        return
    paths = sorted(folder.glob("*.yaml"))
    if len(paths) > MAX_FILES:
        zh, en = f"最多 {MAX_FILES} 个单元文件", f"At most {MAX_FILES} unit files are read"
        message = LocalizedText(zh=zh, en=en)
        findings.append(Finding(TOO_MANY_FILES.id, "error", "units", 1, message))
        return
    listed = source.raw.get("units")
    units: list[Any] = list(listed) if isinstance(listed, list) else []
    for path in paths:
        if (tree := _mapping(path, f"units/{path.name}", findings)) is not None:
            source.take(tree, ("units", len(units)))
            units.append(tree.value)
    source.raw["units"] = units


def _unknown_files(folder: Path) -> list[Finding]:
    known = {"standard.yaml", *_SIDE_FILES, *_READ_ELSEWHERE}
    return [
        Finding(
            UNKNOWN_FILE.id,
            "warning",
            path.name,
            1,
            LocalizedText(
                zh=f"{path.name} 不属于标准，未读取",
                en=f"{path.name} is no part of a standard and was not read",
            ),
        )
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
        if path.name not in known
    ]
