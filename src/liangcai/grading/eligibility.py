"""Conditions outside the scores, met by verified facts alone."""

from collections.abc import Sequence

from liangcai.grading.evidence import EvidenceFile, Fact
from liangcai.grading.scheme import FactCondition, LevelRules

Met = tuple[tuple[str, bool], ...]


def eligibility_met(rules: Sequence[LevelRules], evidence: EvidenceFile) -> tuple[Met, ...]:
    """Return, level by level, each eligibility condition and whether a verified fact meets it."""
    verified = [fact for fact in evidence.facts if fact.verified]
    return tuple(
        tuple(
            (asked.code, any(_meets(fact, one) for one in asked.any_of for fact in verified))
            for asked in part.eligibility
        )
        for part in rules
    )


def _meets(fact: Fact, condition: FactCondition) -> bool:
    if fact.fact != condition.fact:
        return False
    if condition.at_least is not None:
        return not isinstance(fact.value, str) and fact.value >= condition.at_least
    return str(fact.value) in condition.one_of
