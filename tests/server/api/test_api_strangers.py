"""Every route that names a thing answers strangers as if it were not there."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.server.api.conftest import (
    CODE,
    NOBODY,
    Answer,
    CallAs,
    Caller,
    code_of,
    evidence_document,
    store_shipped,
)
from tests.server.conftest import World

from liangcai.server.api.application import openapi
from liangcai.server.store.models import AuditEvent, DecisionRecord, EvidenceRecord

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Things:
    """What belongs to the first organisation and its member."""

    world: World
    evidence: EvidenceRecord
    decision: str

    @property
    def desk(self) -> str:
        return f"/organisations/{self.world.here.pk}/people"

    @property
    def person(self) -> str:
        return f"{self.desk}/{self.world.members['person'].pk}"

    @property
    def order(self) -> dict[str, str]:
        person = str(self.world.members["person"].pk)
        return {"organisation": str(self.world.here.pk), "person": person, "standard": CODE}


Route = Callable[[Caller, Things], Answer]

#: Routes that name a thing of somebody's: method and path → a call that names a real one.
OF_SOMEBODY: dict[str, Route] = {
    "GET /api/v1/standards/{code}": lambda who, _: who.get("/standards/inside-only"),
    "GET /api/v1/standards/{code}/{version}": lambda who, _: who.get(
        "/standards/inside-only/1.0.0"
    ),
    "GET /api/v1/standards/{code}/diff": lambda who, _: who.get(
        "/standards/inside-only/diff?old=1.0.0&new=1.0.0"
    ),
    "GET /api/v1/standards/{code}/{version}/units/{unit}": lambda who, _: who.get(
        "/standards/inside-only/1.0.0/units/JN1"
    ),
    "GET /api/v1/standards/{code}/{version}/findings": lambda who, _: who.get(
        "/standards/inside-only/1.0.0/findings"
    ),
    "POST /api/v1/decisions/preview": lambda who, _: who.post(
        "/decisions/preview", evidence_document(standard="inside-only")
    ),
    "POST /api/v1/evidence": lambda who, _: who.post(
        "/evidence", evidence_document(standard="inside-only")
    ),
    "GET /api/v1/profile": lambda who, _: who.get("/profile?standard=inside-only"),
    "POST /api/v1/decisions/indicative": lambda who, _: who.post(
        "/decisions/indicative", {"standard": "inside-only"}
    ),
    "DELETE /api/v1/evidence/{evidence_id}": lambda who, things: who.delete(
        f"/evidence/{things.evidence.pk}"
    ),
    "GET /api/v1/organisations/{organisation_id}/people": lambda who, things: who.get(things.desk),
    "GET /api/v1/organisations/{organisation_id}/people/{person_id}/evidence": (
        lambda who, things: who.get(f"{things.person}/evidence")
    ),
    "POST /api/v1/organisations/{organisation_id}/people/{person_id}/evidence": (
        lambda who, things: who.post(f"{things.person}/evidence", evidence_document())
    ),
    "GET /api/v1/organisations/{organisation_id}/people/{person_id}/profile": (
        lambda who, things: who.get(f"{things.person}/profile?standard={CODE}")
    ),
    "POST /api/v1/decisions": lambda who, things: who.post("/decisions", things.order),
    "GET /api/v1/decisions/{decision_id}": lambda who, things: who.get(
        f"/decisions/{things.decision}"
    ),
}
#: Routes that name nothing of anybody's: lists show what is one's own, the others are for all.
OF_NOBODY = {
    "GET /api/v1/standards",
    "POST /api/v1/checks/standard",
    "GET /api/v1/evidence",
    "GET /api/v1/decisions",
    "GET /api/v1/me",
    "GET /api/v1/schemas",
    "GET /api/v1/schemas/{name}",
}


@pytest.fixture
def things(recorded: EvidenceRecord, world: World, call_as: CallAs) -> Things:
    store_shipped(code="inside-only", version="1.0.0", organisation=world.here)
    order = Things(world, recorded, "").order
    made = call_as(world.members["decider"]).post("/decisions", order)
    assert made.status_code == 201
    return Things(world, recorded, made.json()["id"])


def test_every_route_is_in_one_of_the_tables() -> None:
    """A new route belongs in the table of what is somebody's, or plainly is nobody's."""
    routes = {
        f"{method.upper()} {path}"
        for path, methods in openapi()["paths"].items()
        for method in methods
    }

    assert routes == set(OF_SOMEBODY) | OF_NOBODY


@pytest.mark.parametrize("route", OF_SOMEBODY)
def test_a_stranger_is_told_that_there_is_no_such_thing(
    route: str, things: Things, call_as: CallAs
) -> None:
    world = things.world
    before = AuditEvent.objects.exclude(verb="token.mint").count()

    for who in (world.stranger, world.outsider, world.operator):
        response = OF_SOMEBODY[route](call_as(who), things)

        assert response.status_code == 404
        assert code_of(response) == "access.not-found"
    assert AuditEvent.objects.exclude(verb="token.mint").count() == before
    assert (EvidenceRecord.objects.count(), DecisionRecord.objects.count()) == (1, 1)


@pytest.mark.parametrize("route", OF_SOMEBODY)
def test_somebody_inside_is_not_told_so(route: str, things: Things, call_as: CallAs) -> None:
    """Otherwise the table would prove nothing: each call names a thing that is really there."""
    members = things.world.members

    answers = [
        OF_SOMEBODY[route](call_as(members[role]), things).status_code
        for role in ("hr", "decider", "officer", "person")
    ]

    assert any(status != 404 for status in answers)


@pytest.mark.parametrize("route", OF_SOMEBODY)
def test_nobody_learns_no_more_than_a_stranger(route: str, things: Things) -> None:
    response = OF_SOMEBODY[route](NOBODY, things)

    assert response.status_code in (401, 404)


@pytest.mark.parametrize("path", ["/evidence", "/decisions", "/standards"])
def test_lists_show_strangers_nothing_of_others(path: str, things: Things, call_as: CallAs) -> None:
    for who in (things.world.stranger, things.world.outsider, things.world.operator):
        text = call_as(who).get(path).content.decode()

        assert str(things.world.here.pk) not in text
        assert "inside-only" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/decisions/7",
        "/organisations/x/people",
        "/standards/No Slug",
        "/standards/a%00b",
        "/standards/../../etc",
        "/standards/llm-product-engineer/one",
        "/schemas/nothing",
        "/schemas/../standard",
        "/nowhere",
        "/",
    ],
)
def test_an_address_that_is_none_is_not_found(path: str, things: Things, call_as: CallAs) -> None:
    response = call_as(things.world.stranger).get(path)

    assert response.status_code == 404
    assert code_of(response) in ("access.not-found", "schema.unknown")
