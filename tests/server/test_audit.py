"""The audit chain shows every way of changing what was recorded."""

from datetime import timedelta

import pytest
from django.db import connection
from tests.server.conftest import NOW, World

from liangcai.server.services import audit
from liangcai.server.store.models import AuditChain, AuditEvent
from liangcai.server.store.models.audit import AuditEventFixed

pytestmark = pytest.mark.django_db


def _three_events(world: World) -> str:
    person = world.members["person"]
    for number in range(3):
        at = NOW + timedelta(microseconds=number)
        detail = {"number": number, "share": 1.0, "text": "评分"}
        audit.record(actor=person, verb="test.act", target=world.there, at=at, detail=detail)
    return str(world.there.pk)


def _sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_chain_that_nobody_touched_verifies(world: World) -> None:
    chain = _three_events(world)

    report = audit.verify_chain(chain)

    assert report.intact
    assert report.events == AuditEvent.objects.filter(chain=chain).count()
    assert audit.verify_chain("never-used") == audit.AuditReport("never-used", 0, None)
    assert all(one.intact for one in audit.verify_all_chains())


def test_each_organisation_has_a_chain_of_its_own(world: World) -> None:
    before = AuditChain.objects.get(name=str(world.here.pk)).length

    _three_events(world)

    assert AuditChain.objects.get(name=str(world.here.pk)).length == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verb", "test.other"),
        ("target_id", "somebody-else"),
        ("detail", '{"number": 7}'),
        ("previous_hash", "sha256:" + "0" * 64),
        ("at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_a_changed_event_is_found_at_its_number(world: World, column: str, value: str) -> None:
    chain = _three_events(world)
    event = AuditEvent.objects.filter(chain=chain).order_by("-number")[1]

    _sql(f"UPDATE store_auditevent SET {column} = %s WHERE hash = %s", value, event.hash)

    assert audit.verify_chain(chain).broken_at == event.number


def test_a_removed_event_is_found(world: World) -> None:
    chain = _three_events(world)
    events = list(AuditEvent.objects.filter(chain=chain).order_by("number"))

    _sql("DELETE FROM store_auditevent WHERE hash = %s", events[-2].hash)

    assert audit.verify_chain(chain).broken_at == events[-2].number


def test_a_cut_off_end_is_found(world: World) -> None:
    chain = _three_events(world)
    last = AuditEvent.objects.filter(chain=chain).order_by("number").last()
    assert last is not None

    _sql("DELETE FROM store_auditevent WHERE hash = %s", last.hash)

    assert audit.verify_chain(chain).broken_at == last.number


def test_an_event_can_be_neither_changed_nor_deleted(world: World) -> None:
    _three_events(world)

    with pytest.raises(AuditEventFixed, match="never changed"):
        AuditEvent.objects.update(verb="test.other")
    with pytest.raises(AuditEventFixed, match="never deleted"):
        AuditEvent.objects.all().delete()
