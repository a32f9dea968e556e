"""Rows as the JSON that the endpoints answer with."""

from typing import Any

from liangcai.grading import Profile
from liangcai.server.store.models import DecisionRecord, EvidenceRecord, StandardVersion, User


def standard_entry(row: Any) -> dict[str, Any]:
    """Return an edition's summary; the row comes from `standards_listed`, which adds its title."""
    return {
        "id": str(row.pk),
        "code": row.code,
        "version": row.version,
        "status": row.status,
        "hash": row.hash,
        "title": row.title,
        "notice": row.notice,
        "organisation": _id(row.organisation_id),
        "has_scheme": row.has_scheme,
        "published_at": None if row.published_at is None else row.published_at.isoformat(),
    }


def edition_record(row: StandardVersion) -> dict[str, str]:
    """Return which edition of which standard a row is."""
    return {"code": row.code, "version": row.version, "hash": row.hash}


def evidence_entry(row: EvidenceRecord) -> dict[str, Any]:
    """Return a stored record or fact."""
    return {
        "id": str(row.pk),
        "standard": row.standard_code,
        "record": row.record,
        "source": row.source,
        "organisation": _id(row.organisation_id),
        "synthetic": row.synthetic,
        "hash": row.hash,
        "created_at": row.created_at.isoformat(),
    }


def profile_record(row: StandardVersion, profile: Profile) -> dict[str, Any]:
    """Return a profile and the edition that it was computed against."""
    return profile.as_record() | {"standard": edition_record(row)}


def decision_entry(row: DecisionRecord) -> dict[str, Any]:
    """Return a stored decision without its reasons."""
    return {
        "id": str(row.pk),
        "person": str(row.person_id),
        "organisation": _id(row.organisation_id),
        "standard": edition_record(row.standard),
        "level": row.level or None,
        "indicative": row.indicative,
        "synthetic": row.synthetic,
        "hash": row.hash,
        "created_at": row.created_at.isoformat(),
    }


def decision_record(row: DecisionRecord) -> dict[str, Any]:
    """Return a stored decision with its reasons."""
    return decision_entry(row) | {"decision": row.document}


def person_entry(row: User) -> dict[str, Any]:
    """Return a member of an organisation, as colleagues see one."""
    return {"id": str(row.pk), "name": row.name, "synthetic": row.synthetic}


def _id(value: object) -> str | None:
    return None if value is None else str(value)
