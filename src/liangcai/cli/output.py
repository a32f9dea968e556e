"""What every command shares: one JSON document on stdout, or text; diagnostics on stderr; exit codes."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import Finding

INPUT_HAS_ERRORS = 1
WRONG_USAGE = 2


class Format(StrEnum):
    """How a command writes its result."""

    text = "text"
    json = "json"


class Lang(StrEnum):
    """The language of texts and messages."""

    zh = "zh"
    en = "en"


FormatOption = Annotated[Format, typer.Option("--format", help="Write text or one JSON document.")]
LangOption = Annotated[
    Lang, typer.Option("--lang", envvar="LIANGCAI_LANG", help="Language of texts and messages.")
]


def write_json(document: Any, output: Path | None = None) -> None:
    """Write one JSON document on stdout, or in a file."""
    if output is None:
        typer.echo(json.dumps(document, ensure_ascii=not takes_unicode(), indent=2))
    else:
        write_text(json.dumps(document, ensure_ascii=False, indent=2), output)


def write_text(text: str, output: Path | None = None) -> None:
    """Write lines on stdout, or in a file."""
    if output is None:
        typer.echo(text)
    else:
        write_file(output, f"{text}\n".encode())


def takes_unicode() -> bool:
    """Whether stdout can show every character; JSON is written in ASCII otherwise."""
    return (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def write_bytes(raw: bytes) -> None:
    """Write a file's bytes on stdout, untouched."""
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def write_file(path: Path, raw: bytes) -> None:
    """Write a file; a place that cannot be written to is wrong usage."""
    with writing(path):
        path.write_bytes(raw)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a place that cannot be written to into a message and exit code 2."""
    try:
        yield
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", code=WRONG_USAGE)


def fail(message: str, *, code: int = INPUT_HAS_ERRORS) -> NoReturn:
    """Say on stderr what went wrong and leave with `code`."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def answering(format: str = Format.text) -> Iterator[None]:  # noqa: A002
    """Turn the errors that the library raises on purpose into a message and exit code 1.

    With JSON asked for, stdout still gets its one document: `{"error": code, "message": …}`.
    """
    try:
        yield
    except LiangcaiError as error:
        if format == Format.json:
            write_json({"error": error.code, "message": str(error)})
        fail(f"{error.code}: {error}")


def counts(findings: Iterable[Finding]) -> tuple[int, int]:
    """Return the number of errors and of warnings."""
    severities = [finding.severity for finding in findings]
    return severities.count("error"), severities.count("warning")


def verdict(name: str, errors: int, warnings: int, lang: str) -> str:
    """Return the line that closes a list of findings."""
    if lang == Lang.en:
        return f"{name}: {errors} errors, {warnings} warnings"
    return f"{name}：{errors} 个错误，{warnings} 个警告"


def write_findings(findings: Iterable[Finding], lang: str, *, err: bool = False) -> None:
    """Write findings as lines that an editor can jump to: file:line: severity [rule] message."""
    colours = {"error": typer.colors.RED, "warning": typer.colors.YELLOW}
    for finding in findings:
        place = f"{finding.file}:{finding.line}:"
        severity = typer.style(finding.severity, fg=colours.get(finding.severity))
        message = finding.message.in_language(lang)
        typer.echo(f"{place} {severity} [{finding.rule}] {message}", err=err)
        if finding.fix is not None:
            typer.echo(f"    → {finding.fix.in_language(lang)}", err=err)
