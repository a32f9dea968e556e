"""The first steps of an installation: its first administrator and the shipped standards."""

from datetime import datetime

from django.db import transaction

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.services.accounts import add_person
from liangcai.server.services.organisations import (
    OrganisationNames,
    add_member,
    add_organisation,
)
from liangcai.server.store.models import Role, User


class AlreadyInitialised(LiangcaiError):
    """The installation has its first administrator."""

    code = "account.already-initialised"


@transaction.atomic
def create_first_administrator(
    *,
    email: str,
    name: str,
    password: str,
    organisation: OrganisationNames,
    at: datetime,
    language: str = "zh-hans",
) -> User:
    """Store the operator of a new installation and the organisation they administer.

    Raises:
        AlreadyInitialised: there is an operator.
        AccountRefused: the address, name or password is not acceptable.
        AddressTaken: somebody has the address.

    """
    if User.objects.filter(is_superuser=True).exists():
        raise AlreadyInitialised("there is an administrator already")
    user = add_person(
        email=email, name=name, password=password, language=language, at=at, operator=True
    )
    found = add_organisation(organisation, at=at)
    add_member(user=user, organisation=found, role=Role.ADMINISTRATOR, actor=user, at=at)
    return user
