"""Reading, comparing and checking standards over the API."""

import pytest
from tests.server.api.conftest import CODE, NOBODY, CallAs, code_of, store_shipped
from tests.server.conftest import NOW, World
from tests.server.stored_standards import reworded, store
from tests.standard.tiny import tiny_record, tiny_standard

from liangcai.server.store.models import StandardVersion

pytestmark = pytest.mark.django_db
FINDING = {
    "rule": "wording.vague",
    "severity": "warning",
    "file": "standard.yaml",
    "line": 7,
    "message": {"zh": "用词含糊", "en": "The wording is vague"},
    "fix": {"zh": "说明数量", "en": "Say how many"},
}


def test_anybody_lists_public_editions_with_their_notice(standard: StandardVersion) -> None:
    store_shipped(version="9.0.0", status="draft", published_at=None)

    items = NOBODY.get("/standards").json()["items"]

    assert [(item["code"], item["version"]) for item in items] == [(CODE, standard.version)]
    assert items[0]["hash"] == standard.hash
    assert items[0]["has_scheme"] is True
    assert items[0]["organisation"] is None
    assert set(items[0]["notice"]) == set(items[0]["title"]) == {"zh", "en"}


def test_a_list_of_standards_can_be_narrowed_by_code_and_status(standard: StandardVersion) -> None:
    store(tiny_standard())

    def codes(query: str) -> list[str]:
        return [item["code"] for item in NOBODY.get(f"/standards?{query}").json()["items"]]

    assert codes(f"code={CODE}") == [CODE]
    assert codes("status=withdrawn") == []


def test_a_whole_standard_is_the_document_that_its_hash_stands_for(
    standard: StandardVersion,
) -> None:
    newest = NOBODY.get(f"/standards/{CODE}")
    edition = NOBODY.get(f"/standards/{CODE}/{standard.version}")

    assert newest.json() == edition.json() == standard.document
    assert newest.headers["ETag"] == f'"{standard.hash}"'


def test_somebody_who_has_the_standard_is_told_that_it_has_not_changed(
    standard: StandardVersion,
) -> None:
    path = f"/standards/{CODE}"

    same = NOBODY.get(path, If_None_Match=f'"{standard.hash}"')
    weak = NOBODY.get(path, If_None_Match=f'"other", W/"{standard.hash}"')
    other = NOBODY.get(path, If_None_Match='"sha256:0"')

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == f'"{standard.hash}"'
    assert weak.status_code == 304
    assert other.status_code == 200


def test_head_has_the_headers_of_get_and_no_body(standard: StandardVersion) -> None:
    read = NOBODY.get(f"/standards/{CODE}")

    asked = NOBODY.call("HEAD", f"/standards/{CODE}")

    assert asked.content == b""
    assert asked.headers["ETag"] == read.headers["ETag"]
    assert asked.headers["Content-Length"] == str(len(read.content))


def test_one_unit_comes_with_its_indicators_and_its_edition(standard: StandardVersion) -> None:
    found = NOBODY.get(f"/standards/{CODE}/{standard.version}/units/JN5").json()

    assert found["unit"]["code"] == "JN5"
    assert found["unit"]["indicators"]
    assert found["hash"] == standard.hash


def test_a_unit_that_is_not_in_the_edition_is_not_found(standard: StandardVersion) -> None:
    response = NOBODY.get(f"/standards/{CODE}/{standard.version}/units/XX9")

    assert response.status_code == 404
    assert code_of(response) == "access.not-found"


def test_two_editions_are_compared_part_by_part() -> None:
    old, new = store(tiny_standard()), store(reworded())

    difference = NOBODY.get(f"/standards/{old.code}/diff?old={old.version}&new={new.version}")

    assert difference.json()["old"]["hash"] == old.hash
    assert [change["kind"] for change in difference.json()["changes"]] == ["reworded"]


def test_the_findings_of_an_edition_are_for_those_who_work_on_it(
    world: World, call_as: CallAs
) -> None:
    row = store(tiny_standard(), organisation=world.here, findings=(FINDING,))
    path = f"/standards/{row.code}/{row.version}/findings"

    answer = call_as(world.members["drafter"]).get(path).json()
    refused = call_as(world.members["person"]).get(path)
    hidden = call_as(world.stranger).get(path)

    assert (answer["errors"], answer["warnings"]) == (0, 1)
    assert answer["findings"][0]["message"] == "The wording is vague"
    assert code_of(refused) == "access.forbidden"
    assert code_of(hidden) == "access.not-found"


def test_an_organisations_edition_is_not_kept_by_shared_caches(
    world: World, call_as: CallAs
) -> None:
    row = store(tiny_standard(), organisation=world.here)

    answer = call_as(world.members["person"]).get(f"/standards/{row.code}/{row.version}")

    assert "private" in answer.headers["Cache-Control"]
    assert "Authorization" in answer.headers["Vary"]


def test_a_posted_standard_is_checked_and_not_stored() -> None:
    answer = NOBODY.post("/checks/standard", tiny_standard().as_record())

    assert answer.status_code == 200
    assert answer.json()["hash"] == tiny_standard().hash
    assert answer.json()["errors"] == 0
    assert not StandardVersion.objects.exists()


def test_a_fault_of_a_posted_standard_is_pointed_at_in_the_readers_language() -> None:
    record = tiny_record()
    record["units"][0]["element"] = "NONE"

    english = NOBODY.post("/checks/standard", record).json()
    chinese = NOBODY.post("/checks/standard", record, Accept_Language="zh-CN").json()

    faults = [one for one in english["findings"] if one["severity"] == "error"]
    assert english["errors"] == len(faults) >= 1
    assert any(one["clause"].startswith("/units/0") for one in faults)
    assert [one["rule"] for one in chinese["findings"]] == [
        one["rule"] for one in english["findings"]
    ]
    assert chinese["findings"] != english["findings"]


def test_what_has_not_the_shape_of_a_standard_gives_findings_and_no_hash() -> None:
    answer = NOBODY.post("/checks/standard", {"code": 7, "units": {}})

    assert answer.status_code == 200
    assert answer.json()["hash"] is None
    assert "/code" in {finding.get("clause") for finding in answer.json()["findings"]}


def test_a_published_time_is_given_with_its_zone(standard: StandardVersion) -> None:
    item = NOBODY.get("/standards").json()["items"][0]

    assert item["published_at"] == NOW.isoformat()
