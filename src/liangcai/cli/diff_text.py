"""A comparison of two editions as lines for a terminal."""

from collections.abc import Iterator
from typing import Any

from liangcai.kernel.text import LocalizedText
from liangcai.standard.changes import PartChange
from liangcai.standard.diff import StandardDiff

_KINDS = {
    "added": LocalizedText(zh="新增", en="added"),
    "removed": LocalizedText(zh="删除", en="removed"),
    "moved": LocalizedText(zh="移动", en="moved"),
    "reworded": LocalizedText(zh="改写", en="reworded"),
    "translated": LocalizedText(zh="译文变更", en="translated"),
    "re-evaluated": LocalizedText(zh="评价方式变更", en="re-evaluated"),
    "reweighted": LocalizedText(zh="权重变更", en="reweighted"),
    "reordered": LocalizedText(zh="顺序变更", en="reordered"),
    "changed": LocalizedText(zh="变更", en="changed"),
}
_MARKS = {"added": "+", "removed": "-"}


def diff_lines(diff: StandardDiff, lang: str) -> Iterator[str]:
    """Yield the lines: the two editions, each change, what is affected and the version it deserves."""
    yield f"--- {diff.old.code} {diff.old.version} {diff.old.hash[:19]}"
    yield f"+++ {diff.new.code} {diff.new.version} {diff.new.hash[:19]}"
    for change in diff.changes:
        yield from _change(change, lang)
    levels, units = ", ".join(diff.affected_levels) or "-", ", ".join(diff.affected_units) or "-"
    if lang == "en":
        yield f"levels affected: {levels}; units affected: {units}"
        verdict = "honours it" if diff.honoured else "does not honour it"
        yield f"the change deserves: {diff.bump} (at least {diff.least_version}); the number {verdict}"
    else:
        yield f"受影响的等级：{levels}；受影响的单元：{units}"
        verdict = "相称" if diff.honoured else "不相称"
        yield f"此变更应升：{diff.bump}（至少 {diff.least_version}）；版本号{verdict}"


def _change(change: PartChange, lang: str) -> Iterator[str]:
    kind = _KINDS[change.kind].in_language(lang)
    field = f" {change.field}" if change.field else ""
    yield f"{_MARKS.get(change.kind, '~')} {change.part} {change.code}{field}: {kind}"
    for mark, side in (("-", change.old), ("+", change.new)):
        if (text := _words(side, lang)) is not None:
            yield f"    {mark} {text}"


def _words(side: Any, lang: str) -> str | None:
    """Return what one side says, in one line: texts in the language, other values as they are."""
    if isinstance(side, dict):
        if isinstance(side.get("text") or side.get("title"), dict):
            return _words(side.get("text") or side.get("title"), lang)
        if "zh" in side:
            return LocalizedText(zh=side["zh"], en=side.get("en", "")).in_language(lang)
        return None
    if side is None:
        return None
    return ", ".join(map(str, side)) if isinstance(side, list | tuple) else str(side)
