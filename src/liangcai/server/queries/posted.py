"""Documents that came with a request: a standard or evidence, with every finding at once.

check_posted_standard(value) -> (Standard | None, findings)
evidence_in(value, sources) -> (EvidenceFile, Standard, Scheme | None)    or EvidenceInvalid

A finding's `clause` is a JSON pointer (RFC 6901) to the part of the document that it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from liangcai.grading import EvidenceFile, EvidenceInvalid, Scheme
from liangcai.grading.documents import validate
from liangcai.grading.evidence_read import SHAPE
from liangcai.grading.evidence_rules import check_against, check_rules
from liangcai.kernel.findings import Finding, Rule, has_errors, in_reading_order
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place
from liangcai.standard import Standard
from liangcai.standard.rules import check_rules as check_standard_rules
from liangcai.standard.shape import shape_findings
from liangcai.standard.source import StandardSource

S = TypeVar("S", bound=Scheme | None)
STANDARD_NAME = "standard.json"
EVIDENCE_NAME = "evidence.json"


@dataclass(slots=True)
class _Posted(StandardSource):
    """A standard without files: its findings point into the document instead."""

    def finding(
        self,
        rule: Rule,
        place: Place,
        *,
        zh: str,
        en: str,
        quote: str | None = None,
        fix: LocalizedText | None = None,
    ) -> Finding:
        """Return a finding of `rule` with a JSON pointer to the part that it is about."""
        found = StandardSource.finding(self, rule, place, zh=zh, en=en, quote=quote, fix=fix)
        return replace(found, clause=pointer(place))


def check_posted_standard(value: Any) -> tuple[Standard | None, tuple[Finding, ...]]:
    """Check a standard's JSON document by every rule; None where its shape is wrong."""
    try:
        standard = Standard.model_validate(value)
    except ValidationError as error:
        source = _Posted(Path(), fallback=STANDARD_NAME)
        return None, in_reading_order(shape_findings(error, source))
    # There is no folder that could be misnamed.
    source = _Posted(Path(standard.code), fallback=STANDARD_NAME)
    return standard, in_reading_order(check_standard_rules(standard, source))


def evidence_in(
    value: Any, sources: Callable[[str], tuple[Standard, S]]
) -> tuple[EvidenceFile, Standard, S]:
    """Return an evidence document without errors, and the standard and scheme it is meant for.

    `sources` finds those two by the code that the document names.

    Raises:
        EvidenceInvalid: the document has errors; they are in `findings`.

    """
    evidence, findings = validate(EvidenceFile, value, rule=SHAPE, file=EVIDENCE_NAME, spot=_spot)
    if evidence is None:
        raise EvidenceInvalid(EVIDENCE_NAME, in_reading_order(findings))
    standard, scheme = sources(evidence.standard)
    findings = check_rules(evidence, file=EVIDENCE_NAME, spot=_spot)
    findings += check_against(evidence, standard, scheme, file=EVIDENCE_NAME, spot=_spot)
    if has_errors(findings):
        raise EvidenceInvalid(EVIDENCE_NAME, in_reading_order(findings))
    return evidence, standard, scheme


def pointer(place: Place) -> str:
    """Return the JSON pointer (RFC 6901) of a part of a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _spot(place: Place) -> tuple[int, str | None]:
    return 1, pointer(place)
