"""A report as one HTML file: no script, nothing fetched, every text escaped, every figure with its table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from liangcai.kernel.findings import Finding
from liangcai.kernel.text import Language
from liangcai.publishing.html_style import STYLE
from liangcai.publishing.plots.figure import Figure
from liangcai.publishing.plots.look import either
from liangcai.publishing.tables import Cell, Table, cell_text, legible

_MOST_ROWS = 500
_LONGEST = 4000
_SHORT = 24
_SHORT_FACT = 40
_NAME = re.compile(r"figure-[0-9a-f]{10}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A few names with their values: the headline of a section."""

    entries: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Faults of what went in, each with its severity in words."""

    findings: tuple[Finding, ...]


Part = Paragraph | Facts | Table | Figure | Findings


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report with its own heading."""

    title: str
    parts: tuple[Part, ...]


def html_report(title: str, sections: Sequence[Section], *, language: Language = "zh") -> str:
    """
    Return a report as one HTML document.

    It has no script, one style element and no address; a policy in its head forbids the rest.
    Names are data: whatever they hold is escaped and shows as text. Tables are cut after five
    hundred rows and say so.
    """
    numbered = list(enumerate(sections, 1))
    contents = "".join(
        f'<li><a href="#s{number}">{_text(section.title)}</a></li>' for number, section in numbered
    )
    body = "".join(_section(number, section, language) for number, section in numbered)
    head = either(language, "目录", "Contents")
    return (
        f'<!doctype html>\n<html lang="{either(language, "zh-Hans", "en")}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<header>\n<h1>{_text(title)}</h1>\n<nav aria-label="{head}"><ol>{contents}</ol></nav>\n</header>\n'
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _section(number: int, section: Section, language: Language) -> str:
    parts = "\n".join(
        _part(part, f"s{number}-{place}", language) for place, part in enumerate(section.parts, 1)
    )
    return f'<section id="s{number}">\n<h2>{_text(section.title)}</h2>\n{parts}\n</section>\n'


def _part(part: Part, name: str, language: Language) -> str:
    if isinstance(part, Paragraph):
        return f"<p>{_text(part.text)}</p>"
    if isinstance(part, Facts):
        return _facts(part, language)
    if isinstance(part, Table):
        return _table(part, language)
    if isinstance(part, Findings):
        return _findings(part, language)
    return _figure(part, name, language)


def _facts(facts: Facts, language: Language) -> str:
    pairs = ""
    for name, value in facts.entries:
        shown = cell_text(value, language)
        style = ' class="long"' if len(shown) > _SHORT_FACT else ""
        pairs += f"<div{style}><dt>{_text(name)}</dt><dd>{_text(shown)}</dd></div>"
    return f"<dl>{pairs}</dl>" if pairs else ""


def _findings(findings: Findings, language: Language) -> str:
    words = {
        "error": either(language, "错误", "Error"),
        "warning": either(language, "警告", "Warning"),
        "note": either(language, "提示", "Note"),
    }
    entries = "".join(
        f'<li class="{one.severity}"><strong>{words[one.severity]}</strong>'
        f"{_text(one.message.in_language(language))}</li>"
        for one in findings.findings[:_MOST_ROWS]
    )
    return f'<ul class="findings">{entries}</ul>' if entries else ""


def _figure(figure: Figure, name: str, language: Language) -> str:
    # A report may hold one figure twice: its ids are renamed by their place.
    svg = _NAME.sub(f"{name}-f", figure.svg)
    head = either(language, "数据表", "The values as a table")
    colon = either(language, "：", ": ")
    return (
        f'<figure><div class="wide" role="group" tabindex="0" aria-label="{_text(figure.title)}">{svg}</div>'
        f"<figcaption><strong>{_text(figure.title)}</strong> "
        f"{_text(figure.description)}</figcaption></figure>\n"
        f"<details><summary>{head}{colon}{_text(figure.title)}</summary>{_table(figure.table, language)}</details>"
    )


def _table(table: Table, language: Language) -> str:
    flush = [_style(table, at) for at in range(len(table.columns))]
    heads = "".join(
        f'<th scope="col"{style}>{_text(name)}</th>'
        for name, style in zip(table.columns, flush, strict=True)
    )
    lines = "".join(_row(row, flush, language) for row in table.rows[:_MOST_ROWS])
    left = len(table.rows) - _MOST_ROWS
    more = ""
    if left > 0:
        zh, en = f"另有 {left} 行未列出。", f"{left} more rows are not shown."
        more = f"<p>{either(language, zh, en)}</p>"
    caption = _text(table.caption)
    return (
        f'<div class="wide" role="group" tabindex="0" aria-label="{caption}"><table><caption>{caption}'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>{more}"
    )


def _style(table: Table, column: int) -> str:
    """Return the class of a column: numbers are set flush right, short names never broken."""
    if table.is_number(column):
        return ' class="number"'
    names = [row[column] for row in table.rows[:_MOST_ROWS]]
    longest = max((len(name) for name in names if isinstance(name, str)), default=0)
    return ' class="short"' if longest <= _SHORT else ""


def _row(row: tuple[Cell, ...], flush: list[str], language: Language) -> str:
    shown = [_text(cell_text(cell, language)) for cell in row]
    rest = "".join(
        f"<td{style}>{text}</td>" for text, style in zip(shown[1:], flush[1:], strict=True)
    )
    return f'<tr><th scope="row"{flush[0]}>{shown[0]}</th>{rest}</tr>'


def _text(text: str) -> str:
    return escape(legible(text, longest=_LONGEST))
