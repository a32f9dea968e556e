"""The report on simulated adaptive tests: how exact, how long, how the pool was used."""

import numpy as np

from liangcai.kernel.text import Language
from liangcai.measurement.adaptive.report import SimulationReport
from liangcai.measurement.arrays import Array
from liangcai.measurement.report.parts import facts_of, sources_section, table_of_result
from liangcai.publishing.html_report import Part, Section, html_report
from liangcai.publishing.plots.adaptive import bias_plot, exposure_plot
from liangcai.publishing.plots.look import either


def cat_report(
    simulation: SimulationReport,
    *,
    limit: float | None = None,
    language: Language = "zh",
    title: str = "",
) -> str:
    """
    Return the report on a simulation of adaptive tests as one HTML document.

    `limit` is the highest exposure that is wanted; it is drawn as a line. Bias is drawn where
    the truth is known and a range of ability holds persons.

    Raises:
        PlotsMissing: the extra `plots` is not installed.
    """
    held = np.isfinite(simulation.bias) & np.isfinite(simulation.rmse)
    accuracy: list[Part] = []
    if held.any():
        middle = _middles(simulation)[held]
        accuracy.append(
            bias_plot(middle, simulation.bias[held], simulation.rmse[held], language=language)
        )
    caption = either(language, "按真能力分段", "By range of true ability")
    accuracy.append(table_of_result(simulation, language, caption))
    exposure = exposure_plot(
        simulation.item_names, simulation.exposure, limit=limit, language=language
    )
    sections = [
        Section(either(language, "摘要", "Summary"), (facts_of(simulation, language),)),
        Section(either(language, "精度", "Accuracy"), tuple(accuracy)),
        Section(either(language, "题库使用", "Use of the pool"), (exposure,)),
        sources_section([simulation], language),
    ]
    name = title or either(language, "自适应测验模拟报告", "Report on simulated adaptive tests")
    return html_report(name, sections, language=language)


def _middles(simulation: SimulationReport) -> Array:
    """Return the middle of each range of ability; the open ends are taken as wide as their neighbours."""
    edges = simulation.low[1:]
    if not edges.size:
        return np.zeros(1)
    step = float(np.diff(edges).mean()) if edges.size > 1 else 1.0
    whole = np.concatenate([[edges[0] - step], edges, [edges[-1] + step]])
    return np.asarray((whole[1:] + whole[:-1]) / 2.0)
