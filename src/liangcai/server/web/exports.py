"""The formats in which a standard can be taken away."""

from collections.abc import Callable
from dataclasses import dataclass

from liangcai.kernel.canonical import canonical_json
from liangcai.standard import Standard
from liangcai.standard.exchange.html import to_html
from liangcai.standard.exchange.markdown import to_markdown
from liangcai.standard.exchange.workbook import to_xlsx
from liangcai.standard.exchange.yaml_folder import to_yaml

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format: its name in addresses, what people call it, its media type and file ending."""

    name: str
    title: str
    media_type: str
    ending: str
    write: Callable[[Standard, str], bytes]


def _json(standard: Standard, _language: str) -> bytes:
    """Return exactly the bytes over which the content hash is taken."""
    return canonical_json(standard.as_record())


EXPORTS = {
    one.name: one
    for one in (
        ExportFormat("json", "JSON", "application/json", "json", _json),
        ExportFormat("yaml", "YAML", "application/yaml", "yaml", to_yaml),
        ExportFormat("xlsx", "Excel", _XLSX, "xlsx", to_xlsx),
        ExportFormat(
            "markdown",
            "Markdown",
            "text/markdown; charset=utf-8",
            "md",
            lambda standard, language: to_markdown(standard, language).encode(),
        ),
        ExportFormat(
            "html",
            "HTML",
            "text/html; charset=utf-8",
            "html",
            lambda standard, language: to_html(standard, language).encode(),
        ),
    )
}
