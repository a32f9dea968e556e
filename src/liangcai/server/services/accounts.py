"""People who can sign in, and how they are addressed.

add_person(email=, name=, password=, language=, at=) -> User      inside another service
change_profile(actor=user, name=, language=, at=)
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction

from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.store.models import Role, User

ADDRESS_LENGTH = 254  # what a table keeps


class AddressTaken(LiangcaiError):
    """Somebody signs in with this address already."""

    code = "account.address-taken"


class AccountRefused(LiangcaiError):
    """A name, address, role, language or password is not acceptable; `reasons` says why."""

    code = "account.refused"

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


def add_person(
    *,
    email: str,
    name: str,
    password: str,
    language: str,
    at: datetime,
    operator: bool = False,
    synthetic: bool = False,
) -> User:
    """Store somebody whose address is known to be theirs, inside the caller's transaction.

    Raises:
        AccountRefused: the address, name, language or password is not acceptable.
        AddressTaken: somebody has the address.

    """
    address = email.strip().lower()
    user = User(
        email=address,
        name=name.strip(),
        language=language,
        joined_at=at,
        is_staff=operator,
        is_superuser=operator,
        synthetic=synthetic,
    )
    try:
        if not synthetic:  # the demonstration's password is public and short on purpose
            validate_password(password, user)
        user.set_password(password)
        user.clean_fields()
    except ValidationError as error:
        raise AccountRefused(*error.messages) from error
    if User.objects.filter(email=address).exists():
        raise AddressTaken(f"{address} has an account")
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AddressTaken(f"{address} has an account") from error
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    audit.record(actor=user, verb="person.add", target=user, at=at)
    return user


@transaction.atomic
def change_profile(*, actor: User, name: str, language: str, at: datetime) -> None:
    """Change how a person is addressed, and in which language.

    Raises:
        AccountRefused: the name is too long or the language unknown.

    """
    access.require(actor, "person.change", actor)
    refuse_unknown(language=language)
    if len(name.strip()) > 120:
        raise AccountRefused("a name has at most 120 characters")
    User.objects.filter(pk=actor.pk).update(name=name.strip(), language=language)
    audit.record(actor=actor, verb="person.change", target=actor, at=at)


def refuse_unknown(
    *, role: str | None = None, email: str | None = None, language: str | None = None
) -> None:
    """Check what a form sent before it reaches a table.

    Raises:
        AccountRefused: there is no such role or language, or the address is not one.

    """
    if role is not None and role not in Role.values:
        raise AccountRefused(f"there is no role {role}")
    if language is not None and language not in dict(settings.LANGUAGES):
        raise AccountRefused(f"there is no language {language}")
    if email is not None:
        try:
            validate_email(email)
            MaxLengthValidator(ADDRESS_LENGTH)(email)
        except ValidationError as error:
            raise AccountRefused(*error.messages) from error
