"""`liangcai standard …`: what scripts rely on."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from liangcai.cli import app
from liangcai.standard import load_standard, shipped_standards

RUNNER = CliRunner()


def run(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.stdout


def run_json(*words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--format", "json", code=code))


def test_every_shipped_standard_is_listed_with_its_hash() -> None:
    listed = {row["standard"]: row["hash"] for row in run_json("standard", "list")}

    assert set(listed) == set(shipped_standards())
    assert listed["data-analyst"] == load_standard("data-analyst").hash


@pytest.mark.parametrize("code", shipped_standards())
def test_a_shipped_standard_has_no_error(code: str) -> None:
    found = run_json("standard", "check", code)

    assert found["errors"] == 0
    assert {"standard", "version", "hash", "errors", "warnings", "findings"} == set(found)


def test_a_faulty_standard_exits_with_one_and_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text("code: x\nversion: one\n", encoding="utf-8")

    found = run_json("standard", "check", str(tmp_path), code=1)

    assert found["errors"] > 0
    assert all(
        {"rule", "severity", "file", "line", "message"} <= set(row) for row in found["findings"]
    )


def test_an_unknown_standard_is_named_on_stderr() -> None:
    result = RUNNER.invoke(app, ["standard", "check", "no-such-standard"])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no-such-standard" in result.stderr


def test_wrong_usage_exits_with_two() -> None:
    assert RUNNER.invoke(app, ["standard", "check"]).exit_code == 2
    assert RUNNER.invoke(app, ["standard", "show", "x", "--format", "xml"]).exit_code == 2


def test_show_prints_the_whole_standard() -> None:
    shown = run_json("standard", "show", "llm-product-engineer")

    assert shown["hash"] == load_standard("llm-product-engineer").hash
    assert len(shown["units"]) == 24


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_show_reads_as_text_in_both_languages(lang: str) -> None:
    text = run("standard", "show", "data-analyst", "--lang", lang)

    assert load_standard("data-analyst").title.in_language(lang) in text


def test_diff_of_a_standard_with_itself_is_empty() -> None:
    assert run_json("standard", "diff", "data-analyst", "data-analyst")["changes"] == []


def test_a_reworded_indicator_shows_both_wordings(tmp_path: Path) -> None:
    changed = tmp_path / "data-analyst"
    run("standard", "export", "data-analyst", "--to", "yaml", "--output", str(changed))
    unit = sorted((changed / "units").glob("*.yaml"))[0]
    unit.write_text(
        unit.read_text(encoding="utf-8").replace("应能", "应能够地", 1), encoding="utf-8"
    )

    text = run("standard", "diff", "data-analyst", str(changed))

    assert "改写" in text
    assert "+ 应能够地" in text


@pytest.mark.parametrize("to", ["markdown", "html", "xlsx", "jsonld", "case", "json", "yaml"])
def test_every_format_exports(to: str, tmp_path: Path) -> None:
    target = tmp_path / f"out-{to}"

    said = run_json("standard", "export", "data-analyst", "--to", to, "--output", str(target))

    assert said["output"] == str(target)
    assert target.exists()


def test_an_unknown_format_is_refused() -> None:
    result = RUNNER.invoke(app, ["standard", "export", "data-analyst", "--to", "rtf"])

    assert result.exit_code == 1
    assert "rtf" in result.stderr


def test_a_workbook_imports_without_changes(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    run("standard", "export", "data-analyst", "--to", "xlsx", "--output", str(book))

    said = run_json(
        "standard",
        "import",
        str(book),
        "--base",
        "data-analyst",
        "--output",
        str(tmp_path / "again"),
    )

    assert said["errors"] == 0
    assert said["changes"]["changes"] == []
    assert load_standard(tmp_path / "again").hash == load_standard("data-analyst").hash
