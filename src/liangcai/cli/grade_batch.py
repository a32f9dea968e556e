"""`liangcai grade --batch`: JSON lines in, JSON lines out, in the same order, streaming."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from liangcai.cli.output import (
    INPUT_HAS_ERRORS,
    Lang,
    answering,
    counts,
    fail,
    takes_unicode,
    writing,
)
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import Finding, has_errors

if TYPE_CHECKING:
    from liangcai.cli.chosen_rules import Rules
    from liangcai.grading import EvidenceFile, Scheme
    from liangcai.standard import Standard

_CHUNK = 256
_BLOCK = 1024 * 1024
_Line = tuple[int, "EvidenceFile | None", tuple[Finding, ...]]


def grade_lines(path: Path, rules: "Rules", *, output: Path | None, lang: Lang) -> None:
    """Grade each line; a line with errors gives its findings instead, and exit code 1 at the end."""
    from liangcai.grading import check_evidence_lines

    try:
        lines = _count(path)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    if output is not None:
        with writing(output):
            output.write_bytes(b"")
    found, escaped = _Graded(rules, lang), output is None and not takes_unicode()
    with (
        answering(),
        typer.progressbar(
            length=lines, file=sys.stderr, label=path.name, hidden=not sys.stderr.isatty()
        ) as bar,
        nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8") as target,
    ):
        for chunk in _chunks(check_evidence_lines(path)):
            for record in found.of(chunk):
                typer.echo(json.dumps(record, ensure_ascii=escaped), file=target)
            bar.update(len(chunk))
    if found.faulty:
        fail(
            f"{path.name}: {found.faulty} lines with errors; the others were graded",
            code=INPUT_HAS_ERRORS,
        )


def _count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b"")) + 1


def _chunks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    chunk: list[_Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Graded:
    """Decisions chunk by chunk: each standard is loaded once, faulty lines are counted."""

    def __init__(self, rules: "Rules", lang: Lang) -> None:
        self.faulty = 0
        self._rules = rules
        self._lang = lang
        self._loaded: dict[str, tuple[Standard, Scheme] | LiangcaiError] = {}

    def of(self, chunk: list[_Line]) -> Iterator[dict[str, Any]]:
        """Yield a record per line, in order; persons of one standard are decided together."""
        found: dict[int, dict[str, Any]] = {}
        groups: dict[str, list[tuple[int, EvidenceFile]]] = {}
        for number, evidence, findings in chunk:
            if evidence is None or has_errors(findings):
                found[number] = self._fault(number, findings)
            else:
                groups.setdefault(evidence.standard, []).append((number, evidence))
        for named, members in groups.items():
            found |= self._decided(named, members)
        for number, _, _ in chunk:
            yield found[number]

    def _decided(
        self, named: str, members: "list[tuple[int, EvidenceFile]]"
    ) -> dict[int, dict[str, Any]]:
        from liangcai.grading import check_evidence_against, decide_batch

        loaded = self._load(named)
        if isinstance(loaded, LiangcaiError):
            return {number: self._refused(number, loaded) for number, _ in members}
        standard, scheme = loaded
        found, fitting = {}, []
        for number, evidence in members:
            findings = check_evidence_against(evidence, standard, scheme)
            if has_errors(findings):
                found[number] = self._fault(number, findings)
            else:
                fitting.append((number, evidence))
        decisions = decide_batch(standard, [evidence for _, evidence in fitting], scheme)
        for (number, _), decision in zip(fitting, decisions, strict=True):
            found[number] = decision.as_record()
        return found

    def _load(self, named: str) -> "tuple[Standard, Scheme] | LiangcaiError":
        if named not in self._loaded:
            try:
                self._loaded[named] = self._rules.load(named)
            except LiangcaiError as error:
                self._loaded[named] = error
        return self._loaded[named]

    def _fault(self, number: int, findings: tuple[Finding, ...]) -> dict[str, Any]:
        self.faulty += 1
        errors, warnings = counts(findings)
        records = [finding.as_record(self._lang) for finding in findings]
        return {"line": number, "errors": errors, "warnings": warnings, "findings": records}

    def _refused(self, number: int, error: LiangcaiError) -> dict[str, Any]:
        self.faulty += 1
        record = {"rule": error.code, "severity": "error", "line": number, "message": str(error)}
        return {"line": number, "errors": 1, "warnings": 0, "findings": [record]}
