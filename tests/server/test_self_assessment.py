"""The self-assessment as a service: saved at once, once, in order, and never after it is finished."""

import subprocess
import sys
from collections.abc import Sequence

import pytest
from tests.server.conftest import NOW, World
from tests.server.personal import CODE, answer_next, begin, finished, publish

from liangcai.grading.self_assessment import InvalidAnswer, next_question
from liangcai.server import access
from liangcai.server.queries import assessment as pages
from liangcai.server.services import self_assessment as service
from liangcai.server.store.models import AuditEvent, EvidenceRecord, SelfAssessment, User
from liangcai.server.store.models.evidence import EvidenceSource

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    return world.members["person"]


@pytest.fixture
def run(person: User) -> SelfAssessment:
    return begin(person, publish())


def _answer(run: SelfAssessment, question: str, *chosen: str) -> None:
    service.answer(actor=run.person, assessment_id=run.pk, question=question, chosen=chosen, at=NOW)


def _asked(run: SelfAssessment) -> str:
    asked = next_question(pages.plan_of(run), pages.answers_of(run))
    assert asked is not None
    return asked.code


def _given(run: SelfAssessment) -> Sequence[tuple[str, list[str], int]]:
    rows = run.answers.order_by("position")
    return [(row.code, row.answer, row.position) for row in rows]


def test_starting_again_goes_on_with_the_one_under_way(person: User, run: SelfAssessment) -> None:
    again = service.start(actor=person, standard_id=run.standard_id, length="full", seed=99, at=NOW)

    assert again == run
    assert AuditEvent.objects.filter(verb="assessment.start").count() == 1


@pytest.mark.parametrize(
    "changes", [{"status": "withdrawn"}, {"scheme": None}], ids=["withdrawn", "without a scheme"]
)
def test_there_is_no_self_assessment_against_such_an_edition(
    person: User, changes: dict[str, object]
) -> None:
    with pytest.raises(service.AssessmentRefused):
        begin(person, publish(**changes))


def test_a_length_that_nobody_offers_is_refused(person: User) -> None:
    with pytest.raises(service.AssessmentRefused):
        begin(person, publish(), length="endless")


def test_an_answer_is_kept_once_however_often_it_is_sent(run: SelfAssessment) -> None:
    question = _asked(run)

    _answer(run, question, "guided")
    _answer(run, question, "guided")

    assert _given(run) == [(question, ["guided"], 0)]
    assert AuditEvent.objects.filter(verb="assessment.answer").count() == 1


def test_the_latest_answer_to_a_question_counts(run: SelfAssessment) -> None:
    question = _asked(run)
    _answer(run, question, "guided")
    answer_next(run)

    _answer(run, question, "led")

    first, _second = _given(run)
    assert first == (question, ["led"], 0)


def test_two_tabs_at_one_question_leave_one_answer(run: SelfAssessment) -> None:
    question = _asked(run)

    for chosen in ("none", "independent"):  # both tabs show the same question
        _answer(run, question, chosen)

    assert _given(run) == [(question, ["independent"], 0)]


def test_a_question_that_was_not_asked_takes_no_answer(run: SelfAssessment) -> None:
    asked = _asked(run)
    other = next(one.code for one in pages.plan_of(run).statements if one.code != asked)

    for code in (other, "no-such-question"):
        with pytest.raises(service.QuestionNotAsked):
            _answer(run, code, "none")

    assert _given(run) == []


@pytest.mark.parametrize("chosen", [(), ("none", "led"), ("sometimes",)])
def test_an_answer_that_does_not_fit_is_refused_and_leaves_nothing(
    run: SelfAssessment, chosen: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidAnswer):
        _answer(run, _asked(run), *chosen)

    assert _given(run) == []


def test_finishing_keeps_the_evidence_as_the_persons_own(person: User, run: SelfAssessment) -> None:
    while answer_next(run):
        pass

    result = service.finish(actor=person, assessment_id=run.pk, at=NOW)

    rows = EvidenceRecord.objects.filter(person=person)
    assert rows.count() == len(result.evidence.records) > 0
    assert set(rows.values_list("source", "organisation")) == {(EvidenceSource.ASSESSMENT, None)}
    run.refresh_from_db()
    assert (run.state, run.finished_at) == ("finished", NOW)
    assert result.indicative


