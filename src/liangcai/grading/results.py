"""The parts of a decision: what each component, level and condition came to."""

from dataclasses import dataclass
from typing import Any, Literal

from liangcai.grading.scheme import Scheme
from liangcai.kernel.text import LocalizedText
from liangcai.standard import Standard

DecisionState = Literal["graded", "no-level-met", "not-enough-evidence"]
ShortfallKind = Literal["component-score", "total", "records", "unit-share", "eligibility"]


@dataclass(frozen=True, slots=True)
class Sources:
    """The standard and the scheme that a decision rests on, and their content hashes."""

    standard: Standard
    scheme: Scheme
    standard_hash: str
    scheme_hash: str

    def standard_record(self) -> dict[str, Any]:
        """Return the JSON form of the standard's identity, its "derived" notice included."""
        standard = self.standard
        return {
            "code": standard.code,
            "version": standard.version,
            "status": standard.status,
            "hash": self.standard_hash,
            "notice": standard.notice.model_dump(),
        }

    def scheme_record(self) -> dict[str, Any]:
        """Return the JSON form of the scheme's identity, its notice included."""
        scheme = self.scheme
        return {
            "code": scheme.code,
            "version": scheme.version,
            "status": scheme.status,
            "hash": self.scheme_hash,
            "notice": scheme.notice.model_dump(),
        }


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """A component's result at one level: scores 0 to 100, `theta` and `theta_se` in logits.

    `score` is None when nothing was observed, `cut` and `met` None when the rule sets this
    component no cut of its own. `accuracy` and `consistency` belong to the component's cut.
    """

    code: str
    weight: float
    theta: float | None
    theta_se: float | None
    score: float | None
    se: float | None
    cut: float | None
    met: bool | None
    accuracy: float | None
    consistency: float | None
    records: int
    min_records: int
    unit_share: float
    min_unit_share: float

    def is_covered(self) -> bool:
        """Whether there is enough evidence for the score to mean anything."""
        return self.records >= self.min_records and self.unit_share >= self.min_unit_share

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form; the first five keys are the documented contract."""
        return {
            "code": self.code,
            "score": self.score,
            "se": self.se,
            "cut": self.cut,
            "met": self.met,
            "weight": self.weight,
            "theta": self.theta,
            "theta_se": self.theta_se,
            "accuracy": self.accuracy,
            "consistency": self.consistency,
            "records": self.records,
            "min_records": self.min_records,
            "unit_share": self.unit_share,
            "min_unit_share": self.min_unit_share,
        }


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One level's conditions: `open` when coverage and eligibility leave only the scores to decide.

    `chance` is P(the true classification is this level or higher); accuracy and consistency are
    those of the dichotomy at this level. They are None when the level is not open.
    """

    level: str
    met: bool
    open: bool
    components: tuple[ComponentResult, ...]
    total: float | None
    total_cut: float | None
    total_met: bool | None
    eligibility: tuple[tuple[str, bool], ...]
    chance: float | None
    accuracy: float | None
    consistency: float | None

    def is_covered(self) -> bool:
        """Whether every component of the level has enough evidence."""
        return all(part.is_covered() for part in self.components)

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "level": self.level,
            "met": self.met,
            "open": self.open,
            "components": [part.as_record() for part in self.components],
            "total": self.total,
            "total_cut": self.total_cut,
            "total_met": self.total_met,
            "eligibility": dict(self.eligibility),
            "chance": self.chance,
            "accuracy": self.accuracy,
            "consistency": self.consistency,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the rule trace: what was asked, whether it was met, and the numbers."""

    code: str
    text: LocalizedText
    met: bool | None
    values: dict[str, Any]

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "code": self.code,
            "zh": self.text.zh,
            "en": self.text.en,
            "met": self.met,
            "values": self.values,
        }


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A condition of the next level that is not met, and by how much.

    `kind` is "component-score", "total", "records", "unit-share" or "eligibility"; `missing` is in
    points, records or share (None for eligibility and for a score that nothing was observed for).
    """

    kind: ShortfallKind
    code: str
    missing: float | None


@dataclass(frozen=True, slots=True)
class Margin:
    """The condition of the decided level that came closest to failing, in points."""

    kind: ShortfallKind
    code: str
    points: float
