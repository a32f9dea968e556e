"""The standard's codes and texts in the reader's language."""

import re
from typing import Any

from django import template
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from liangcai.kernel.text import LocalizedText
from liangcai.server.queries.search import Passage
from liangcai.standard import Standard
from liangcai.standard.changes import PartChange
from liangcai.standard.wording import Segment

register = template.Library()

WORDS: dict[str, dict[str, Any]] = {
    "origin": {
        "note": _("From the compilation note"),
        "neighbour": _("From a neighbouring standard"),
        "market": _("From job postings"),
        "proposal": _("Our proposal, without authority"),
    },
    "provision": {"shall": _("Shall"), "should": _("Should"), "may": _("May")},
    "evidence": {
        "test-response": _("a scored answer"),
        "lab-result": _("a result in a practical lab"),
        "work-product": _("a product of one's work"),
        "work-record": _("dated records of work"),
        "outcome-data": _("measured results of the work"),
        "presentation": _("a talk, defence or demonstration"),
        "testimony": _("a statement by somebody who saw it"),
        "credential": _("a verified certificate"),
    },
    "method": {
        "exam": _("Examination"),
        "lab": _("Practical lab"),
        "portfolio": _("Portfolio"),
        "defence": _("Defence"),
        "observation": _("Observation at work"),
        "feedback": _("Feedback of colleagues"),
    },
    "relation": {
        "exact": _("the same as"),
        "close": _("close to"),
        "broader": _("part of the broader"),
        "narrower": _("broader than"),
        "related": _("related to"),
    },
    "scope": {
        "units": _("Units"),
        "levels": _("Levels"),
        "elements": _("Elements"),
        "terms": _("Terms"),
        "roles": _("Roles"),
    },
    "document-status": {
        "draft": _("Working draft"),
        "consultation": _("Out for consultation"),
        "published": _("Adopted text"),
        "withdrawn": _("Withdrawn text"),
    },
    "part": {
        "identity": _("Identity"),
        "level": _("Level"),
        "element": _("Element"),
        "unit": _("Unit"),
        "indicator": _("Indicator"),
        "role": _("Role"),
        "duty": _("Duty"),
        "exclusion": _("Exclusion"),
        "handoff": _("Hand-off"),
        "contrast": _("Contrast"),
        "weight_profile": _("Weight profile"),
        "weight": _("Weight"),
        "evaluation": _("Evaluation component"),
        "training": _("Training rule"),
        "term": _("Term"),
        "crosswalk": _("Crosswalk"),
        "relation": _("Relation"),
        "history": _("History"),
    },
    "change": {
        "added": _("Added"),
        "removed": _("Removed"),
        "moved": _("Moved"),
        "reworded": _("Reworded"),
        "translated": _("Translation changed"),
        "re-evaluated": _("Evaluated otherwise"),
        "reweighted": _("Reweighted"),
        "reordered": _("Reordered"),
        "changed": _("Changed"),
    },
    "field": {
        "code": _("code"),
        "number": _("number"),
        "title": _("title"),
        "label": _("label"),
        "text": _("text"),
        "summary": _("summary"),
        "definition": _("definition"),
        "note": _("note"),
        "notice": _("notice"),
        "source": _("source"),
        "status": _("status"),
        "date": _("date"),
        "licence": _("licence"),
        "language": _("language"),
        "aliases": _("other names"),
        "variants": _("other spellings"),
        "order": _("order"),
        "unit": _("unit"),
        "units": _("units"),
        "level": _("level"),
        "levels": _("levels"),
        "element": _("element"),
        "rank": _("rank"),
        "autonomy": _("autonomy"),
        "complexity": _("complexity"),
        "influence": _("influence"),
        "provision": _("provision"),
        "evidence": _("evidence"),
        "methods": _("methods"),
        "origin": _("origin"),
        "duties": _("duties"),
        "owner": _("owner"),
        "gives": _("gives"),
        "receives": _("receives"),
        "authority": _("authority"),
        "weight": _("weight"),
        "requires": _("what comes first"),
        "hours": _("hours"),
        "activities": _("activities"),
        "changes": _("what changed"),
    },
    "passage": {
        "standard": _("Standard"),
        "element": _("Element"),
        "unit": _("Unit"),
        "indicator": _("Indicator"),
        "duty": _("Duty"),
        "term": _("Term"),
    },
    "format": {
        "markdown": "Markdown",
        "html": "HTML",
        "xlsx": "Excel",
        "yaml": "YAML",
        "json": "JSON",
        "jsonld": "JSON-LD",
        "case": "CASE 1.1",
    },
    "severity": {"error": _("Error"), "warning": _("Warning"), "note": _("Remark")},
}


