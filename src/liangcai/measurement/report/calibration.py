"""The report on a calibration: can it be trusted, which items, where on the scale, how precise."""

import numpy as np

from liangcai.kernel.text import Language
from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.models.curves import category_curves, expected_scores, information
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.report.parts import (
    fact_cell,
    findings_section,
    sources_section,
    table_of_result,
)
from liangcai.measurement.report.words import sentence, word
from liangcai.measurement.responses.check import check_responses
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.persons import PersonScores, score
from liangcai.measurement.scoring.recoding import as_categories
from liangcai.measurement.scoring.reliability import (
    Reliability,
    ReliabilityUndefined,
    empirical_reliability,
)
from liangcai.publishing.html_report import Facts, Paragraph, Part, Section, html_report
from liangcai.publishing.plots.information import information_plot
from liangcai.publishing.plots.items import (
    category_curves_plot,
    item_characteristic_curves,
)
from liangcai.publishing.plots.look import either
from liangcai.publishing.plots.scores import score_distribution
from liangcai.publishing.plots.wright import wright_map
from liangcai.publishing.tables import Cell, cell_text, legible

_MOST_CATEGORY_PLOTS = 12
_POINTS = 81


def calibration_report(
    calibration: Calibration,
    responses: Responses | None = None,
    *,
    language: Language = "zh",
    title: str = "",
) -> str:
    """
    Return the report on a calibration as one HTML document.

    With the `responses` it rests on, the report also checks them, scores the persons (EAP under
    the calibrated densities) and draws the Wright map. Category curves are drawn for the first
    twelve items with several scores.

    Raises:
        PlotsMissing: the extra `plots` is not installed.
        ItemsUnmatched: the responses are to other items.
    """
    results: list[Result] = [calibration]
    sections = [Section(either(language, "摘要", "Summary"), _summary(calibration, language))]
    if responses is not None:
        sections += findings_section(check_responses(responses), language)
    sections += _item_sections(calibration, language)
    if calibration.latent_covariance is None:
        sections.append(_precision(calibration, language))
        if responses is not None:
            persons, found = _persons(calibration, responses, language)
            sections.append(persons)
            results += found
    sections += [_record(calibration, language), sources_section(results, language)]
    name = title or either(language, "校准报告", "Calibration report")
    return html_report(name, sections, language=language)


def ability_grid(calibration: Calibration) -> Array:
    """Return the abilities at which curves are drawn: four standard deviations around all groups."""
    low = min((group.mean - 4.0 * group.sd for group in calibration.groups), default=-4.0)
    high = max((group.mean + 4.0 * group.sd for group in calibration.groups), default=4.0)
    return np.linspace(low, high, _POINTS)


def _summary(calibration: Calibration, language: Language) -> tuple[Part, ...]:
    certificate = calibration.certificate
    if certificate.converged:
        zh = (
            f"估计已收敛：加密网格使对数似然变化 {cell_text(certificate.quadrature_error)}，"
            f"预计剩余改进 {cell_text(certificate.remaining)}。"
        )
        en = (
            f"The calibration converged: halving the grid's step moves the log-likelihood by "
            f"{cell_text(certificate.quadrature_error)}, and {cell_text(certificate.remaining)} is left to gain."
        )
    else:
        because = sentence("; ".join(certificate.reasons), language)
        zh = f"估计没有收敛，以下数值不应使用。原因：{because}。"
        en = f"The calibration did not converge; do not use what follows. Because: {because}."
    return Paragraph(either(language, zh, en)), _headline(calibration, language)


def _headline(calibration: Calibration, language: Language) -> Facts:
    certificate = calibration.certificate
    known: list[tuple[str, Cell]] = [
        (word(name, language), fact_cell(name, value, language))
        for name, value in calibration.facts().items()
        if name not in {"nodes", "because"} and not name.startswith("latent density")
    ]
    grid = f"{certificate.nodes} ({certificate.low:z.2f} … {certificate.high:z.2f})"
    known.append((either(language, "积分节点", "grid points"), grid.replace("-", "−")))
    for group in calibration.groups if calibration.latent_covariance is None else ():
        name = either(language, f"能力分布：{group.name}", f"abilities: {group.name}")
        mean, sd = cell_text(group.mean), cell_text(group.sd)
        known.append((name, either(language, f"均值 {mean}，标准差 {sd}", f"mean {mean}, sd {sd}")))
    return Facts(tuple(known))


def _setting(name: str, value: object, language: Language) -> tuple[str, Cell]:
    chinese = {
        "precision": "计算精度",
        "latent": "潜在分布",
        "points": "指定的节点数",
        "tolerance": "收敛容差",
        "quadrature_tolerance": "积分容差",
        "max_iterations": "最多迭代次数",
    }
    shown = either(language, chinese.get(name, name), name.replace("_", " "))
    if value is None:
        return shown, either(language, "自动", "chosen")
    return shown, sentence(str(value), language)


