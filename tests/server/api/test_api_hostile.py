"""Whatever is sent, the answer is a problem or findings: never a fault of the program."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.api.conftest import (
    NOBODY,
    Answer,
    CallAs,
    Caller,
    code_of,
    evidence_document,
)
from tests.server.conftest import World
from tests.standard.tiny import tiny_record

from liangcai.server.api import bodies, rates
from liangcai.server.api.application import openapi
from liangcai.server.store.models import StandardVersion

pytestmark = pytest.mark.django_db
FIXTURES_STAY = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["JN1", "junior", "lab-score", "2026-02-30", "1e400", "\u2028", "../x"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
POSTED = ("/checks/standard", "/decisions/preview")


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE_SIGNED_OUT", 10**9)


def _refused_well(response: Answer) -> bool:
    """Whether an answer is a refusal with a code, or a plain success."""
    if response.status_code >= 400:
        code_of(response)
    return response.status_code < 500


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" ", "The document is not JSON from line 1, column 2 on."),
        (b"{", "The document is not JSON from line 1, column 2 on."),
        (b"[" * 100_000, "The document nests over 32 levels."),
        (b'{"a":' * 50_000, "The document nests over 32 levels."),
        (b"[" * 40 + b"]" * 40, "The document nests over 32 levels."),
        (b"NaN", "NaN and infinities are not JSON."),
        (b"[-Infinity]", "NaN and infinities are not JSON."),
        (b"[1e400]", "A number is too large."),
        (b"9" * 5000, "A number is too large."),
        (b"[-9999999999999999999]", "A number is too large."),
        (b'{"a":1,"a":2}', "A key stands twice in one object."),
        (b'"\xff\xfe"', "The document is not UTF-8."),
        ('{"a":1}'.encode("utf-16"), "The document is not UTF-8."),
        (b'["\\ud800"]', "A text holds half of a surrogate pair."),
        (b'{"\\udfff":1}', "A text holds half of a surrogate pair."),
        (b'["\\u0000"]', "A text holds the character NUL."),
        (b'{"' + b"k" * 300 + b'":1}', "A key has over 256 characters."),
        (b"[" + b"0," * 300_000 + b"0]", "The document has over 300000 values."),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else "",
)
def test_json_that_not_every_reader_understands_is_refused_with_its_reason(
    body: bytes, reason: str
) -> None:
    answer = NOBODY.call("POST", "/checks/standard", body)

    assert answer.status_code == 400
    assert code_of(answer) == "api.body-refused"
    assert answer.json()["detail"] == reason


def test_a_surrogate_pair_and_a_byte_of_every_plane_are_welcome() -> None:
    assert bodies.parse_json('["\\ud83d\\ude00", "量才", "😀"]'.encode()) == ["😀", "量才", "😀"]


@pytest.mark.parametrize("path", POSTED)
@given(value=JSON)
@FIXTURES_STAY
def test_any_json_is_answered(path: str, value: Any, standard: StandardVersion) -> None:
    assert _refused_well(NOBODY.post(path, value))


@pytest.mark.parametrize("path", POSTED)
@given(body=st.binary(min_size=1, max_size=200))
@FIXTURES_STAY
def test_any_bytes_are_answered(path: str, body: bytes, standard: StandardVersion) -> None:
    assert NOBODY.call("POST", path, body).status_code in (200, 400, 404, 422)


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [place] if place else []
    if isinstance(value, dict | list):
        for key, part in inner:
            found += (
                _places(part, (*place, key)) if isinstance(part, dict | list) else [(*place, key)]
            )
    return found


def _with(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document with something else at one place."""
    changed = json.loads(json.dumps(document))
    part = changed
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return changed


@given(data=st.data())
@FIXTURES_STAY
def test_evidence_with_anything_in_any_place_is_answered(
    data: st.DataObject, standard: StandardVersion
) -> None:
    document = evidence_document("JN1", "ZS2")
    place = data.draw(st.sampled_from(_places(document)))

    answer = NOBODY.post("/decisions/preview", _with(document, place, data.draw(JSON)))

    assert _refused_well(answer)


@given(data=st.data())
@FIXTURES_STAY
def test_a_standard_with_anything_in_any_place_is_answered(data: st.DataObject) -> None:
    document = json.loads(json.dumps(tiny_record()))
    place = data.draw(st.sampled_from(_places(document)))

    answer = NOBODY.post("/checks/standard", _with(document, place, data.draw(JSON)))

    assert answer.status_code in (200, 400)


def _fill(template: str, data: st.DataObject) -> str:
    """Return an address with something drawn in each of its places."""
    from urllib.parse import quote

    words = st.text(min_size=1, max_size=12) | st.sampled_from(
        ["llm-product-engineer", "0.1.0", "JN1", "\0", "..", "1.0.0+abcdef01", "%s", "' OR 1=1 --"]
    )
    parts = template.removeprefix("/api/v1").split("/")
    drawn = [quote(data.draw(words), safe="") if part.startswith("{") else part for part in parts]
    return "/".join(drawn)


@given(data=st.data())
@FIXTURES_STAY
def test_any_address_query_and_body_the_document_describes_is_answered(
    data: st.DataObject, world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    """Fuzz the endpoints from their own OpenAPI document, as somebody with a key."""
    who = _caller(call_as, world)
    path = data.draw(st.sampled_from(sorted(openapi()["paths"])))
    method = data.draw(st.sampled_from(sorted(openapi()["paths"][path])))
    names = [one["name"] for one in openapi()["paths"][path][method]["parameters"]]
    query = data.draw(
        st.dictionaries(st.sampled_from([*names, "other"]), st.text(max_size=10), max_size=3)
    )
    from urllib.parse import urlencode

    body = json.dumps(data.draw(JSON)) if method == "post" else b""
    answer = who.call(method.upper(), f"{_fill(path, data)}?{urlencode(query)}", body)

    assert _refused_well(answer)


def _caller(call_as: CallAs, world: World) -> Caller:
    """Return the officer with one key for all examples of a property."""
    if not hasattr(world.here, "officer_caller"):
        world.here.officer_caller = call_as(world.members["officer"])  # type: ignore[attr-defined]
    caller: Caller = world.here.officer_caller  # type: ignore[attr-defined]
    return caller
