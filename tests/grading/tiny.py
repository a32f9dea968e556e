"""A tiny standard, its scheme and evidence for the tests of grading."""

from collections.abc import Sequence
from typing import Any

from liangcai.grading import EvidenceFile, Scheme
from liangcai.standard import Standard

LEVELS = ("junior", "senior")
TEXT = {"zh": "文", "en": "text"}


def _indicator(unit: str, level: str) -> dict[str, Any]:
    return {
        "code": f"{unit}-{level}",
        "level": level,
        "provision": "shall",
        "text": TEXT,
        "evidence": ["test-response"],
        "methods": ["exam", "lab", "portfolio"],
        "origin": "proposal",
    }


def _unit(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "element": code[0],
        "title": {"zh": code, "en": code},
        "indicators": [_indicator(code, level) for level in LEVELS],
        "origin": "proposal",
    }


def _part(code: str, units: Sequence[str], methods: Sequence[str]) -> dict[str, Any]:
    return {
        "code": code,
        "title": {"zh": code, "en": code},
        "methods": methods,
        "levels": LEVELS,
        "units": units,
        "origin": "proposal",
    }


def tiny_standard() -> Standard:
    """Return a standard of two levels, two elements and five units."""
    return Standard.model_validate(
        {
            "code": "tiny",
            "title": TEXT,
            "version": "1.0.0",
            "status": "draft",
            "date": "2026-11-23",
            "licence": "CC-BY-4.0",
            "source": TEXT,
            "notice": {"zh": "推导", "en": "derived"},
            "levels": [
                {
                    "code": "junior",
                    "rank": 1,
                    "label": {"zh": "初级", "en": "Junior"},
                    "origin": "note",
                },
                {
                    "code": "senior",
                    "rank": 2,
                    "label": {"zh": "高级", "en": "Senior"},
                    "origin": "note",
                },
            ],
            "elements": [
                {"code": code, "title": {"zh": code, "en": code}, "origin": "note"} for code in "AB"
            ],
            "units": [_unit(code) for code in ("A1", "A2", "A3", "B1", "B2")],
            "role": {"title": TEXT, "definition": TEXT, "origin": "note"},
            "evaluation": [
                _part("exam", ["A1", "A2", "A3"], ["exam"]),
                _part("lab", ["B1", "B2"], ["lab"]),
                _part("feedback", ["B1"], ["portfolio"]),
            ],
        }
    )


def tiny_scheme_document(**changes: Any) -> dict[str, Any]:
    """Return the raw scheme of the tiny standard, with some top-level parts replaced."""
    rules = {
        "weights": {"exam": 40, "lab": 60},
        "cuts": {"exam": 60, "lab": 60},
        "total": 60,
        "coverage": {
            "exam": {"min_records": 2, "min_unit_share": 0.5},
            "lab": {"min_records": 1, "min_unit_share": 0.5},
        },
        "origin": "proposal",
        "note": TEXT,
    }
    years = {
        "code": "years",
        "text": {"zh": "满 3 年", "en": "three years"},
        "any_of": [{"fact": "experience-years", "at_least": 3}],
        "origin": "proposal",
    }
    cut = {"se": 0.3, "method": "expert-proposal", "origin": "proposal", "note": TEXT}
    return {
        "code": "default",
        "version": "1.0.0",
        "standard": "tiny",
        "title": TEXT,
        "status": "pilot",
        "notice": TEXT,
        "rule": "conjunctive-and-compensatory",
        "scale": {
            "slope": 1.0,
            "reference": TEXT,
            "cuts": [
                {"level": "junior", "location": -0.5, **cut},
                {"level": "senior", "location": 0.5, **cut},
            ],
            "unit_spread": {"value": 0.5, "origin": "proposal", "note": TEXT},
        },
        "precision": {
            "lab_score": {"assumed_se": 10, "lowest_se": 5},
            "rating": {"assumed_se": 10, "lowest_se": 5},
            "self_rating": {"assumed_se": 15, "lowest_se": 10},
        },
        "components": [
            {"code": "exam", "kinds": ["item-response"]},
            {"code": "lab", "kinds": ["lab-score"]},
            {"code": "feedback", "kinds": ["rating"], "certifies": False},
        ],
        "levels": [
            {"level": "junior", **rules},
            {"level": "senior", **rules, "eligibility": [years]},
        ],
        **changes,
    }


def tiny_scheme(**changes: Any) -> Scheme:
    """Return the scheme of the tiny standard, with some top-level parts replaced."""
    return Scheme.model_validate(tiny_scheme_document(**changes))


def response(
    number: int, *, score: float = 1, level: str = "senior", **more: Any
) -> dict[str, Any]:
    """Return a raw item response; units take turns."""
    unit = ("A1", "A2", "A3")[number % 3]
    return {
        "kind": "item-response",
        "id": f"r{number:03}",
        "item": f"{unit}-{number:03}",
        "units": [unit],
        "level": level,
        "score": score,
        "source": "synthetic",
        "date": "2026-11-01",
        "synthetic": True,
        **more,
    }


def lab(number: int, *, score: float = 75, level: str = "senior", **more: Any) -> dict[str, Any]:
    """Return a raw lab score; units take turns."""
    return {
        "kind": "lab-score",
        "id": f"l{number:03}",
        "lab": f"E{number}",
        "units": [("B1", "B2")[number % 2]],
        "level": level,
        "score": score,
        "source": "synthetic",
        "date": "2026-11-01",
        "synthetic": True,
        **more,
    }


def self_rating(unit: str, *, score: float = 90, level: str = "senior") -> dict[str, Any]:
    """Return a raw self-rating."""
    return {
        "kind": "self-rating",
        "id": f"s-{unit}",
        "units": [unit],
        "level": level,
        "score": score,
        "source": "synthetic",
        "date": "2026-11-01",
        "synthetic": True,
    }


def evidence(
    records: Sequence[dict[str, Any]], *, years: float | None = None, verified: bool = True
) -> EvidenceFile:
    """Return the evidence of an invented person."""
    facts = [
        {
            "id": "f1",
            "fact": "experience-years",
            "value": years,
            "verified": verified,
            "source": "synthetic",
            "date": "2026-11-01",
            "synthetic": True,
        }
    ]
    return EvidenceFile.model_validate(
        {
            "person": {"id": "synthetic-person", "synthetic": True},
            "standard": "tiny",
            "records": list(records),
            "facts": [] if years is None else facts,
        }
    )


def sitting(right: int, *, items: int = 12, lab_score: float = 75) -> list[dict[str, Any]]:
    """Return senior-level records: so many right answers among the items, and two labs."""
    answers = [response(number, score=int(number < right)) for number in range(items)]
    return [*answers, lab(1, score=lab_score), lab(2, score=lab_score)]
