"""Who may do what to what: the whole table, asked by members, strangers and operators."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from tests.server.conftest import NOW, World

from liangcai.server import access
from liangcai.server.services import organisations, tokens
from liangcai.server.store.models import (
    ApiToken,
    AuditEvent,
    Membership,
    Organisation,
    Role,
    StandardVersion,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_a_member_may_do_exactly_what_the_table_gives_the_role(world: World, role: Role) -> None:
    member = world.members[role]

    allowed = {verb for verb in access.VERBS if access.may(member, verb, world.here)}

    assert allowed == access.ROLE_VERBS[role]


def test_no_role_reaches_into_another_organisation(world: World) -> None:
    allowed = {verb for verb in access.VERBS if access.may(world.outsider, verb, world.here)}

    assert allowed == set()


@pytest.mark.parametrize("verb", sorted(access.VERBS))
def test_a_stranger_is_told_not_found_and_never_forbidden(world: World, verb: str) -> None:
    for actor in (world.stranger, world.outsider, world.operator, AnonymousUser()):
        with pytest.raises(access.NotFound):
            access.require(actor, verb, world.here)


def test_a_member_without_the_verb_is_told_forbidden(world: World) -> None:
    with pytest.raises(access.Forbidden):
        access.require(world.members["person"], "member.invite", world.here)


def test_absent_and_hidden_things_look_the_same(world: World) -> None:
    for pk in (uuid4(), world.here.pk, "not-an-identifier"):
        with pytest.raises(access.NotFound, match="no such organisation"):
            access.find(world.stranger, "organisation.read", Organisation, pk)


def test_a_misspelt_verb_is_a_fault_of_the_program(world: World) -> None:
    with pytest.raises(ValueError, match=r"member\.fire"):
        access.may(world.operator, "member.fire", world.here)


def test_an_operator_has_no_way_into_a_persons_things(world: World) -> None:
    token, _ = tokens.mint_token(
        actor=world.stranger, name="mine", scopes=("read",), days=1, at=NOW
    )

    for thing in (token, world.stranger):
        assert not any(access.may(world.operator, verb, thing) for verb in access.VERBS)


def test_somebody_who_may_not_sign_in_may_do_nothing(world: World) -> None:
    member = world.members["administrator"]
    member.is_active = False

    assert not any(access.may(member, verb, world.here) for verb in access.VERBS)
    assert not access.visible(member, Organisation).exists()


def test_a_colleague_at_a_desk_sees_a_person_and_a_colleague_elsewhere_does_not(
    world: World,
) -> None:
    person = world.members["person"]

    assert access.may(world.members["hr"], "person.read", person)
    assert not access.may(world.members["rater"], "person.read", person)
    assert not access.may(world.outsider, "person.read", person)
    assert not access.may(world.members["hr"], "person.export", person)


def _standard(organisation: Organisation | None, status: str) -> StandardVersion:
    return StandardVersion.objects.create(
        organisation=organisation,
        code=f"standard-{status}",
        version="1.0.0",
        hash="sha256:" + "0" * 64,
        document={},
        status=status,
        created_at=NOW,
        published_at=None if status == "draft" else NOW,
    )


def test_published_public_standards_are_for_everybody_and_drafts_for_operators(
    world: World,
) -> None:
    public, draft = _standard(None, "published"), _standard(None, "draft")

    for actor in (AnonymousUser(), world.stranger, world.members["person"]):
        assert access.may(actor, "standard.read", public)
        assert list(access.visible(actor, StandardVersion)) == [public]
        with pytest.raises(access.NotFound):
            access.require(actor, "standard.read", draft)
    assert set(access.visible(world.operator, StandardVersion)) == {public, draft}


def test_an_organisations_standards_stay_inside_and_its_drafts_with_those_who_work_on_them(
    world: World,
) -> None:
    published, draft = _standard(world.here, "published"), _standard(world.here, "draft")

    assert list(access.visible(world.members["person"], StandardVersion)) == [published]
    assert set(access.visible(world.members["drafter"], StandardVersion)) == {published, draft}
    for actor in (world.outsider, world.operator, world.stranger, AnonymousUser()):
        assert not access.visible(actor, StandardVersion).exists()
        assert not access.may(actor, "standard.read", published)
    with pytest.raises(access.Forbidden):
        access.require(world.members["person"], "standard.withdraw", published)


@pytest.mark.parametrize("kind", [Organisation, Membership, User, ApiToken, AuditEvent])
def test_what_a_list_shows_is_what_the_table_lets_one_see(world: World, kind: type[Model]) -> None:
    seeing = {
        Organisation: "organisation.read",
        Membership: "member.read",
        User: "person.read",
        ApiToken: "token.read",
        AuditEvent: "audit.read",
    }[kind]
    actors = [*world.members.values(), world.outsider, world.operator, world.stranger]

    for actor in actors:
        listed = set(access.visible(actor, kind))
        allowed = {
            thing for thing in kind._default_manager.all() if access.may(actor, seeing, thing)
        }
        assert listed == allowed


def test_somebody_in_two_shared_organisations_is_listed_once(world: World) -> None:
    person, colleague = world.members["person"], world.members["hr"]
    for user in (person, colleague):
        organisations.add_member(
            user=user, organisation=world.there, role=Role.HR, actor=user, at=NOW
        )

    assert access.visible(colleague, User).filter(pk=person.pk).count() == 1
