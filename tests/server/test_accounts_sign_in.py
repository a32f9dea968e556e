"""Doors: signing up, signing in, forgotten passwords and API tokens."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from tests.server.conftest import NOW, PASSWORD, World

from liangcai.server import access
from liangcai.server.services import tokens
from liangcai.server.store.models import ApiToken, OutboxMessage, User

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    token, secret = tokens.mint_token(
        actor=world.stranger, name="CI", scopes=("read",), days=30, at=NOW
    )

    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values())
    found = tokens.token_of(secret, at=NOW)
    assert found == token
    assert found is not None
    assert found.user == world.stranger
    assert tokens.token_of(secret, at=NOW + timedelta(days=30)) is None
    assert tokens.token_of(secret + "x", at=NOW) is None
    assert tokens.token_of("", at=NOW) is None


def test_a_token_dies_with_its_revocation_and_with_its_person(world: World) -> None:
    _, first = tokens.mint_token(actor=world.stranger, name="a", scopes=("read",), days=1, at=NOW)
    token, second = tokens.mint_token(
        actor=world.stranger, name="b", scopes=("read", "write"), days=1, at=NOW
    )

    with pytest.raises(access.NotFound):
        tokens.revoke_token(actor=world.outsider, token_id=token.pk, at=NOW)
    tokens.revoke_token(actor=world.stranger, token_id=token.pk, at=NOW)
    assert tokens.token_of(second, at=NOW) is None
    User.objects.filter(pk=world.stranger.pk).update(is_active=False)
    assert tokens.token_of(first, at=NOW) is None


@pytest.mark.parametrize(
    "fault", [{"name": " "}, {"scopes": ()}, {"scopes": ("root",)}, {"days": 0}, {"days": 367}]
)
def test_a_token_without_name_scope_or_end_is_refused(
    world: World, fault: dict[str, object]
) -> None:
    values = {"name": "CI", "scopes": ("read",), "days": 30} | fault

    with pytest.raises(tokens.TokenRefused):
        tokens.mint_token(actor=world.stranger, at=NOW, **values)  # type: ignore[arg-type]


def _sign_up(client: Client, email: str) -> int:
    form = {
        "email": email,
        "password1": PASSWORD,
        "password2": PASSWORD,
        "name": "New",
        "language": "en",
        "consent": "on",
    }
    return client.post("/accounts/signup/", form).status_code


def test_signing_up_asks_for_a_confirmed_address_in_the_visitors_language(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert _sign_up(client, "New@people.example") == 302

    mail = OutboxMessage.objects.get(to="new@people.example")
    assert (mail.subject, mail.language) == ("Confirm your e-mail address for Liangcai", "en")
    form = {"login": "new@people.example", "password": PASSWORD}
    client.post("/accounts/login/", form)
    assert "_auth_user_id" not in client.session
    link = re.search(r"/accounts/confirm-email/\S+", mail.text)
    assert link is not None
    client.post(link[0])
    client.post("/accounts/login/", form)
    assert "_auth_user_id" in client.session


def test_signing_up_with_a_known_address_looks_the_same_and_warns_its_owner(
    client: Client, world: World
) -> None:
    assert _sign_up(client, world.stranger.email) == 302
    assert OutboxMessage.objects.get().to == world.stranger.email
    assert User.objects.filter(email=world.stranger.email).count() == 1


def test_where_sign_up_is_by_invitation_the_door_is_closed(
    client: Client, settings: LazySettings
) -> None:
    settings.LIANGCAI_SIGN_UP = "invited"

    _sign_up(client, "new@people.example")

    assert not User.objects.exists()


def test_a_forgotten_password_is_reset_by_mail_in_the_persons_language(
    client: Client, world: World
) -> None:
    client.post("/accounts/password/reset/", {"email": world.stranger.email})
    client.post("/accounts/password/reset/", {"email": "nobody@people.example"})

    mail, unknown = OutboxMessage.objects.order_by("created_at")
    assert mail.subject == "Reset your Liangcai password"
    link = re.search(r"/accounts/password/reset/key/\S+", mail.text)
    assert link is not None
    form_address = client.get(link[0], follow=True).request["PATH_INFO"]
    changed = {"password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    client.post(form_address, changed)
    world.stranger.refresh_from_db()
    assert world.stranger.check_password(PASSWORD + "!")
    assert unknown.to == "nobody@people.example"
