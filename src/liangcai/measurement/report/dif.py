"""The report on differential item functioning: which items, for whom, how much."""

from collections.abc import Sequence

import numpy as np

from liangcai.kernel.findings import Finding
from liangcai.kernel.text import Language
from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.logistic import LogisticDif
from liangcai.measurement.fairness.mantel_haenszel import MantelHaenszelDif
from liangcai.measurement.fairness.polytomous import PolytomousDif
from liangcai.measurement.report.parts import (
    facts_of,
    findings_section,
    result_section,
    sources_section,
    table_of_result,
)
from liangcai.measurement.results import Result
from liangcai.publishing.html_report import Paragraph, Part, Section, html_report
from liangcai.publishing.plots.figure import Figure
from liangcai.publishing.plots.intervals import ETS_BANDS, dif_forest
from liangcai.publishing.plots.look import either

Dif = MantelHaenszelDif | LogisticDif | PolytomousDif
#: Classes AA, BB, CC of the standardised mean difference (Zwick, Thayer & Mazzeo, 1997).
SMD_BANDS = (0.17, 0.25)


def dif_report(
    dif: Dif,
    *,
    others: Sequence[Result] = (),
    findings: Sequence[Finding] = (),
    language: Language = "zh",
    title: str = "",
) -> str:
    """
    Return the report on a DIF analysis as one HTML document: a forest plot a focal group, then the table.

    `others` are further results (impact, power, whole-test comparison), a section each.

    Raises:
        PlotsMissing: the extra `plots` is not installed.
    """
    flagged = [name for name, flag in zip(dif.item, dif.flagged.tolist(), strict=True) if flag]
    unique = list(dict.fromkeys(flagged))
    zh = f"标记 {len(unique)} 道题：{'、'.join(unique)}。" if unique else "没有题目被标记。"
    en = (
        f"{len(unique)} item{' is' if len(unique) == 1 else 's are'} flagged: {', '.join(unique)}."
        if unique
        else "No item is flagged."
    )
    advice = either(
        language,
        "DIF 是统计差异，不等于偏差：被标记的题应由熟悉内容的人复核后再决定去留。",
        "DIF is a statistical difference and not yet bias: people who know the content should review a flagged item before it is dropped.",
    )
    summary: tuple[Part, ...] = (
        Paragraph(either(language, zh, en)),
        facts_of(dif, language),
        Paragraph(advice),
    )
    forests = tuple(_forest(dif, focal, language) for focal in dict.fromkeys(dif.focal))
    sections = [
        Section(either(language, "摘要", "Summary"), summary),
        *findings_section(findings, language),
        Section(
            either(language, "效应", "Effects"), tuple(one for one in forests if one is not None)
        ),
        Section(
            either(language, "全部题目", "All items"),
            (table_of_result(dif, language, either(language, "DIF 统计量", "DIF statistics")),),
        ),
        *(result_section(result, language=language) for result in others),
        sources_section([dif, *others], language),
    ]
    name = title or either(language, "题目功能差异报告", "Report on differential item functioning")
    return html_report(name, sections, language=language)


def _forest(dif: Dif, focal: str, language: Language) -> Figure | None:
    rows = np.flatnonzero(np.array(dif.focal) == focal)
    effect, error, classes, bands, axis = _effects(dif, language)
    rules = "Jodoin–Gierl" if isinstance(dif, LogisticDif) else "ETS"
    chosen = [(dif.item[row], classes[row]) for row in rows.tolist()]
    if not np.isfinite(effect[rows]).any():
        return None
    who = either(
        language,
        f"目标组 {focal}，参照组 {dif.reference}",
        f"focal {focal}, reference {dif.reference}",
    )
    return dif_forest(
        [name for name, _ in chosen],
        effect[rows],
        error[rows],
        [one for _, one in chosen],
        language=language,
        bands=bands,
        axis=f"{axis} · {who}",
        classes_by=rules,
    )


def _effects(
    dif: Dif, language: Language
) -> tuple[Array, Array, Sequence[str], tuple[float, float], str]:
    """Return effect, standard error, class (A, B, C), bands and the axis of a DIF result."""
    if isinstance(dif, MantelHaenszelDif):
        axis = either(
            language, "MH D-DIF（负值不利于目标组）", "MH D-DIF (negative: against the focal group)"
        )
        return dif.delta, dif.delta_se, dif.ets_class, ETS_BANDS, axis
    if isinstance(dif, LogisticDif):
        axis = either(language, "Δ（负值不利于目标组）", "Δ (negative: against the focal group)")
        return dif.delta, 2.35 * dif.group_se, dif.jodoin_gierl, ETS_BANDS, axis
    axis = either(
        language, "SMD ÷ 标准差（负值不利于目标组）", "SMD ÷ sd (negative: against the focal group)"
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.abs(dif.smd_se * dif.effect / dif.smd)
    return dif.effect, error, [one[:1] for one in dif.effect_class], SMD_BANDS, axis
