"""`liangcai standard`: list, check, show, compare, export and import standards."""

from pathlib import Path
from typing import Annotated

import typer

from liangcai.cli.diff_text import diff_lines
from liangcai.cli.output import (
    INPUT_HAS_ERRORS,
    Format,
    FormatOption,
    Lang,
    LangOption,
    answering,
    counts,
    verdict,
    write_bytes,
    write_file,
    write_findings,
    write_json,
    writing,
)
from liangcai.kernel.findings import has_errors
from liangcai.standard import Standard, load_standard, shipped_standards

app = typer.Typer(
    no_args_is_help=True, help="Read, check, compare and exchange competency standards."
)

NameOrPath = Annotated[str, typer.Argument(help="A shipped standard's code or a folder.")]


@app.command("list")
def list_standards(format: FormatOption = Format.text, lang: LangOption = Lang.zh) -> None:  # noqa: A002  (the option's name)
    """List the standards that ship with the package."""
    with answering(format):
        standards = [load_standard(code) for code in shipped_standards()]
    if format is Format.json:
        write_json([_summary(standard, lang) for standard in standards])
        return
    for standard in standards:
        typer.echo(_line(standard, lang))


@app.command()
def check(
    name: NameOrPath,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Check a standard and its default scheme; every fault at once, by file and line."""
    from liangcai.grading import check_package

    with answering(format):
        standard, findings = check_package(name)
    errors, warnings = counts(findings)
    if format is Format.json:
        write_json(
            {
                "standard": standard.code if standard else None,
                "version": standard.version if standard else None,
                "hash": standard.hash if standard else None,
                "errors": errors,
                "warnings": warnings,
                "findings": [finding.as_record(lang) for finding in findings],
            }
        )
    else:
        write_findings(findings, lang)
        title = standard.title.in_language(lang) if standard else name
        typer.echo(verdict(title, errors, warnings, lang))
    if has_errors(findings):
        raise typer.Exit(INPUT_HAS_ERRORS)


@app.command()
def show(
    name: NameOrPath,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Show a whole standard."""
    from liangcai.standard.exchange import to_markdown

    with answering(format):
        standard = load_standard(name)
    if format is Format.json:
        write_json(standard.as_record() | {"hash": standard.hash})
    else:
        typer.echo(to_markdown(standard, lang))


@app.command()
def diff(
    old: NameOrPath,
    new: NameOrPath,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Compare two versions: added, removed, reworded, moved, reweighted, and the levels affected."""
    from liangcai.standard.diff import diff_standards

    with answering(format):
        found = diff_standards(load_standard(old), load_standard(new))
    if format is Format.json:
        write_json(found.as_record())
    else:
        typer.echo("\n".join(diff_lines(found, lang)))


@app.command()
def export(
    name: NameOrPath,
    to: Annotated[
        str, typer.Option("--to", help="markdown, html, xlsx, jsonld, case, json, yaml.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file (yaml: a folder); else stdout.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Export a standard to another format; yaml with --output writes the folder of files."""
    from liangcai.standard.exchange import export as exported
    from liangcai.standard.exchange import to_yaml_folder

    with answering(format):
        standard = load_standard(name)
        if output is not None and to == "yaml":
            with writing(output):
                to_yaml_folder(standard, output)
        else:
            raw = exported(standard, to, lang)
            if output is None:
                write_bytes(raw)
                return
            write_file(output, raw)
    if format is Format.json:
        write_json({"standard": standard.code, "to": to, "output": str(output)})
    else:
        typer.echo(str(output))


@app.command("import")
def import_(
    workbook: Annotated[
        Path, typer.Argument(help="An XLSX workbook made after the exported template.")
    ],
    base: Annotated[
        str | None, typer.Option(help="The standard that the workbook changes.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the folder here; otherwise nothing is written."),
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Read a workbook: a dry run that lists faults by sheet and cell, then, with --output, the folder."""
    from liangcai.standard.exchange import import_xlsx, to_yaml_folder

    with answering(format):
        plan = import_xlsx(workbook, load_standard(base) if base else None)
        if output is not None and plan.standard is not None and not has_errors(plan.findings):
            with writing(output):
                to_yaml_folder(plan.standard, output)
    errors, warnings = counts(plan.findings)
    if format is Format.json:
        write_json(
            {
                "errors": errors,
                "warnings": warnings,
                "findings": [finding.as_record(lang) for finding in plan.findings],
                "changes": plan.diff.as_record() if plan.diff else None,
                "written": str(output) if output and not errors else None,
            }
        )
    else:
        write_findings(plan.findings, lang)
        if plan.diff:
            typer.echo("\n".join(diff_lines(plan.diff, lang)))
        typer.echo(verdict(workbook.name, errors, warnings, lang))
    if errors:
        raise typer.Exit(INPUT_HAS_ERRORS)


def _line(standard: Standard, lang: str) -> str:
    levels, units, indicators = (
        len(standard.levels),
        len(standard.units),
        len(standard.indicators),
    )
    size = f"{levels:3} 级 {units:3} 单元 {indicators:4} 指标"
    if lang == Lang.en:
        size = f"{levels:3} levels {units:3} units {indicators:4} indicators"
    return f"{standard.code:32}{standard.version:9}{size}  {standard.title.in_language(lang)}"


def _summary(standard: Standard, lang: str) -> dict[str, object]:
    return {
        "standard": standard.code,
        "version": standard.version,
        "hash": standard.hash,
        "title": standard.title.in_language(lang),
        "status": standard.status,
        "notice": standard.notice.in_language(lang),
        "levels": len(standard.levels),
        "units": len(standard.units),
        "indicators": len(standard.indicators),
    }
