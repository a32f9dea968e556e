"""How an item is shown: the order of its options and the plain parts of its text."""

import re

from liangcai.items.model import Item, Option
from liangcai.kernel.chance import draw

Part = tuple[str, bool]

_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def option_order(item: Item, *, seed: int) -> tuple[Option, ...]:
    """Return the options in an order that depends on nothing but the seed and the item's code."""
    return tuple(sorted(item.options, key=lambda option: draw(seed, item.code, option.key)))


def paragraphs(text: str) -> tuple[tuple[Part, ...], ...]:
    """Split Markdown-lite text at blank lines, each paragraph into its plain parts."""
    found = (block.strip() for block in _BLANK_LINE.split(text))
    return tuple(plain_parts(block) for block in found if block)


def plain_parts(text: str) -> tuple[Part, ...]:
    """Split text into (text, strong) parts: `**…**` is strong, everything else is itself.

    Nothing but bold is markup, HTML least of all: a template prints every part escaped.
    """
    parts: list[Part] = []
    end = 0
    for match in _BOLD.finditer(text):
        parts += [(text[end : match.start()], False), (match[1], True)]
        end = match.end()
    parts.append((text[end:], False))
    return tuple(part for part in parts if part[0])
