"""What the tests of the REST API share: callers with keys, a stored standard, evidence."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache as shared_cache
from django.http import HttpResponse
from django.test import Client
from tests.server.conftest import NOW, World

from liangcai.grading import EvidenceFile, load_scheme
from liangcai.server.api import callers, decisions, evidence, rates
from liangcai.server.services import tokens
from liangcai.server.services.evidence import record_evidence
from liangcai.server.store.models import EvidenceRecord, StandardVersion, User
from liangcai.standard import load_standard

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse

CODE = "llm-product-engineer"
V1 = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """Somebody with a key, or nobody; `headers` go with every call."""

    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        return self.call("POST", path, json.dumps(value), **headers)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def call(
        self,
        method: str,
        path: str,
        body: str | bytes = b"",
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """Call an address below /api/v1; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic(method, V1 + path, body, content_type, headers=self.headers | named)


CallAs = Callable[..., Caller]
NOBODY = Caller({"Accept-Language": "en"})


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on when it runs."""
    for module in (callers, decisions, evidence, rates):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    """Start and leave with no calls counted."""
    shared_cache.clear()
    yield
    shared_cache.clear()


@pytest.fixture
def call_as(db: None) -> CallAs:
    """A function that gives somebody a key and returns them as a caller."""

    def caller(user: User, *scopes: str, language: str = "en") -> Caller:
        _, secret = tokens.mint_token(
            actor=user, name="tests", scopes=scopes or tokens.SCOPES, days=1, at=NOW
        )
        return Caller({"Authorization": f"Bearer {secret}", "Accept-Language": language})

    return caller


@cache
def shipped() -> dict[str, Any]:
    """The shipped standard and its scheme, as columns of the store."""
    standard = load_standard(CODE)
    scheme = load_scheme("default", standard=standard)
    return {
        "code": standard.code,
        "version": standard.version,
        "hash": standard.hash,
        "document": standard.as_record(),
        "scheme": scheme.as_record(),
    }


def store_shipped(**changes: Any) -> StandardVersion:
    """Keep the shipped standard in the store, with some columns changed."""
    columns = {"status": "published", "created_at": NOW, "published_at": NOW}
    return StandardVersion.objects.create(**(shipped() | columns | changes))


@pytest.fixture
def standard(db: None) -> StandardVersion:
    """The shipped standard, published for everybody."""
    return store_shipped()


def evidence_document(*units: str, **changes: Any) -> dict[str, Any]:
    """Evidence of one lab score per unit at the lowest level."""
    level = load_standard(CODE).levels_upwards()[0].code
    records = [
        {
            "kind": "lab-score",
            "id": f"lab-{unit}",
            "units": [unit],
            "level": level,
            "source": "lab",
            "date": "2026-11-01",
            "synthetic": False,
            "lab": "E1",
            "score": 70,
        }
        for unit in units or ("JN1",)
    ]
    person = {"id": "p", "synthetic": False}
    return {"person": person, "standard": CODE, "records": records} | changes


@pytest.fixture
def recorded(world: World, standard: StandardVersion) -> EvidenceRecord:
    """A record that HR of the first organisation made about its member."""
    record_evidence(
        actor=world.members["hr"],
        person_id=world.members["person"].pk,
        organisation_id=world.here.pk,
        evidence=EvidenceFile.model_validate(evidence_document("JN1")),
        at=NOW,
    )
    return EvidenceRecord.objects.get()


def code_of(response: Answer) -> str:
    """Return the stable code of a problem."""
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["instance"].startswith("urn:uuid:")
    return str(problem["type"]).rpartition(":")[2]
