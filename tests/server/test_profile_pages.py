"""One's own profile: estimates, self-ratings apart, the gap, the evidence, the PDF."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import NOW, World
from tests.server.personal import (
    CODE,
    answer_next,
    finished,
    page,
    publish,
    scores,
    shipped,
    signed_in,
)

from liangcai.publishing.typeset import TypesettingUnavailable
from liangcai.server.queries.profile import profile_page
from liangcai.server.services import evidence, self_assessment
from liangcai.server.store.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    return world.members["person"]


def test_without_evidence_the_way_to_some_is_shown(person: User) -> None:
    publish()

    text = page(person, "profile")

    assert reverse("assessments") in text
    assert reverse("examples") in text


def test_the_only_profile_opens_by_itself_and_several_are_offered(person: User) -> None:
    finished(person, publish())

    answer = signed_in(person).get(reverse("profile"))

    assert answer.headers["Location"] == reverse("profile-standard", args=[CODE])


def test_a_profile_after_the_self_assessment_is_indicative_and_labelled(person: User) -> None:
    finished(person, publish(), answers=26)

    text = page(person, "profile-standard", CODE)

    assert "never a decision or a credential" in text
    assert "pilot items, not calibrated" in text
    assert shipped()[0].notice.en in text
    assert text.count("<svg") == len(shipped()[0].elements)
    assert 'class="apart"' in text
    assert "not enough evidence" in text


def test_every_chart_has_a_table_twin(person: User) -> None:
    finished(person, publish())

    text = page(person, "profile-standard", CODE)

    for unit in shipped()[0].units:
        assert f'<th scope="row">{unit.code}</th>' in text


def test_the_gap_is_shown_to_the_level_that_is_asked_for(person: User) -> None:
    finished(person, publish())

    for level in shipped()[0].levels:
        text = page(person, "profile-standard", CODE, level=level.code)
        assert f"not enough evidence yet to judge {level.label.en}" in text
    assert (
        signed_in(person).get(reverse("profile-standard", args=[CODE]), {"level": "x"}).status_code
        == 404
    )


def test_taking_it_again_replaces_the_self_ratings_and_counts_no_item_twice(person: User) -> None:
    standard = publish()
    finished(person, standard, answers=6)
    before = profile_page(person, CODE, language="en").report.profile

    run = self_assessment.start(
        actor=person, standard_id=standard.pk, length="short", seed=7, at=NOW
    )
    for place in range(6):
        answer_next(run, place=place)
    self_assessment.finish(actor=person, assessment_id=run.pk, at=NOW)
    after = profile_page(person, CODE, language="en").report.profile

    assert after == before


def test_what_an_organisation_recorded_is_in_ones_own_profile_with_its_source(
    world: World, person: User
) -> None:
    publish()
    evidence.record_evidence(
        actor=world.members["hr"],
        person_id=person.pk,
        organisation_id=world.here.pk,
        evidence=scores("JN1", "JN2"),
        at=NOW,
    )

    text = page(person, "profile-standard", CODE)

    assert "2 records" in text
    assert "Here" in text
    assert "Score of a practical lab" in text
    assert "2026-11-01" in text


def test_synthetic_evidence_is_labelled(world: World, person: User) -> None:
    publish()
    User.objects.filter(pk=person.pk).update(synthetic=True)
    person.refresh_from_db()
    evidence.report_evidence(actor=person, evidence=scores("JN1"), at=NOW)

    text = page(person, "profile-standard", CODE)

    assert "Synthetic data: the person and the evidence are invented" in text
    assert "people and results here are synthetic" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pdf_comes_in_the_language_of_the_page(person: User, language: str) -> None:
    finished(person, publish())
    browser = signed_in(person)
    browser.cookies["django_language"] = language

    answer = browser.get(reverse("profile-pdf", args=[CODE]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    short = "en" if language == "en" else "zh"
    assert f"profile-{CODE}-{short}.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_pdf_that_cannot_be_made_says_why(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> bytes:
        raise TypesettingUnavailable("install it")

    publish()
    monkeypatch.setattr("liangcai.server.web.pdf.typeset", unavailable)

    answer = signed_in(person).get(reverse("profile-pdf", args=[CODE]))

    assert answer.status_code == 503
    assert "install it" in answer.content.decode()


def test_the_profile_costs_a_fixed_number_of_queries(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    finished(person, publish(), answers=10)
    browser = signed_in(person)
    path = reverse("profile-standard", args=[CODE])

    with django_assert_num_queries(6):  # session, person, standard, evidence, decisions, runs
        browser.get(path)


def test_a_standard_without_a_scheme_has_no_profile(person: User, client: Client) -> None:
    publish(scheme=None)
    client.force_login(person)

    assert client.get(reverse("profile-standard", args=[CODE])).status_code == 404
