"""What every answer has in common: JSON, its language, its caching, and a problem for each refusal."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotModified,
)
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation.trans_real import parse_accept_lang_header

from liangcai.server.api.problems import problem

View = Callable[..., HttpResponseBase]
SHARED = "no-cache"  # any cache may keep it, and asks before it uses it
PRIVATE = "private, no-cache"
UNKEPT = "no-store"


def answer(
    value: Any,
    *,
    status: int = 200,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a value as JSON in UTF-8."""
    content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return HttpResponse(
        content, status=status, content_type=media_type, headers=dict(headers or {})
    )


def answer_versioned(
    request: HttpRequest, value: Callable[[], Any], *, etag: str, public: bool
) -> HttpResponse:
    """Return a value that its hash identifies, or 304 to somebody who has it already."""
    headers = {"ETag": f'"{etag}"', "Cache-Control": SHARED if public else PRIVATE}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or any(one.removeprefix("W/") == headers["ETag"] for one in known):
        return HttpResponseNotModified(headers=headers)
    return answer(value(), headers=headers)


def framed(view: View) -> View:
    """Give a view of the API its language, HEAD beside GET, problems and caching headers."""

    @wraps(view)
    def framed_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        with translation.override(_language(request)):
            try:
                response = view(request, *args, **kwargs)
            except Http404:  # the address of the API itself
                response = problem("access.not-found")
            if isinstance(response, HttpResponseNotAllowed):
                allow = ", ".join(sorted(_allowed(response)))
                response = problem("api.method-not-allowed", headers={"Allow": allow})
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        response.headers.setdefault("Cache-Control", UNKEPT)
        patch_vary_headers(response, ("Accept-Language", "Authorization", "Cookie"))
        if is_head and isinstance(response, HttpResponse):
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    return framed_view


def _allowed(response: HttpResponseNotAllowed) -> set[str]:
    allowed = {method.strip() for method in response.headers["Allow"].split(",")}
    return allowed | ({"HEAD"} if "GET" in allowed else set())


def _language(request: HttpRequest) -> str:
    """Return the first language of Accept-Language that there is, or the one already chosen."""
    for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(tag)
        except LookupError:
            continue
    return translation.get_language() or settings.LANGUAGE_CODE
