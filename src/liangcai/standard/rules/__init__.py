"""The rules of a good standard: each looks at a readable standard and yields findings."""

from collections.abc import Callable, Iterable, Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Standard
from liangcai.standard.rules.boundary import check_boundary, check_neighbours, check_own_boundary
from liangcai.standard.rules.evaluation import check_components, check_evaluated, check_evidence
from liangcai.standard.rules.identity import check_history, check_identity
from liangcai.standard.rules.progression import check_autonomy, check_texts
from liangcai.standard.rules.references import check_references
from liangcai.standard.rules.structure import (
    check_codes,
    check_coverage,
    check_emptiness,
    check_indicator_codes,
    check_ranks,
    check_units,
)
from liangcai.standard.rules.terms import check_terms
from liangcai.standard.rules.training import check_training
from liangcai.standard.rules.translation import check_translation
from liangcai.standard.rules.weighting import check_weights
from liangcai.standard.rules.wording import check_wording
from liangcai.standard.source import StandardSource

TOO_MANY = RULES.add(
    "standard.too-many-findings",
    "error",
    zh="问题过多，未全部列出",
    en="There are too many findings to list",
)
MOST_FINDINGS = 10_000

__all__ = ["CHECKS", "Check", "check_boundary", "check_rules"]

Check = Callable[[Standard, StandardSource], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    check_emptiness,
    check_codes,
    check_ranks,
    check_coverage,
    check_units,
    check_indicator_codes,
    check_references,
    check_identity,
    check_history,
    check_weights,
    check_components,
    check_evaluated,
    check_evidence,
    check_training,
    check_wording,
    check_terms,
    check_translation,
    check_own_boundary,
    check_neighbours,
    check_texts,
    check_autonomy,
)


def check_rules(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield the findings of every rule, in no particular order, and no more than anybody can read."""
    found = 0
    for check in CHECKS:
        for finding in check(standard, source):
            found += 1
            if found > MOST_FINDINGS:
                yield source.finding(
                    TOO_MANY,
                    (),
                    zh=f"问题超过 {MOST_FINDINGS} 个，其余未列出；请先改正这些",
                    en=f"There are over {MOST_FINDINGS} findings; mend these first to see the others",
                )
                return
            yield finding
