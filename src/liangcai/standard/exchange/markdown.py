"""A standard as one Markdown file."""

import re
from collections.abc import Iterator

from liangcai.standard.exchange.outline import Block, Heading, Paragraph, outline
from liangcai.standard.model import Standard

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&]")
#: What begins a list or an underline at the start of a line, after what is escaped anyway.
_LINE_START = re.compile(r"^(\d*)([.)](?!\S)|[-+=:])")


def to_markdown(standard: Standard, language: str = "zh") -> str:
    """Return the standard as Markdown; what people wrote is text and never markup."""
    lines = [f"# {escaped(standard.title.in_language(language))}", ""]
    for block in outline(standard, language):
        lines += [*_lines(block), ""]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Return text so that every Markdown reader shows it as it is, on one line."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), " ".join(text.split()))


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.depth} {escaped(block.text)}"
    elif isinstance(block, Paragraph):
        text = _LINE_START.sub(r"\1\\\2", escaped(block.text))
        yield f"> **{text}**" if block.strong and text else text
    else:
        yield _row(block.columns)
        yield "|" + " --- |" * len(block.columns)
        yield from map(_row, block.rows)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"
