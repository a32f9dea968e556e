"""Results of measurement on their way out: text, JSON, CSV and one HTML report."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from liangcai.cli.output import WRONG_USAGE, Format, Lang, fail, write_file, write_json

if TYPE_CHECKING:
    from liangcai.kernel.text import Language
    from liangcai.measurement.results import Result

_SUFFIXES = (".json", ".csv", ".html")
_ROWS = 30
#: A spreadsheet takes a text that begins so for a formula (OWASP, CSV injection).
_FORMULA = tuple("=+-@\t\r＝＋－＠")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: the results to show, the JSON document, and how its report is made.

    The table of the first result is what a CSV file gets.
    """

    results: tuple["Result", ...]
    document: Any
    report: Callable[[], str]


def code_of(language: Lang) -> "Language":
    """Return the language as the library writes it."""
    return "en" if language is Lang.en else "zh"


def check_output(output: Path | None) -> None:
    """Refuse a file that could not be written, or of an unknown kind, before anything is computed."""
    if output is None:
        return
    if output.suffix.lower() not in _SUFFIXES:
        fail(
            f"--output {output}: name a file that ends in {', '.join(_SUFFIXES)}", code=WRONG_USAGE
        )
    if not output.parent.is_dir():
        fail(f"{output} cannot be written: {output.parent} is no folder", code=WRONG_USAGE)


def deliver(
    answer: Answer,
    *,
    format: Format,  # noqa: A002  (the option's name)
    output: Path | None,
    language: Lang,
) -> None:
    """Write a file where one was asked for, then text or one JSON document on stdout."""
    from liangcai.measurement.results import encode

    if output is not None:
        kind = output.suffix.lower()
        if kind == ".json":
            write_json(encode(answer.document), output)
        elif kind == ".csv":
            write_file(output, csv_of(answer.results[0].columns()).encode())
        else:
            write_file(output, answer.report().encode())
        typer.echo(str(output), err=True)
    if format is Format.json:
        write_json(encode(answer.document))
    else:
        typer.echo("\n\n".join(text_of(result, language) for result in answer.results))


def document_of(result: "Result") -> dict[str, Any]:
    """Return a result's JSON form, its table as records under `table`."""
    return result.to_json() | {"table": records_of(result)}


def records_of(result: "Result") -> list[dict[str, Any]]:
    """Return a result's table as records."""
    from liangcai.measurement.results import encode

    columns = {name: list(values) for name, values in result.columns().items()}
    return [
        {name: encode(cell) for name, cell in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def csv_of(columns: Mapping[str, Iterable[Any]]) -> str:
    """Return a table as CSV; a missing number is an empty cell, and no text becomes a formula."""
    from liangcai.measurement.results import encode

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([without_formula(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_csv_cell(encode(cell)) for cell in row])
    return out.getvalue()


def without_formula(text: str) -> str:
    """Return a text that no spreadsheet computes: an apostrophe before a formula's first sign."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _csv_cell(value: Any) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return without_formula(";".join(str(_csv_cell(entry)) for entry in value))
    return without_formula(value) if isinstance(value, str) else value


def text_of(result: "Result", language: Lang, *, rows: int = _ROWS) -> str:
    """Return a result as text: title, headline, the first rows of its table, method and source."""
    from liangcai.measurement.report.words import word

    english = language is Lang.en
    lines = [word(result.title, code_of(language))]
    for name, value in result.facts().items():
        lines.append(f"  {word(name, code_of(language))}: {_shown(value, language)}")
    columns = {word(name, code_of(language)): list(v) for name, v in result.columns().items()}
    cells = [
        [name, *(_shown(value, language) for value in v[:rows])] for name, v in columns.items()
    ]
    widths = [max(map(_width, column)) for column in cells]
    lines.append("")
    lines += [
        "  ".join(_flush(cell, width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*cells, strict=True)
    ]
    length = max((len(values) for values in columns.values()), default=0)
    if length > rows:
        more = "… and {n} more rows: see --format json or --output"
        lines.append(
            (more if english else "……另有 {n} 行：用 --format json 或 --output 查看").format(
                n=length - rows
            )
        )
    method, source = ("Method", "Source") if english else ("方法", "出处")
    return "\n".join([*lines, "", f"{method}: {result.method}", f"{source}: {result.source}"])


def write_note(zh: str, en: str, language: Lang) -> None:
    """Say something beside the result, on stderr."""
    typer.echo(en if language is Lang.en else zh, err=True)


def report_of(
    title: Mapping[Lang, str], results: Sequence["Result"], language: Lang
) -> Callable[[], str]:
    """Return what makes the report with a section for each result."""

    def made() -> str:
        from liangcai.measurement.report.parts import results_report

        return results_report(title[language], results, language=code_of(language))

    return made


def _shown(value: object, language: Lang) -> str:
    import numpy as np

    from liangcai.measurement.results import shown

    if language is Lang.zh and isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    return shown(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _flush(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
