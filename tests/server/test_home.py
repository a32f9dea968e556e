"""The first page, the page about limits, and what a failure says."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import NOW, World
from tests.server.stored_standards import store
from tests.standard.tiny import tiny_standard

from liangcai.server.store.models import SelfAssessment

pytestmark = pytest.mark.django_db


def home(client: Client) -> str:
    response = client.get("/", headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_a_visitor_is_told_three_things_to_do_first_and_the_honest_state() -> None:
    shown = home(Client())

    for words in ("Explore the standard", "Assess yourself", "See an example report"):
        assert words in shown
    assert "not official texts" in shown
    assert "not calibrated" in shown
    assert "never a decision or a credential" in shown


def test_a_person_with_an_open_self_assessment_is_asked_to_go_on(world: World) -> None:
    person = world.members["person"]
    SelfAssessment.objects.create(
        person=person, standard=store(tiny_standard()), seed=1, started_at=NOW
    )
    client = Client()
    client.force_login(person)

    shown = home(client)

    assert "Go on with your self-assessment" in shown
    assert "Look after standards" not in shown


def test_who_looks_after_standards_is_led_there(world: World) -> None:
    for person in (world.members["drafter"], world.members["administrator"], world.operator):
        client = Client()
        client.force_login(person)
        assert "Look after standards" in home(client)


def test_the_first_page_of_a_person_costs_a_few_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(world.members["person"])

    with django_assert_num_queries(4):  # session, person, self-assessments, roles
        home(client)


def test_the_limits_are_stated_with_a_way_to_the_privacy_page() -> None:
    shown = Client().get("/about/", headers={"accept-language": "en"}).content.decode()

    for words in ("derived", "not calibrated", "indicative", "not enough evidence", "/privacy/"):
        assert words in shown


def test_a_failure_has_a_page_even_without_a_request() -> None:
    for name in ("404.html", "403.html", "403_csrf.html", "500.html"):
        assert "<h1>" in render_to_string(name)


def test_a_page_that_is_not_there_says_so_in_our_words() -> None:
    response = Client().get("/nowhere/", headers={"accept-language": "en"})

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_robots_are_told_what_is_not_for_them(client: Client) -> None:
    answered = client.get("/robots.txt")

    assert answered["Content-Type"].startswith("text/plain")
    assert "Disallow: /accounts/" in answered.content.decode()
    assert "/standards/" not in answered.content.decode()
