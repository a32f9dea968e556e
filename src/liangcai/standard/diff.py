"""What changed between two versions of a standard, whom it touches, and what version number it deserves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liangcai.standard.changes import BUMPS, Bump, ChangeKind, PartChange, changes_of
from liangcai.standard.model import Standard
from liangcai.standard.parts import PartKind


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of which standard: code, semantic version and content hash."""

    code: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class StandardDiff:
    """All changes between two editions, in the order of the standard's parts."""

    old: Edition
    new: Edition
    changes: tuple[PartChange, ...]
    affected_levels: tuple[str, ...]
    affected_units: tuple[str, ...]
    bump: Bump
    least_version: str
    honoured: bool

    def of(
        self, *, part: PartKind | None = None, kind: ChangeKind | None = None
    ) -> Iterator[PartChange]:
        """Yield the changes of one kind of part, one kind of change, or both."""
        for change in self.changes:
            if part in (None, change.part) and kind in (None, change.kind):
                yield change

    def in_unit(self, unit: str) -> tuple[PartChange, ...]:
        """Return the changes that touch one unit."""
        return tuple(change for change in self.changes if unit in change.units)

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form of the command line and the API."""
        return {
            "old": {"code": self.old.code, "version": self.old.version, "hash": self.old.hash},
            "new": {"code": self.new.code, "version": self.new.version, "hash": self.new.hash},
            "bump": self.bump,
            "least_version": self.least_version,
            "honoured": self.honoured,
            "affected_levels": list(self.affected_levels),
            "affected_units": list(self.affected_units),
            "changes": [change.as_record() for change in self.changes],
        }


def diff_standards(old: Standard, new: Standard) -> StandardDiff:
    """Compare two editions part by part; parts are the same when they bear the same code.

    A part removed under one code and added word for word under another has moved. Levels and
    units are affected by changes of requirement, wording, evaluation, weight or training, not by
    translations and notes. `bump` is what the changes deserve ("none" to "major"), and
    `honoured` whether the new version number is at least `least_version`. While the first number
    is 0, a major change raises the second number and every other change the third.
    """
    changes = tuple(changes_of(old, new))
    deserved = {change.bump for change in changes} | {"none"}
    bump = next(bump for bump in reversed(BUMPS) if bump in deserved)
    least = _least_version(old.version, bump)
    felt = [change for change in changes if change.bump in ("minor", "major")]
    levels = {level for change in felt for level in change.levels}
    units = {unit for change in felt for unit in change.units}
    return StandardDiff(
        old=Edition(old.code, old.version, old.hash),
        new=Edition(new.code, new.version, new.hash),
        changes=changes,
        affected_levels=_in_order(levels, [x.code for s in (new, old) for x in s.levels_upwards()]),
        affected_units=_in_order(units, [unit.code for s in (new, old) for unit in s.units]),
        bump=bump,
        least_version=least,
        honoured=_numbers(new.version) >= _numbers(least),
    )


def _in_order(codes: set[str], order: list[str]) -> tuple[str, ...]:
    return tuple(code for code in dict.fromkeys(order) if code in codes)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _least_version(version: str, bump: Bump) -> str:
    major, minor, patch = _numbers(version)
    if bump == "none":
        return version
    if bump == "major":
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if bump == "minor" and major:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