def test_nothing_is_answered_changed_or_finished_after_the_end(person: User) -> None:
    run = finished(person, publish())
    before = _given(run)

    with pytest.raises(service.AssessmentClosed):
        _answer(run, before[0][0], "led")
    with pytest.raises(service.AssessmentClosed):
        service.finish(actor=person, assessment_id=run.pk, at=NOW)
    with pytest.raises(service.AssessmentClosed):
        service.abandon(actor=person, assessment_id=run.pk, at=NOW)

    assert _given(run) == before


def test_a_run_without_an_answer_is_not_finished(person: User, run: SelfAssessment) -> None:
    with pytest.raises(service.AssessmentClosed):
        service.finish(actor=person, assessment_id=run.pk, at=NOW)


def test_a_given_up_run_makes_room_for_a_new_one(person: User, run: SelfAssessment) -> None:
    service.abandon(actor=person, assessment_id=run.pk, at=NOW)

    again = begin(person, run.standard)

    assert again != run
    assert SelfAssessment.objects.filter(person=person).count() == 2


def test_nobody_else_answers_or_finishes_it(world: World, run: SelfAssessment) -> None:
    question = _asked(run)

    for actor in (world.stranger, world.outsider, world.members["administrator"], world.operator):
        with pytest.raises(access.NotFound):
            service.answer(
                actor=actor, assessment_id=run.pk, question=question, chosen=("led",), at=NOW
            )
        with pytest.raises(access.NotFound):
            service.finish(actor=actor, assessment_id=run.pk, at=NOW)


def test_questions_that_were_renewed_meanwhile_are_said_to_be(run: SelfAssessment) -> None:
    answer_next(run)
    SelfAssessment.objects.filter(pk=run.pk).update(plan=run.plan | {"hash": "sha256:" + "0" * 64})
    run.refresh_from_db()

    with pytest.raises(service.AssessmentOutdated):
        _answer(run, "anything", "led")


def test_the_same_answers_lead_to_the_same_question_on_another_device(
    run: SelfAssessment,
) -> None:
    for place in range(3):
        answer_next(run, place=place)
    here = _asked(run)

    pages._plans.clear()  # another process knows nothing but the tables
    elsewhere = SelfAssessment.objects.select_related("standard").get(pk=run.pk)

    assert _asked(elsewhere) == here


def test_a_short_run_asks_each_unit_once_and_four_items(person: User) -> None:
    run = begin(person, publish(), length="short")
    while answer_next(run, place=1):
        pass

    kinds = list(run.answers.values_list("kind", flat=True))

    assert (kinds.count("indicator"), kinds.count("item")) == (24, 4)


KILLED = """
import os, signal, django
django.setup()
from django.utils import timezone
from liangcai.grading.self_assessment import next_question
from liangcai.server.queries import assessment as pages
from liangcai.server.services import accounts, installation, self_assessment
from liangcai.server.store.models import StandardVersion
installation.prepare(at=timezone.now())
user = accounts.add_person(email="a@b.example", name="A", password="correct horse battery staple",
                           language="en", at=timezone.now())
row = StandardVersion.objects.get(code="{code}")
run = self_assessment.start(actor=user, standard_id=row.pk, seed=1, at=timezone.now())
for _ in range(3):
    asked = next_question(pages.plan_of(run), pages.answers_of(run))
    self_assessment.answer(actor=user, assessment_id=run.pk, question=asked.code,
                           chosen=("led",), at=timezone.now())
print("answered", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
SURVIVED = """
import django
django.setup()
from liangcai.server.queries import assessment as pages
from liangcai.server.store.models import SelfAssessment
from liangcai.grading.self_assessment import next_question
run = SelfAssessment.objects.select_related("standard").get()
given = pages.answers_of(run)
print(len(given), next_question(pages.plan_of(run), given).number)
"""


@pytest.mark.slow
def test_a_killed_server_loses_no_answer(tmp_path: object) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "liangcai.server.config.settings",
        "LIANGCAI_DATA": str(tmp_path),
        "LIANGCAI_DEMO": "1",
    }

    def python(program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    killed = python(KILLED.replace("{code}", CODE))
    survived = python(SURVIVED)

    assert (killed.stdout.strip(), killed.returncode) == ("answered", -9), killed.stderr
    assert survived.stdout.split() == ["3", "4"], survived.stderr
