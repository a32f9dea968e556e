"""The page at /api/: every endpoint with its parameters and an example, out of the OpenAPI document."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from liangcai.server.api.application import openapi
from liangcai.server.api.bodies import MAX_BYTES, MAX_BYTES_SIGNED_OUT
from liangcai.server.api.paging import MOST, USUAL
from liangcai.server.api.rates import PER_MINUTE, PER_MINUTE_SIGNED_OUT

_MIB = 1024 * 1024
_EXAMPLES = {
    "code": "llm-product-engineer",
    "version": "0.1.0",
    "unit": "JN5",
    "name": "standard",
    "standard": "llm-product-engineer",
    "old": "0.1.0",
    "new": "0.2.0",
}
_BODIES = {
    "#/components/requestBodies/Standard": "@standard.json",
    "#/components/requestBodies/Evidence": "@evidence.json",
}
_AN_ID = "6f2c3f0e-2f53-4f0e-9d5c-6a0f0c1b7e42"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query."""

    name: str
    place: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    public: bool
    parameters: tuple[Parameter, ...]
    curl: str


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Show every endpoint, by noun."""
    context = {
        "groups": _groups(),
        "usual": USUAL,
        "most": MOST,
        "body_mib": MAX_BYTES // _MIB,
        "body_mib_signed_out": MAX_BYTES_SIGNED_OUT // _MIB,
        "per_minute": PER_MINUTE,
        "per_minute_signed_out": PER_MINUTE_SIGNED_OUT,
        "public_url": settings.LIANGCAI_PUBLIC_URL,
    }
    return render(request, "api/index.html", context)


def _groups() -> dict[str, list[Endpoint]]:
    groups: dict[str, list[Endpoint]] = {}
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            endpoint = _endpoint(method.upper(), path, operation)
            groups.setdefault(operation["tags"][0], []).append(endpoint)
    return groups


def _endpoint(method: str, path: str, operation: dict[str, Any]) -> Endpoint:
    public = {} in operation["security"]
    return Endpoint(
        anchor=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        public=public,
        parameters=tuple(
            Parameter(one["name"], one["in"], one["required"], one["description"])
            for one in operation["parameters"]
        ),
        curl=_curl(method, path, operation, public=public),
    )


def _curl(method: str, path: str, operation: dict[str, Any], *, public: bool) -> str:
    """Return a command line that calls the endpoint."""
    query = []
    for one in operation["parameters"]:
        value = _EXAMPLES.get(one["name"], _AN_ID)
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", value)
        elif one["required"]:
            query.append(f"{one['name']}={value}")
    address = settings.LIANGCAI_PUBLIC_URL + path + ("?" + "&".join(query) if query else "")
    words = ["curl"] + ([] if method == "GET" else ["-X", method])
    if not public:
        words.append('-H "Authorization: Bearer $LIANGCAI_KEY"')
    if body := operation.get("requestBody"):
        words += ['-H "Content-Type: application/json"', f"-d {_body(body)}"]
    return " ".join([*words, f'"{address}"'])


def _body(body: dict[str, Any]) -> str:
    if (file := _BODIES.get(body.get("$ref", ""))) is not None:
        return file
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    shape = openapi()["components"]["schemas"][name]
    members = {member: _EXAMPLES.get(member, _AN_ID) for member in shape["required"]}
    return f"'{json.dumps(members)}'"
