"""A standard written as the folder of readable YAML that `load_standard` reads."""

import re
from pathlib import Path
from typing import Any

import yaml

from liangcai.kernel.errors import LiangcaiError
from liangcai.standard.model import Standard
from liangcai.standard.source import MAX_FILES

#: Text that PyYAML would leave plain although YAML 1.2 reads it as a number, and line breaks of
#: Unicode, which only survive as escapes.
_QUOTED = re.compile(r"[-+]?[0-9.][0-9.eE+-]*|.*[\x85\u2028\u2029].*", re.DOTALL)
#: Keys of standard.yaml in the order in which a person reads them.
_ORDER = ("code", "number", "title", "aliases", "version", "status", "date", "language")


class FolderNotEmpty(LiangcaiError):
    """The folder holds files already: what is written beside them would mix with them."""

    code = "exchange.folder-not-empty"


def to_yaml_folder(standard: Standard, path: str | Path) -> tuple[Path, ...]:
    """Write the folder of `docs/reference/standard-format.md` and return the files written.

    Loading the folder gives the same content hash. Units stand in files of their own where the
    order of the file names is the order of the units, else in standard.yaml.

    Raises:
        FolderNotEmpty: the folder holds something already.

    """
    folder = Path(path)
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty; name a new folder")
    written = []
    for name, text in yaml_files(standard).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        written.append(target)
    return tuple(written)


def yaml_files(standard: Standard) -> dict[str, str]:
    """Return the text of each file of the folder by its name."""
    record = _record(standard)
    files = {"standard.yaml": record, "role.yaml": record.pop("role")}
    for name in ("terms", "crosswalks"):
        if name in record:
            files[f"{name}.yaml"] = {name: record.pop(name)}
    if _can_stand_alone(standard):
        files |= {f"units/{unit['code']}.yaml": unit for unit in record.pop("units")}
    return {name: _dump(value) for name, value in files.items()}


def to_yaml(standard: Standard, _language: str = "zh") -> bytes:
    """Return the whole standard as one file that can stand as standard.yaml."""
    return _dump(_record(standard)).encode("utf-8")


def _record(standard: Standard) -> dict[str, Any]:
    record = standard.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    record["language"] = standard.language
    record["units"] = record.pop("units")  # the longest part comes last
    return {name: record[name] for name in _ORDER if name in record} | record


def _can_stand_alone(standard: Standard) -> bool:
    codes = [unit.code for unit in standard.units]
    names = [f"{code}.yaml" for code in codes]
    distinct = len({code.casefold() for code in codes}) == len(codes)  # on any file system
    return bool(codes) and distinct and len(codes) <= MAX_FILES and names == sorted(names)


class _Dumper(yaml.SafeDumper):
    """Writes lists of codes and tables of numbers on one line, everything else in blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _QUOTED.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_number(dumper: _Dumper, number: float) -> yaml.ScalarNode:
    if number.is_integer():
        return dumper.represent_int(int(number))
    return dumper.represent_float(number)


def _represent_list(dumper: _Dumper, members: list[Any]) -> yaml.SequenceNode:
    flow = all(isinstance(member, str | int | float) for member in members)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", members, flow_style=flow)


def _represent_mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.MappingNode:
    flow = all(isinstance(member, int | float) for member in value.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=flow)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(float, _represent_number)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_mapping)


def _dump(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