def _item_sections(calibration: Calibration, language: Language) -> list[Section]:
    items, theta = calibration.items, ability_grid(calibration)
    share = expected_scores(items, theta) / items.steps[:, None]
    parts: list[Part] = [
        item_characteristic_curves(items.names, theta, share, language=language),
        table_of_result(calibration, language, either(language, "题目参数", "Item parameters")),
    ]
    sections = [Section(either(language, "题目", "Items"), tuple(parts))]
    several = np.flatnonzero(items.steps > 1)
    if several.size:
        shown = several[:_MOST_CATEGORY_PLOTS]
        curves = category_curves(items.select(shown), theta).probability
        figures: list[Part] = [
            category_curves_plot(
                items.names[row], theta, curves[place, : items.steps[row] + 1], language=language
            )
            for place, row in enumerate(shown.tolist())
        ]
        if several.size > shown.size:
            zh = f"仅画出前 {shown.size} 道多级计分题，共 {several.size} 道。"
            en = f"The first {shown.size} of {several.size} items with several scores are drawn."
            figures.insert(0, Paragraph(either(language, zh, en)))
        sections.append(Section(either(language, "得分类别", "Score categories"), tuple(figures)))
    return sections


def _precision(calibration: Calibration, language: Language) -> Section:
    theta = ability_grid(calibration)
    held = information(calibration.items, theta).sum(axis=0)
    seen = held > 0.0
    note = either(
        language,
        "标准误只含测量误差：题目参数被当作已知。",
        "The standard error is that of measurement alone: item parameters count as known.",
    )
    figure = information_plot(theta[seen], held[seen], language=language)
    return Section(either(language, "测量精度", "Precision"), (figure, Paragraph(note)))


def _persons(
    calibration: Calibration, responses: Responses, language: Language
) -> tuple[Section, list[Result]]:
    scores = _scored(calibration, responses)
    places, names = _locations(calibration.items)
    results: list[Result] = [scores]
    entries: list[tuple[str, Cell]] = [
        (either(language, "人数", "persons"), responses.person_count),
        (
            either(language, "平均能力", "mean ability"),
            round(float(np.average(scores.theta, weights=responses.weights)), 4),
        ),
        (
            either(language, "平均标准误", "mean standard error"),
            float(np.average(scores.se, weights=responses.weights)),
        ),
    ]
    reliability = _reliability(scores, responses)
    if reliability is not None:
        entries.append(
            (either(language, "信度（EAP）", "reliability (EAP)"), reliability.reliability)
        )
        results.append(reliability)
    parts: list[Part] = [
        Facts(tuple(entries)),
    ]
    if names:
        parts.append(
            wright_map(scores.theta, names, places, language=language, weights=responses.weights)
        )
    total = _raw_scores(responses)
    if total is not None:
        parts.append(score_distribution(total, language=language, weights=responses.weights))
    return Section(either(language, "作答者", "Persons"), tuple(parts)), results


def _scored(calibration: Calibration, responses: Responses) -> PersonScores:
    by_name = {group.name: group for group in calibration.groups}
    first = calibration.groups[0]
    groups = [by_name.get(name, first) for name in responses.group_names] or [first]
    return score(
        as_categories(
            responses, dict(zip(calibration.items.names, calibration.scores, strict=True))
        ),
        calibration.items,
        prior_mean=[group.mean for group in groups],
        prior_sd=[group.sd for group in groups],
    )


def _reliability(scores: PersonScores, responses: Responses) -> Reliability | None:
    try:
        return empirical_reliability(scores, responses)
    except ReliabilityUndefined:
        return None


def _raw_scores(responses: Responses) -> Array | None:
    """Return total scores, None where somebody has a missing score and totals do not compare."""
    if responses.has_missing:
        return None
    return np.asarray(responses.scores.sum(axis=1, dtype=np.int64), dtype=float)


def _locations(items: ItemParameters) -> tuple[Array, list[str]]:
    """Return where each item lies, and each threshold of an item with several scores."""
    names, places = [], []
    for row, name in enumerate(items.names):
        steps = int(items.steps[row])
        if items.models[row] == "nominal":
            continue
        for step in range(steps):
            names.append(name if steps == 1 else f"{legible(name, longest=12)}.{step + 1}")
            places.append(float(items.b[row, step]))
    return np.array(places), names


def _record(calibration: Calibration, language: Language) -> Section:
    audit = calibration.audit
    entries = (
        (either(language, "作答数据 SHA-256", "responses, SHA-256"), audit.responses_sha256),
        (either(language, "模型", "model"), sentence(audit.model, language)),
        (either(language, "软件版本", "version"), audit.version),
        *(_setting(name, value, language) for name, value in audit.settings.items()),
    )
    return Section(either(language, "可复核记录", "Audit record"), (Facts(tuple(entries)),))
