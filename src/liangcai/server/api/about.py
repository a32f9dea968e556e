"""Who calls, and the JSON Schemas of the documents."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Path, Router
from pydantic import JsonValue

from liangcai.kernel.schemas import json_schema, schema_names
from liangcai.kernel.text import Code
from liangcai.server.api.answers import SHARED, answer
from liangcai.server.api.callers import ANYBODY, READER, token_in, user_of
from liangcai.server.api.shapes import Me, SchemaNames
from liangcai.server.queries.accounts import memberships_of
from liangcai.server.store.models import User

router = Router(tags=[_("About")])


@router.get("/me", auth=READER, response=Me, summary=_("See who you are to the API"))
def me(request: HttpRequest) -> HttpResponse:
    """Answer with the caller's name, roles and key."""
    user, token = user_of(request), token_in(request)
    return answer(
        {
            "id": str(user.pk),
            "name": user.name,
            "email": user.email,
            "language": user.language,
            "synthetic": user.synthetic,
            "organisations": _organisations(user),
            "key": None
            if token is None
            else {
                "name": token.name,
                "scopes": token.scopes,
                "expires_at": token.expires_at.isoformat(),
            },
        }
    )


@router.get(
    "/schemas",
    auth=ANYBODY,
    response=SchemaNames,
    summary=_("List the documents that have a JSON Schema"),
)
def list_schemas(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (its name is the contract)
    """Answer with the names; each is a file format or an input of the command line."""
    return answer({"items": list(schema_names())}, headers={"Cache-Control": SHARED})


@router.get(
    "/schemas/{name}",
    auth=ANYBODY,
    response=dict[str, JsonValue],
    summary=_("Read the JSON Schema of a document"),
)
def one_schema(request: HttpRequest, name: Path[Code]) -> HttpResponse:  # noqa: ARG001
    """Answer with a JSON Schema of draft 2020-12."""
    return answer(
        json_schema(name),
        media_type="application/schema+json",
        headers={"Cache-Control": SHARED},
    )


def _organisations(user: User) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for membership in memberships_of(user):
        organisation = membership.organisation
        key = str(organisation.pk)
        name = {"zh": organisation.name_zh, "en": organisation.name_en}
        roles = [*found.get(key, {}).get("roles", []), membership.role]  # type: ignore[misc]  # a list
        found[key] = {"id": key, "slug": organisation.slug, "name": name, "roles": roles}
    return list(found.values())
