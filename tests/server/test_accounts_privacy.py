"""A person takes their data along and is forgotten; what must stay names nobody."""

import io
import json
import zipfile

import pytest
from django.test import Client
from tests.server.conftest import NOW, PASSWORD, World
from tests.server.samples import folder_files, lab_scores

from liangcai.server import access
from liangcai.server.services import accounts, audit, evidence, outbox, privacy, standards, tokens
from liangcai.server.services.organisations import LastAdministrator
from liangcai.server.store.models import (
    AuditEvent,
    DecisionRecord,
    EvidenceRecord,
    OutboxMessage,
    SelfAssessment,
    SelfAssessmentAnswer,
    StandardVersion,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    """A member with evidence, a decision, a self-assessment, a token and a mail."""
    person, officer = world.members["person"], world.members["officer"]
    standard = standards.load_files(
        actor=officer, organisation_id=world.here.pk, files=folder_files(), at=NOW
    )
    evidence.report_evidence(actor=person, evidence=lab_scores("JN1"), at=NOW)
    evidence.record_evidence(
        actor=world.members["hr"],
        person_id=person.pk,
        organisation_id=world.here.pk,
        evidence=lab_scores("JN2"),
        at=NOW,
    )
    DecisionRecord.objects.create(
        person=person,
        organisation=world.here,
        standard=standard,
        document={"level": None},
        hash="sha256:" + "0" * 64,
        indicative=False,
        created_at=NOW,
    )
    assessment = SelfAssessment.objects.create(
        person=person, standard=standard, seed=1, started_at=NOW
    )
    SelfAssessmentAnswer.objects.create(
        assessment=assessment,
        kind="item",
        code="a",
        answer={"key": "b"},
        position=1,
        answered_at=NOW,
    )
    tokens.mint_token(actor=person, name="CI", scopes=("read",), days=1, at=NOW)
    outbox.enqueue_text(key="k", to=person.email, subject="s", text="t", language="en", at=NOW)
    return person


def _opened(archive: bytes) -> dict[str, list[dict[str, object]]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {
            name.removesuffix(".json"): json.loads(opened.read(name))
            for name in opened.namelist()
            if name.endswith(".json")
        }


def test_the_export_holds_everything_and_no_secret(person: User) -> None:
    content = _opened(privacy.export_data(actor=person, at=NOW))

    assert content["person"]["email"] == person.email  # type: ignore[call-overload]
    assert len(content["evidence"]) == 4
    for kind in ("memberships", "decisions", "self-assessments", "answers", "tokens", "audit"):
        assert content[kind], kind
    assert content["answers"][0]["answers"][0]["code"] == "a"  # type: ignore[index]
    assert "token_hash" not in str(content)
    assert "pbkdf2" not in str(content)
    assert AuditEvent.objects.filter(verb="person.export").count() == 1


def test_erasing_deletes_what_is_the_persons_and_keeps_what_others_rely_on(person: User) -> None:
    name, email = person.name, person.email

    report = privacy.erase_person(actor=person, at=NOW)

    assert report.retained == {"evidence": 2, "decisions": 1}
    assert report.deleted == {
        "evidence": 2,
        "decisions": 0,
        "self-assessments": 1,
        "memberships": 1,
        "tokens": 1,
        "addresses": 1,
        "messages": 1,
        "invitations": 0,
    }
    person.refresh_from_db()
    assert (person.name, person.is_active, person.erased_at) == ("", False, NOW)
    assert not person.has_usable_password()
    assert EvidenceRecord.objects.filter(person=person).count() == 2
    assert not SelfAssessment.objects.exists()
    assert not OutboxMessage.objects.filter(to=email).exists()
    traces = [
        *User.objects.values(),
        *AuditEvent.objects.values(),
        *EvidenceRecord.objects.values(),
    ]
    assert not any(name in str(row) or email in str(row) for row in traces)
    assert all(one.intact for one in audit.verify_all_chains())


def test_an_erased_person_is_signed_out_and_cannot_sign_in(person: User, client: Client) -> None:
    client.force_login(person)

    privacy.erase_person(actor=person, at=NOW)

    person.refresh_from_db()
    assert not client.login(email=person.email, password=PASSWORD)
    assert access.roles_in(person, StandardVersion.objects.get().organisation_id) == set()  # type: ignore[arg-type]
    with pytest.raises(access.NotFound):
        privacy.export_data(actor=person, at=NOW)


def test_an_erased_address_can_be_used_again(person: User) -> None:
    email = person.email
    privacy.erase_person(actor=person, at=NOW)

    again = accounts.add_person(email=email, name="", password=PASSWORD, language="en", at=NOW)

    assert again.pk != person.pk


def test_every_organisation_has_it_on_record_that_the_erased_person_left(world: World) -> None:
    person = world.members["hr"]

    privacy.erase_person(actor=person, at=NOW)

    left = AuditEvent.objects.filter(verb="member.leave", actor=person)
    assert [event.organisation_id for event in left] == [world.here.pk]
    assert audit.verify_chain(str(world.here.pk)).intact


def test_the_only_administrator_of_others_names_another_first(world: World) -> None:
    administrator = world.members["administrator"]

    with pytest.raises(LastAdministrator):
        privacy.erase_person(actor=administrator, at=NOW)

    administrator.refresh_from_db()
    assert administrator.erased_at is None
