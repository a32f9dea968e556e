"""Decisions: previewed without storing, made by a decider, read by whom they concern."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema

from liangcai.server.api.answers import answer
from liangcai.server.api.bodies import json_of
from liangcai.server.api.callers import ANYBODY, READER, WRITER, actor_of, user_of
from liangcai.server.api.paging import Paging, answer_page
from liangcai.server.api.rates import rated
from liangcai.server.api.records import decision_entry, decision_record
from liangcai.server.api.shapes import (
    DecisionDocument,
    DecisionOrder,
    DecisionSummary,
    IndicationOrder,
    Page,
    StoredDecision,
    Version,
)
from liangcai.server.queries.api import decision_for, decisions_for, preview
from liangcai.server.queries.standards import edition
from liangcai.server.services.decisions import indicate_level, make_decision
from liangcai.server.store.models import DecisionRecord
from liangcai.standard.model import Slug

router = Router(tags=[_("Decisions")])


class DecisionFilter(Paging):
    """Which decisions to list; without a filter all that you may read."""

    person: UUID | None = None
    organisation: UUID | None = None
    standard: Slug | None = None

    def where(self) -> dict[str, Any]:
        """Return the condition as the table has it."""
        wanted = {
            "person": self.person,
            "organisation": self.organisation,
            "standard__code": self.standard,
        }
        return {name: value for name, value in wanted.items() if value is not None}


class PreviewWish(Schema):
    """Against which edition."""

    version: Version | None = None


@router.post(
    "/decisions/preview",
    auth=ANYBODY,
    response=DecisionDocument,
    summary=_("Decide on an evidence document; nothing is stored"),
    openapi_extra={"requestBody": {"$ref": "#/components/requestBodies/Evidence"}},
)
@rated
def preview_decision(request: HttpRequest, asked: Query[PreviewWish]) -> HttpResponse:
    """Answer with the decision that `liangcai grade` makes of the same document; its hash is the same."""
    decision = preview(actor_of(request), json_of(request), version=asked.version)
    return answer(decision.as_record())


@router.get(
    "/decisions",
    auth=READER,
    response=Page[DecisionSummary],
    summary=_("List the decisions that you may read"),
)
def list_decisions(request: HttpRequest, asked: Query[DecisionFilter]) -> HttpResponse:
    """Answer with one's own decisions and those of the organisations where one's role reads them."""
    rows = decisions_for(user_of(request)).filter(**asked.where())
    return answer_page(request, rows, asked, order=("-created_at", "pk"), entry=decision_entry)


@router.post(
    "/decisions",
    auth=WRITER,
    response={200: StoredDecision, 201: StoredDecision},
    summary=_("Decide on what an organisation recorded about a member, and keep the decision"),
)
def decide(request: HttpRequest, order: DecisionOrder) -> HttpResponse:
    """Answer 201 with a new decision, or 200 with the one that the same evidence had led to before."""
    user, at = user_of(request), now()
    row = make_decision(
        actor=user,
        person_id=order.person,
        organisation_id=order.organisation,
        standard_id=edition(user, order.standard, order.version).pk,
        at=at,
    )
    return _stored(row, is_new=row.created_at == at)


@router.post(
    "/decisions/indicative",
    auth=WRITER,
    response={200: StoredDecision, 201: StoredDecision},
    summary=_("Keep what all evidence about yourself points to; it grades nobody"),
)
def indicate(request: HttpRequest, order: IndicationOrder) -> HttpResponse:
    """Answer 201 with a new indication, or 200 with the one that the same evidence had led to before."""
    user, at = user_of(request), now()
    standard = edition(user, order.standard, order.version)
    row = indicate_level(actor=user, standard_id=standard.pk, at=at)
    return _stored(row, is_new=row.created_at == at)


@router.get(
    "/decisions/{decision_id}",
    auth=READER,
    response=StoredDecision,
    summary=_("Read a decision with its reasons"),
)
def one_decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Answer with the stored decision as it came out."""
    return answer(decision_record(decision_for(user_of(request), decision_id)))


def _stored(row: DecisionRecord, *, is_new: bool) -> HttpResponse:
    """Return a stored decision: 201 where it is new, 200 where the same one was there already."""
    address = reverse("api:one_decision", kwargs={"decision_id": row.pk})
    headers = {"Location": address}
    return answer(decision_record(row), status=201 if is_new else 200, headers=headers)
