"""Evidence over the API: one's own, and what an organisation records about its members."""

import pytest
from tests.server.api.conftest import (
    CODE,
    CallAs,
    code_of,
    evidence_document,
)
from tests.server.conftest import World

from liangcai.server.services import audit
from liangcai.server.store.models import AuditEvent, EvidenceRecord, StandardVersion

pytestmark = pytest.mark.django_db


def test_a_person_reports_evidence_once_however_often_it_is_sent(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    me = call_as(world.stranger)

    first = me.post("/evidence", evidence_document("JN1", "JN2"))
    again = me.post("/evidence", evidence_document("JN1", "JN2", "JN3"))

    assert (first.status_code, first.json()) == (201, {"received": 2, "added": 2})
    assert again.json() == {"received": 3, "added": 1}
    assert [item["source"] for item in me.get("/evidence").json()["items"]] == ["self"] * 3


def test_reported_evidence_is_on_record_in_the_audit_chain(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    call_as(world.stranger).post("/evidence", evidence_document())

    assert AuditEvent.objects.filter(verb="evidence.add", actor=world.stranger).count() == 1
    assert audit.verify_chain().intact


def test_faulty_evidence_is_refused_with_every_fault_at_its_place(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    document = evidence_document("JN1", "XX9")
    document["records"][0]["level"] = "emperor"

    answer = call_as(world.stranger).post("/evidence", document)

    assert answer.status_code == 422
    assert code_of(answer) == "evidence.invalid"
    places = {(finding["rule"], finding["clause"]) for finding in answer.json()["findings"]}
    assert ("evidence.unknown-level", "/records/0/level") in places
    assert ("evidence.unknown-unit", "/records/1/units") in places
    assert not EvidenceRecord.objects.exists()


def test_findings_come_in_the_language_that_the_caller_asks_for(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    document = evidence_document("XX9")

    english = call_as(world.stranger).post("/evidence", document).json()
    chinese = call_as(world.stranger, language="zh-CN,zh;q=0.9").post("/evidence", document).json()

    assert english["findings"][0]["message"] == "The standard has no unit XX9"
    assert chinese["findings"][0]["message"] == "标准没有能力单元 XX9"


def test_evidence_for_an_unknown_standard_is_not_found(world: World, call_as: CallAs) -> None:
    answer = call_as(world.stranger).post("/evidence", evidence_document(standard="unheard-of"))

    assert code_of(answer) == "access.not-found"


def test_the_list_of_evidence_can_be_narrowed_to_a_standard(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    me = call_as(world.members["person"])

    assert len(me.get(f"/evidence?standard={CODE}").json()["items"]) == 1
    assert me.get("/evidence?standard=another").json()["items"] == []


def test_a_person_deletes_what_they_reported_and_not_what_an_organisation_recorded(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    me = call_as(world.members["person"])
    me.post("/evidence", evidence_document("JN2"))
    mine = EvidenceRecord.objects.get(organisation=None)

    deleted = me.delete(f"/evidence/{mine.pk}")
    kept = me.delete(f"/evidence/{recorded.pk}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert code_of(kept) == "evidence.kept"
    assert list(EvidenceRecord.objects.all()) == [recorded]


def test_hr_records_and_reads_evidence_about_a_member(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    hr, person = call_as(world.members["hr"]), world.members["person"]
    path = f"/organisations/{world.here.pk}/people/{person.pk}/evidence"

    added = hr.post(path, evidence_document("JN1"))
    listed = hr.get(path).json()["items"]

    assert added.json() == {"received": 1, "added": 1}
    assert [item["organisation"] for item in listed] == [str(world.here.pk)]
    assert listed[0]["record"]["score"] == 70


def test_a_trainer_neither_records_nor_reads_evidence(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    trainer, person = call_as(world.members["trainer"]), world.members["person"]
    path = f"/organisations/{world.here.pk}/people/{person.pk}/evidence"

    assert code_of(trainer.get(path)) == "access.forbidden"
    assert code_of(trainer.post(path, evidence_document())) == "access.forbidden"


def test_what_a_person_reported_is_not_the_organisations_to_read(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    person = world.members["person"]
    call_as(person).post("/evidence", evidence_document())

    listed = call_as(world.members["hr"]).get(
        f"/organisations/{world.here.pk}/people/{person.pk}/evidence"
    )

    assert listed.json()["items"] == []


def test_a_desk_finds_the_members_it_may_see(world: World, call_as: CallAs) -> None:
    path = f"/organisations/{world.here.pk}/people"

    people = call_as(world.members["hr"]).get(path).json()["items"]
    refused = call_as(world.members["person"]).get(path)

    assert {one["id"] for one in people} == {str(one.pk) for one in world.members.values()}
    assert set(people[0]) == {"id", "name", "synthetic"}
    assert code_of(refused) == "access.forbidden"
