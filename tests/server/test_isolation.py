"""Nobody reads or changes what belongs to another person or organisation, whatever they call."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.server.conftest import NOW, World
from tests.server.samples import CODE, folder_files, lab_scores

from liangcai.grading import read_evidence
from liangcai.server import access
from liangcai.server.queries import people
from liangcai.server.queries import standards as standard_queries
from liangcai.server.services import decisions, demo, evidence, organisations, standards
from liangcai.server.store.models import (
    AuditEvent,
    DecisionRecord,
    EvidenceRecord,
    StandardVersion,
    User,
)
from liangcai.standard import load_standard

pytestmark = pytest.mark.django_db


@pytest.fixture
def standard(world: World) -> StandardVersion:
    """A published standard of the first organisation."""
    officer = world.members["officer"]
    stored = standards.load_files(
        actor=officer, organisation_id=world.here.pk, files=folder_files(), at=NOW
    )
    standards.publish_standard(actor=officer, standard_id=stored.pk, at=NOW)
    stored.refresh_from_db()
    return stored


def _record(world: World, actor: User, **changes: Any) -> int:
    values: dict[str, Any] = {
        "person_id": world.members["person"].pk,
        "organisation_id": world.here.pk,
        "evidence": lab_scores("JN1", "JN2"),
    }
    return evidence.record_evidence(actor=actor, at=NOW, **(values | changes))


def _decide(world: World, standard: StandardVersion, actor: User, **changes: Any) -> DecisionRecord:
    values: dict[str, Any] = {
        "person_id": world.members["person"].pk,
        "organisation_id": world.here.pk,
        "standard_id": standard.pk,
    }
    return decisions.make_decision(actor=actor, at=NOW, **(values | changes))


def test_evidence_is_seen_by_its_person_and_their_organisation_only(world: World) -> None:
    person = world.members["person"]

    assert _record(world, world.members["hr"]) == 3

    for actor in (person, *(world.members[role] for role in ("hr", "officer", "decider"))):
        assert people.evidence_about(actor, person).count() == 3
    for actor in (world.outsider, world.stranger, world.operator, world.members["rater"]):
        assert not people.evidence_about(actor, person).exists()


def test_what_a_person_reports_stays_with_the_person(world: World) -> None:
    person = world.members["person"]

    evidence.report_evidence(actor=person, evidence=lab_scores("JN1"), at=NOW)

    assert people.evidence_about(person, person).count() == 2
    assert not people.evidence_about(world.members["hr"], person).exists()
    fact = EvidenceRecord.objects.get(record_id="years")
    assert fact.record["verified"] is False


def test_only_a_desk_of_the_organisation_records_evidence_about_its_members(world: World) -> None:
    for actor in (world.outsider, world.stranger, world.operator):
        with pytest.raises(access.NotFound):
            _record(world, actor)
    for role in ("person", "decider", "trainer", "administrator"):
        with pytest.raises(access.Forbidden):
            _record(world, world.members[role])
    for person_id in (world.outsider.pk, uuid4()):
        with pytest.raises(access.NotFound):
            _record(world, world.members["hr"], person_id=person_id)
    assert not EvidenceRecord.objects.exists()


def test_the_same_record_is_kept_once(world: World) -> None:
    _record(world, world.members["hr"])
    events = AuditEvent.objects.count()

    assert _record(world, world.members["officer"]) == 0
    assert AuditEvent.objects.count() == events
    assert _record(world, world.members["hr"], evidence=lab_scores("JN1", "JN3")) == 1


def test_a_synthetic_persons_evidence_is_synthetic(world: World) -> None:
    person = world.members["person"]
    User.objects.filter(pk=person.pk).update(synthetic=True)

    _record(world, world.members["hr"])

    assert all(row.synthetic and row.record["synthetic"] for row in EvidenceRecord.objects.all())


def test_a_person_deletes_what_they_reported_and_nothing_else(world: World) -> None:
    person = world.members["person"]
    evidence.report_evidence(actor=person, evidence=lab_scores("JN1"), at=NOW)
    _record(world, world.members["hr"])
    own = EvidenceRecord.objects.filter(organisation=None).first()
    recorded = EvidenceRecord.objects.filter(organisation=world.here).first()
    assert own is not None
    assert recorded is not None

    for actor in (world.outsider, world.stranger, world.members["hr"]):
        with pytest.raises(access.NotFound):
            evidence.delete_evidence(actor=actor, evidence_id=own.pk, at=NOW)
    with pytest.raises(access.Forbidden):
        evidence.delete_evidence(actor=world.members["hr"], evidence_id=recorded.pk, at=NOW)
    with pytest.raises(evidence.EvidenceKept):
        evidence.delete_evidence(actor=person, evidence_id=recorded.pk, at=NOW)
    evidence.delete_evidence(actor=person, evidence_id=own.pk, at=NOW)

    assert not EvidenceRecord.objects.filter(pk=own.pk).exists()


def test_a_decision_rests_on_the_organisations_evidence_and_is_kept_once(
    world: World, standard: StandardVersion
) -> None:
    person, decider = world.members["person"], world.members["decider"]
    evidence.report_evidence(actor=person, evidence=lab_scores("JN7", score=100), at=NOW)
    _record(world, world.members["hr"])

    decision = _decide(world, standard, decider)

    assert _decide(world, standard, decider) == decision
    assert decision.hash == decision.document["hash"]
    assert decision.document["person"] == str(person.pk)
    assert not decision.indicative
    states = {unit["unit"]: unit["records"] for unit in decision.document["profile"]}
    assert (states["JN1"], states["JN7"]) == (1, 0)
    assert AuditEvent.objects.filter(verb="decision.make").count() == 1


def test_a_decision_is_seen_by_its_person_and_their_organisation_only(
    world: World, standard: StandardVersion
) -> None:
    _record(world, world.members["hr"])
    decision = _decide(world, standard, world.members["decider"])
    person = world.members["person"]

    for actor in (person, *(world.members[role] for role in ("hr", "decider", "trainer"))):
        assert list(people.decisions_about(actor, person)) == [decision]
        assert access.find(actor, "decision.read", DecisionRecord, decision.pk) == decision
    for actor in (world.outsider, world.stranger, world.operator, world.members["author"]):
        assert not people.decisions_about(actor, person).exists()
        with pytest.raises(access.NotFound):
            access.find(actor, "decision.read", DecisionRecord, decision.pk)


def test_only_an_impartial_decider_decides(world: World, standard: StandardVersion) -> None:
    _record(world, world.members["hr"])
    decider = world.members["decider"]

    for actor in (world.outsider, world.stranger, world.operator):
        with pytest.raises(access.NotFound):
            _decide(world, standard, actor)
    with pytest.raises(access.Forbidden):
        _decide(world, standard, world.members["administrator"])
    with pytest.raises(decisions.NotImpartial):
        _decide(world, standard, decider, person_id=decider.pk)
    with pytest.raises(access.NotFound):
        _decide(world, standard, decider, person_id=world.outsider.pk)
    EvidenceRecord.objects.update(created_by=decider)
    with pytest.raises(decisions.NotImpartial):
        _decide(world, standard, decider)


def test_without_evidence_or_a_published_standard_there_is_nothing_to_decide(
    world: World, standard: StandardVersion
) -> None:
    decider = world.members["decider"]
    with pytest.raises(decisions.NothingToDecideOn):
        _decide(world, standard, decider)
    _record(world, world.members["hr"])
    standards.withdraw_standard(actor=world.members["officer"], standard_id=standard.pk, at=NOW)

    with pytest.raises(decisions.NothingToDecideOn):
        _decide(world, standard, decider)


def test_a_persons_own_indication_uses_all_their_evidence_and_grades_nobody(
    world: World, standard: StandardVersion
) -> None:
    person = world.members["person"]
    evidence.report_evidence(actor=person, evidence=lab_scores("JN1", "JN7"), at=NOW)
    _record(world, world.members["hr"])

    decision = decisions.indicate_level(actor=person, standard_id=standard.pk, at=NOW)

    assert decision.indicative
    counted = {unit["unit"]: unit["records"] for unit in decision.document["profile"]}
    assert (counted["JN1"], counted["JN2"], counted["JN7"]) == (2, 1, 1)
    assert not people.decisions_about(world.members["hr"], person).exists()
    with pytest.raises(access.NotFound):
        decisions.indicate_level(actor=world.outsider, standard_id=standard.pk, at=NOW)


def test_a_standard_goes_from_draft_to_published_to_withdrawn_and_never_back(
    world: World,
) -> None:
    officer, files = world.members["officer"], folder_files()
    load: Callable[[], StandardVersion] = lambda: standards.load_files(  # noqa: E731
        actor=officer, organisation_id=world.here.pk, files=files, at=NOW
    )
    draft = load()
    assert load() == draft

    standards.publish_standard(actor=officer, standard_id=draft.pk, at=NOW)

    with pytest.raises(standards.StandardNotDraft):
        standards.publish_standard(actor=officer, standard_id=draft.pk, at=NOW)
    with pytest.raises(standards.VersionPublished):
        load()
    standards.withdraw_standard(actor=officer, standard_id=draft.pk, at=NOW)
    with pytest.raises(standards.StandardNotPublished):
        standards.withdraw_standard(actor=officer, standard_id=draft.pk, at=NOW)
    verbs = list(
        AuditEvent.objects.filter(target_id=draft.pk)
        .order_by("number")
        .values_list("verb", flat=True)
    )
    assert verbs == ["standard.load"] * 2 + ["standard.publish", "standard.withdraw"]


def test_a_faulty_draft_is_kept_with_its_findings_and_not_published(world: World) -> None:
    drafter, officer = world.members["drafter"], world.members["officer"]
    files = folder_files() | {"scheme.yaml": b"code: nothing\n"}

    draft = standards.load_files(actor=drafter, organisation_id=world.here.pk, files=files, at=NOW)

    errors = [one for one in draft.findings if one["severity"] == "error"]
    assert errors
    assert {one["file"] for one in errors} == {"scheme.yaml"}
    assert set(errors[0]["message"]) == {"zh", "en"}
    english = standard_queries.findings_of(draft, "en")
    assert english[draft.findings.index(errors[0])]["message"] == errors[0]["message"]["en"]
    with pytest.raises(standards.StandardNotDraft):
        standards.publish_standard(actor=officer, standard_id=draft.pk, at=NOW)


def test_an_upload_is_not_blamed_for_a_folder_that_it_does_not_name(world: World) -> None:
    draft = standards.load_files(
        actor=world.operator, organisation_id=None, files=folder_files(), at=NOW
    )

    assert "standard.folder-name" not in {finding["rule"] for finding in draft.findings}


def test_a_draft_that_was_loaded_again_after_it_was_looked_at_is_not_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, faulty = world.members["officer"], {"scheme.yaml": b"code: nothing\n"}
    find = access.find

    def load(files: dict[str, bytes], minutes: int) -> StandardVersion:
        at = NOW + timedelta(minutes=minutes)
        return standards.load_files(
            actor=officer, organisation_id=world.here.pk, files=files, at=at
        )

    def find_then_load(actor: User, verb: str, kind: Any, pk: Any) -> Any:
        found = find(actor, verb, kind, pk)
        if verb == "standard.publish":
            load(folder_files() | faulty, minutes=1)
        return found

    draft = load(folder_files(), minutes=0)
    monkeypatch.setattr(access, "find", find_then_load)

    with pytest.raises(standards.StandardNotDraft):
        standards.publish_standard(actor=officer, standard_id=draft.pk, at=NOW)


def test_an_organisation_does_not_decide_by_another_organisations_standard(
    world: World, standard: StandardVersion
) -> None:
    decider = world.members["decider"]
    organisations.add_member(
        user=decider, organisation=world.there, role="decider", actor=decider, at=NOW
    )
    StandardVersion.objects.filter(pk=standard.pk).update(organisation=world.there)
    _record(world, world.members["hr"])

    with pytest.raises(access.NotFound):
        _decide(world, standard, decider)


@pytest.mark.parametrize(
    "name", ["../standard.yaml", "/etc/passwd", "units/../../x.yaml", "run.py", "units/a/b.yaml"]
)
def test_an_upload_writes_nowhere_but_into_its_own_folder(world: World, name: str) -> None:
    with pytest.raises(standards.UploadRefused):
        standards.load_files(
            actor=world.members["drafter"],
            organisation_id=world.here.pk,
            files={"standard.yaml": b"", name: b"x"},
            at=NOW,
        )


def test_an_unreadable_upload_comes_back_with_its_findings(world: World) -> None:
    with pytest.raises(standards.StandardUnreadable) as refused:
        standards.load_files(
            actor=world.operator, organisation_id=None, files={"standard.yaml": b"a: [1"}, at=NOW
        )

    assert refused.value.findings[0].file == "standard.yaml"
    assert not StandardVersion.objects.exists()


def test_strangers_load_and_publish_nothing(world: World, standard: StandardVersion) -> None:
    for actor in (world.outsider, world.stranger, world.operator):
        with pytest.raises(access.NotFound):
            standards.load_files(
                actor=actor, organisation_id=world.here.pk, files=folder_files(), at=NOW
            )
        with pytest.raises(access.NotFound):
            standards.withdraw_standard(actor=actor, standard_id=standard.pk, at=NOW)
        with pytest.raises(access.NotFound):
            standard_queries.edition(actor, CODE)
    with pytest.raises(access.Forbidden):
        standards.load_files(
            actor=world.stranger, organisation_id=None, files=folder_files(), at=NOW
        )


def test_shipped_standards_are_loaded_once_and_a_changed_one_beside_the_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standards, "shipped_standards", lambda: (CODE,))
    assert [one.outcome for one in standards.load_shipped(at=NOW)] == ["loaded"]
    assert [one.outcome for one in standards.load_shipped(at=NOW)] == ["unchanged"]
    stored = StandardVersion.objects.get()
    StandardVersion.objects.update(hash="sha256:" + "0" * 64)

    standards.load_shipped(at=NOW)

    other = StandardVersion.objects.exclude(pk=stored.pk).get()
    assert other.version.startswith(f"{stored.version}+")
    assert standard_queries.public_standards().count() == 1
    assert standard_queries.standard_of(other).hash == other.hash
    scheme = standard_queries.scheme_of(other)
    assert scheme is not None
    assert scheme.standard == CODE


def test_the_demonstrations_examples_are_graded_and_everything_about_them_is_synthetic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standards, "shipped_standards", lambda: (CODE,))
    standards.load_shipped(at=NOW)
    paths = demo.example_files(Path(__file__).parents[2] / "examples")
    examples = tuple(read_evidence(path) for path in paths)

    demo.load_demo(at=NOW, examples=examples)
    demo.load_demo(at=NOW, examples=examples)

    made = DecisionRecord.objects.select_related("person")
    assert made.count() == len(examples) >= 3
    assert all(one.synthetic and one.person.synthetic for one in made)
    assert all(row.synthetic for row in EvidenceRecord.objects.all())
    level = load_standard(CODE).levels_upwards()[1].code
    assert level in {one.level for one in made}
