"""Two levels of one standard, or two roles, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from liangcai.kernel.text import LocalizedText
from liangcai.standard.model import (
    Contrast,
    Duty,
    Exclusion,
    Handoff,
    Indicator,
    Level,
    Standard,
    Unit,
)
from liangcai.standard.wording import features, likeness

#: Two duties this alike (see `similarity`) are shown as shared; chosen on the shipped standards.
SHARED_FROM = 0.45


@dataclass(frozen=True, slots=True)
class UnitAtTwoLevels:
    """What one unit asks for at a lower and at a higher level."""

    unit: Unit
    low: tuple[Indicator, ...]
    high: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class LevelComparison:
    """Two levels unit by unit, in the order of the standard; units that ask nothing are left out."""

    low: Level
    high: Level
    units: tuple[UnitAtTwoLevels, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form of the command line and the API."""
        return {
            "low": _plain(self.low),
            "high": _plain(self.high),
            "units": [
                {
                    "unit": row.unit.code,
                    "element": row.unit.element,
                    "title": _plain(row.unit.title),
                    "low": [_plain(indicator) for indicator in row.low],
                    "high": [_plain(indicator) for indicator in row.high],
                }
                for row in self.units
            ],
        }


def compare_levels(standard: Standard, low: str, high: str) -> LevelComparison:
    """Lay two levels side by side, whichever order they are named in.

    Raises:
        KeyError: the standard has no such level.

    """
    lower, higher = sorted((standard.level(low), standard.level(high)), key=lambda x: x.rank)
    rows = (
        UnitAtTwoLevels(unit, unit.at_level(lower.code), unit.at_level(higher.code))
        for unit in standard.units
    )
    return LevelComparison(lower, higher, tuple(row for row in rows if row.low or row.high))


@dataclass(frozen=True, slots=True)
class SharedDuty:
    """A duty of each role that read alike, and how alike (0 to 1)."""

    one: Duty
    other: Duty
    similarity: float


@dataclass(frozen=True, slots=True)
class ContrastRow:
    """One aspect on which the roles differ, told by one standard or by both."""

    aspect: LocalizedText
    one: LocalizedText
    other: LocalizedText
    told_by: str


@dataclass(frozen=True, slots=True)
class RoleComparison:
    """The boundary between two roles; "one" and "other" are the standards' codes in that order."""

    one: str
    other: str
    shared: tuple[SharedDuty, ...]
    only_one: tuple[Duty, ...]
    only_other: tuple[Duty, ...]
    left_to_other: tuple[Exclusion, ...]
    left_to_one: tuple[Exclusion, ...]
    handed_to_other: tuple[Handoff, ...]
    handed_to_one: tuple[Handoff, ...]
    contrasts: tuple[ContrastRow, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form of the command line and the API."""
        return {
            "one": self.one,
            "other": self.other,
            "shared": [
                {
                    "one": _plain(pair.one),
                    "other": _plain(pair.other),
                    "similarity": round(pair.similarity, 3),
                }
                for pair in self.shared
            ],
            "only_one": [_plain(duty) for duty in self.only_one],
            "only_other": [_plain(duty) for duty in self.only_other],
            "left_to_other": [_plain(exclusion) for exclusion in self.left_to_other],
            "left_to_one": [_plain(exclusion) for exclusion in self.left_to_one],
            "handed_to_other": [_plain(handoff) for handoff in self.handed_to_other],
            "handed_to_one": [_plain(handoff) for handoff in self.handed_to_one],
            "contrasts": [
                {
                    "aspect": _plain(row.aspect),
                    "one": _plain(row.one),
                    "other": _plain(row.other),
                    "told_by": row.told_by,
                }
                for row in self.contrasts
            ],
        }


def compare_roles(one: Standard, other: Standard) -> RoleComparison:
    """Return the boundary table of two roles: what they share, leave, hand over and differ in."""
    shared = _shared(one.role.duties, other.role.duties)
    ours, theirs = {pair.one.code for pair in shared}, {pair.other.code for pair in shared}
    return RoleComparison(
        one=one.code,
        other=other.code,
        shared=shared,
        only_one=tuple(duty for duty in one.role.duties if duty.code not in ours),
        only_other=tuple(duty for duty in other.role.duties if duty.code not in theirs),
        left_to_other=tuple(x for x in one.role.exclusions if x.owner == other.code),
        left_to_one=tuple(x for x in other.role.exclusions if x.owner == one.code),
        handed_to_other=tuple(x for x in one.role.handoffs if x.to == other.code),
        handed_to_one=tuple(x for x in other.role.handoffs if x.to == one.code),
        contrasts=_contrasts(one, other),
    )


def _shared(ours: Sequence[Duty], theirs: Sequence[Duty]) -> tuple[SharedDuty, ...]:
    """Pair duties, the most alike first, each at most once."""
    own, other = ([features(duty.text) for duty in duties] for duties in (ours, theirs))
    pairs = [(likeness(a, b), i, j) for i, a in enumerate(own) for j, b in enumerate(other)]
    alike = sorted((pair for pair in pairs if pair[0] >= SHARED_FROM), key=lambda pair: -pair[0])
    free, theirs_free = set(range(len(ours))), set(range(len(theirs)))
    chosen: list[SharedDuty] = []
    for value, i, j in alike:
        if i in free and j in theirs_free:
            free.remove(i)
            theirs_free.remove(j)
            chosen.append(SharedDuty(ours[i], theirs[j], value))
    return tuple(chosen)


def _contrasts(one: Standard, other: Standard) -> tuple[ContrastRow, ...]:
    ours = [x for x in one.role.contrasts if x.role == other.code]
    theirs = [x for x in other.role.contrasts if x.role == one.code]
    rows = [ContrastRow(x.aspect, x.here, x.there, one.code) for x in ours]
    told = {_told(x) for x in ours}
    rows += [
        ContrastRow(x.aspect, x.there, x.here, other.code)
        for x in theirs
        if (x.aspect, x.there, x.here) not in told
    ]
    return tuple(rows)


def _told(contrast: Contrast) -> tuple[LocalizedText, LocalizedText, LocalizedText]:
    return contrast.aspect, contrast.here, contrast.there


def _plain(document: Any) -> Any:
    return document.model_dump(mode="json", by_alias=True)
