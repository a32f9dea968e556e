"""The scree plot of a parallel analysis."""

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, figure, rows
from liangcai.publishing.plots.look import (
    across,
    either,
    one_panel,
    told_apart,
)
from liangcai.publishing.tables import Table

Array = npt.NDArray[np.float64]


def scree_plot(
    observed: Array, random: Array, *, retained: int, language: Language = "zh"
) -> Figure:
    """
    Draw eigenvalues beside those of random responses (parallel analysis; Horn, 1965).

    `observed`, `random` (D) falling; `retained` dimensions stand above chance.

    Raises:
        PlotInvalid: lengths differ, or a value is not finite.
        PlotsMissing: the extra `plots` is not installed.
    """
    lines = {
        either(language, "数据", "responses"): observed,
        either(language, "随机", "random"): random,
    }
    if not observed.size or any(
        line.shape != observed.shape or not np.isfinite(line).all() for line in lines.values()
    ):
        raise PlotInvalid("both series need as many finite eigenvalues, at least one")
    shown = min(observed.size, 20)
    place = np.arange(1, shown + 1)
    title = either(language, "平行分析", "Parallel analysis")
    x = across(
        "x",
        either(language, "维度", "Dimension"),
        axis={"tickMinStep": 1, "format": "d"},
        scale={"nice": False, "domain": [0.5, shown + 0.5]},
    )
    y = across("y", either(language, "特征值", "Eigenvalue"))
    data = rows(
        name=np.repeat(np.array(list(lines), dtype=object), shown),
        x=np.tile(place, 2),
        y=np.concatenate([observed[:shown], random[:shown]]),
    )
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "line", "point": {"size": 46, "filled": True}},
            "encoding": {"x": x, "y": y, **told_apart("name", list(lines))},
        }
    ]
    description = either(
        language,
        f"前 {retained} 个特征值高于随机数据；第一个为 {observed[0]:z.2f}，随机为 {random[0]:z.2f}。",
        f"{retained} eigenvalues stand above chance; the first is {observed[0]:z.2f} where chance gives {random[0]:z.2f}.",
    )
    heads = (either(language, "维度", "dimension"), *lines)
    table = Table(
        title,
        heads,
        tuple((at + 1, float(observed[at]), float(random[at])) for at in range(observed.size)),
    )
    return figure(one_panel(layers), title=title, description=description, table=table)
