"""The addresses of the REST API: /api/v1/…, its OpenAPI document, and the page that describes it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path

from liangcai.server.api.answers import SHARED, answer, framed
from liangcai.server.api.application import NAMESPACE, api, openapi
from liangcai.server.api.page import api_page
from liangcai.server.api.problems import problem


def openapi_document(request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI document."""
    if request.method != "GET":
        return problem("api.method-not-allowed", headers={"Allow": "GET, HEAD"})
    return answer(openapi(), headers={"Cache-Control": SHARED})


def no_such_address(_request: HttpRequest) -> HttpResponse:
    """Answer an address under /api/v1/ that is none."""
    return problem("access.not-found")


def _endpoints() -> list[Any]:
    """Return the framework's addresses, each with what every answer has in common."""
    patterns, _application, _namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = framed(pattern.callback)
    return patterns


urlpatterns: list[URLPattern | URLResolver] = [
    path("", api_page, name="api-docs"),
    path("v1/openapi.json", framed(openapi_document), name="api-openapi"),
    path("v1/", (_endpoints(), "ninja", NAMESPACE)),
    re_path(r"^v1/", framed(no_such_address)),
]
