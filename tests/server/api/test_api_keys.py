"""Who calls: keys with scopes and an end, sessions with their CSRF token, or nobody."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.server.api.conftest import (
    NOBODY,
    Answer,
    CallAs,
    Caller,
    code_of,
    evidence_document,
)
from tests.server.conftest import NOW, World

from liangcai.server.api import callers
from liangcai.server.services import tokens
from liangcai.server.store.models import ApiToken, EvidenceRecord, StandardVersion

pytestmark = pytest.mark.django_db


def test_a_key_says_whose_it_is_and_what_it_may_do(world: World, call_as: CallAs) -> None:
    me = call_as(world.members["hr"], "read").get("/me").json()

    assert me["email"] == world.members["hr"].email
    assert me["key"]["scopes"] == ["read"]
    assert [(one["slug"], one["roles"]) for one in me["organisations"]] == [("here", ["hr"])]
    assert me["organisations"][0]["name"] == {"zh": "这里", "en": "Here"}


def test_somebody_with_several_roles_sees_them_together(world: World, call_as: CallAs) -> None:
    me = call_as(world.outsider).get("/me").json()

    assert len(me["organisations"]) == 1
    assert len(me["organisations"][0]["roles"]) == 9


def test_the_use_of_a_key_is_noted(world: World, call_as: CallAs) -> None:
    call_as(world.stranger).get("/me")

    assert ApiToken.objects.get().last_used_at == NOW


def test_nobody_is_asked_to_sign_in() -> None:
    answer = NOBODY.get("/me")

    assert answer.status_code == 401
    assert code_of(answer) == "api.unauthenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer lc_wrong", "Bearer", "Bearer  ", "Basic dTpw", "", "lc_x", "Bearer lc_é"]
)
def test_a_header_without_a_good_key_is_refused_even_where_anybody_may_read(
    header: str, standard: StandardVersion
) -> None:
    answer = Caller({"Authorization": header}).get("/standards")

    assert answer.status_code == 401
    assert code_of(answer) == "api.token-invalid"


def test_a_key_is_good_until_its_end_and_not_after(
    world: World, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = call_as(world.stranger)
    assert me.get("/me").status_code == 200

    monkeypatch.setattr(callers, "now", lambda: NOW + timedelta(days=1))

    assert code_of(me.get("/me")) == "api.token-invalid"


def test_a_revoked_key_opens_nothing(world: World, call_as: CallAs) -> None:
    me = call_as(world.stranger)
    tokens.revoke_token(actor=world.stranger, token_id=ApiToken.objects.get().pk, at=NOW)

    assert code_of(me.get("/me")) == "api.token-invalid"


def test_the_key_of_somebody_who_may_not_sign_in_opens_nothing(
    world: World, call_as: CallAs
) -> None:
    me = call_as(world.stranger)
    world.stranger.is_active = False
    world.stranger.save(update_fields=["is_active"])

    assert code_of(me.get("/me")) == "api.token-invalid"


def test_a_reading_key_changes_nothing(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    answer = call_as(world.stranger, "read").post("/evidence", evidence_document())

    assert answer.status_code == 403
    assert code_of(answer) == "api.scope-missing"
    assert 'scope="write"' in answer.headers["WWW-Authenticate"]
    assert not EvidenceRecord.objects.exists()


def test_a_writing_key_reads_nothing(world: World, call_as: CallAs) -> None:
    assert code_of(call_as(world.stranger, "write").get("/evidence")) == "api.scope-missing"


def test_a_session_reads_as_its_owner(world: World) -> None:
    client = Client()
    client.force_login(world.stranger)

    me = client.get("/api/v1/me").json()

    assert (me["id"], me["key"]) == (str(world.stranger.pk), None)


def test_a_session_changes_things_only_with_the_sites_csrf_token(
    world: World, standard: StandardVersion
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.stranger)
    client.get("/accounts/email/")
    secret = client.cookies["csrftoken"].value

    def post(headers: dict[str, str]) -> Answer:
        return client.post(
            "/api/v1/evidence",
            evidence_document(),
            content_type="application/json",
            headers=headers,
        )

    without, wrong = post({}), post({"X-CSRFToken": "x" * 32})
    right = post({"X-CSRFToken": secret})

    assert code_of(without) == code_of(wrong) == "api.csrf-failed"
    assert right.status_code == 201


def test_a_key_needs_no_csrf_token(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(
        "/api/v1/evidence",
        evidence_document(),
        content_type="application/json",
        headers=call_as(world.stranger).headers,
    )

    assert answer.status_code == 201
