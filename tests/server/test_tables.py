"""What must always be true of a row is refused by the database itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from tests.server.conftest import NOW, World

from liangcai.server.store.models import (
    DecisionRecord,
    EvidenceRecord,
    Membership,
    Organisation,
    OutboxMessage,
    SelfAssessment,
    SelfAssessmentAnswer,
    StandardVersion,
    User,
)

pytestmark = pytest.mark.django_db
HASH = "sha256:" + "0" * 64


def _refused(model: type[models.Model], **values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.create(**values)


def _standard(**changes: Any) -> dict[str, Any]:
    values = {
        "code": "a",
        "version": "1.0.0",
        "hash": HASH,
        "document": {},
        "created_at": NOW,
        "status": "published",
        "published_at": NOW,
    }
    return values | changes


def test_the_migrations_make_the_tables_that_the_models_describe() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_what_has_an_address_has_a_random_identifier() -> None:
    plain = {"auditchain", "selfassessmentanswer"}

    kinds = {
        model._meta.model_name: type(model._meta.pk)
        for model in apps.get_app_config("store").get_models()
    }

    assert {kind for kind, field in kinds.items() if field is not models.UUIDField} == plain


def test_one_mailbox_is_one_person(world: World) -> None:
    _refused(User, email="STRANGER@people.example")


def test_an_erased_person_has_no_name_and_cannot_sign_in() -> None:
    _refused(User, email="a@b.example", name="A", is_active=False, erased_at=NOW)
    _refused(User, email="a@b.example", is_active=True, erased_at=NOW)


def test_an_organisation_has_a_name() -> None:
    _refused(Organisation, slug="a", name_zh="", created_at=NOW)


def test_a_role_is_held_once_and_exists(world: World) -> None:
    user, here = world.members["hr"], world.here
    _refused(Membership, user=user, organisation=here, role="hr", created_at=NOW)
    _refused(Membership, user=user, organisation=here, role="boss", created_at=NOW)


def test_an_edition_exists_once_per_owner(world: World) -> None:
    for organisation in (None, world.here, world.there):
        StandardVersion.objects.create(**_standard(organisation=organisation))

    for organisation in (None, world.here):
        _refused(StandardVersion, **_standard(organisation=organisation))


@pytest.mark.parametrize(
    "fault",
    [
        {"status": "gone"},
        {"published_at": None},
        {"status": "draft"},
        {"hash": "md5:1"},
    ],
)
def test_a_standard_is_a_dated_publication_or_an_undated_draft(fault: dict[str, Any]) -> None:
    _refused(StandardVersion, **_standard(**fault))


def test_a_person_takes_one_self_assessment_of_a_standard_at_a_time(world: World) -> None:
    standard = StandardVersion.objects.create(**_standard())
    values = {"person": world.stranger, "standard": standard, "seed": 1, "started_at": NOW}
    running = SelfAssessment.objects.create(**values)

    _refused(SelfAssessment, **values)
    _refused(SelfAssessment, **values, state="finished")
    _refused(SelfAssessment, **values, state="abandoned", finished_at=NOW)
    answer = {"assessment": running, "kind": "item", "answer": {}, "answered_at": NOW}
    SelfAssessmentAnswer.objects.create(**answer, code="a", position=1)
    _refused(SelfAssessmentAnswer, **answer, code="a", position=2)
    _refused(SelfAssessmentAnswer, **answer, code="b", position=1)
    _refused(SelfAssessmentAnswer, **(answer | {"kind": "mood"}), code="b", position=2)


def test_evidence_says_who_answers_for_it(world: World) -> None:
    values = {
        "person": world.stranger,
        "standard_code": "a",
        "record_id": "r1",
        "record": {},
        "hash": HASH,
        "created_at": NOW,
    }
    EvidenceRecord.objects.create(**values, source="self")

    _refused(EvidenceRecord, **values, source="self")
    _refused(EvidenceRecord, **(values | {"record_id": "r2"}), source="organisation")
    _refused(EvidenceRecord, **values, source="self", organisation=world.here)
    EvidenceRecord.objects.create(**values, source="organisation", organisation=world.here)
    _refused(EvidenceRecord, **values, source="organisation", organisation=world.here)


def test_only_an_organisation_decides_and_a_person_alone_gets_an_indication(world: World) -> None:
    standard = StandardVersion.objects.create(**_standard())
    values = {
        "person": world.stranger,
        "standard": standard,
        "document": {},
        "hash": HASH,
        "created_at": NOW,
    }
    DecisionRecord.objects.create(**values, indicative=True)

    _refused(DecisionRecord, **values, indicative=True)
    _refused(DecisionRecord, **values, indicative=False)
    _refused(DecisionRecord, **values, indicative=True, organisation=world.here)


def test_a_message_is_sent_at_a_time_or_not_sent() -> None:
    values = {
        "key": "k",
        "to": "a@b.example",
        "subject": "s",
        "text": "t",
        "language": "en",
        "created_at": NOW,
        "next_attempt_at": NOW,
    }
    _refused(OutboxMessage, **values, status="sent")
    _refused(OutboxMessage, **values, sent_at=NOW + timedelta(1))
    _refused(OutboxMessage, **values, status="lost")


def test_sqlite_keeps_what_it_acknowledged() -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()
        foreign_keys = cursor.execute("PRAGMA foreign_keys").fetchone()
    assert (synchronous, foreign_keys) == ((2,), (1,))
