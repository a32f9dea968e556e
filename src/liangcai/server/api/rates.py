"""How often the endpoints that compute without storing may be called.

Per minute 300 calls for each key or signed-in person and 30 for each address of somebody who is
signed out. The counters live in Django's cache: by default each server process counts for itself.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.api.callers import actor_of, token_in
from liangcai.server.store.models import User

PER_MINUTE = 300
PER_MINUTE_SIGNED_OUT = 30

P = ParamSpec("P")
Endpoint = Callable[Concatenate[HttpRequest, P], HttpResponse]


class TooManyRequests(LiangcaiError):
    """The caller has used up this minute's calls."""

    code = "api.too-many-requests"

    def __init__(self, seconds: int) -> None:
        self.headers = {"Retry-After": str(seconds)}
        super().__init__(f"wait {seconds} seconds")


def rated(endpoint: Endpoint[P]) -> Endpoint[P]:
    """Count the calls of an endpoint and refuse those over the limit."""

    @wraps(endpoint)
    def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        count_call(request, at=now())
        return endpoint(request, *args, **kwargs)

    return counted


def count_call(request: HttpRequest, *, at: datetime) -> None:
    """Count one call.

    Raises:
        TooManyRequests: it is over the limit.

    """
    who, most = _caller(request)
    minute = int(at.timestamp()) // 60
    key = f"api-rate:{minute}:{sha256(who.encode()).hexdigest()}"
    if cache.add(key, 1, timeout=120):
        return
    try:
        calls = cache.incr(key)
    except ValueError:  # dropped in between to make room
        return
    if calls > most:
        raise TooManyRequests(60 - int(at.timestamp()) % 60)


def _caller(request: HttpRequest) -> tuple[str, int]:
    if (token := token_in(request)) is not None:
        return f"key {token.pk}", PER_MINUTE
    actor = actor_of(request)
    if isinstance(actor, User):
        return f"person {actor.pk}", PER_MINUTE
    return f"address {_address(request)}", PER_MINUTE_SIGNED_OUT


def _address(request: HttpRequest) -> str:
    """Return the caller's address: behind a proxy the one that our own proxy added last."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if last := forwarded.rpartition(",")[2].strip():
            return last
    return str(request.META.get("REMOTE_ADDR", ""))
