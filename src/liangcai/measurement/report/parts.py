"""Results as parts of a report: headline, table, method and source."""

import re
from collections.abc import Sequence

from liangcai.kernel.findings import Finding
from liangcai.kernel.text import Language
from liangcai.measurement.report.words import sentence, spoken, word
from liangcai.measurement.results import Result
from liangcai.publishing.html_report import Facts, Findings, Paragraph, Part, Section, html_report
from liangcai.publishing.plots.look import either
from liangcai.publishing.tables import Cell, Table, cell_of, table_of

_NUMBER = re.compile(r"-[\d.]+")


def results_report(
    title: str,
    results: Sequence[Result],
    *,
    language: Language = "zh",
    findings: Sequence[Finding] = (),
) -> str:
    """Return a report with a section for each result: headline and table; then methods and sources."""
    sections = [result_section(result, language=language) for result in results]
    return html_report(
        title,
        [*findings_section(findings, language), *sections, sources_section(results, language)],
        language=language,
    )


def result_section(
    result: Result, *parts: Part, title: str = "", language: Language = "zh"
) -> Section:
    """Return a section on one result: its headline, then `parts`, then its table."""
    name = title or word(result.title, language)
    return Section(
        name, (facts_of(result, language), *parts, table_of_result(result, language, name))
    )


def facts_of(result: Result, language: Language) -> Facts:
    """Return a result's headline."""
    return Facts(
        tuple(
            (word(name, language), fact_cell(name, value, language))
            for name, value in result.facts().items()
        )
    )


def fact_cell(name: str, value: object, language: Language) -> Cell:
    """Return a fact as a cell: a whole number without decimals, a number given as text with its sign."""
    cell = cell_of(spoken(name, value, language))
    if isinstance(cell, str):
        return cell.replace("-", "−") if _NUMBER.fullmatch(cell) else cell
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def table_of_result(result: Result, language: Language, caption: str = "") -> Table:
    """Return a result's table, its columns in the report's language."""
    columns = {
        word(name, language): [spoken(name, value, language) for value in values]
        for name, values in result.columns().items()
    }
    return table_of(caption or word(result.title, language), columns)


def findings_section(findings: Sequence[Finding], language: Language) -> list[Section]:
    """Return the section on the faults of what went in, none where there is no fault."""
    if not findings:
        return []
    title = either(language, "数据检查", "Check of the responses")
    return [Section(title, (Findings(tuple(findings)),))]


def sources_section(results: Sequence[Result], language: Language) -> Section:
    """Return the section that says how everything was computed and who published that."""
    table = Table(
        either(language, "方法与出处", "Methods and sources"),
        (
            either(language, "结果", "result"),
            either(language, "方法", "method"),
            either(language, "出处", "source"),
        ),
        tuple(
            (word(result.title, language), sentence(result.method, language), result.source)
            for result in results
        ),
    )
    note = either(
        language,
        "所有数值由所列方法计算；区间为 95%，除非另有说明。图后的数据表与图内容相同。",
        "All values come from the methods listed; intervals are 95 % unless said otherwise. The table after a figure says the same as the figure.",
    )
    return Section(either(language, "方法与出处", "Methods and sources"), (Paragraph(note), table))
