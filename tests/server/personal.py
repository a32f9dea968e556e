"""What the tests of the personal pages share: a public standard, evidence, runs, decisions."""

from functools import cache
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.server.conftest import NOW, World

from liangcai.grading import EvidenceFile, load_scheme
from liangcai.grading.self_assessment import next_question
from liangcai.server.queries import assessment as pages
from liangcai.server.services import decisions, evidence, self_assessment
from liangcai.server.store.models import DecisionRecord, SelfAssessment, StandardVersion, User
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard, load_standard

CODE = "llm-product-engineer"


@cache
def shipped() -> tuple[Standard, dict[str, Any], dict[str, Any]]:
    """The shipped standard with the records of it and of its scheme."""
    standard = load_standard(CODE)
    return standard, standard.as_record(), load_scheme("default", standard=standard).as_record()


def publish(**changes: Any) -> StandardVersion:
    """Store the shipped standard as a published public edition."""
    standard, document, scheme = shipped()
    values: dict[str, Any] = {
        "code": CODE,
        "version": standard.version,
        "hash": standard.hash,
        "document": document,
        "scheme": scheme,
        "status": StandardStatus.PUBLISHED,
        "created_at": NOW,
        "published_at": NOW,
    }
    return StandardVersion.objects.create(**(values | changes))


def scores(*units: str, level: str = "junior", score: float = 70) -> EvidenceFile:
    """Evidence of one lab score per unit."""
    records = [
        {
            "kind": "lab-score",
            "id": f"lab-{unit}",
            "units": [unit],
            "level": level,
            "source": "lab",
            "date": "2026-11-01",
            "synthetic": False,
            "lab": "E1",
            "score": score,
        }
        for unit in units
    ]
    person = {"id": "p", "synthetic": False}
    return EvidenceFile.model_validate({"person": person, "standard": CODE, "records": records})


def decide_about_member(world: World, standard: StandardVersion) -> DecisionRecord:
    """A decision of the first organisation about its member."""
    person = world.members["person"]
    evidence.record_evidence(
        actor=world.members["hr"],
        person_id=person.pk,
        organisation_id=world.here.pk,
        evidence=scores("JN1", "JN2", "JN3"),
        at=NOW,
    )
    return decisions.make_decision(
        actor=world.members["decider"],
        person_id=person.pk,
        organisation_id=world.here.pk,
        standard_id=standard.pk,
        at=NOW,
    )


def begin(user: User, standard: StandardVersion, *, length: str = "short") -> SelfAssessment:
    """A self-assessment under way, always the same one."""
    return self_assessment.start(actor=user, standard_id=standard.pk, length=length, seed=7, at=NOW)


def answer_next(run: SelfAssessment, *, place: int = 0) -> str | None:
    """Answer the next question with its choice at `place`; return its code, None at the end."""
    asked = next_question(pages.plan_of(run), pages.answers_of(run))
    if asked is None:
        return None
    chosen = (asked.choices[place % len(asked.choices)].key,)
    self_assessment.answer(
        actor=run.person, assessment_id=run.pk, question=asked.code, chosen=chosen, at=NOW
    )
    return asked.code


def finished(user: User, standard: StandardVersion, *, answers: int = 4) -> SelfAssessment:
    """A finished self-assessment after so many answers."""
    run = begin(user, standard)
    for place in range(answers):
        answer_next(run, place=place)
    self_assessment.finish(actor=user, assessment_id=run.pk, at=NOW)
    run.refresh_from_db()
    return run


def signed_in(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *args: Any, **query: str) -> str:
    """The text of a page as somebody sees it."""
    answer = signed_in(user).get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()
