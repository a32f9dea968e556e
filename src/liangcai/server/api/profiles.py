"""Profiles: computed when they are asked for, never stored."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema

from liangcai.server.api.answers import answer
from liangcai.server.api.callers import READER, user_of
from liangcai.server.api.records import profile_record
from liangcai.server.api.shapes import ProfileAnswer, Version
from liangcai.server.queries.api import own_profile, profile_in
from liangcai.standard.model import Slug

router = Router(tags=[_("Profiles")])


class ProfileWish(Schema):
    """Against which edition, and from which evidence."""

    standard: Slug
    version: Version | None = None
    kind: Literal["tested", "self"] = "tested"


@router.get(
    "/profile",
    auth=READER,
    response=ProfileAnswer,
    summary=_("Compute your profile from all evidence about yourself"),
)
def my_profile(request: HttpRequest, asked: Query[ProfileWish]) -> HttpResponse:
    """Answer with estimates, intervals and probabilities per unit and element."""
    row, profile = own_profile(
        user_of(request), code=asked.standard, version=asked.version, kind=asked.kind
    )
    return answer(profile_record(row, profile))


@router.get(
    "/organisations/{organisation_id}/people/{person_id}/profile",
    auth=READER,
    response=ProfileAnswer,
    summary=_("Compute a member's profile from what the organisation recorded"),
)
def member_profile(
    request: HttpRequest, organisation_id: UUID, person_id: UUID, asked: Query[ProfileWish]
) -> HttpResponse:
    """Answer with estimates, intervals and probabilities per unit and element."""
    row, profile = profile_in(
        user_of(request),
        organisation_id=organisation_id,
        person_id=person_id,
        code=asked.standard,
        version=asked.version,
        kind=asked.kind,
    )
    return answer(profile_record(row, profile))
