"""What goes wrong, as problem details (RFC 9457): one table from stable codes to HTTP.

`type` is "urn:liangcai:problem:" and the error's code; `instance` names this occurrence, and the
log has the same name. A code that is not in the table is a fault of the program: 500.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _
from ninja.errors import HttpError, ValidationError

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import Finding

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:liangcai:problem:"
INTERNAL = "api.internal"
UNAVAILABLE = "store.unavailable"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a code is answered: the status, a title, and a sentence that says the way out."""

    status: int
    title: str
    detail: str


KINDS: dict[str, Kind] = {
    "access.not-found": Kind(
        404, _("Not found"), _("There is no such thing here, or it is not yours to see.")
    ),
    "access.forbidden": Kind(
        403, _("Not allowed"), _("You can see this, but your role does not let you do that.")
    ),
    "api.unauthenticated": Kind(
        401, _("Sign in first"), _("Send a key as a bearer token, or sign in to the site.")
    ),
    "api.token-invalid": Kind(
        401, _("Key not accepted"), _("The key is unknown, revoked or expired. Make a new one.")
    ),
    "api.scope-missing": Kind(
        403, _("The key may not do this"), _("Use a key whose scopes include the one needed here.")
    ),
    "api.csrf-failed": Kind(
        403,
        _("The page is out of date"),
        _("A request from a signed-in browser carries the site's CSRF token in X-CSRFToken."),
    ),
    "api.method-not-allowed": Kind(
        405, _("Method not allowed"), _("This address answers the methods named in Allow only.")
    ),
    "api.media-type": Kind(
        415, _("Not JSON"), _("Send the document as application/json in UTF-8.")
    ),
    "api.body-too-large": Kind(
        413, _("Too large"), _("The document is larger than what this address reads.")
    ),
    "api.body-refused": Kind(
        400, _("Not acceptable as JSON"), _("The document is not valid JSON.")
    ),
    "api.cursor-invalid": Kind(
        400, _("Not a cursor"), _("Follow the next link of the page before, unchanged.")
    ),
    "api.parameters-invalid": Kind(
        422, _("Parameters not acceptable"), _("Each entry of errors names one of them.")
    ),
    "api.too-many-requests": Kind(
        429, _("Too many requests"), _("Wait as many seconds as Retry-After says.")
    ),
    UNAVAILABLE: Kind(
        503,
        _("This was not saved"),
        _("Everything that was saved before is kept. Wait a moment and send it again."),
    ),
    INTERNAL: Kind(
        500,
        _("Something went wrong here"),
        _("This is our fault. Tell the operator the reference in instance."),
    ),
    "schema.unknown": Kind(404, _("Not found"), _("There is no schema of this name.")),
    "canonical.not-representable": Kind(
        422,
        _("Not acceptable as JSON"),
        _("A value cannot be written so that every reader agrees."),
    ),
    "evidence.invalid": Kind(
        422, _("The evidence has errors"), _("Each entry of findings names one fault.")
    ),
    "evidence.mismatch": Kind(
        409,
        _("The evidence does not fit this edition"),
        _("A stored record names a unit, level or component that this edition does not have."),
    ),
    "evidence.kept": Kind(
        409,
        _("Kept by an organisation"),
        _("An organisation recorded this evidence: only it can take it back."),
    ),
    "standard.no-scheme": Kind(
        409,
        _("No scheme"),
        _("This edition proposes no scheme, so nothing can be computed from it."),
    ),
    "scheme.mismatch": Kind(
        409,
        _("The scheme does not fit"),
        _("The scheme of this edition does not fit its standard."),
    ),
    "decision.not-impartial": Kind(
        409,
        _("Not impartial"),
        _("Who decides is neither the person nor recorded evidence about them."),
    ),
    "decision.nothing-to-decide-on": Kind(
        409,
        _("Nothing to decide on"),
        _("There is no evidence yet, or the edition is not published or proposes no scheme."),
    ),
}

#: What a parameter lacks, by pydantic's word for it.
_PARAMETERS = {
    "missing": _("It is missing."),
    "int_parsing": _("It is a whole number."),
    "greater_than_equal": _("It is too small."),
    "less_than_equal": _("It is too large."),
    "uuid_parsing": _("It is an identifier (a UUID)."),
    "uuid_type": _("It is an identifier (a UUID)."),
    "string_pattern_mismatch": _("It is not written the way it should be."),
    "string_too_long": _("It is too long."),
    "string_type": _("It is text."),
    "literal_error": _("It is not one of the allowed words."),
    "extra_forbidden": _("There is no such parameter."),
    "model_attributes_type": _("It is an object."),
}
_ANY = _("It is not acceptable.")


def findings_in(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings with their messages in the language of this request."""
    language = get_language() or ""
    return [finding.as_record(language) for finding in findings]


def problem(
    code: str,
    *,
    detail: str = "",
    reference: str = "",
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """Return the answer for a code of the table; `members` are extensions such as findings."""
    kind = KINDS[code]
    body = {
        "type": TYPE_PREFIX + code,
        "title": gettext(kind.title),
        "status": kind.status,
        "detail": detail or gettext(kind.detail),
        "instance": f"urn:uuid:{reference or uuid4()}",
        **members,
    }
    content = json.dumps(body, ensure_ascii=False)
    return HttpResponse(
        content, status=kind.status, content_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def on_domain_error(request: HttpRequest, error: LiangcaiError) -> HttpResponse:
    """Answer an error that the library or a service raised on purpose."""
    if error.code not in KINDS:
        return on_fault(request, error)
    members: dict[str, Any] = {}
    if findings := getattr(error, "findings", ()):
        members["findings"] = findings_in(findings)
    return problem(
        error.code,
        detail=str(getattr(error, "detail", "")),
        headers=getattr(error, "headers", None),
        **members,
    )


def on_invalid_parameters(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer parameters or a small body of the wrong shape; a malformed address is no address."""
    if any(fault["loc"][:1] == ("path",) for fault in error.errors):
        return problem("access.not-found")
    return problem("api.parameters-invalid", errors=_faults(error.errors))


def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what the framework raised around an error of ours; anything else is a fault."""
    if isinstance(error.__cause__, LiangcaiError):
        return on_domain_error(request, error.__cause__)
    return on_fault(request, error)


def on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a fault of the program without saying what it was; the log says it."""
    return problem(INTERNAL, reference=_recorded(request, error))


def on_store_failure(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a database that is full, locked or away: nothing of the request was kept."""
    answer = problem(UNAVAILABLE, reference=_recorded(request, error))
    answer["Retry-After"] = "30"
    return answer


def _recorded(request: HttpRequest, error: Exception) -> str:
    """Log what went wrong and return the reference by which it is found."""
    reference = str(uuid4())
    where = {"reference": reference, "method": request.method, "path": request.path}
    _log.error("API request failed: %s", reference, exc_info=error, extra=where)
    return reference


def _faults(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    faults = []
    for fault in errors:
        place = [str(part) for part in fault["loc"]]
        sentence = gettext(_PARAMETERS.get(fault["type"], _ANY))
        faults.append({"in": place[0], "name": place[-1][:100], "detail": sentence})
    return faults
