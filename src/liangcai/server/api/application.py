"""All endpoints in one application, with the answers to what can go wrong, and its OpenAPI document."""

from functools import cache
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic.json_schema import models_json_schema

from liangcai import __version__
from liangcai.grading import EvidenceFile
from liangcai.kernel.errors import LiangcaiError
from liangcai.server.api import about, decisions, evidence, problems, profiles, standards
from liangcai.server.api.bodies import StrictParser
from liangcai.server.api.callers import ANYBODY
from liangcai.server.api.shapes import Problem
from liangcai.standard import Standard

NAMESPACE = "api"
_REFERENCE = "#/components/schemas/{model}"
_DESCRIPTION = (
    "Standards, evidence, profiles and decisions. A key goes into the Authorization header as a"
    " bearer token; a signed-in browser may use its session with the header X-CSRFToken. Every"
    " refusal is a problem detail (RFC 9457). Accept-Language picks the language of messages."
)

#: What a parameter means, wherever it stands.
_MEANINGS = {
    "code": _("The code of the standard."),
    "cursor": _("From the next link of the page before."),
    "decision_id": _("The identifier of the decision."),
    "evidence_id": _("The identifier of the entry, not of the record in it."),
    "kind": _("Tested evidence, or self-ratings alone."),
    "limit": _("Entries on one page."),
    "name": _("The name of the document."),
    "new": _("The later version."),
    "old": _("The earlier version."),
    "organisation": _("Only of this organisation."),
    "organisation_id": _("The identifier of the organisation."),
    "person": _("Only about this person."),
    "person_id": _("The identifier of the member."),
    "standard": _("The code of the standard."),
    "status": _("Only editions that stand like this."),
    "unit": _("The code of the unit."),
    "version": _("The version; where it may be left out, the newest published one is meant."),
}

api = NinjaAPI(
    title="Liangcai",
    version=__version__,
    description=_DESCRIPTION,
    urls_namespace=NAMESPACE,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
)
for _module in (standards, evidence, profiles, decisions, about):
    api.add_router("", _module.router)

api.exception_handler(LiangcaiError)(problems.on_domain_error)
api.exception_handler(ValidationError)(problems.on_invalid_parameters)
api.exception_handler(HttpError)(problems.on_http_error)
api.exception_handler(OperationalError)(problems.on_store_failure)
api.exception_handler(Exception)(problems.on_fault)


@api.exception_handler(RequestDataTooBig)
def on_too_much(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    """Answer a body that the server does not read at all."""
    return problems.problem("api.body-too-large")


@cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document: what the framework knows, and what every endpoint shares."""
    document: dict[str, Any] = dict(api.get_openapi_schema())
    components = document["components"]
    _, more = models_json_schema(
        [(Standard, "validation"), (EvidenceFile, "validation"), (Problem, "serialization")],
        ref_template=_REFERENCE,
    )
    components["schemas"] |= more["$defs"]
    components["requestBodies"] = {
        "Standard": _body("Standard"),
        "Evidence": _body("EvidenceFile"),
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    refusal = {"description": "A problem", "content": {problems.MEDIA_TYPE: {"schema": schema}}}
    components["responses"] = {"Problem": refusal}
    public = {api.get_openapi_operation_id(one) for one in _operations() if _is_public(one)}
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                parameter["description"] = _MEANINGS[parameter["name"]]
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
            if operation["operationId"] in public:
                operation["security"].insert(0, {})
    return document


def _body(model: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=model)}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operations() -> list[Any]:
    return [
        operation
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    ]


def _is_public(operation: Any) -> bool:
    return ANYBODY in operation.auth_callbacks
