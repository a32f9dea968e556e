"""Who calls: a key in the Authorization header, the session of a signed-in browser, or nobody."""

from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import translation
from django.utils.timezone import now
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.access import Actor
from liangcai.server.services.tokens import token_of
from liangcai.server.store.models import ApiToken, User

Scope = Literal["read", "write"]
_SAFE = ("GET", "HEAD")


class Unauthenticated(LiangcaiError):
    """The address is for somebody in particular, and nobody is signed in."""

    code = "api.unauthenticated"
    headers = {"WWW-Authenticate": 'Bearer realm="liangcai"'}


class TokenInvalid(LiangcaiError):
    """The Authorization header holds no key that opens anything now."""

    code = "api.token-invalid"
    headers = {"WWW-Authenticate": 'Bearer realm="liangcai", error="invalid_token"'}


class ScopeMissing(LiangcaiError):
    """The key is good, but not for this."""

    code = "api.scope-missing"

    def __init__(self, scope: Scope) -> None:
        self.headers = {
            "WWW-Authenticate": f'Bearer realm="liangcai", error="insufficient_scope", scope="{scope}"'
        }
        super().__init__(f"the key lacks the scope {scope}")


class CsrfFailed(LiangcaiError):
    """A request with a session that could come from another site's page."""

    code = "api.csrf-failed"


class BearerKey(AuthBase):
    """Lets in the owner of a key with this scope, or of a session; or anybody, where it says so."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: Scope, *, or_nobody: bool = False) -> None:
        self.scope = scope
        self.or_nobody = or_nobody
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        """Return who calls.

        Raises:
            TokenInvalid, ScopeMissing: a key was sent and is not good, or not for this.
            CsrfFailed: a session's unsafe request without the CSRF token.
            Unauthenticated: nobody is signed in.

        """
        if (header := request.headers.get("Authorization")) is not None:
            return self._owner_of(request, header)
        if request.user.is_authenticated:
            if request.method not in _SAFE and check_csrf(request) is not None:
                raise CsrfFailed("no CSRF token of this site")
            return request.user
        if not self.or_nobody:
            raise Unauthenticated("nobody is signed in")
        return AnonymousUser()

    def _owner_of(self, request: HttpRequest, header: str) -> User:
        scheme, _, secret = header.partition(" ")
        token = token_of(secret.strip(), at=now()) if scheme.lower() == "bearer" else None
        if token is None:
            raise TokenInvalid("no such key")
        if self.scope not in token.scopes:
            raise ScopeMissing(self.scope)
        request.api_token = token  # type: ignore[attr-defined]  # where `token_in` finds it
        if "Accept-Language" not in request.headers:
            translation.activate(token.user.language)
        return token.user


READER = BearerKey("read")
WRITER = BearerKey("write")
ANYBODY = BearerKey("read", or_nobody=True)


def actor_of(request: HttpRequest) -> Actor:
    """Return who calls an endpoint that lets anybody in."""
    actor: Actor = request.auth  # type: ignore[attr-defined]  # set by the framework
    return actor


def user_of(request: HttpRequest) -> User:
    """Return who calls an endpoint for somebody in particular.

    Raises:
        Unauthenticated: nobody does.

    """
    actor = actor_of(request)
    if not isinstance(actor, User):
        raise Unauthenticated("nobody is signed in")
    return actor


def token_in(request: HttpRequest) -> ApiToken | None:
    """Return the key that a request carries; None where it carries a session."""
    return getattr(request, "api_token", None)
