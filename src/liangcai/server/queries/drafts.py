"""The versions of the standards that a person looks after: drafts, published, withdrawn."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from liangcai.server import access
from liangcai.server.queries.standards import rank, standard_of
from liangcai.server.store.models import Organisation, StandardVersion, User
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard
from liangcai.standard.diff import StandardDiff, diff_standards

_LOAD = "standard.load"


@dataclass(frozen=True, slots=True)
class DraftPage:
    """One version with what the checker said and what it changes."""

    row: StandardVersion
    standard: Standard
    findings: tuple[dict[str, Any], ...]
    errors: int
    warnings: int
    published: StandardVersion | None
    diff: StandardDiff | None
    may_publish: bool
    may_withdraw: bool


def organisations_to_load_for(person: User) -> tuple[Organisation, ...]:
    """Return the organisations for which a person may load standards, by their short name."""
    roles = [role for role, verbs in access.ROLE_VERBS.items() if _LOAD in verbs]
    mine = Organisation.objects.filter(memberships__user=person, memberships__role__in=roles)
    return tuple(mine.distinct())


def versions_looked_after(person: User) -> tuple[StandardVersion, ...]:
    """Return the versions that a person may load, the newest of each standard first.

    Raises:
        NotFound: the person looks after no standard at all.

    """
    organisations = organisations_to_load_for(person)
    operates = access.may(person, _LOAD)
    if not organisations and not operates:
        raise access.NotFound("no standards to look after")
    mine = Q(organisation__in=organisations)
    rows = StandardVersion.objects.filter(mine | Q(organisation=None) if operates else mine)
    rows = rows.select_related("organisation").defer("document", "scheme", "findings")
    return tuple(rows.order_by("code", "-created_at", "id"))


def draft_page(person: User, pk: UUID) -> DraftPage:
    """Return one version with its findings and its difference from what is published.

    Raises:
        NotFound: there is none that this person looks after.

    """
    rows = StandardVersion.objects.select_related("organisation").defer("document", "scheme")
    row = rows.filter(pk=pk).first()
    if row is None or not access.may(person, _LOAD, row):
        raise access.NotFound(f"no version {pk}")
    standard, published = standard_of(row), _published_before(row)
    severities = [finding["severity"] for finding in row.findings]
    is_draft = row.status == StandardStatus.DRAFT
    errors = severities.count("error")
    return DraftPage(
        row=row,
        standard=standard,
        findings=tuple(row.findings),
        errors=errors,
        warnings=len(severities) - errors,
        published=published,
        diff=diff_standards(standard_of(published), standard) if published else None,
        may_publish=is_draft and not errors and access.may(person, "standard.publish", row),
        may_withdraw=row.status == StandardStatus.PUBLISHED
        and access.may(person, "standard.withdraw", row),
    )


def _published_before(row: StandardVersion) -> StandardVersion | None:
    """Return the newest published version of the same standard of the same owner, if any."""
    rows = StandardVersion.objects.filter(
        organisation=row.organisation_id, code=row.code, status=StandardStatus.PUBLISHED
    )
    if row.published_at is not None:
        rows = rows.filter(published_at__lt=row.published_at)
    rows = rows.exclude(pk=row.pk).defer("document", "scheme", "findings")
    return max(rows, key=rank, default=None)