@register.filter
def localized(text: LocalizedText | dict[str, str] | None) -> str:
    """Return a text in the language of the page (stored ones are mappings), "" where there is none."""
    if text is None:
        return ""
    whole = LocalizedText(**text) if isinstance(text, dict) else text
    return whole.in_language(get_language() or "zh")


@register.filter
def other_language(text: LocalizedText) -> str:
    """Return the text in the language that the page is not in; nothing where it is missing."""
    return text.zh if (get_language() or "zh").startswith("en") else text.en


@register.simple_tag
def other_language_code() -> str:
    """Return the `lang` of what `other_language` returns."""
    return "zh-Hans" if (get_language() or "zh").startswith("en") else "en"


@register.filter
def word(code: str, kind: str) -> str:
    """Return what a code of one kind is called; a code without a name stands for itself."""
    return str(WORDS[kind].get(code, code))


@register.filter
def words(codes: tuple[str, ...], kind: str) -> str:
    """Return several codes of one kind, joined as the language joins a list."""
    return _joint().join(word(code, kind) for code in codes)


def _joint() -> str:
    return ", " if (get_language() or "zh").startswith("en") else "、"


@register.filter
def percent(number: float) -> str:
    """Return a percentage without needless decimals."""
    return f"{number:g} %" if (get_language() or "zh").startswith("en") else f"{number:g}%"


@register.filter
def hours(number: float) -> str:
    """Return a number of hours in words."""
    shown = f"{number:g}"
    return ngettext("%(hours)s hour", "%(hours)s hours", round(number)) % {"hours": shown}


@register.filter
def short_hash(digest: str) -> str:
    """Return enough of a content hash to tell two apart at a glance."""
    return digest.removeprefix("sha256:")[:12]


@register.filter
def marked(text: str, pattern: re.Pattern[str]) -> list[tuple[bool, str]]:
    """Cut a text into stretches (found or not, text) for `<mark>`; the page escapes each of them."""
    pieces = pattern.split(text)  # one group in the pattern: every second piece was found
    return [(at % 2 == 1, piece) for at, piece in enumerate(pieces) if piece]


@register.filter
def entry(table: dict[str, Any], key: str) -> Any:
    """Return what a table holds under a key that is itself a value; None where there is nothing."""
    return table.get(key)


@register.filter
def level_label(code: str, standard: Standard) -> str:
    """Return what a level is called; a level that is gone keeps its code."""
    labels = {level.code: level.label for level in standard.levels}
    return localized(labels[code]) if code in labels else code


@register.filter
def reworded(change: PartChange) -> list[tuple[str, tuple[Segment, ...]]]:
    """Return (lang, segments) of the languages in which a text changed, the page's own first."""
    if change.wording is None:
        return []
    both = [("zh-Hans", change.wording.zh), ("en", change.wording.en)]
    if (get_language() or "zh").startswith("en"):
        both.reverse()
    return [(language, segments) for language, segments in both if segments]


#: Which vocabulary the codes in a field of a change belong to.
_CODED = {"provision": "provision", "evidence": "evidence", "methods": "method", "origin": "origin"}


@register.filter
def plainly(value: Any, field: str = "") -> str:
    """Return what a field of a change held, as a line to read; of a whole part, its texts."""
    if isinstance(value, str):
        return word(value, _CODED[field]) if field in _CODED else value
    if isinstance(value, list):
        return _joint().join(plainly(member, field) for member in value)
    if not isinstance(value, dict):
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    if value.keys() == {"zh", "en"}:
        return localized(value)
    texts = [member for member in value.values() if isinstance(member, dict) and "zh" in member]
    if texts:
        return " · ".join(localized(member) for member in texts)
    return " · ".join(f"{key} {plainly(member)}" for key, member in value.items())


@register.filter
def shown_texts(passage: Passage, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return (lang, text) of a passage: the page's language, and the other where it was found."""
    english = (get_language() or "zh").startswith("en")
    shown = []
    for text in (passage.title, passage.text):
        if text is None:
            continue
        zh, en = ("zh-Hans", text.zh), ("en", text.en)
        own, other = (en, zh) if english else (zh, en)
        shown += [own] if own[1] else []
        shown += [other] if other[1] and (pattern.search(other[1]) or not own[1]) else []
    return shown
