"""Faults of a document that a person should see all at once, and the registry of the rules that find them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.text import LocalizedText

Severity = Literal["error", "warning", "note"]
_ORDER: dict[str, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding's id means: its usual severity and what it asks for, in both languages."""

    id: str
    severity: Severity
    summary: LocalizedText


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: which rule, where, and what a person should do about it."""

    rule: str
    severity: Severity
    file: str
    line: int
    message: LocalizedText
    clause: str | None = None
    quote: str | None = None
    fix: LocalizedText | None = None

    def as_record(self, language: str = "zh") -> dict[str, Any]:
        """Return the JSON form of the command line and the API, the message in one language."""
        record: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "message": self.message.in_language(language),
        }
        if self.clause is not None:
            record["clause"] = self.clause
        if self.quote is not None:
            record["quote"] = self.quote
        if self.fix is not None:
            record["fix"] = self.fix.in_language(language)
        return record


@dataclass(slots=True)
class RuleBook:
    """The one registry of rules; each package adds its own while it is imported."""

    rules: dict[str, Rule] = field(default_factory=dict)

    def add(self, rule_id: str, severity: Severity, *, zh: str, en: str) -> Rule:
        """Register a rule; an id is used once."""
        if rule_id in self.rules:
            raise ValueError(f"rule {rule_id} is registered twice")
        rule = Rule(rule_id, severity, LocalizedText(zh=zh, en=en))
        self.rules[rule_id] = rule
        return rule


RULES = RuleBook()


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error (warnings and notes leave a document usable)."""
    return any(finding.severity == "error" for finding in findings)


def in_reading_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by file, line, severity and rule, so that two runs print the same list."""
    return tuple(sorted(findings, key=lambda f: (f.file, f.line, _ORDER[f.severity], f.rule)))


class DocumentInvalid(LiangcaiError):
    """A document has errors; `findings` holds all of them. Each kind of document has its own."""

    code = "document.invalid"

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0]
        super().__init__(
            f"{name} has {len(errors)} error(s); first, {first.file}:{first.line}: {first.message.en}"
        )
