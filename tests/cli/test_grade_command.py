"""`liangcai grade`: a decision with its reasons, for people and for scripts."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import liangcai as lc
from liangcai.cli import app

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "clear-intermediate": "intermediate",
    "borderline": "intermediate",
    "too-little": None,
}
RUNNER = CliRunner()


def evidence_of(name: str) -> str:
    return str(ROOT / "examples" / name / "evidence.yaml")


def run_json(*words: str, code: int = 0) -> Any:
    result = RUNNER.invoke(app, [*words, "--format", "json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(("name", "level"), EXAMPLES.items())
def test_an_example_person_is_decided_as_the_library_decides(name: str, level: str | None) -> None:
    found = run_json("grade", evidence_of(name))

    decision = lc.decide(
        lc.load_standard(found["standard"]["code"]), lc.read_evidence(evidence_of(name))
    )
    assert found["level"] == level
    assert found["hash"] == decision.hash
    assert found["synthetic"] is True


def test_the_documented_keys_are_there() -> None:
    found = run_json("grade", evidence_of("borderline"))

    assert {
        "person",
        "level",
        "probability_correct",
        "components",
        "profile",
        "trace",
        "hash",
    } <= set(found)
    assert {"code", "score", "se", "cut", "met"} <= set(found["components"][0])
    assert {"unit", "estimate", "se", "interval", "state"} <= set(found["profile"][0])


def test_a_borderline_person_is_told_how_sure_the_decision_is() -> None:
    assert 0.5 < run_json("grade", evidence_of("borderline"))["probability_correct"] < 0.75


@pytest.mark.parametrize(("lang", "word"), [("zh", "合成数据"), ("en", "Synthetic data")])
def test_the_text_says_that_the_person_is_invented(lang: str, word: str) -> None:
    result = RUNNER.invoke(app, ["grade", evidence_of("borderline"), "--lang", lang])

    assert result.exit_code == 0
    assert word in result.stdout


def test_evidence_with_faults_exits_with_one_and_lists_them(tmp_path: Path) -> None:
    path = tmp_path / "evidence.yaml"
    path.write_text("person: {id: p1}\nstandard: llm-product-engineer\n", encoding="utf-8")

    found = run_json("grade", str(path), code=1)

    assert found["errors"] > 0
    assert found["findings"][0]["file"] == "evidence.yaml"


def test_a_batch_keeps_its_order_and_grades_around_a_faulty_line(tmp_path: Path) -> None:
    good = json.dumps(lc.read_evidence(evidence_of("borderline")).as_record(), ensure_ascii=False)
    path = tmp_path / "people.jsonl"
    path.write_text(f"{good}\n{{not json\n{good}\n", encoding="utf-8")

    result = RUNNER.invoke(app, ["grade", "--batch", str(path)])

    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row.get("level") for row in rows] == ["intermediate", None, "intermediate"]
    assert (
        rows[0]["hash"] == rows[2]["hash"] == run_json("grade", evidence_of("borderline"))["hash"]
    )
    assert rows[1]["line"] == 2


def test_schemas_are_listed_and_printed() -> None:
    result = RUNNER.invoke(app, ["schema"])

    for name in json.loads(result.stdout):
        shown = json.loads(RUNNER.invoke(app, ["schema", name]).stdout)
        assert shown["$id"] == f"urn:liangcai:schema:{name}"
