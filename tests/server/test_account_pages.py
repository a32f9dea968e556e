"""Sign-up, the account page, keys, invitations: what a person does about their own account."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from tests.server.conftest import NOW, PASSWORD, World
from tests.server.personal import page, signed_in

from liangcai.server.services import invitations, tokens
from liangcai.server.store.models import (
    ApiToken,
    AuditEvent,
    Membership,
    OutboxMessage,
    User,
)

pytestmark = pytest.mark.django_db
SIGN_UP = {
    "name": "林一凡",
    "email": "lin@people.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "language": "en",
    "consent": "on",
}


def _message_to(address: str) -> OutboxMessage:
    return OutboxMessage.objects.get(to=address)


def _link(message: OutboxMessage, part: str) -> str:
    found = re.search(rf"https?://[^/]+(/\S*{part}\S*)", message.text)
    assert found, message.text
    return found[1]


def test_signing_up_keeps_name_and_language_and_asks_to_confirm(client: Client) -> None:
    answer = client.post(reverse("account_signup"), SIGN_UP)

    assert answer.status_code == 302
    user = User.objects.get(email=SIGN_UP["email"])
    assert (user.name, user.language) == ("林一凡", "en")
    assert _message_to(user.email).language == "en"
    confirmed = client.post(_link(_message_to(user.email), "confirm-email"))
    assert confirmed.status_code == 302
    assert user.emailaddress_set.get().verified


def test_without_consent_nothing_is_stored(client: Client) -> None:
    values = {name: value for name, value in SIGN_UP.items() if name != "consent"}

    answer = client.post(reverse("account_signup"), values, headers={"accept-language": "en"})

    assert "Without your agreement" in answer.content.decode()
    assert not User.objects.filter(email=SIGN_UP["email"]).exists()


def test_an_unconfirmed_address_does_not_sign_in(client: Client) -> None:
    client.post(reverse("account_signup"), SIGN_UP)

    client.post(reverse("account_login"), {"login": SIGN_UP["email"], "password": PASSWORD})

    assert "_auth_user_id" not in client.session


def test_sign_up_says_when_it_is_by_invitation(client: Client, settings: LazySettings) -> None:
    settings.LIANGCAI_SIGN_UP = "invited"

    text = client.get(reverse("account_signup"), headers={"accept-language": "en"})

    assert "Sign-up is by invitation" in text.content.decode()


def test_a_forgotten_password_is_reset_by_mail(client: Client, world: World) -> None:
    user = world.members["person"]

    client.post(reverse("account_reset_password"), {"email": user.email})
    form = client.get(_link(_message_to(user.email), "reset/key"), follow=True)
    new = "another correct horse battery"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    user.refresh_from_db()
    assert user.check_password(new)


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "account_email",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "privacy",
        "privacy-erase",
        "profile",
        "assessments",
    ],
)
def test_every_page_of_ones_own_account_has_one_heading(world: World, name: str) -> None:
    assert page(world.members["person"], name).count("<h1") == 1


def test_name_and_language_are_changed_together(world: World) -> None:
    user = world.members["person"]

    signed_in(user).post(reverse("account"), {"name": "New", "language": "zh-hans"})

    user.refresh_from_db()
    assert (user.name, user.language) == ("New", "zh-hans")


def test_a_key_is_shown_once_and_revoked(world: World) -> None:
    user = world.members["person"]
    browser = signed_in(user)
    wish = {"token-name": "nightly", "token-scopes": ["read"], "token-days": "90"}

    minted = browser.post(reverse("token-mint"), wish)

    secret = re.search(r"lc_[\w-]+", minted.content.decode())
    assert secret
    assert "no-store" in minted.headers["Cache-Control"]
    assert "lc_" not in page(user, "account")
    token = ApiToken.objects.get()
    assert token.token_hash == tokens.fingerprint(secret[0])
    browser.post(reverse("token-revoke", args=[token.pk]))
    assert not ApiToken.objects.exists()


def test_a_key_without_a_purpose_is_refused_on_the_page(world: World) -> None:
    answer = signed_in(world.members["person"]).post(reverse("token-mint"), {"token-days": "90"})

    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_the_last_administrator_may_not_leave(world: World) -> None:
    user = world.members["administrator"]
    role = Membership.objects.get(user=user)

    answer = signed_in(user).post(reverse("membership-leave", args=[role.pk]), follow=True)

    assert "last administrator" in answer.content.decode()
    assert Membership.objects.filter(pk=role.pk).exists()


def _invite(world: World, address: str) -> str:
    invitations.invite(
        actor=world.members["administrator"],
        organisation_id=world.here.pk,
        email=address,
        role="rater",
        language="en",
        at=NOW,
    )
    return _link(_message_to(address), "invitations")


@pytest.fixture
def now_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages live at the tests' time."""
    monkeypatch.setattr("liangcai.server.web.views.account.now", lambda: NOW)


@pytest.mark.usefixtures("now_is")
def test_somebody_new_signs_up_by_invitation_and_is_a_member(client: Client, world: World) -> None:
    path = _invite(world, "new@people.example")

    shown = client.get(path, headers={"accept-language": "en"}).content.decode()
    client.post(path, {"name": "N", "password": PASSWORD, "language": "en", "consent": "on"})

    assert "Invitation to Here" in shown
    user = User.objects.get(email="new@people.example")
    assert user.memberships.get().role == "rater"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.usefixtures("now_is")
def test_a_member_elsewhere_accepts_and_others_cannot(world: World) -> None:
    path = _invite(world, world.stranger.email)

    assert signed_in(world.outsider).get(path).status_code == 404
    assert signed_in(world.outsider).post(path).status_code == 404
    assert signed_in(world.stranger).get(path).status_code == 200
    signed_in(world.stranger).post(path)

    assert world.stranger.memberships.get().organisation == world.here
    assert signed_in(world.stranger).get(path).status_code == 404
    assert AuditEvent.objects.filter(verb="member.add", actor=world.stranger).exists()


@pytest.mark.usefixtures("now_is")
def test_a_weak_password_is_refused_and_the_invitation_stays(client: Client, world: World) -> None:
    path = _invite(world, "new@people.example")

    answer = client.post(
        path, {"name": "N", "password": "12345", "language": "en", "consent": "on"}
    )

    assert "error" in answer.content.decode()
    assert not User.objects.filter(email="new@people.example").exists()
    assert client.get(path).status_code == 200


def test_an_invitation_that_never_was_is_a_page_that_says_so(client: Client) -> None:
    answer = client.get(reverse("invitation", args=["nothing"]), headers={"accept-language": "en"})

    assert answer.status_code == 404
    assert "cannot be used" in answer.content.decode()
