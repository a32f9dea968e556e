"""People, organisations, invitations and tokens: who gets in, as what, and how they leave."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from tests.server.conftest import NOW, PASSWORD, World

from liangcai.server import access
from liangcai.server.queries import accounts as account_queries
from liangcai.server.services import accounts, installation, invitations, organisations
from liangcai.server.services.organisations import OrganisationNames
from liangcai.server.store.models import (
    AuditEvent,
    Invitation,
    Membership,
    Organisation,
    OutboxMessage,
    Role,
    User,
)

pytestmark = pytest.mark.django_db


def _invite(world: World, email: str = "new@people.example", role: str = "rater") -> str:
    """Invite somebody and return the token that their mail carries."""
    invitation = invitations.invite(
        actor=world.members["administrator"],
        organisation_id=world.here.pk,
        email=email,
        role=role,
        language="en",
        at=NOW,
    )
    mail = OutboxMessage.objects.get(key=f"invitation:{invitation.pk}")
    found = re.search(r"http://127\.0\.0\.1:8000/invitations/([\w-]+)/", mail.text)
    assert found is not None
    return found[1]


def test_the_first_administrator_is_created_once() -> None:
    values = {
        "email": "Boss@People.example",
        "name": "Boss",
        "password": PASSWORD,
        "organisation": OrganisationNames("first", "第一", "First"),
        "at": NOW,
    }
    user = installation.create_first_administrator(**values)

    assert (user.email, user.is_superuser) == ("boss@people.example", True)
    assert EmailAddress.objects.get(user=user).verified
    assert access.may(user, "member.invite", Organisation.objects.get(slug="first"))
    with pytest.raises(installation.AlreadyInitialised):
        installation.create_first_administrator(**(values | {"email": "b@people.example"}))


@pytest.mark.parametrize(
    "fault",
    [
        {"email": "nobody"},
        {"password": "short"},
        {"password": "password123"},
        {"password": "1234567890123"},
        {"name": "x" * 121},
        {"language": "xx"},
    ],
)
def test_an_account_with_a_fault_is_refused_with_its_reason(fault: dict[str, str]) -> None:
    values = {"email": "a@b.example", "name": "A", "password": PASSWORD, "language": "en"}

    with pytest.raises(accounts.AccountRefused) as refused:
        accounts.add_person(**(values | fault), at=NOW)

    assert refused.value.reasons
    assert not User.objects.exists()


def test_an_address_is_taken_however_it_is_capitalised(world: World) -> None:
    with pytest.raises(accounts.AddressTaken):
        accounts.add_person(
            email="STRANGER@People.Example", name="", password=PASSWORD, language="en", at=NOW
        )


def test_only_operators_create_organisations(world: World) -> None:
    names = OrganisationNames("third", "第三")

    made = organisations.create_organisation(actor=world.operator, names=names, at=NOW)

    assert access.roles_in(world.operator, made.pk) == {Role.ADMINISTRATOR}
    with pytest.raises(access.Forbidden):
        organisations.create_organisation(actor=world.stranger, names=names, at=NOW)
    with pytest.raises(organisations.SlugTaken):
        organisations.create_organisation(actor=world.operator, names=names, at=NOW)
    for bad in (OrganisationNames("no spaces", "名"), OrganisationNames("fourth", " ")):
        with pytest.raises(accounts.AccountRefused):
            organisations.create_organisation(actor=world.operator, names=bad, at=NOW)


def test_an_invitation_makes_a_member_with_the_offered_role_and_works_once(world: World) -> None:
    token = _invite(world)

    user = invitations.sign_up_by_invitation(
        token=token, name="New", password=PASSWORD, language="en", at=NOW
    )

    assert access.roles_in(user, world.here.pk) == {"rater"}
    assert access.roles_in(user, world.there.pk) == set()
    with pytest.raises(invitations.InvitationInvalid):
        invitations.accept_invitation(actor=user, token=token, at=NOW)
    with pytest.raises(invitations.InvitationInvalid):
        invitations.sign_up_by_invitation(
            token=token, name="", password=PASSWORD, language="en", at=NOW
        )


def test_somebody_with_an_account_accepts_signed_in_and_only_at_the_invited_address(
    world: World,
) -> None:
    token = _invite(world, email=world.stranger.email.upper())

    with pytest.raises(invitations.InvitationInvalid):
        invitations.accept_invitation(actor=world.outsider, token=token, at=NOW)
    with pytest.raises(accounts.AddressTaken):
        invitations.sign_up_by_invitation(
            token=token, name="", password=PASSWORD, language="en", at=NOW
        )
    membership = invitations.accept_invitation(actor=world.stranger, token=token, at=NOW)

    assert (membership.organisation, membership.role) == (world.here, "rater")


def test_an_invitation_runs_out_and_can_be_sent_anew(world: World) -> None:
    token = _invite(world)
    late = NOW + timedelta(days=invitations.INVITATION_DAYS, seconds=1)

    with pytest.raises(invitations.InvitationInvalid):
        invitations.sign_up_by_invitation(
            token=token, name="", password=PASSWORD, language="en", at=late
        )
    again = invitations.invite(
        actor=world.members["administrator"],
        organisation_id=world.here.pk,
        email="new@people.example",
        role="rater",
        language="en",
        at=late,
    )

    assert list(Invitation.objects.all()) == [again]


def test_nobody_is_invited_twice_or_to_what_they_are(world: World) -> None:
    _invite(world)

    for email in ("New@people.example", world.members["rater"].email):
        with pytest.raises(organisations.AlreadyMember):
            _invite(world, email=email)


@pytest.mark.parametrize(
    ("email", "role"),
    [("nobody", "rater"), ("a@b.example", "boss"), (f"a@{'b.' * 130}example", "hr")],
)
def test_a_faulty_invitation_is_refused(world: World, email: str, role: str) -> None:
    with pytest.raises(accounts.AccountRefused):
        _invite(world, email=email, role=role)


def test_a_withdrawn_invitation_opens_nothing(world: World) -> None:
    token = _invite(world)
    invitation = Invitation.objects.get()
    administrator = world.members["administrator"]
    listed = account_queries.open_invitations(administrator, world.here.pk, at=NOW)
    assert list(listed) == [invitation]

    for actor in (world.outsider, world.stranger, world.operator):
        with pytest.raises(access.NotFound):
            invitations.withdraw_invitation(actor=actor, invitation_id=invitation.pk, at=NOW)
    invitations.withdraw_invitation(actor=administrator, invitation_id=invitation.pk, at=NOW)

    with pytest.raises(invitations.InvitationInvalid):
        invitations.sign_up_by_invitation(
            token=token, name="", password=PASSWORD, language="en", at=NOW
        )


def test_an_accepted_invitation_cannot_be_withdrawn(world: World) -> None:
    token = _invite(world, email=world.stranger.email)
    invitations.accept_invitation(actor=world.stranger, token=token, at=NOW)

    with pytest.raises(invitations.InvitationInvalid):
        invitations.withdraw_invitation(
            actor=world.members["administrator"],
            invitation_id=Invitation.objects.get().pk,
            at=NOW,
        )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_invite(world: World, role: Role) -> None:
    with pytest.raises(access.Forbidden):
        invitations.invite(
            actor=world.members[role],
            organisation_id=world.here.pk,
            email="a@b.example",
            role="person",
            language="en",
            at=NOW,
        )


def _membership(world: World, role: str) -> Membership:
    return Membership.objects.get(user=world.members[role], organisation=world.here)


def test_an_administrator_changes_and_ends_roles(world: World) -> None:
    administrator, membership = world.members["administrator"], _membership(world, "rater")

    organisations.change_role(
        actor=administrator, membership_id=membership.pk, role="trainer", at=NOW
    )
    assert access.roles_in(world.members["rater"], world.here.pk) == {"trainer"}
    organisations.remove_member(actor=administrator, membership_id=membership.pk, at=NOW)
    assert access.roles_in(world.members["rater"], world.here.pk) == set()


def test_a_role_that_does_not_exist_or_is_held_is_not_given(world: World) -> None:
    administrator, rater = world.members["administrator"], world.members["rater"]
    organisations.add_member(
        user=rater, organisation=world.here, role="hr", actor=administrator, at=NOW
    )
    membership = rater.memberships.get(role="rater")

    for role, error in (("boss", accounts.AccountRefused), ("hr", organisations.AlreadyMember)):
        with pytest.raises(error):
            organisations.change_role(
                actor=administrator, membership_id=membership.pk, role=role, at=NOW
            )


def test_an_organisation_keeps_an_administrator(world: World) -> None:
    administrator, membership = world.members["administrator"], _membership(world, "administrator")

    with pytest.raises(organisations.LastAdministrator):
        organisations.remove_member(actor=administrator, membership_id=membership.pk, at=NOW)
    with pytest.raises(organisations.LastAdministrator):
        organisations.change_role(
            actor=administrator, membership_id=membership.pk, role="hr", at=NOW
        )


def test_a_member_may_leave_but_not_send_others_away(world: World) -> None:
    person = world.members["person"]

    organisations.remove_member(actor=person, membership_id=_membership(world, "person").pk, at=NOW)
    assert not person.memberships.exists()
    with pytest.raises(access.Forbidden):
        organisations.remove_member(
            actor=world.members["hr"], membership_id=_membership(world, "rater").pk, at=NOW
        )
    for pk in (_membership(world, "rater").pk, uuid4()):
        with pytest.raises(access.NotFound):
            organisations.remove_member(actor=world.outsider, membership_id=pk, at=NOW)


def test_a_person_changes_their_name_and_language(world: World) -> None:
    accounts.change_profile(actor=world.stranger, name=" 陌生人 ", language="zh-hans", at=NOW)

    world.stranger.refresh_from_db()
    assert (world.stranger.name, world.stranger.language) == ("陌生人", "zh-hans")
    for name, language in (("x" * 121, "en"), ("x", "de")):
        with pytest.raises(accounts.AccountRefused):
            accounts.change_profile(actor=world.stranger, name=name, language=language, at=NOW)


def test_every_change_leaves_an_audit_event(world: World) -> None:
    _invite(world)

    event = AuditEvent.objects.filter(organisation=world.here).order_by("-number")[0]

    assert (event.verb, event.actor) == ("member.invite", world.members["administrator"])
    assert "new@people.example" not in str(event.detail)


def test_lists_show_an_organisation_to_its_desk_and_nothing_to_strangers(world: World) -> None:
    hr = world.members["hr"]

    assert account_queries.organisation_for(hr, "here") == world.here
    assert account_queries.members_of(hr, world.here.pk).count() == len(Role)
    assert account_queries.memberships_of(hr).count() == 1
    assert not account_queries.members_of(world.outsider, world.here.pk).exists()
    assert not account_queries.audit_trail(world.outsider, world.here.pk).exists()
    assert account_queries.audit_trail(world.members["administrator"], world.here.pk).exists()
    assert account_queries.audit_trail(world.operator, None).exists()
    with pytest.raises(access.NotFound):
        account_queries.organisation_for(world.outsider, "here")
