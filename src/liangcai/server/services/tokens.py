"""Keys to the API: shown once when they are minted, kept as a hash.

mint_token(actor=user, name="CI", scopes=("read",), days=90, at=now) -> (ApiToken, "lc_…")
revoke_token(actor=user, token_id=pk, at=now)
token_of("lc_…", at=now) -> ApiToken | None        what a request's bearer key stands for
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from liangcai.kernel.errors import LiangcaiError
from liangcai.server import access
from liangcai.server.services import audit
from liangcai.server.store.models import ApiToken, User

SCOPES = ("read", "write")
LONGEST_DAYS = 366
_PREFIX = "lc_"
_SEEN_EVERY = timedelta(minutes=5)


class TokenRefused(LiangcaiError):
    """A token needs a name, at least one known scope and a life of 1 to 366 days."""

    code = "token.refused"


def fingerprint(secret: str) -> str:
    """Return the SHA-256 under which a secret with 256 random bits is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def mint_token(
    *, actor: User, name: str, scopes: Collection[str], days: int, at: datetime
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which nobody can read again.

    Raises:
        TokenRefused: no name, an unknown scope or none, or a life outside 1 to 366 days.

    """
    access.require(actor, "token.mint", actor)
    if not name.strip() or not scopes or set(scopes) - set(SCOPES) or not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(
            f"a token has a name, scopes among {', '.join(SCOPES)} and lives 1 to {LONGEST_DAYS} days"
        )
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=actor,
        name=name.strip()[:80],
        token_hash=fingerprint(secret),
        scopes=sorted(scopes),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    audit.record(
        actor=actor, verb="token.mint", target=token, at=at, detail={"scopes": token.scopes}
    )
    return token, secret


@transaction.atomic
def revoke_token(*, actor: User, token_id: UUID | str, at: datetime) -> None:
    """Delete a token; requests that carry it are refused from now on."""
    token = access.find(actor, "token.revoke", ApiToken, token_id)
    if not ApiToken.objects.filter(pk=token.pk).delete()[0]:
        raise access.NotFound("no such apitoken")
    audit.record(actor=actor, verb="token.revoke", target=token, at=at)


def token_of(secret: str, *, at: datetime) -> ApiToken | None:
    """Return the token that a secret opens, if it is still good; note now and then that it was used."""
    if not secret.startswith(_PREFIX):
        return None
    found = ApiToken.objects.select_related("user").filter(token_hash=fingerprint(secret))
    token = found.first()
    if token is None or not token.is_usable(at) or not token.user.is_active:
        return None
    if token.last_used_at is None or token.last_used_at < at - _SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token
