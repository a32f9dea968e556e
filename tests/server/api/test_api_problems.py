"""Every refusal is a problem detail with a stable code, in the reader's language."""

import ast
import logging
from pathlib import Path

import pytest
from django.test import Client
from tests.server.api.conftest import NOBODY, CallAs, Caller, code_of, evidence_document
from tests.server.conftest import World

import liangcai
from liangcai.kernel.errors import LiangcaiError
from liangcai.server.api import problems, standards
from liangcai.server.store.models import StandardVersion

pytestmark = pytest.mark.django_db
SOURCE = Path(liangcai.__file__).parent


class Unheard(LiangcaiError):
    """An error that nobody put into the table."""

    code = "unheard.of"


def test_a_problem_has_the_members_of_the_rfc() -> None:
    problem = NOBODY.get("/me").json()

    assert list(problem) == ["type", "title", "status", "detail", "instance"]
    assert problem["type"] == "urn:liangcai:problem:api.unauthenticated"


def test_every_code_that_the_api_itself_raises_is_in_the_table() -> None:
    """Codes of errors are class attributes: read them from the source, run nothing."""
    folders = [SOURCE / "server" / "api", SOURCE / "server" / "access", SOURCE / "grading"]
    paths = [path for folder in folders for path in folder.glob("*.py")]
    paths += [SOURCE / "server" / "queries" / "api.py"]
    paths += [SOURCE / "server" / "services" / f"{name}.py" for name in ("evidence", "decisions")]
    codes = {
        str(part.value.value)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.Assign)
        and getattr(part.targets[0], "id", "") == "code"
        and isinstance(part.value, ast.Constant)
    }
    of_files_and_self_assessments = {
        code for code in codes if code.startswith(("scheme.not-", "scheme.inv", "self-", "report"))
    }

    assert codes - of_files_and_self_assessments <= set(problems.KINDS)


@pytest.mark.parametrize("code", sorted(problems.KINDS))
def test_every_kind_of_problem_has_a_sentence_that_ends(code: str) -> None:
    kind = problems.KINDS[code]

    assert kind.status in {*range(400, 430), 500, 503}
    assert kind.detail.endswith(".")
    assert not kind.title.endswith(".")


def test_a_wrong_method_names_the_right_ones() -> None:
    answer = NOBODY.call("PATCH", "/evidence")

    assert answer.status_code == 405
    assert code_of(answer) == "api.method-not-allowed"
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_the_openapi_document_is_only_read() -> None:
    answer = NOBODY.call("POST", "/openapi.json")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_body_that_is_not_said_to_be_json_is_refused(
    standard: StandardVersion, world: World, call_as: CallAs
) -> None:
    for path in ("/decisions/preview", "/evidence", "/decisions"):
        answer = call_as(world.stranger).call("POST", path, "a=b", "text/plain")

        assert answer.status_code == 415
        assert code_of(answer) == "api.media-type"


def test_a_body_may_be_larger_from_somebody_with_a_key(
    standard: StandardVersion, world: World, call_as: CallAs
) -> None:
    body = b" " * (2 * 1024 * 1024) + b"{}"
    much = b" " * (5 * 1024 * 1024)

    nobody = NOBODY.call("POST", "/decisions/preview", body)
    somebody = call_as(world.stranger).call("POST", "/decisions/preview", body)
    too_much = call_as(world.stranger).call("POST", "/decisions/preview", much)

    assert nobody.status_code == too_much.status_code == 413
    assert code_of(nobody) == "api.body-too-large"
    assert somebody.status_code == 422


def test_a_body_beyond_what_the_server_reads_at_all_is_too_large(
    world: World, call_as: CallAs
) -> None:
    answer = call_as(world.stranger).call("POST", "/decisions", b" " * (13 * 1024 * 1024))

    assert answer.status_code == 413
    assert code_of(answer) == "api.body-too-large"


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("limit=0", "limit", "It is too small."),
        ("limit=201", "limit", "It is too large."),
        ("limit=many", "limit", "It is a whole number."),
        ("code=No+Slug", "code", "It is not written the way it should be."),
        ("status=lost", "status", "It is not one of the allowed words."),
        ("code=%00", "code", "It is not written the way it should be."),
        ("cursor=" + "x" * 2000, "cursor", "It is too long."),
    ],
)
def test_each_parameter_that_is_not_acceptable_is_named(
    query: str, name: str, sentence: str
) -> None:
    answer = NOBODY.get(f"/standards?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"in": "query", "name": name, "detail": sentence}]


def test_a_fault_of_the_program_is_logged_under_its_reference_and_not_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(standards, "standards_listed", fails)

    with caplog.at_level(logging.ERROR):
        answer = NOBODY.get("/standards")

    reference = answer.json()["instance"].removeprefix("urn:uuid:")
    assert answer.status_code == 500
    assert code_of(answer) == "api.internal"
    assert "secret" not in answer.content.decode()
    assert reference in caplog.text
    assert "the secret of the house" in caplog.text


def test_an_error_that_is_not_in_the_table_is_a_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise Unheard("as it says")

    monkeypatch.setattr(standards, "standards_listed", fails)

    answer = NOBODY.get("/standards")

    assert (answer.status_code, code_of(answer)) == (500, "api.internal")


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en", "en"),
        ("en-GB, zh;q=0.5", "en"),
        ("zh-CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("fr, en;q=0.2", "en"),
        ("", "zh-hans"),
        ("*", "zh-hans"),
        ("x" * 5000, "zh-hans"),
        (";;;,,,q=é", "zh-hans"),
    ],
)
def test_the_language_is_the_first_acceptable_one_that_there_is(asked: str, given: str) -> None:
    answer = Caller({"Accept-Language": asked}).get("/me")

    assert answer.headers["Content-Language"] == given


def test_a_key_speaks_its_owners_language_where_none_is_asked_for(
    world: World, standard: StandardVersion, call_as: CallAs
) -> None:
    with_key = call_as(world.stranger).headers
    silent = Caller({"Authorization": with_key["Authorization"]})

    answer = silent.post("/evidence", evidence_document("XX9"))

    assert answer.headers["Content-Language"] == "en"
    assert answer.json()["findings"][0]["message"] == "The standard has no unit XX9"


def test_answers_about_a_person_are_kept_by_no_cache(world: World, call_as: CallAs) -> None:
    answer = call_as(world.stranger).get("/me")

    assert answer.headers["Cache-Control"] == "no-store"


def test_the_language_of_one_answer_does_not_reach_the_next_page(world: World) -> None:
    client = Client()
    client.get("/api/v1/me", headers={"Accept-Language": "en"})

    page = client.get("/api/", headers={"Accept-Language": "zh-hans"})

    assert 'lang="zh-Hans"' in page.content.decode()
