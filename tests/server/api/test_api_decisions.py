"""Profiles and decisions over the API: the same as in the terminal, made by deciders only."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.server.api.conftest import (
    CODE,
    NOBODY,
    CallAs,
    code_of,
    evidence_document,
    store_shipped,
)
from tests.server.conftest import NOW, World

from liangcai.grading import decide, profile_of, read_evidence
from liangcai.server.api import decisions
from liangcai.server.queries.people import evidence_file
from liangcai.server.services import audit
from liangcai.server.store.models import (
    AuditEvent,
    DecisionRecord,
    EvidenceRecord,
    StandardVersion,
)
from liangcai.standard import load_standard

pytestmark = pytest.mark.django_db
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/evidence.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_preview_is_the_decision_that_the_terminal_gives(
    path: Path, standard: StandardVersion
) -> None:
    evidence = read_evidence(path)

    previewed = NOBODY.post("/decisions/preview", evidence.as_record())

    decision = decide(load_standard(evidence.standard), evidence)
    assert previewed.status_code == 200
    assert previewed.json()["hash"] == decision.hash
    assert previewed.json() == decision.as_record()
    assert not DecisionRecord.objects.exists()


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3


def test_a_preview_can_be_asked_of_an_older_edition(standard: StandardVersion) -> None:
    store_shipped(version="9.0.0", scheme=None, published_at=NOW + timedelta(days=1))

    newest = NOBODY.post("/decisions/preview", evidence_document())
    older = NOBODY.post(f"/decisions/preview?version={standard.version}", evidence_document())

    assert code_of(newest) == "standard.no-scheme"
    assert older.status_code == 200


def test_without_a_scheme_there_is_no_decision_and_no_profile(
    world: World, call_as: CallAs
) -> None:
    store_shipped(scheme=None)

    previewed = NOBODY.post("/decisions/preview", evidence_document())
    profile = call_as(world.stranger).get(f"/profile?standard={CODE}")

    assert code_of(previewed) == code_of(profile) == "standard.no-scheme"


def test_a_profile_is_computed_from_all_evidence_about_oneself(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    person = world.members["person"]

    profile = call_as(person).get(f"/profile?standard={CODE}").json()

    units = {unit["unit"]: unit for unit in profile["units"]}
    assert profile["person"] == str(person.pk)
    assert profile["scale"] == "ability-logit"
    assert units["JN1"]["records"] == 1
    assert units["JN1"]["basis"] == "own"
    assert units["ZH1"]["basis"] == "none"


def test_a_profile_of_self_ratings_is_drawn_apart(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    me = call_as(world.members["person"])

    profile = me.get(f"/profile?standard={CODE}&kind=self").json()

    assert profile["kind"] == "self"
    assert {unit["records"] for unit in profile["units"]} == {0}


def test_a_desk_sees_the_profile_from_its_own_records_only(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    person = world.members["person"]
    call_as(person).post("/evidence", evidence_document("JN1", "JN2", "JN3"))

    profile = call_as(world.members["hr"]).get(
        f"/organisations/{world.here.pk}/people/{person.pk}/profile?standard={CODE}"
    )

    counted = {unit["unit"]: unit["records"] for unit in profile.json()["units"]}
    assert (counted["JN1"], counted["JN2"], counted["JN3"]) == (1, 0, 0)


def _order(world: World, **changes: str) -> dict[str, str]:
    person = world.members["person"]
    order = {"organisation": str(world.here.pk), "person": str(person.pk), "standard": CODE}
    return order | changes


def test_a_decider_decides_once_on_the_same_evidence(
    recorded: EvidenceRecord, world: World, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    decider = call_as(world.members["decider"])

    made = decider.post("/decisions", _order(world))
    monkeypatch.setattr(decisions, "now", lambda: NOW + timedelta(hours=1))
    again = decider.post("/decisions", _order(world))

    row = DecisionRecord.objects.get()
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/decisions/{row.pk}")
    assert made.json()["decision"]["hash"] == row.hash
    assert made.json()["indicative"] is False
    assert (again.status_code, again.json()) == (200, made.json())
    assert AuditEvent.objects.filter(verb="decision.make").count() == 1
    assert audit.verify_chain(str(world.here.pk)).intact


@pytest.mark.parametrize("role", ["person", "hr", "trainer", "officer", "administrator"])
def test_who_is_no_decider_makes_no_decision(
    role: str, recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    answer = call_as(world.members[role]).post("/decisions", _order(world))

    assert code_of(answer) == "access.forbidden"
    assert not DecisionRecord.objects.exists()


def test_nobody_decides_on_themselves(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    decider = world.members["decider"]

    answer = call_as(decider).post("/decisions", _order(world, person=str(decider.pk)))

    assert answer.status_code == 409
    assert code_of(answer) == "decision.not-impartial"


def test_without_evidence_there_is_nothing_to_decide_on(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    answer = call_as(world.members["decider"]).post("/decisions", _order(world))

    assert code_of(answer) == "decision.nothing-to-decide-on"


def test_an_order_names_what_it_lacks(world: World, call_as: CallAs) -> None:
    answer = call_as(world.members["decider"]).post("/decisions", {"person": "me"})

    faults = {fault["name"]: fault["detail"] for fault in answer.json()["errors"]}
    assert code_of(answer) == "api.parameters-invalid"
    assert faults["organisation"] == "It is missing."
    assert faults["person"] == "It is an identifier (a UUID)."


def test_an_indication_is_ones_own_and_grades_nobody(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    person = world.members["person"]

    answer = call_as(person).post("/decisions/indicative", {"standard": CODE})

    assert answer.status_code == 201
    assert answer.json()["indicative"] is True
    assert answer.json()["organisation"] is None
    assert answer.json()["person"] == str(person.pk)


def test_a_decision_is_read_by_whom_it_concerns_and_by_the_desk(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    made = call_as(world.members["decider"]).post("/decisions", _order(world)).json()
    path = f"/decisions/{made['id']}"

    for role in ("person", "hr", "trainer", "decider"):
        caller = call_as(world.members[role])
        assert caller.get(path).json() == made
        assert [item["id"] for item in caller.get("/decisions").json()["items"]] == [made["id"]]
    assert call_as(world.members["rater"]).get("/decisions").json()["items"] == []


def test_decisions_can_be_narrowed_to_a_person_an_organisation_and_a_standard(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    decider = call_as(world.members["decider"])
    decider.post("/decisions", _order(world))

    def count(query: str) -> int:
        return len(decider.get(f"/decisions?{query}").json()["items"])

    assert count(f"person={world.members['person'].pk}&organisation={world.here.pk}") == 1
    assert count(f"standard={CODE}") == 1
    assert count(f"person={world.stranger.pk}") == 0
    assert count(f"organisation={world.there.pk}") == 0


def test_the_profile_is_what_the_library_computes(
    recorded: EvidenceRecord, world: World, call_as: CallAs
) -> None:
    person = world.members["person"]

    answered = call_as(person).get(f"/profile?standard={CODE}").json()

    expected = profile_of(load_standard(CODE), evidence_file(person, CODE)).as_record()
    assert answered["units"] == expected["units"]
    assert answered["elements"] == expected["elements"]
