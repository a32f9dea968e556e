"""The OpenAPI document says what the endpoints do, and both pages about it name every one."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from tests.server.api.conftest import (
    CODE,
    NOBODY,
    Answer,
    CallAs,
    Caller,
    evidence_document,
)
from tests.server.conftest import World
from tests.server.stored_standards import reworded, store
from tests.standard.tiny import tiny_record, tiny_standard

from liangcai.kernel.schemas import schema_names
from liangcai.server.api import api
from liangcai.server.api.application import openapi
from liangcai.server.store.models import EvidenceRecord, StandardVersion

pytestmark = pytest.mark.django_db
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "api.md"


def endpoints() -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    ]


def fits(response: Answer, method: str, path: str) -> None:
    """Check an answer against what the document says of it."""
    document = openapi()
    answers = document["paths"][path][method.lower()]["responses"]
    described = answers.get(str(response.status_code)) or answers.get(response.status_code)
    if described is None:
        described = document["components"]["responses"]["Problem"]
    (content,) = described["content"].values()
    schema = content["schema"] | {"components": document["components"]}
    Draft202012Validator(schema).validate(response.json())


def test_the_document_is_served_as_it_is_made() -> None:
    served = NOBODY.get("/openapi.json").json()

    assert served["openapi"].startswith("3.1")
    assert set(served["paths"]) == set(openapi()["paths"])


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = NOBODY.get("/openapi.json").json()

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(part) for part in value.values()))
        return (
            set().union(*(references(part) for part in value)) if isinstance(value, list) else set()
        )

    for reference in references(document):
        part = document
        for key in reference.removeprefix("#/").split("/"):
            part = part[key]


def test_every_endpoint_says_what_it_does_who_may_and_how_it_refuses() -> None:
    for path, methods in openapi()["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["security"][-1] == {"BearerKey": []}, path
            assert "default" in operation["responses"], path
            assert all(one["description"] for one in operation["parameters"]), path


def test_what_anybody_may_read_is_marked_so() -> None:
    public = {
        path
        for path, methods in openapi()["paths"].items()
        for operation in methods.values()
        if {} in operation["security"]
    }

    assert all(
        NOBODY.call("GET", path.removeprefix("/api/v1")).status_code != 401 for path in public
    )
    assert not {path for path in public if "evidence" in path or "profile" in path}


def test_answers_fit_the_document(
    recorded: EvidenceRecord,
    standard: StandardVersion,
    world: World,
    call_as: CallAs,
) -> None:
    old, new = store(tiny_standard()), store(reworded())
    store(tiny_standard(code="inside"), organisation=world.here)
    desk, drafter = call_as(world.members["hr"]), call_as(world.members["drafter"])
    decider, me = call_as(world.members["decider"]), call_as(world.members["person"])
    person = f"/organisations/{world.here.pk}/people/{world.members['person'].pk}"
    order = {
        "organisation": str(world.here.pk),
        "person": str(world.members["person"].pk),
        "standard": CODE,
    }
    version, inside = standard.version, "/standards/inside/1.2.3"
    diff = f"/standards/{old.code}/diff?old={old.version}&new={new.version}"
    calls: list[tuple[Caller, str, str, Any]] = [
        (NOBODY, "GET", "/standards", None),
        (NOBODY, "GET", f"/standards/{CODE}", None),
        (NOBODY, "GET", f"/standards/{CODE}/{version}", None),
        (NOBODY, "GET", f"/standards/{CODE}/{version}/units/JN5", None),
        (NOBODY, "GET", diff, None),
        (drafter, "GET", f"{inside}/findings", None),
        (NOBODY, "POST", "/checks/standard", tiny_record()),
        (NOBODY, "POST", "/decisions/preview", evidence_document()),
        (me, "GET", "/evidence", None),
        (me, "POST", "/evidence", evidence_document()),
        (me, "GET", f"/profile?standard={CODE}", None),
        (me, "GET", "/me", None),
        (desk, "GET", f"/organisations/{world.here.pk}/people", None),
        (desk, "GET", f"{person}/evidence", None),
        (desk, "POST", f"{person}/evidence", evidence_document("JN2")),
        (desk, "GET", f"{person}/profile?standard={CODE}", None),
        (decider, "POST", "/decisions", order),
        (me, "POST", "/decisions/indicative", {"standard": CODE}),
        (me, "GET", "/decisions", None),
        (NOBODY, "GET", "/schemas", None),
        (NOBODY, "GET", "/schemas/standard", None),
        (NOBODY, "GET", "/me", None),
        (NOBODY, "GET", "/standards?limit=0", None),
        (me, "POST", "/evidence", {}),
        (me, "POST", "/decisions", {}),
    ]
    seen = set()

    for who, method, path, body in calls:
        response = who.get(path) if method == "GET" else who.post(path, body)
        template = _template(method, path)
        seen.add((method, template))
        fits(response, method, template)
    first = me.get("/decisions").json()["items"][0]["id"]
    fits(me.get(f"/decisions/{first}"), "GET", "/api/v1/decisions/{decision_id}")

    seen |= {
        ("GET", "/api/v1/decisions/{decision_id}"),
        ("DELETE", "/api/v1/evidence/{evidence_id}"),
    }
    assert seen == set(endpoints())


def _template(method: str, path: str) -> str:
    """Return the documented path that an address is an instance of, the most literal one first."""
    address = "/api/v1" + path.partition("?")[0]
    candidates = sorted(
        (one for verb, one in endpoints() if verb == method), key=lambda p: p.count("{")
    )
    return next(
        one for one in candidates if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one), address)
    )


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_is_served_and_is_a_schema(name: str) -> None:
    answer = NOBODY.get(f"/schemas/{name}")

    assert answer.headers["Content-Type"] == "application/schema+json"
    Draft202012Validator.check_schema(answer.json())


@pytest.mark.parametrize(("method", "path"), endpoints())
def test_the_reference_documents_every_endpoint_with_an_example(method: str, path: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    section = (
        text.partition(f"### `{method} {path}`\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    )

    assert section, "it is not in the reference"
    assert "```" in section, "it has no example"


def test_the_reference_documents_nothing_that_is_not_there() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    headings = re.findall(r"^### `([A-Z]+) (/api/v1/\S*)`$", text, re.MULTILINE)

    assert set(headings) == set(endpoints())
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_names_every_endpoint_and_runs_nothing(language: str) -> None:
    page = Client().get("/api/", headers={"Accept-Language": language})

    text = page.content.decode()
    assert page.status_code == 200
    for method, path in endpoints():
        assert f"{method} {path}" in text
    assert "<script" not in text
    assert "style=" not in text
    assert text.count("<h1") == 1
    assert text.count("curl ") == len(endpoints())
