"""What happens when two people do it at the same moment: one wins, nothing breaks, all is on record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from tests.server.conftest import NOW, PASSWORD, World
from tests.server.samples import folder_files, lab_scores

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.services import audit, evidence, invitations, organisations, standards, tokens
from liangcai.server.store.models import (
    AuditEvent,
    EvidenceRecord,
    Invitation,
    Membership,
    OutboxMessage,
    Role,
    StandardVersion,
    User,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite",
        reason="the tests' SQLite database lives in memory, where one connection locks the others"
        " out at once; in a file every transaction is immediate, so they take turns",
    ),
]


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Start all calls together and return what became of each: "done", or the code of its error."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            call()
        except LiangcaiError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def whole_chains() -> bool:
    return all(report.intact for report in audit.verify_all_chains())


def events(verb: str) -> int:
    return AuditEvent.objects.filter(verb=verb).count()


def test_a_draft_is_loaded_and_published_once(world: World) -> None:
    officer, files = world.members["officer"], folder_files()

    def load() -> StandardVersion:
        return standards.load_files(
            actor=officer, organisation_id=world.here.pk, files=files, at=NOW
        )

    loaded = at_once(load, load, load)
    draft = StandardVersion.objects.get()
    published = at_once(
        *[lambda: standards.publish_standard(actor=officer, standard_id=draft.pk, at=NOW)] * 3
    )

    assert loaded == ["done"] * 3
    assert published == ["done", "standard.not-publishable", "standard.not-publishable"]
    assert (events("standard.publish"), whole_chains()) == (1, True)


def test_an_invitation_is_sent_and_accepted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations.secrets, "token_urlsafe", lambda _bytes: next(secrets_))
    secrets_ = iter(["one", "two", "three"])

    invited = at_once(
        *[
            lambda: invitations.invite(
                actor=world.members["administrator"],
                organisation_id=world.here.pk,
                email="new@people.example",
                role="hr",
                language="en",
                at=NOW,
            )
        ]
        * 3
    )
    text = OutboxMessage.objects.get().text
    token = next(token for token in ("one", "two", "three") if f"/{token}/" in text)
    joined = at_once(
        *[
            lambda: invitations.sign_up_by_invitation(
                token=token, name="New", password=PASSWORD, language="en", at=NOW
            )
        ]
        * 3
    )

    assert invited == ["done", "member.already", "member.already"]
    assert joined == ["done", "invitation.invalid", "invitation.invalid"]
    assert User.objects.filter(email="new@people.example").count() == 1
    assert whole_chains()


def test_an_invitation_is_accepted_or_taken_back(world: World) -> None:
    invitation = Invitation.objects.create(
        organisation=world.here,
        email=world.stranger.email,
        role="hr",
        language="en",
        token_hash=tokens.fingerprint("token"),
        created_at=NOW,
        expires_at=NOW,
    )

    outcomes = at_once(
        lambda: invitations.accept_invitation(actor=world.stranger, token="token", at=NOW),
        lambda: invitations.withdraw_invitation(
            actor=world.members["administrator"], invitation_id=invitation.pk, at=NOW
        ),
    )

    assert outcomes in (["done", "invitation.invalid"], ["access.not-found", "done"])
    joined = Membership.objects.filter(user=world.stranger).count()
    assert joined + events("member.uninvite") == 1
    assert whole_chains()


def test_two_administrators_cannot_remove_each_other_while_others_work(world: World) -> None:
    other = organisations.add_member(
        user=world.stranger,
        organisation=world.here,
        role=Role.ADMINISTRATOR,
        actor=world.stranger,
        at=NOW,
    )
    own = Membership.objects.get(
        user=world.members["administrator"], organisation=world.here, role=Role.ADMINISTRATOR
    )
    report = [
        lambda: evidence.record_evidence(
            actor=world.members["hr"],
            person_id=world.members["person"].pk,
            organisation_id=world.here.pk,
            evidence=lab_scores("JN1", "JN2"),
            at=NOW,
        )
    ] * 3

    outcomes = at_once(
        lambda: organisations.remove_member(
            actor=world.members["administrator"], membership_id=other.pk, at=NOW
        ),
        lambda: organisations.remove_member(actor=world.stranger, membership_id=own.pk, at=NOW),
        *report,
    )

    left = Membership.objects.filter(organisation=world.here, role=Role.ADMINISTRATOR)
    assert left.count() == 1
    assert outcomes.count("done") == 4
    assert EvidenceRecord.objects.filter(person=world.members["person"]).exists()
    assert (events("evidence.add"), whole_chains()) == (1, True)


def test_a_role_and_a_key_end_once_on_record(world: World) -> None:
    person = world.members["hr"]
    role = Membership.objects.get(user=person, organisation=world.here)
    key, _ = tokens.mint_token(actor=person, name="k", scopes=("read",), days=1, at=NOW)

    left = at_once(
        *[lambda: organisations.remove_member(actor=person, membership_id=role.pk, at=NOW)] * 3
    )
    revoked = at_once(*[lambda: tokens.revoke_token(actor=person, token_id=key.pk, at=NOW)] * 3)

    assert left == revoked == ["access.not-found", "access.not-found", "done"]
    assert (events("member.leave"), events("token.revoke")) == (1, 1)
