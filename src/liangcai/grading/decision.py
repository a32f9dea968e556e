"""A decision: a level or none, with its reasons, its probability of being right and its hashes."""

from dataclasses import asdict, dataclass
from typing import Any

from liangcai.grading.encode import Ignored
from liangcai.grading.margins import shortfalls, smallest_margin
from liangcai.grading.profiles import Profile
from liangcai.grading.results import (
    ComponentResult,
    DecisionState,
    LevelResult,
    Margin,
    Shortfall,
    Sources,
    Step,
)
from liangcai.grading.trace import trace_of


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one person under one scheme; immutable and content-addressed."""

    person: str
    state: DecisionState
    level: str | None
    probability_correct: float | None
    levels: tuple[LevelResult, ...]
    profile: Profile
    ignored: tuple[Ignored, ...]
    evidence_hash: str
    sources: Sources
    hash: str

    @property
    def synthetic(self) -> bool:
        """Whether the person or any part of the evidence is invented."""
        return self.profile.synthetic

    @property
    def decided(self) -> LevelResult:
        """The decided level's result, or the lowest level's when no level was earned."""
        return next((part for part in self.levels if part.level == self.level), self.levels[0])

    @property
    def components(self) -> tuple[ComponentResult, ...]:
        """The components of the decided level, or of the lowest one when no level was earned."""
        return self.decided.components

    @property
    def trace(self) -> tuple[Step, ...]:
        """The rule trace in words, level by level upwards, the outcome last."""
        return trace_of(
            self.levels,
            sources=self.sources,
            state=self.state,
            level=self.level,
            probability=self.probability_correct,
        )

    @property
    def next_level(self) -> LevelResult | None:
        """The level above the decided one (the lowest when none was earned), None at the top."""
        index = self._index()
        return self.levels[index + 1] if index + 1 < len(self.levels) else None

    @property
    def missing_for_next(self) -> tuple[Shortfall, ...]:
        """What the next level would still have needed."""
        return () if self.next_level is None else shortfalls(self.next_level)

    @property
    def smallest_margin(self) -> Margin | None:
        """How close the decided level was to failing; None when no level was earned."""
        return None if self.level is None else smallest_margin(self.decided)

    def as_record(self) -> dict[str, Any]:
        """Return the documented JSON form (scores 0 to 100; estimates, errors and intervals of the profile in logits)."""
        sources, margin, following = self.sources, self.smallest_margin, self.next_level
        profile = self.profile.as_record()
        return {
            "person": self.person,
            "state": self.state,
            "level": self.level,
            "probability_correct": self.probability_correct,
            "synthetic": self.synthetic,
            "components": [part.as_record() for part in self.components],
            "levels": [part.as_record() for part in self.levels],
            "smallest_margin": None if margin is None else asdict(margin),
            "next_level": None
            if following is None
            else {
                "level": following.level,
                "missing": [asdict(part) for part in self.missing_for_next],
            },
            "profile": profile["units"],
            "elements": profile["elements"],
            "trace": [step.as_record() for step in self.trace],
            "ignored": [asdict(part) for part in self.ignored],
            "scales": {"score": "0-100", "estimate": "ability-logit"},
            "standard": sources.standard_record(),
            "scheme": sources.scheme_record(),
            "evidence": {"hash": self.evidence_hash},
            "hash": self.hash,
        }

    def _index(self) -> int:
        codes = [part.level for part in self.levels]
        return codes.index(self.level) if self.level is not None else -1
