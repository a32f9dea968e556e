"""An organisation's pages: who sees what, roles, invitations, decisions with two pairs of eyes."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import NOW, World
from tests.server.personal import decide_about_member, page, publish, scores, signed_in

from liangcai.server.services import evidence, organisations
from liangcai.server.store.models import DecisionRecord, Invitation, Membership, Role

pytestmark = pytest.mark.django_db
DESK = ("hr", "officer", "decider", "trainer")


def _post(world: World, role: str, name: str, /, *args: object, **data: str) -> int:
    return (
        signed_in(world.members[role]).post(reverse(name, args=args), data, follow=True).status_code
    )


def test_members_see_the_organisation_and_administrators_its_invitations(world: World) -> None:
    administrator = page(world.members["administrator"], "organisation", world.here.pk)
    person = page(world.members["person"], "organisation", world.here.pk)

    assert "Invite somebody" in administrator
    assert world.members["hr"].email in administrator
    assert "Invite somebody" not in person
    assert world.members["hr"].email not in person


def test_an_administrator_invites_and_takes_it_back(world: World) -> None:
    _post(
        world,
        "administrator",
        "invite",
        world.here.pk,
        email="new@people.example",
        role="hr",
        language="en",
    )
    invitation = Invitation.objects.get()

    assert _post(world, "administrator", "invitation-withdraw", invitation.pk) == 200

    assert (invitation.email, invitation.role) == ("new@people.example", "hr")
    assert not Invitation.objects.exists()


def test_inviting_a_member_again_is_a_fault_of_the_form(world: World) -> None:
    data = {"email": world.members["hr"].email, "role": "hr", "language": "en"}

    answer = signed_in(world.members["administrator"]).post(
        reverse("invite", args=[world.here.pk]), data
    )

    assert answer.status_code == 400
    assert "holds the role or is invited" in answer.content.decode()


@pytest.mark.parametrize("role", ["person", "hr", "decider"])
def test_who_does_not_administer_is_told_that_they_may_not(world: World, role: str) -> None:
    data = {"email": "new@people.example", "role": "hr", "language": "en"}

    assert _post(world, role, "invite", world.here.pk, **data) == 403


def test_roles_are_changed_and_ended_by_an_administrator(world: World) -> None:
    rater = Membership.objects.get(user=world.members["rater"])
    author = Membership.objects.get(user=world.members["author"])

    _post(world, "administrator", "membership-change", rater.pk, role="trainer")
    _post(world, "administrator", "membership-end", author.pk)

    rater.refresh_from_db()
    assert rater.role == Role.TRAINER
    assert not Membership.objects.filter(pk=author.pk).exists()


@pytest.mark.parametrize("name", ["membership-change", "membership-end"])
def test_an_organisation_keeps_an_administrator(world: World, name: str) -> None:
    role = Membership.objects.get(user=world.members["administrator"])

    _post(world, "administrator", name, role.pk, role="hr")

    role.refresh_from_db()
    assert role.role == Role.ADMINISTRATOR


def test_an_administrator_who_ends_their_own_role_goes_to_their_account(world: World) -> None:
    other = world.members["hr"]
    organisations.add_member(
        user=other, organisation=world.here, role=Role.ADMINISTRATOR, actor=other, at=NOW
    )
    role = Membership.objects.get(user=world.members["administrator"])

    answer = signed_in(role.user).post(reverse("membership-end", args=[role.pk]))

    assert answer.headers["Location"] == reverse("account")


@pytest.mark.parametrize("role", DESK)
def test_a_desk_sees_the_people_and_their_decisions(world: World, role: str) -> None:
    decision = decide_about_member(world, publish())

    text = page(world.members[role], "organisation-people", world.here.pk)

    assert str(world.members["person"]) in text
    assert reverse("decision", args=[decision.pk]) in text


@pytest.mark.parametrize("role", ["person", "rater", "author", "drafter", "administrator"])
def test_who_has_no_desk_does_not_see_the_people(world: World, role: str) -> None:
    path = reverse("organisation-people", args=[world.here.pk])

    assert signed_in(world.members[role]).get(path).status_code == 403


def test_the_list_of_people_costs_a_fixed_number_of_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    decide_about_member(world, publish())
    browser = signed_in(world.members["hr"])
    path = reverse("organisation-people", args=[world.here.pk])
    browser.get(path)

    with django_assert_num_queries(6):  # session, person, organisation, roles, people, decisions
        browser.get(path)


def test_only_a_decider_is_offered_to_decide(world: World) -> None:
    standard = publish()
    decide_about_member(world, standard)
    person = world.members["person"]
    path = reverse("organisation-decide", args=[world.here.pk, person.pk, standard.pk])

    offered = {
        role: path in page(world.members[role], "organisation-person", world.here.pk, person.pk)
        for role in DESK
    }

    assert offered == {"hr": False, "officer": False, "decider": True, "trainer": False}
    for role in ("hr", "officer", "trainer", "administrator", "person"):
        assert (
            _post(world, role, "organisation-decide", world.here.pk, person.pk, standard.pk) == 403
        )


def test_a_decision_is_asked_for_first_and_then_made(world: World) -> None:
    standard, person = publish(), world.members["person"]
    evidence.record_evidence(
        actor=world.members["hr"],
        person_id=person.pk,
        organisation_id=world.here.pk,
        evidence=scores("JN1", "JN2"),
        at=NOW,
    )
    arguments = (world.here.pk, person.pk, standard.pk)

    asked = page(world.members["decider"], "organisation-decide", *arguments)
    assert not DecisionRecord.objects.exists()
    answer = signed_in(world.members["decider"]).post(
        reverse("organisation-decide", args=arguments)
    )

    assert "2 records" in asked
    assert "without authority" in asked
    made = DecisionRecord.objects.get()
    assert answer.headers["Location"] == reverse("decision", args=[made.pk])
    assert made.created_by == world.members["decider"]


def test_who_recorded_the_evidence_does_not_decide_on_it(world: World) -> None:
    standard, person, decider = publish(), world.members["person"], world.members["decider"]
    organisations.add_member(
        user=decider, organisation=world.here, role=Role.HR, actor=decider, at=NOW
    )
    evidence.record_evidence(
        actor=decider,
        person_id=person.pk,
        organisation_id=world.here.pk,
        evidence=scores("JN1"),
        at=NOW,
    )

    answer = signed_in(decider).post(
        reverse("organisation-decide", args=[world.here.pk, person.pk, standard.pk])
    )

    assert answer.status_code == 409
    assert "somebody else has to decide" in answer.content.decode()
    assert not DecisionRecord.objects.exists()


def test_without_evidence_nothing_is_decided(world: World) -> None:
    arguments = (world.here.pk, world.members["person"].pk, publish().pk)

    assert _post(world, "decider", "organisation-decide", *arguments) == 409
