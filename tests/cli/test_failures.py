"""What a command says when it cannot do its job: on stderr, with the right exit code, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import liangcai as lc
from liangcai.cli import app

RUNNER = CliRunner()
BORDERLINE = Path(__file__).parents[2] / "examples" / "borderline" / "evidence.yaml"


def liangcai(*words: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a program of its own."""
    from os import environ

    return subprocess.run(
        [sys.executable, "-c", "from liangcai.cli import main; main()", *words],
        capture_output=True,
        check=False,
        env={**environ, **settings},
    )


@pytest.mark.parametrize(
    "words",
    [
        ("standard", "check", "no-such-standard"),
        ("standard", "check", ""),
        ("standard", "check", "x" * 5000),
        ("standard", "show", "no-such-standard"),
        ("standard", "diff", "no-such-standard", "data-analyst"),
        ("standard", "export", "data-analyst", "--to", "rtf"),
        ("standard", "import", "none.xlsx", "--base", "no-such-standard"),
        ("grade", str(BORDERLINE), "--standard", "no-such-standard"),
        ("grade", str(BORDERLINE), "--scheme", "no-such-scheme"),
        ("schema", "no-such-document"),
    ],
)
def test_a_failure_in_json_is_one_document_with_the_error_code(words: tuple[str, ...]) -> None:
    result = RUNNER.invoke(app, [*words, "--format", "json"])

    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["error"] in result.stderr
    assert said["message"]


def test_a_folder_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    result = RUNNER.invoke(
        app, ["standard", "export", "data-analyst", "--to", "yaml", "-o", str(tmp_path / "taken")]
    )

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_an_imported_folder_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    book, taken = tmp_path / "book.xlsx", tmp_path / "taken"
    taken.write_text("a file", encoding="utf-8")
    RUNNER.invoke(app, ["standard", "export", "data-analyst", "--to", "xlsx", "-o", str(book)])

    result = RUNNER.invoke(app, ["standard", "import", str(book), "-o", str(taken)])

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_what_is_wrong_with_evidence_is_said_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "evidence.yaml"
    path.write_text("person: {id: p1}\n", encoding="utf-8")

    result = RUNNER.invoke(app, ["grade", str(path)])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "evidence.yaml:1" in result.stderr


@pytest.mark.parametrize(("lang", "word"), [("zh", "个错误"), ("en", "errors")])
def test_faults_are_counted_in_the_language_of_the_reader(
    lang: str, word: str, tmp_path: Path
) -> None:
    (tmp_path / "standard.yaml").write_text("code: x\n", encoding="utf-8")

    result = RUNNER.invoke(app, ["standard", "check", str(tmp_path), "--lang", lang])

    assert word in result.stdout


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_decision_goes_to_the_file_that_is_named(form: str, tmp_path: Path) -> None:
    words = ["grade", str(BORDERLINE), "--format", form]

    result = RUNNER.invoke(app, [*words, "--output", str(tmp_path / "decision")])

    assert result.exit_code == 0
    assert result.stdout == ""
    written = (tmp_path / "decision").read_text(encoding="utf-8")
    assert written == RUNNER.invoke(app, words).stdout


def test_a_batch_goes_to_the_file_that_is_named(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_text(_line(), encoding="utf-8")

    RUNNER.invoke(app, ["grade", "--batch", str(people), "-o", str(tmp_path / "decisions")])

    written = (tmp_path / "decisions").read_text(encoding="utf-8")
    assert [json.loads(line)["level"] for line in written.splitlines()] == ["intermediate"]


def test_a_batch_as_pdf_is_wrong_usage(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["grade", "--batch", str(BORDERLINE), "--format", "pdf"])

    assert result.exit_code == 2


def test_a_line_of_an_unknown_standard_does_not_stop_the_batch(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_text(_line() + _line(standard="no-such-standard") + _line(), encoding="utf-8")

    result = RUNNER.invoke(app, ["grade", "--batch", str(people)])

    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row.get("level") for row in rows] == ["intermediate", None, "intermediate"]
    assert rows[1]["line"] == 2
    assert rows[1]["findings"][0]["rule"] == "standard.not-found"


def test_a_terminal_without_chinese_still_gets_an_answer() -> None:
    result = liangcai("standard", "list", PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert b"data-analyst" in result.stdout


def test_json_is_readable_where_the_terminal_is_not_utf_8() -> None:
    result = liangcai("standard", "list", "--format", "json", PYTHONIOENCODING="gbk")

    assert result.returncode == 0
    assert (
        json.loads(result.stdout.decode("ascii"))[0]["title"]
        == "人工智能训练师能力要求（推导框架）"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_without_a_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-c", "from liangcai.cli import main; main()", "standard", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert result.returncode == 1
    assert b"Traceback" not in result.stderr
    assert b"No space left" in result.stderr


def test_a_reader_that_goes_away_is_no_fault_worth_words() -> None:
    command = "from liangcai.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "standard", "export", "data-analyst", "--to", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()

    assert said == b""


def _line(**changes: str) -> str:
    record = lc.read_evidence(BORDERLINE).as_record() | changes
    return json.dumps(record, ensure_ascii=False) + "\n"
