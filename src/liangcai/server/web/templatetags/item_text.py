"""Texts of items in the reader's language, cut into plain and strong parts for the page to escape."""

from django import template
from django.utils.translation import get_language

from liangcai.items import paragraphs, plain_parts
from liangcai.kernel.text import LocalizedText

register = template.Library()
Part = tuple[str, bool]


@register.filter
def text_paragraphs(text: LocalizedText) -> tuple[tuple[Part, ...], ...]:
    """Return the paragraphs of a text, each as (text, strong) parts."""
    return paragraphs(text.in_language(get_language() or "zh"))


@register.filter
def text_parts(text: LocalizedText) -> tuple[Part, ...]:
    """Return a text as (text, strong) parts."""
    return plain_parts(text.in_language(get_language() or "zh"))
