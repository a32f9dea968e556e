"""Every address of somebody's thing: 404 to strangers and to other organisations, sign-in signed out.

The table below has to name every address of the project that takes a parameter: one that is not in
it fails the first test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from tests.server.conftest import NOW, World
from tests.server.personal import (
    CODE,
    begin,
    decide_about_member,
    finished,
    publish,
    scores,
    signed_in,
)

from liangcai.server.services import invitations, tokens
from liangcai.server.store.models import (
    ApiToken,
    DecisionRecord,
    EvidenceRecord,
    Invitation,
    Membership,
    SelfAssessment,
    StandardVersion,
    User,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Things:
    """One of everything that belongs to a person or to the first organisation."""

    world: World
    standard: StandardVersion
    draft: StandardVersion
    run: SelfAssessment
    done: SelfAssessment
    decision: DecisionRecord
    evidence: EvidenceRecord
    token: ApiToken
    membership: Membership
    invitation: Invitation


@pytest.fixture
def things(world: World) -> Things:
    person, standard = world.members["person"], publish()
    done = finished(person, standard)
    invitation = invitations.invite(
        actor=world.members["administrator"],
        organisation_id=world.here.pk,
        email="new@people.example",
        role="rater",
        language="en",
        at=NOW,
    )
    token, _secret = tokens.mint_token(actor=person, name="mine", scopes=("read",), days=1, at=NOW)
    return Things(
        world=world,
        standard=standard,
        draft=publish(organisation=world.here, status="draft", published_at=None),
        run=begin(person, standard),
        done=done,
        decision=decide_about_member(world, standard),
        evidence=EvidenceRecord.objects.filter(person=person, organisation=None)[0],
        token=token,
        membership=Membership.objects.get(user=person, organisation=world.here),
        invitation=invitation,
    )


Arguments = Callable[[Things], dict[str, Any]]


def _here(things: Things) -> dict[str, Any]:
    return {"organisation_id": things.world.here.pk}


def _member(things: Things) -> dict[str, Any]:
    return _here(things) | {"person_id": things.world.members["person"].pk}


#: Address → the methods it answers, and the arguments that make it somebody's thing.
OBJECTS: dict[str, tuple[str, Arguments]] = {
    "staff-standard": ("get", lambda t: {"pk": t.draft.pk}),
    "staff-publish": ("post", lambda t: {"pk": t.draft.pk}),
    "staff-withdraw": ("post", lambda t: {"pk": t.draft.pk}),
    "token-revoke": ("post", lambda t: {"token_id": t.token.pk}),
    "membership-leave": ("post", lambda t: {"membership_id": t.membership.pk}),
    "membership-change": ("post", lambda t: {"membership_id": t.membership.pk}),
    "membership-end": ("post", lambda t: {"membership_id": t.membership.pk}),
    "organisation": ("get", _here),
    "invite": ("post", _here),
    "organisation-people": ("get", _here),
    "organisation-person": ("get", _member),
    "organisation-decide": ("get post", lambda t: _member(t) | {"standard_id": t.standard.pk}),
    "invitation-withdraw": ("post", lambda t: {"invitation_id": t.invitation.pk}),
    "assessment": ("get post", lambda t: {"assessment_id": t.run.pk}),
    "assessment-question": ("get post", lambda t: {"assessment_id": t.run.pk, "number": 1}),
    "assessment-finish": ("post", lambda t: {"assessment_id": t.run.pk}),
    "assessment-abandon": ("post", lambda t: {"assessment_id": t.run.pk}),
    "assessment-review": ("get", lambda t: {"assessment_id": t.done.pk}),
    "decision": ("get", lambda t: {"decision_id": t.decision.pk}),
    "decision-pdf": ("get", lambda t: {"decision_id": t.decision.pk}),
    "api:remove_evidence": ("delete", lambda t: {"evidence_id": t.evidence.pk}),
    "api:list_people": ("get", _here),
    "api:list_member_evidence": ("get", _member),
    "api:add_member_evidence": ("post", _member),
    "api:member_profile": ("get", _member),
    "api:one_decision": ("get", lambda t: {"decision_id": t.decision.pk}),
}

#: What an address asks for besides the thing.
QUERIES = {"api:member_profile": f"?standard={CODE}"}

#: Addresses whose parameter is nobody's thing: public content, or one's own by the sign-in.
PUBLIC = {
    "language",
    "standard",
    "standard-levels",
    "standard-versions",
    "standard-version",
    "standard-unit",
    "standard-export",
    "example",
    "example-pdf",
    "profile-standard",
    "profile-pdf",
    "api:newest_standard",
    "api:compare_editions",
    "api:one_edition",
    "api:one_unit",
    "api:edition_findings",
    "api:one_schema",
    # Whoever has the secret in the address may use it; there is nothing to enumerate.
    "invitation",
    "account_confirm_email",
    "account_reset_password_from_key",
}
CASES = [(name, method) for name, (methods, _) in OBJECTS.items() for method in methods.split()]


def _parametric(patterns: Any, space: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, pattern) of every address with a parameter, the console's excepted."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if inner != "admin:":
                yield from _parametric(pattern.url_patterns, inner)
        elif pattern.pattern.regex.groups:
            yield f"{space}{pattern.name}", str(pattern.pattern)


def test_every_address_with_a_parameter_is_in_the_table() -> None:
    found = dict(_parametric(get_resolver().url_patterns))

    unnamed = {pattern for name, pattern in found.items() if name.endswith("None")}

    assert set(found) - set(OBJECTS) - PUBLIC == set(), unnamed
    assert (set(OBJECTS) | PUBLIC) - set(found) == set()


def test_no_address_with_an_identifier_is_called_public() -> None:
    found = dict(_parametric(get_resolver().url_patterns))

    assert [name for name in PUBLIC if "uuid" in found[name] or "_id" in found[name]] == []


def _call(user: User | None, name: str, method: str, arguments: dict[str, Any]) -> Any:
    path = reverse(name, kwargs=arguments) + QUERIES.get(name, "")
    if not name.startswith("api:"):
        client = Client() if user is None else signed_in(user)
        return getattr(client, method)(path)
    headers = {}
    if user is not None:
        _token, secret = tokens.mint_token(
            actor=user, name="a key", scopes=("read", "write"), days=1, at=timezone.now()
        )
        headers = {"Authorization": f"Bearer {secret}"}
    body: dict[str, Any] = {}
    if method == "post":
        body = {"data": scores("JN1").model_dump_json(), "content_type": "application/json"}
    return getattr(Client(), method)(path, headers=headers, **body)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_strangers_and_other_organisations_find_nothing(
    things: Things, name: str, method: str
) -> None:
    arguments = OBJECTS[name][1](things)

    for actor in (things.world.stranger, things.world.outsider):
        assert _call(actor, name, method, arguments).status_code == 404


@pytest.mark.parametrize(("name", "method"), CASES)
def test_who_is_signed_out_is_asked_to_sign_in(things: Things, name: str, method: str) -> None:
    answer = _call(None, name, method, OBJECTS[name][1](things))

    if name.startswith("api:"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))


def test_another_organisations_desk_does_not_open_by_its_own_address(things: Things) -> None:
    outsider, person = things.world.outsider, things.world.members["person"]
    theirs = {"organisation_id": things.world.there.pk, "person_id": person.pk}

    assert _call(outsider, "organisation-person", "get", theirs).status_code == 404
    for method in ("get", "post"):
        arguments = theirs | {"standard_id": things.standard.pk}
        assert _call(outsider, "organisation-decide", method, arguments).status_code == 404


def test_colleagues_do_not_see_what_is_a_persons_own(things: Things) -> None:
    own = ["assessment", "assessment-question", "assessment-review", "token-revoke"]

    for role, colleague in things.world.members.items():
        if role == "person":
            continue
        for name in own:
            methods, arguments = OBJECTS[name]
            for method in methods.split():
                assert _call(colleague, name, method, arguments(things)).status_code == 404


def test_the_console_is_closed_to_everybody_but_operators(things: Things) -> None:
    path = reverse("admin:store_user_change", args=[things.world.stranger.pk])

    for actor in (things.world.stranger, *things.world.members.values()):
        assert signed_in(actor).get(path).status_code in (302, 403, 404)


def test_nothing_was_changed_by_any_refused_call(things: Things) -> None:
    for name, method in CASES:
        _call(things.world.stranger, name, method, OBJECTS[name][1](things))

    things.run.refresh_from_db()
    things.draft.refresh_from_db()
    assert (things.run.state, things.draft.status) == ("in-progress", "draft")
    for thing in (things.token, things.membership, things.invitation, things.evidence):
        assert type(thing)._default_manager.filter(pk=thing.pk).exists()
