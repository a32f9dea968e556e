"""The report on raters: severity, fit, and whether their measures compare."""

from collections.abc import Sequence

from liangcai.kernel.text import Language
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.fit import Fit
from liangcai.measurement.report.parts import (
    facts_of,
    result_section,
    sources_section,
    table_of_result,
)
from liangcai.measurement.report.words import sentence
from liangcai.measurement.results import Result
from liangcai.publishing.html_report import Paragraph, Part, Section, html_report
from liangcai.publishing.plots.intervals import rater_severity_plot
from liangcai.publishing.plots.look import either

#: Mean squares outside this range are not productive for measurement (Linacre, 2002).
PRODUCTIVE = (0.5, 1.5)


def raters_report(
    calibration: FacetCalibration,
    *,
    fit: Fit | None = None,
    rater: str = "rater",
    others: Sequence[Result] = (),
    language: Language = "zh",
    title: str = "",
) -> str:
    """
    Return the report on a many-facet calibration as one HTML document.

    `rater` names the facet whose severities are drawn; with `fit`, raters whose infit or outfit
    lies outside 0.5 to 1.5 are marked (not those whose fit does not exist). `others` (bias, drift, agreement) get a section each.

    Raises:
        RatingsInvalid: no facet is called `rater`.
        PlotsMissing: the extra `plots` is not installed.
    """
    rows = calibration.rows_of(rater)
    misfit = None if fit is None else _misfit(fit, calibration, rater)
    severity = rater_severity_plot(
        [calibration.elements[row] for row in rows.tolist()],
        calibration.measure[rows],
        calibration.standard_error[rows],
        misfit,
        language=language,
    )
    results: list[Result] = [calibration, *([fit] if fit is not None else []), *others]
    parts: tuple[Part, ...] = (
        severity,
        table_of_result(calibration, language, either(language, "全部侧面", "All facets")),
    )
    sections = [
        Section(either(language, "摘要", "Summary"), _summary(calibration, language)),
        Section(either(language, "严厉度", "Severity"), parts),
        *(result_section(result, language=language) for result in results[1:]),
        sources_section(results, language),
    ]
    name = title or either(language, "评分员报告", "Report on raters")
    return html_report(name, sections, language=language)


def _summary(calibration: FacetCalibration, language: Language) -> tuple[Part, ...]:
    parts: list[Part] = []
    if not calibration.converged:
        zh = f"估计没有收敛，以下数值不应使用。原因：{sentence(calibration.ended, language)}。"
        en = f"The calibration did not converge; do not use what follows. Because: {calibration.ended}."
        parts.append(Paragraph(either(language, zh, en)))
    if not calibration.comparable:
        zh = "评分设计不连通：度量值只能在同一连通部分内比较（见“连通部分”一列）。"
        en = "The design is not connected: measures compare only within a part (see the column)."
        parts.append(Paragraph(either(language, zh, en)))
    return (*parts, facts_of(calibration, language))


def _misfit(fit: Fit, calibration: FacetCalibration, rater: str) -> list[bool]:
    low, high = PRODUCTIVE
    bad = {
        (facet, element)
        for facet, element, infit, outfit in zip(
            fit.facet, fit.element, fit.infit, fit.outfit, strict=True
        )
        if min(infit, outfit) < low or max(infit, outfit) > high
    }
    return [
        (rater, calibration.elements[row]) in bad for row in calibration.rows_of(rater).tolist()
    ]
