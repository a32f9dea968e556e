"""System checks: what a production start refuses."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import Q

DEMO_DOMAIN = "@demo.liangcai.example"


@register()
def secret_key_is_set(**_: Any) -> list[CheckMessage]:
    """Find a missing or short secret key."""
    try:
        long_enough = len(settings.SECRET_KEY) >= 32
    except ImproperlyConfigured:  # Django's word for an empty one
        long_enough = False
    if long_enough:
        return []
    hint = "Put at least 32 random characters into LIANGCAI_SECRET_KEY or its _FILE."
    return [
        Error("The secret key is missing or shorter than 32 characters.", hint, id="store.E001")
    ]


@register()
def mail_can_leave(**_: Any) -> list[CheckMessage]:
    """Find a production server whose mail only goes into files."""
    if settings.LIANGCAI_DEMO or settings.EMAIL_HOST:
        return []
    hint = "Set LIANGCAI_EMAIL_HOST; until then mail is written to the mail folder of the data."
    return [Caution("No mail server is set.", hint, id="store.W001")]


@register(Tags.database)
def no_demo_accounts(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Find sign-ins of the demonstration on a production server: their password is public."""
    if settings.LIANGCAI_DEMO or not databases:
        return []
    from liangcai.server.store.models import User

    try:
        invented = Q(email__endswith=DEMO_DOMAIN) | Q(synthetic=True)  # the address can be changed
        count = User.objects.filter(invented, is_active=True).count()
    except DatabaseError:
        return []  # no tables yet: nothing to refuse, and `migrate` must be able to run
    if not count:
        return []
    hint = "Start with an empty database, or set LIANGCAI_DEMO=1 if this is a demonstration."
    message = f"{count} demonstration account(s) can sign in here with a password that is public."
    return [Error(message, hint, id="store.E002")]
