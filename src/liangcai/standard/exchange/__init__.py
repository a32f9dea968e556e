"""A standard in other people's formats, and back from a workbook."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from liangcai.kernel.errors import LiangcaiError
from liangcai.standard.exchange.case import to_case
from liangcai.standard.exchange.html import to_html
from liangcai.standard.exchange.jsonld import to_jsonld
from liangcai.standard.exchange.markdown import to_markdown
from liangcai.standard.exchange.plan import ImportPlan, import_xlsx
from liangcai.standard.exchange.workbook import to_xlsx, xlsx_template
from liangcai.standard.exchange.yaml_folder import to_yaml, to_yaml_folder
from liangcai.standard.model import Standard

__all__ = [
    "EXPORTS",
    "ExportFormat",
    "FormatUnknown",
    "ImportPlan",
    "export",
    "import_xlsx",
    "to_case",
    "to_html",
    "to_jsonld",
    "to_markdown",
    "to_xlsx",
    "to_yaml",
    "to_yaml_folder",
    "xlsx_template",
]


class FormatUnknown(LiangcaiError):
    """No export format has this name."""

    code = "exchange.format-unknown"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its media type, the suffix of its files and what writes it in a language."""

    media_type: str
    suffix: str
    write: Callable[[Standard, str], bytes]


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Name → format; "case" is written in the language asked for, "json", "jsonld" and "yaml" hold both.
EXPORTS: dict[str, ExportFormat] = {
    "markdown": ExportFormat(
        "text/markdown; charset=utf-8", ".md", lambda s, lang: to_markdown(s, lang).encode("utf-8")
    ),
    "html": ExportFormat(
        "text/html; charset=utf-8", ".html", lambda s, lang: to_html(s, lang).encode("utf-8")
    ),
    "xlsx": ExportFormat(_SPREADSHEET, ".xlsx", to_xlsx),
    "jsonld": ExportFormat("application/ld+json", ".jsonld", lambda s, _: _json(to_jsonld(s))),
    "case": ExportFormat(
        "application/json", ".case.json", lambda s, lang: _json(to_case(s, language=lang))
    ),
    "json": ExportFormat("application/json", ".json", lambda s, _: _json(s.as_record())),
    "yaml": ExportFormat("application/yaml", ".yaml", to_yaml),
}


def export(standard: Standard, format: str, language: str = "zh") -> bytes:  # noqa: A002
    """Return a standard in a format of `EXPORTS`.

    Raises:
        FormatUnknown: there is no such format.

    """
    if format not in EXPORTS:
        raise FormatUnknown(f"there is no format {format} (known: {', '.join(EXPORTS)})")
    return EXPORTS[format].write(standard, language)
