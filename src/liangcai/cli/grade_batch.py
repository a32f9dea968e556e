"""`liangcai grade --batch`: JSON lines in, JSON lines out, in the same order, streaming."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from liangcai.cli.output import INPUT_HAS_ERRORS, Lang, answering, counts, fail
from liangcai.kernel.findings import Finding, has_errors

if TYPE_CHECKING:
    from liangcai.cli.grade import Rules
    from liangcai.grading import EvidenceFile

_CHUNK = 256
_Line = tuple[int, "EvidenceFile | None", tuple[Finding, ...]]


def grade_lines(path: Path, rules: "Rules", *, lang: Lang) -> None:
    """Grade each line; a line with errors gives its findings instead, and exit code 1 at the end."""
    from liangcai.grading import check_evidence_lines

    faulty = 0
    with answering():
        try:
            size = path.stat().st_size
            lines = check_evidence_lines(path)
            with typer.progressbar(
                length=size, file=sys.stderr, label=path.name, hidden=not sys.stderr.isatty()
            ) as bar:
                for chunk in _chunks(lines):
                    for record in _graded(chunk, rules, lang):
                        faulty += "findings" in record
                        typer.echo(json.dumps(record, ensure_ascii=False))
                    bar.update(size // 50)
        except OSError as error:
            fail(f"{path} cannot be read: {error.strerror}")
    if faulty:
        fail(
            f"{path.name}: {faulty} lines with errors; the others were graded",
            code=INPUT_HAS_ERRORS,
        )


def _chunks(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    chunk: list[_Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _graded(chunk: list[_Line], rules: "Rules", lang: Lang) -> Iterator[dict[str, Any]]:
    """Yield a record per line, in order; persons of one standard are decided together."""
    from liangcai.grading import check_evidence_against, decide_batch

    found: dict[int, dict[str, Any]] = {}
    groups: dict[str, list[tuple[int, EvidenceFile]]] = {}
    for number, evidence, findings in chunk:
        if evidence is None or has_errors(findings):
            found[number] = _faulty(number, findings, lang)
        else:
            groups.setdefault(evidence.standard, []).append((number, evidence))
    for named, members in groups.items():
        standard, scheme = rules.load(named)
        fitting = []
        for number, evidence in members:
            findings = check_evidence_against(evidence, standard, scheme)
            if has_errors(findings):
                found[number] = _faulty(number, findings, lang)
            else:
                fitting.append((number, evidence))
        decisions = decide_batch(standard, [evidence for _, evidence in fitting], scheme)
        for (number, _), decision in zip(fitting, decisions, strict=True):
            found[number] = decision.as_record()
    for number, _, _ in chunk:
        yield found[number]


def _faulty(number: int, findings: tuple[Finding, ...], lang: Lang) -> dict[str, Any]:
    errors, warnings = counts(findings)
    records = [finding.as_record(lang) for finding in findings]
    return {"line": number, "errors": errors, "warnings": warnings, "findings": records}
