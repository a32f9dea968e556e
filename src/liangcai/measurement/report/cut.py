"""The report on a cut score: how it was set, how sure it is, and what it does."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.text import Language
from liangcai.measurement.arrays import Array
from liangcai.measurement.report.parts import (
    facts_of,
    result_section,
    sources_section,
    table_of_result,
)
from liangcai.measurement.report.words import word
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.consequences import Consequences
from liangcai.publishing.html_report import Paragraph, Part, Section, html_report
from liangcai.publishing.plots.look import either
from liangcai.publishing.plots.scores import cut_consequences, score_distribution

_POINTS = 81


class CutMissing(LiangcaiError):
    """A report on a cut score was asked for, and the result holds none."""

    code = "measurement.cut-missing"


def cut_report(
    setting: Result,
    *,
    consequences: Consequences | None = None,
    scores: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    others: Sequence[Result] = (),
    language: Language = "zh",
    title: str = "",
) -> str:
    """
    Return the report on a cut score as one HTML document.

    `setting` is the result of a standard-setting method (it has `cut` and `standard_error`).
    With the `scores` (N) of persons, and their frequency `weights`, the report draws their
    distribution and the pass rate of every cut; `consequences` adds its table.

    Raises:
        CutMissing: `setting` holds no cut score.
        PlotInvalid: there is no score, one is not finite, or weights do not fit.
        PlotsMissing: the extra `plots` is not installed.
    """
    cut, error = _cut_of(setting)
    results = [setting, *([consequences] if consequences is not None else []), *others]
    parts: tuple[Part, ...] = (
        _verdict(cut, error, language),
        facts_of(setting, language),
        table_of_result(setting, language),
    )
    sections = [Section(word(setting.title, language), parts)]
    if scores is not None:
        held = np.asarray(scores, dtype=float)
        counted = None if weights is None else np.asarray(weights, dtype=float)
        sections.append(
            Section(
                either(language, "得分与通过率", "Scores and pass rates"),
                _figures(held, counted, cut=cut, error=error, language=language),
            )
        )
    sections += [result_section(result, language=language) for result in results[1:]]
    if consequences is not None and consequences.groups is not None:
        sections.append(result_section(consequences.groups, language=language))
    sections.append(sources_section(results, language))
    name = title or either(language, "分数线报告", "Report on a cut score")
    return html_report(name, sections, language=language)


def _cut_of(setting: Result) -> tuple[float, float]:
    cut, error = getattr(setting, "cut", None), getattr(setting, "standard_error", None)
    if not isinstance(cut, float) or not isinstance(error, float):
        raise CutMissing(f"{type(setting).__name__} holds no cut score with a standard error")
    return cut, error


def _verdict(cut: float, error: float, language: Language) -> Paragraph:
    if not np.isfinite(error):
        zh, en = (
            f"分数线为 {cut:.2f}；标准误无法估计。",
            f"The cut score is {cut:.2f}; its standard error cannot be estimated.",
        )
    else:
        low, high = cut - 1.96 * error, cut + 1.96 * error
        zh = f"分数线为 {cut:.2f}，标准误 {error:.2f}，95% 区间 {low:.2f} 至 {high:.2f}。"
        en = f"The cut score is {cut:.2f} with a standard error of {error:.2f}, 95 % interval {low:.2f} to {high:.2f}."
    return Paragraph(either(language, zh, en))


def _figures(
    scores: Array, weights: Array | None, *, cut: float, error: float, language: Language
) -> tuple[Part, ...]:
    # It refuses scores and weights that do not fit.
    distribution = score_distribution(scores, weights=weights, cuts=[cut], language=language)
    spread = np.isfinite(error) and error > 0.0
    low, high = min(float(scores.min()), cut), max(float(scores.max()), cut)
    cuts = np.unique(np.append(np.linspace(low, high, _POINTS), cut))
    share = np.ones(scores.size) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(share[order])])
    rate = np.clip(1.0 - below[np.searchsorted(scores[order], cuts)] / below[-1], 0.0, 1.0)
    return (
        distribution,
        cut_consequences(
            cuts, rate, chosen=cut, standard_error=error if spread else 0.0, language=language
        ),
    )
