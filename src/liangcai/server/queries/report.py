"""The report of a stored decision, and of the example people that ship with the product."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime

from liangcai.grading import Decision, EvidenceFile, decide, load_scheme, read_evidence
from liangcai.grading.report import Report, decision_report
from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.standards import scheme_of, standard_of
from liangcai.server.store.models import DecisionRecord, User
from liangcai.standard import load_standard


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A decision as it was stored, with its report."""

    record: DecisionRecord
    report: Report
    is_mine: bool


def report_page(actor: access.Actor, decision_id: UUID, *, language: str) -> ReportPage:
    """Return a decision's report, computed from what was stored when it was made.

    Raises:
        NotFound: there is no such decision for this person.

    """
    access.find(actor, "decision.read", DecisionRecord, decision_id)
    related = ("standard", "person", "organisation", "created_by")
    record = DecisionRecord.objects.select_related(*related).get(pk=decision_id)
    scheme = scheme_of(record.standard)
    if scheme is None:
        raise access.NotFound("the standard of this decision has no scheme")
    report = decision_report(
        record.document,
        standard_of(record.standard),
        scheme,
        language=language,
        name=record.person.name or str(record.person.pk),
        on=date_format(localtime(record.created_at), "DATE_FORMAT"),
        indicative=record.indicative,
    )
    is_mine = isinstance(actor, User) and record.person_id == actor.pk
    return ReportPage(record, report, is_mine)


#: The example people lie beside the source; an installation without it has none.
EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """An invented person, the decision about them and its report."""

    name: str
    evidence: EvidenceFile
    report: Report


def example_names() -> tuple[str, ...]:
    """Return the names of the example people, in order."""
    return tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/evidence.yaml")))


def example(name: str, *, language: str) -> Example:
    """Return an example person's decision, made anew from their evidence.

    Raises:
        NotFound: there is no such example.

    """
    if not _NAME.fullmatch(name) or name not in example_names():
        raise access.NotFound(f"no example {name}")
    evidence, decision = _decided(name)
    label = evidence.person.name or LocalizedText(zh=evidence.person.id)
    sources = decision.sources
    report = decision_report(
        decision.as_record(),
        sources.standard,
        sources.scheme,
        language=language,
        name=label.in_language(language),
    )
    return Example(name, evidence, report)


@lru_cache(maxsize=16)
def _decided(name: str) -> tuple[EvidenceFile, Decision]:
    evidence = read_evidence(EXAMPLES / name / "evidence.yaml")
    standard = load_standard(evidence.standard)
    return evidence, decide(standard, evidence, load_scheme("default", standard=standard))
