"""Evidence records in the reader's language."""

from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

_KINDS = {
    "item-response": _("Answer to a knowledge question"),
    "lab-score": _("Score of a practical lab"),
    "rating": _("Rating"),
    "self-rating": _("Self-rating"),
}


@register.filter
def evidence_kind(record: dict[str, Any]) -> str:
    """Return what kind of evidence a record is; a fact says whether it is verified."""
    if "fact" in record:
        said = gettext("Verified fact: %s") if record["verified"] else gettext("Reported fact: %s")
        return said % str(record["fact"])
    return str(_KINDS[record["kind"]])


@register.filter
def evidence_score(record: dict[str, Any]) -> str:
    """Return the score as it was given, of 100 or of the item's maximum; a fact's value."""
    if "fact" in record:
        return str(record["value"])
    most = record.get("max_score", 1) if record["kind"] == "item-response" else 100
    return f"{record['score']:g} / {most:g}"
