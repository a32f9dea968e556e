"""The first steps of an installation, and the ones after each upgrade.

prepare(at=now) -> tuple[Loaded, ...]        tables up to date, shipped standards in place
collect_static_files()                       what browsers load, hashed and compressed
create_first_administrator(email=, name=, password=, organisation=OrganisationNames(...), at=)
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.services.accounts import add_person
from liangcai.server.services.organisations import (
    OrganisationNames,
    add_member,
    add_organisation,
)
from liangcai.server.services.standards import Loaded, load_shipped
from liangcai.server.store.models import Role, User


class AlreadyInitialised(LiangcaiError):
    """The installation has its first administrator."""

    code = "account.already-initialised"


def prepare(*, at: datetime) -> tuple[Loaded, ...]:
    """Bring the tables up to date and load the shipped standards; safe to repeat."""
    make_data_folder()
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    return load_shipped(at=at)


def make_data_folder() -> Path:
    """Make the data folder, readable by its owner only."""
    folder = Path(settings.LIANGCAI_DATA)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def collect_static_files() -> None:
    """Put what browsers load into the data folder, named by content and compressed."""
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)


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
