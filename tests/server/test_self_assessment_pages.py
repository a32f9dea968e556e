"""The self-assessment in the browser: one question a page, back, skip, pause, the review at the end."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import World
from tests.server.personal import (
    answer_next,
    begin,
    finished,
    page,
    publish,
    signed_in,
)

from liangcai.server.store.models import SelfAssessment, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    return world.members["person"]


@pytest.fixture
def run(person: User) -> SelfAssessment:
    return begin(person, publish())


@pytest.fixture
def browser(person: User) -> Client:
    return signed_in(person)


def _shown(browser: Client, path: str) -> tuple[str, str, list[str]]:
    text = browser.get(path).content.decode()
    code = re.search(r'name="question" value="([^"]+)"', text)
    assert code
    return text, code[1], re.findall(r'name="chosen" value="([^"]+)"', text)


def _to_items(run: SelfAssessment) -> None:
    while run.answers.count() < 24:
        answer_next(run)


def test_the_start_page_says_what_it_is_to_everybody(client: Client) -> None:
    publish()

    text = client.get(reverse("assessments"), headers={"accept-language": "en"}).content.decode()

    assert "never a decision or a credential" in text
    assert "pilot items, not calibrated" in text
    assert "not the official text" in text
    assert reverse("account_signup") in text


def test_the_start_page_costs_a_fixed_number_of_queries(
    browser: Client, person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    standard = publish()
    for _ in range(3):
        finished(person, standard, answers=1)

    with django_assert_num_queries(5):  # session, person, the newest editions, standards, runs
        browser.get(reverse("assessments"))


def test_beginning_leads_to_the_first_question(browser: Client) -> None:
    row = publish()

    answer = browser.post(reverse("assessment-start"), {"standard": str(row.pk), "length": "short"})

    run = SelfAssessment.objects.get()
    assert answer.headers["Location"] == reverse("assessment", args=[run.pk])
    assert run.plan["length"] == "short"


def test_an_answer_is_saved_and_the_next_question_follows(
    browser: Client, run: SelfAssessment
) -> None:
    path = reverse("assessment", args=[run.pk])
    _text, code, keys = _shown(browser, path)

    answer = browser.post(path, {"question": code, "chosen": keys[2]})

    assert answer.status_code == 302
    assert list(run.answers.values_list("code", "answer")) == [(code, [keys[2]])]
    assert _shown(browser, path)[1] != code


def test_no_answer_is_a_fault_that_the_page_explains(browser: Client, run: SelfAssessment) -> None:
    path = reverse("assessment", args=[run.pk])
    _text, code, _keys = _shown(browser, path)

    answer = browser.post(path, {"question": code})

    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()
    assert not run.answers.exists()


def test_back_shows_the_given_answer_and_lets_one_change_it(
    browser: Client, run: SelfAssessment
) -> None:
    first = answer_next(run)
    answer_next(run)
    path = reverse("assessment-question", args=[run.pk, 1])

    text, code, keys = _shown(browser, path)
    browser.post(path, {"question": code, "chosen": keys[3]})

    assert code == first
    assert text.count(" checked>") == 1
    assert run.answers.get(code=code).answer == [keys[3]]


def test_a_question_that_is_not_reached_yet_has_no_page(
    browser: Client, run: SelfAssessment
) -> None:
    for number in (0, 3, 99):
        path = reverse("assessment-question", args=[run.pk, number])
        assert browser.get(path).status_code == 404


def test_a_tab_left_behind_is_led_to_the_open_question(
    browser: Client, run: SelfAssessment
) -> None:
    path = reverse("assessment", args=[run.pk])
    _text, code, keys = _shown(browser, path)
    answer_next(run)
    answer_next(run)

    answer = browser.post(path, {"question": code, "chosen": keys[0]})

    assert answer.headers["Location"] == path
    assert run.answers.count() == 2


def test_pausing_saves_the_answer_and_the_start_page_offers_to_go_on(
    browser: Client, run: SelfAssessment
) -> None:
    path = reverse("assessment", args=[run.pk])
    _text, code, keys = _shown(browser, path)

    browser.post(path, {"question": code, "chosen": keys[0], "action": "pause"})

    assert run.answers.count() == 1
    assert path in browser.get(reverse("assessments")).content.decode()


def test_an_item_may_be_skipped_and_shows_neither_right_nor_wrong(
    browser: Client, run: SelfAssessment
) -> None:
    _to_items(run)
    path = reverse("assessment", args=[run.pk])
    text, code, keys = _shown(browser, path)

    browser.post(path, {"question": code, "action": "skip"})

    assert run.answers.get(code=code).answer == []
    assert "rationale" not in text
    assert keys == _shown(browser, reverse("assessment-question", args=[run.pk, 25]))[2]


def test_the_end_is_confirmed_and_leads_to_the_profile(
    browser: Client, run: SelfAssessment
) -> None:
    while answer_next(run):
        pass
    path = reverse("assessment", args=[run.pk])

    confirm = browser.get(path).content.decode()
    answer = browser.post(reverse("assessment-finish", args=[run.pk]))

    assert reverse("assessment-finish", args=[run.pk]) in confirm
    assert answer.headers["Location"] == reverse("profile-standard", args=[run.standard.code])
    assert browser.get(path).headers["Location"] == reverse("assessment-review", args=[run.pk])


def test_the_review_has_the_reason_of_every_option(person: User) -> None:
    run = begin(person, publish())
    while answer_next(run):
        pass
    signed_in(person).post(reverse("assessment-finish", args=[run.pk]))

    text = page(person, "assessment-review", run.pk)

    assert text.count("Right answer") >= 4
    assert text.count("Your answer") >= 4
    assert "not calibrated" in text


def test_a_run_under_way_has_no_review(browser: Client, run: SelfAssessment) -> None:
    assert browser.get(reverse("assessment-review", args=[run.pk])).status_code == 404


def test_renewed_questions_are_said_to_be_and_can_be_begun_anew(
    browser: Client, run: SelfAssessment
) -> None:
    SelfAssessment.objects.filter(pk=run.pk).update(plan=run.plan | {"hash": "another"})

    answer = browser.get(reverse("assessment", args=[run.pk]))
    browser.post(reverse("assessment-abandon", args=[run.pk]))

    assert answer.status_code == 409
    assert SelfAssessment.objects.get().state == "abandoned"
