"""The hash of a decision: everything it says, as integers of the stated decimals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from liangcai.grading.decision import Decision
from liangcai.grading.estimates import AbilityEstimate, Estimates
from liangcai.grading.hashing import plain_hash
from liangcai.grading.results import ComponentResult, LevelResult

#: Raised when the same evidence may give another result: part of what is hashed.
METHOD = "liangcai.grading/2"


def hash_of(decision: Decision) -> str:
    """Return the content hash of a decision.

    Logits enter in thousandths, scores and points in hundredths, probabilities and shares in
    ten-thousandths, texts not at all (they follow from the codes), the standard, the scheme and
    the evidence as their own hashes. Two machines that agree on the rounded values agree on it.
    """
    return plain_hash(hashed_form(decision))


def hashed_form(decision: Decision) -> dict[str, Any]:
    """Return the plain values that `hash_of` is taken over."""
    return {
        "method": METHOD,
        "person": decision.person,
        "standard": decision.sources.standard_hash,
        "scheme": decision.sources.scheme_hash,
        "evidence": decision.evidence_hash,
        "state": decision.state,
        "level": decision.level,
        "probability": _whole(decision.probability_correct, 10_000),
        "levels": [_level(level) for level in decision.levels],
        "units": _estimates(decision.profile.units),
        "elements": _estimates(decision.profile.elements),
        "ignored": [[part.record, part.reason] for part in decision.ignored],
    }


def _level(level: LevelResult) -> list[Any]:
    return [
        level.level,
        level.met,
        level.open,
        _whole(level.total, 100),
        level.total_met,
        [list(condition) for condition in level.eligibility],
        _whole(level.chance, 10_000),
        _whole(level.accuracy, 10_000),
        _whole(level.consistency, 10_000),
        [_component(part) for part in level.components],
    ]


def _component(part: ComponentResult) -> list[Any]:
    return [
        part.code,
        _whole(part.theta, 1000),
        _whole(part.theta_se, 1000),
        _whole(part.score, 100),
        _whole(part.se, 100),
        part.met,
        _whole(part.accuracy, 10_000),
        _whole(part.consistency, 10_000),
        part.records,
        _whole(part.unit_share, 10_000),
    ]


def _estimates(parts: Sequence[AbilityEstimate]) -> list[list[int]]:
    """List logits, probabilities and record counts; the rest follows from them and the scheme."""
    if isinstance(parts, Estimates):
        logits, chances, records = parts.logits, parts.chances, list(parts.records)
    else:
        logits = tuple(x for part in parts for x in (part.estimate, part.se, *part.interval))
        chances = tuple(x for part in parts for x in part.meets)
        records = [part.records for part in parts]
    return [_wholes(logits, 1000), _wholes(chances, 10_000), records]


def _wholes(values: tuple[float, ...], scale: int) -> list[int]:
    return np.rint(np.array(values) * scale).astype(np.int64).tolist()  # type: ignore[no-any-return]  # NumPy types tolist as Any


def _whole(value: float | None, scale: int) -> int | None:
    return None if value is None else round(value * scale)
