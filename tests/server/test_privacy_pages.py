"""What is stored, a copy of it, and being erased: on the page."""

import io
import json
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from tests.server.conftest import PASSWORD, World
from tests.server.personal import decide_about_member, finished, publish, signed_in

from liangcai.server.store.models import DecisionRecord, SelfAssessment, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> User:
    return world.members["person"]


def test_everybody_may_read_what_is_stored(client: Client) -> None:
    text = client.get(reverse("privacy"), headers={"accept-language": "en"}).content.decode()

    assert "What is stored" in text
    assert "no tracking" in text


def test_a_copy_has_ones_own_data_and_nobody_elses(world: World, person: User) -> None:
    standard = publish()
    finished(person, standard)
    decide_about_member(world, standard)

    answer = signed_in(person).post(reverse("privacy-export"))

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert answer.headers["Content-Type"] == "application/zip"
    assert json.loads(archive.read("person.json"))["email"] == person.email
    assert len(json.loads(archive.read("decisions.json"))) == 1
    assert len(json.loads(archive.read("answers.json"))[0]["answers"]) == 4
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert world.stranger.email not in everything


@pytest.mark.parametrize(
    "typed",
    [
        {"password": "wrong", "address": "member-person@people.example"},
        {"password": PASSWORD, "address": "somebody@people.example"},
        {},
    ],
    ids=["another password", "another address", "nothing"],
)
def test_nobody_is_erased_by_a_stray_click(person: User, typed: dict[str, str]) -> None:
    answer = signed_in(person).post(reverse("privacy-erase"), typed)

    assert answer.status_code == 400
    person.refresh_from_db()
    assert person.is_active


def test_erasing_deletes_ones_own_and_says_what_has_to_stay(world: World, person: User) -> None:
    standard = publish()
    finished(person, standard)
    decision = decide_about_member(world, standard)
    browser = signed_in(person)

    answer = browser.post(reverse("privacy-erase"), {"password": PASSWORD, "address": person.email})

    text = answer.content.decode()
    assert "records of evidence: 3; decisions: 1" in text
    assert "_auth_user_id" not in browser.session
    person.refresh_from_db()
    assert (person.name, person.is_active) == ("", False)
    assert not SelfAssessment.objects.exists()
    assert DecisionRecord.objects.filter(pk=decision.pk).exists()


def test_the_erased_person_shows_as_a_number_in_what_stays(world: World, person: User) -> None:
    decision = decide_about_member(world, publish())
    name = person.name
    signed_in(person).post(
        reverse("privacy-erase"), {"password": PASSWORD, "address": person.email}
    )

    text = (
        signed_in(world.members["hr"]).get(reverse("decision", args=[decision.pk])).content.decode()
    )

    assert str(person.pk) in text
    assert f">{name}<" not in text
