"""A standard as one self-contained HTML page."""

from collections.abc import Iterator
from html import escape

from liangcai.standard.exchange.labels import label
from liangcai.standard.exchange.outline import Block, Heading, Paragraph, Table, outline
from liangcai.standard.model import Standard

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
table { border-collapse: collapse; }
.wide { margin: 1rem 0; overflow-x: auto; }
th, td { border: 1px solid; padding: .3rem .6rem; text-align: start; vertical-align: top; }
nav ul { columns: 20rem; }
.notice { border-inline-start: .3rem solid; padding-inline-start: 1rem; }
@media print { nav { display: none; } .wide { overflow: visible; } }
"""


def to_html(standard: Standard, language: str = "zh") -> str:
    """Return a complete page: no script, nothing loaded from elsewhere, all text escaped."""
    title = escape(standard.title.in_language(language))
    blocks = tuple(outline(standard, language))
    contents = escape(label("contents", language))
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{"en" if language.startswith("en") else "zh-Hans"}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title} {escape(standard.version)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<header>",
            f"<h1>{title}</h1>",
            "</header>",
            f'<nav aria-label="{contents}">',
            "<ul>",
            *_contents(blocks),
            "</ul>",
            "</nav>",
            "<main>",
            *(line for block in blocks for line in _lines(block)),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _contents(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Heading) and block.depth == 2:
            yield f'<li><a href="#{escape(block.anchor)}">{escape(block.text)}</a></li>'


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        tag = f"h{block.depth}"
        yield f'<{tag} id="{escape(block.anchor)}">{escape(block.text)}</{tag}>'
    elif isinstance(block, Paragraph):
        kind = ' class="notice"' if block.strong else ""
        yield f"<p{kind}>{escape(block.text)}</p>"
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in table.columns)
    yield '<div class="wide" tabindex="0">'  # a wide table can be scrolled by keyboard
    yield f"<table><thead><tr>{titles}</tr></thead>"
    yield "<tbody>"
    for name, *cells in table.rows:
        rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{escape(name)}</th>{rest}</tr>'
    yield "</tbody></table></div>"
