"""`liangcai grade`: from a file of evidence to a decision with its reasons."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from liangcai.cli.chosen_rules import Rules
from liangcai.cli.output import (
    INPUT_HAS_ERRORS,
    WRONG_USAGE,
    Lang,
    LangOption,
    answering,
    counts,
    fail,
    verdict,
    write_bytes,
    write_file,
    write_findings,
    write_json,
    write_text,
)
from liangcai.kernel.findings import Finding, has_errors

if TYPE_CHECKING:
    from liangcai.grading import Decision, EvidenceFile, Scheme
    from liangcai.standard import Standard


class GradeFormat(StrEnum):
    """How a decision is written."""

    text = "text"
    json = "json"
    pdf = "pdf"


def grade(
    path: Annotated[
        Path, typer.Argument(help="Evidence: YAML, JSON, CSV, XLSX; JSON lines with --batch.")
    ],
    *,
    batch: Annotated[
        bool, typer.Option("--batch", help="One person a line; writes JSON lines.")
    ] = False,
    format: Annotated[  # noqa: A002  (the option's name)
        GradeFormat,
        typer.Option("--format", help="Write text, one JSON document, or a PDF report."),
    ] = GradeFormat.text,
    standard: Annotated[
        str, typer.Option(help="A standard's code or folder; else the evidence's own.")
    ] = "",
    scheme: Annotated[str, typer.Option(help="A scheme's code or file.")] = "default",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; else stdout.")
    ] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Decide a grade from evidence: the level or none, how sure, by which reasons."""
    rules = Rules(standard, scheme)
    if batch:
        from liangcai.cli.grade_batch import grade_lines

        if format is GradeFormat.pdf:
            fail("--batch writes JSON lines: a PDF report is of one person", code=WRONG_USAGE)
        grade_lines(path, rules, output=output, lang=lang)
        return
    with answering(format):
        _grade_one(path, rules, format, output, lang)


def _grade_one(
    path: Path,
    rules: Rules,
    format: GradeFormat,  # noqa: A002
    output: Path | None,
    lang: Lang,
) -> None:
    from liangcai.grading import check_evidence, decide

    evidence, findings = check_evidence(path)
    if evidence is None or has_errors(findings):
        _refuse(path, findings, format, lang)
    standard, scheme = rules.load(evidence.standard)
    _, findings = check_evidence(path, standard=standard, scheme=scheme)
    if has_errors(findings):
        _refuse(path, findings, format, lang)
    decision = decide(standard, evidence, scheme)
    if format is GradeFormat.json:
        write_json(decision.as_record(), output)
    elif format is GradeFormat.pdf:
        _write_pdf(decision, evidence, standard, scheme, output=output, lang=lang)
    else:
        write_findings(findings, lang, err=True)
        write_text("\n".join(_lines(decision, evidence, standard, lang)), output)


def _refuse(
    path: Path,
    findings: tuple[Finding, ...],
    format: GradeFormat,  # noqa: A002
    lang: Lang,
) -> NoReturn:
    errors, warnings = counts(findings)
    if format is GradeFormat.json:
        records = [finding.as_record(lang) for finding in findings]
        write_json({"errors": errors, "warnings": warnings, "findings": records})
        raise typer.Exit(INPUT_HAS_ERRORS)
    write_findings(findings, lang, err=True)
    fail(verdict(path.name, errors, warnings, lang))


def _write_pdf(
    decision: "Decision",
    evidence: "EvidenceFile",
    standard: "Standard",
    scheme: "Scheme",
    *,
    output: Path | None,
    lang: Lang,
) -> None:
    from liangcai.grading.report import decision_report
    from liangcai.publishing.typeset import typeset

    if output is None and sys.stdout.isatty():
        fail("--format pdf writes bytes: name a file with --output", code=WRONG_USAGE)
    name = evidence.person.name.in_language(lang) if evidence.person.name else ""
    report = decision_report(decision.as_record(), standard, scheme, language=lang, name=name)
    raw = typeset("grade_report.typ", report.as_data())
    if output is None:
        write_bytes(raw)
    else:
        write_file(output, raw)
        typer.echo(str(output), err=True)


_STATES = {
    "graded": ("定级结论：{level}", "Decision: {level}"),
    "no-level-met": ("定级结论：未达到任何等级", "Decision: no level is met"),
    "not-enough-evidence": ("证据不足，不作定级", "Not enough evidence: no decision"),
}


def _lines(
    decision: "Decision", evidence: "EvidenceFile", standard: "Standard", lang: Lang
) -> Iterator[str]:
    english = lang is Lang.en
    name = evidence.person.name.in_language(lang) if evidence.person.name else decision.person
    label = standard.level(decision.level).label.in_language(lang) if decision.level else ""
    yield f"{name} · {standard.title.in_language(lang)} {standard.version}"
    yield standard.notice.in_language(lang)
    if decision.synthetic:
        yield "Synthetic data" if english else "合成数据"
    yield _STATES[decision.state][english].format(level=label)
    if decision.probability_correct is not None:
        words = "Probability that this is correct" if english else "结论正确的概率"
        yield f"{words}: {decision.probability_correct:.2f}"
    for step in decision.trace:
        mark = {True: "✓", False: "✗", None: "·"}[step.met]
        yield f"  {mark} {step.text.in_language(lang)}"
    yield _profile_lines(decision.as_record(), english=english)
    yield decision.hash


_UNIT_STATES = {
    "measured": ("已测", "measured"),
    "not-enough-evidence": ("证据不足", "not enough evidence"),
}


def _profile_lines(record: dict[str, Any], *, english: bool) -> str:
    head = ("unit", "estimate", "se", "interval", "state")
    if not english:
        head = ("单元", "估计", "标准误", "区间", "状态")
    lines = ["  " + " | ".join(head)]
    for unit in record["profile"]:
        state = _UNIT_STATES[unit["state"]][english]
        lines.append("  " + " | ".join((unit["unit"], *_numbers(unit), state)))
    return "\n".join(lines)


def _numbers(unit: dict[str, Any]) -> tuple[str, str, str]:
    if unit["basis"] == "none":
        return "-", "-", "-"  # nothing was observed in the whole element: only the prior is left
    low, high = unit["interval"]
    return f"{unit['estimate']:+.2f}", f"{unit['se']:.2f}", f"[{low:+.2f}, {high:+.2f}]"
