"""A person's profile against one standard: what was tested, what they say, the report of both."""

from collections.abc import Iterable
from dataclasses import dataclass

from liangcai.grading import EvidenceFile, profile_of
from liangcai.grading.gap import next_level
from liangcai.grading.report import Report, profile_report
from liangcai.server import access
from liangcai.server.queries.people import decisions_about, evidence_about
from liangcai.server.queries.standards import edition, scheme_of, standard_of
from liangcai.server.store.models import (
    DecisionRecord,
    EvidenceRecord,
    SelfAssessment,
    StandardVersion,
    User,
)
from liangcai.server.store.models.assessments import AssessmentState
from liangcai.server.store.models.evidence import EvidenceSource
from liangcai.standard import Standard
from liangcai.standard.model import Level


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A profile with its report, the evidence behind it and what else there is."""

    row: StandardVersion
    standard: Standard
    report: Report
    level: Level
    evidence: tuple[EvidenceRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    runs: tuple[SelfAssessment, ...]


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A standard that a person has evidence for."""

    row: StandardVersion
    standard: Standard
    records: int


def profile_choices(person: User) -> tuple[ProfileChoice, ...]:
    """Return the standards that there is evidence about a person for, by code."""
    rows = EvidenceRecord.objects.filter(person=person).order_by()
    counted: dict[str, int] = {}
    for code in rows.values_list("standard_code", flat=True):
        counted[code] = counted.get(code, 0) + 1
    found = []
    for code, records in sorted(counted.items()):
        try:
            row = edition(person, code)
        except access.NotFound:
            continue  # withdrawn meanwhile: nothing to compare with
        if row.scheme is not None:
            found.append(ProfileChoice(row, standard_of(row), records))
    return tuple(found)


def profile_page(
    person: User, code: str, *, language: str, level: str | None = None
) -> ProfilePage:
    """Return a person's own profile against the newest edition of a standard.

    Raises:
        NotFound: there is no such standard for them, it has no scheme, or no such level.

    """
    row = edition(person, code)
    scheme = scheme_of(row)
    if scheme is None:
        raise access.NotFound(f"{row} has no scheme to measure by")
    standard = standard_of(row)
    records = tuple(
        evidence_about(person, person).filter(standard_code=code).select_related("organisation")
    )
    evidence = _as_file(person, code, records)
    tested = profile_of(standard, evidence, scheme)
    rated = profile_of(standard, evidence, scheme, kind="self")
    if level is not None and level not in tested.levels:
        raise access.NotFound(f"{row} has no level {level}")
    report = profile_report(
        tested,
        standard,
        scheme,
        language=language,
        name=str(person),
        self_rated=rated if any(part.records for part in rated.units) else None,
        level=level,
        pilot=any(one.source == EvidenceSource.ASSESSMENT for one in records),
        evidence_hash=evidence.hash if records else "",
    )
    runs = SelfAssessment.objects.filter(
        person=person, standard__code=code, state=AssessmentState.FINISHED
    )
    return ProfilePage(
        row=row,
        standard=standard,
        report=report,
        level=standard.level(level or next_level(tested)),
        evidence=records,
        decisions=tuple(decisions_about(person, person).filter(standard__code=code)),
        runs=tuple(runs.order_by("-finished_at", "pk")),
    )


def _as_file(person: User, code: str, rows: Iterable[EvidenceRecord]) -> EvidenceFile:
    """Return the evidence to estimate from; of the self-ratings of a unit only the latest ones.

    Somebody who takes the self-assessment again says the same thing again: it does not count twice.
    """
    latest: dict[tuple[str, ...], str] = {}
    documents, facts = [], []
    for row in rows:  # newest first
        record = row.record | {"id": f"{row.hash[7:23]}:{row.record_id}"[:128]}
        if "fact" in record:
            facts.append(record)
            continue
        if record["kind"] == "self-rating":
            units, source = tuple(record["units"]), record["source"]
            if latest.setdefault(units, source) != source:
                continue
        documents.append(record)
    return EvidenceFile.model_validate(
        {
            "person": {"id": str(person.pk), "synthetic": person.synthetic},
            "standard": code,
            "records": documents,
            "facts": facts,
        }
    )
