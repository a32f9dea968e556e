"""The changes between two editions of a standard, part by part and field by field."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from liangcai.kernel.text import Document, LocalizedText
from liangcai.standard.model import Standard
from liangcai.standard.parts import Part, PartKind, parts_of
from liangcai.standard.wording import Rewording, rewording

ChangeKind = Literal[
    "added",
    "removed",
    "moved",
    "reworded",
    "translated",
    "re-evaluated",
    "reweighted",
    "reordered",
    "changed",
]
Bump = Literal["none", "patch", "minor", "major"]
BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")


@dataclass(frozen=True, slots=True)
class PartChange:
    """One change of one part; `old` and `new` are JSON-like, None where the part was not there.

    `code` is the part's code in the new edition (in the old one for a removal); a change of order
    has the code of the group whose members changed places.
    """

    part: PartKind
    code: str
    kind: ChangeKind
    bump: Bump
    field: str = ""
    old: Any = None
    new: Any = None
    wording: Rewording | None = None
    levels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        record: dict[str, Any] = {
            "part": self.part,
            "code": self.code,
            "kind": self.kind,
            "bump": self.bump,
            "field": self.field,
            "old": self.old,
            "new": self.new,
            "levels": list(self.levels),
            "units": list(self.units),
        }
        if self.wording is not None:
            record["wording"] = self.wording.as_record()
        return record


#: What a change of a field is called and what it deserves; other fields: see `_field_changes`.
_FIELDS: dict[tuple[PartKind, str], tuple[ChangeKind, Bump]] = {
    ("identity", "code"): ("changed", "major"),
    ("identity", "language"): ("changed", "minor"),
    ("level", "rank"): ("moved", "major"),
    ("unit", "element"): ("moved", "major"),
    ("unit", "duties"): ("changed", "minor"),
    ("indicator", "unit"): ("moved", "major"),
    ("indicator", "level"): ("moved", "major"),
    ("indicator", "provision"): ("re-evaluated", "major"),
    ("indicator", "evidence"): ("re-evaluated", "minor"),
    ("indicator", "methods"): ("re-evaluated", "minor"),
    ("exclusion", "owner"): ("changed", "minor"),
    ("handoff", "to"): ("changed", "minor"),
    ("handoff", "units"): ("changed", "minor"),
    ("weight", "weight"): ("reweighted", "major"),
    ("evaluation", "methods"): ("re-evaluated", "minor"),
    ("evaluation", "levels"): ("re-evaluated", "minor"),
    ("evaluation", "units"): ("re-evaluated", "minor"),
    ("training", "requires"): ("changed", "minor"),
    ("training", "hours"): ("changed", "minor"),
    ("training", "activities"): ("changed", "minor"),
    ("term", "variants"): ("changed", "minor"),
}
#: What adding or removing a part deserves.
_PRESENCE: dict[PartKind, Bump] = {
    "level": "major",
    "element": "major",
    "unit": "major",
    "indicator": "major",
    "weight_profile": "major",
    "weight": "major",
    "crosswalk": "patch",
    "relation": "patch",
    "history": "patch",
}
#: Parts and fields that only inform: a new wording of theirs is a patch.
_NOTES = {"note", "source", "notice", "changes", "authority"}
_INFORMATIVE: set[PartKind] = {"crosswalk", "relation", "history"}


def changes_of(old: Standard, new: Standard) -> Iterator[PartChange]:
    """Yield every change, parts in the order of the new edition, removals and order last."""
    before, after = parts_of(old), parts_of(new)
    earlier = {part.key: part for part in before}
    moved = _moved(before, after, new.language)
    for part in after:
        if (former := earlier.get(part.key) or moved.get(part.key)) is None:
            yield _presence("added", part)
        else:
            yield from _field_changes(former, part, new.language)
    taken = {part.key for part in after} | {part.key for part in moved.values()}
    yield from (_presence("removed", part) for part in before if part.key not in taken)
    renamed = {former.key: key for key, former in moved.items()}
    yield from _order_changes(before, after, renamed)


def _moved(
    before: tuple[Part, ...], after: tuple[Part, ...], language: str
) -> dict[tuple[PartKind, str], Part]:
    """Return the indicators that bear a new code with the old words: new key → old part."""
    known, kept = {part.key for part in before}, {part.key for part in after}

    def lost(parts: tuple[Part, ...], elsewhere: set[tuple[PartKind, str]]) -> dict[str, Part]:
        by_text: dict[str, list[Part]] = defaultdict(list)
        for part in parts:
            if part.kind == "indicator" and part.key not in elsewhere:
                by_text[part.fields["text"].in_language(language)].append(part)
        return {text: found[0] for text, found in by_text.items() if len(found) == 1}

    gone, come = lost(before, kept), lost(after, known)
    return {part.key: gone[text] for text, part in come.items() if text in gone}


def _presence(kind: Literal["added", "removed"], part: Part) -> PartChange:
    change = PartChange(
        part.kind,
        part.code,
        kind,
        _PRESENCE.get(part.kind, "minor"),
        levels=part.levels,
        units=part.units,
    )
    fields = {name: _plain(value) for name, value in part.fields.items()}
    return replace(change, new=fields) if kind == "added" else replace(change, old=fields)


def _field_changes(old: Part, new: Part, language: str) -> Iterator[PartChange]:
    levels = tuple(dict.fromkeys((*old.levels, *new.levels)))
    units = tuple(dict.fromkeys((*old.units, *new.units)))
    change = PartChange(new.kind, new.code, "changed", "patch", levels=levels, units=units)
    if old.code != new.code:
        yield replace(change, kind="moved", bump="major", field="code", old=old.code, new=new.code)
    for name, value in new.fields.items():
        former = old.fields[name]
        if former == value:
            continue
        change = replace(change, field=name, old=_plain(former), new=_plain(value))
        if isinstance(former, LocalizedText) or isinstance(value, LocalizedText):
            yield _wording_change(change, former, value, language)
        else:
            kind, bump = _FIELDS.get((new.kind, name), ("changed", "patch"))
            yield replace(change, kind=kind, bump=bump)


def _wording_change(
    change: PartChange, old: LocalizedText | None, new: LocalizedText | None, language: str
) -> PartChange:
    empty = LocalizedText(zh="")
    former, latter = old or empty, new or empty
    wording = rewording(former, latter)
    if former.in_language(language) == latter.in_language(language):
        return replace(change, kind="translated", bump="patch", wording=wording)
    informs = change.field in _NOTES or change.part in _INFORMATIVE
    bump: Bump = "patch" if informs else "minor"
    return replace(change, kind="reworded", bump=bump, wording=wording)


def _order_changes(
    before: tuple[Part, ...],
    after: tuple[Part, ...],
    renamed: dict[tuple[PartKind, str], tuple[PartKind, str]],
) -> Iterator[PartChange]:
    earlier = _groups(before, renamed)
    for (kind, group), members in _groups(after, {}).items():
        former = earlier.get((kind, group), [])
        shared = set(former) & set(members)
        old = [code for code in former if code in shared]
        new = [code for code in members if code in shared]
        if old != new:
            yield PartChange(kind, group, "reordered", "patch", field="order", old=old, new=new)


def _groups(
    parts: tuple[Part, ...], renamed: dict[tuple[PartKind, str], tuple[PartKind, str]]
) -> dict[tuple[PartKind, str], list[str]]:
    groups: dict[tuple[PartKind, str], list[str]] = defaultdict(list)
    for part in parts:
        groups[part.kind, part.group].append(renamed.get(part.key, part.key)[1])
    return groups


def _plain(value: Any) -> Any:
    """Return the JSON-like form of a field."""
    if isinstance(value, Document):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, tuple | list) else value
