"""A database that takes no more: people are told what was kept, and nothing is half done."""

import json
import re

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests.server.conftest import World
from tests.server.personal import answer_next, begin, publish, signed_in

from liangcai.server.services import self_assessment
from liangcai.server.store.models import SelfAssessment


def grow_no_further() -> None:
    """Let the database become no larger than it is: what a full disk does to it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")


def grow_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


def answer_in(browser: Client, run: SelfAssessment) -> HttpResponse:
    address = reverse("assessment", args=[run.pk])
    shown = browser.get(address).content.decode()
    (question,) = re.findall(r'name="question" value="([^"]+)"', shown)
    chosen = re.findall(r'name="chosen" value="([^"]+)"', shown)[0]
    return browser.post(address, {"question": question, "chosen": chosen})  # type: ignore[return-value]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite's size can be bounded here")
@pytest.mark.django_db(transaction=True)
def test_an_answer_that_a_full_disk_refuses_is_not_called_saved(world: World) -> None:
    run = begin(world.members["person"], publish())
    browser = signed_in(world.members["person"])
    for _ in range(3):
        answer_next(run)
    grow_no_further()

    try:
        for _ in range(25):
            kept = run.answers.count()
            answered = answer_in(browser, run)
            if answered.status_code != 302:
                break
    finally:
        grow_again()

    text = answered.content.decode()
    assert answered.status_code == 503
    assert answered["Retry-After"] == "30"
    assert "saved before is kept" in text
    assert run.answers.count() == kept >= 3
    assert answer_in(browser, run).status_code == 302
    assert run.answers.count() == kept + 1


@pytest.mark.django_db
def test_a_locked_database_is_a_page_without_a_question_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(world.members["person"], publish())
    browser = signed_in(world.members["person"])

    def fail(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(self_assessment, "answer", fail)
    answered = answer_in(browser, run)

    assert answered.status_code == 503
    assert "database is locked" not in answered.content.decode()
    assert run.answers.count() == 0


@pytest.mark.django_db
def test_the_api_answers_a_problem(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("disk is full")

    monkeypatch.setattr("liangcai.server.api.standards.standards_listed", fail)
    answered = client.get("/api/v1/standards")

    problem = json.loads(answered.content)
    assert answered.status_code == 503
    assert problem["type"] == "urn:liangcai:problem:store.unavailable"
    assert problem["instance"]
