"""What the server's tests share: a time, people in two organisations, and a stranger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import django
import pytest
from django.conf import LazySettings

django.setup()

from liangcai.server.services import accounts, organisations  # noqa: E402  (models need it set up)
from liangcai.server.store.models import Organisation, Role, User  # noqa: E402

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

AddUser = Callable[..., User]


@pytest.fixture(autouse=True)
def fast_passwords(settings: LazySettings) -> None:
    """Hash passwords the quick way: the tests sign in thousands of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def add_user(db: None) -> AddUser:
    """A function that stores somebody with a confirmed address."""

    def add(name: str, *, language: str = "en", operator: bool = False) -> User:
        return accounts.add_person(
            email=f"{name.lower()}@people.example",
            name=name,
            password=PASSWORD,
            language=language,
            at=NOW,
            operator=operator,
        )

    return add


@dataclass(frozen=True)
class World:
    """Two organisations, a member of the first per role, one of the second, an operator, a stranger."""

    here: Organisation
    there: Organisation
    members: dict[str, User]
    outsider: User
    operator: User
    stranger: User


@pytest.fixture
def world(add_user: AddUser) -> World:
    here = _organisation("here", "这里", "Here")
    there = _organisation("there", "那里", "There")
    members = {role.value: add_user(f"Member-{role}") for role in Role}
    for role, user in members.items():
        organisations.add_member(user=user, organisation=here, role=role, actor=user, at=NOW)
    outsider = add_user("Outsider")
    for role in Role:
        organisations.add_member(
            user=outsider, organisation=there, role=role, actor=outsider, at=NOW
        )
    return World(
        here, there, members, outsider, add_user("Op", operator=True), add_user("Stranger")
    )


def _organisation(slug: str, zh: str, en: str) -> Organisation:
    return organisations.add_organisation(organisations.OrganisationNames(slug, zh, en), at=NOW)
