"""The plot of test information with the standard error it leaves."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, figure, rows
from liangcai.publishing.plots.items import fitting, table_places, theta_title
from liangcai.publishing.plots.look import (
    BLUE,
    HEIGHT,
    INK,
    VERMILION,
    WIDTH,
    across,
    either,
)
from liangcai.publishing.tables import Table

Array = npt.NDArray[np.float64]


def information_plot(
    theta: Array, information: Array, *, language: Language = "zh", cuts: Sequence[float] = ()
) -> Figure:
    """
    Draw test information by ability and, under it, the standard error 1/√information.

    `theta` (Q), `information` (Q, above 0); `cuts` are abilities to be marked.

    Raises:
        PlotInvalid: shapes do not fit, or there is no information at some ability.
        PlotsMissing: the extra `plots` is not installed.
    """
    held = fitting(["information"], theta, np.asarray(information, dtype=float)[None, :])[0]
    if not (held > 0).all():
        raise PlotInvalid("information must be above 0 at every ability that is drawn")
    error = 1.0 / np.sqrt(held)
    title = either(language, "测验信息与标准误", "Test information and standard error")
    marks: list[Spec] = (
        [
            {
                "data": rows(x=list(cuts)),
                "mark": {"type": "rule", "strokeDash": [4, 3], "color": INK, "strokeWidth": 1.25},
                "encoding": {"x": across("x", "")},
            }
        ]
        if len(cuts)
        else []
    )
    spec = {
        "spacing": 18,
        "vconcat": [
            _panel(
                theta,
                held,
                x_title=None,
                y_title=either(language, "信息量", "Information"),
                mark={
                    "type": "area",
                    "color": BLUE,
                    "opacity": 0.16,
                    "line": {"color": BLUE, "strokeWidth": 2.25},
                },
                height=HEIGHT * 0.62,
                marks=marks,
            ),
            _panel(
                theta,
                np.minimum(error, 2.0),
                x_title=theta_title(language),
                y_title=either(language, "标准误", "Standard error"),
                mark={"type": "line", "color": VERMILION, "strokeDash": [7, 3], "clip": True},
                height=HEIGHT * 0.42,
                marks=marks,
            ),
        ],
    }
    best = int(np.argmax(held))
    description = either(
        language,
        f"信息量在 θ = {theta[best]:z.2f} 处最大，为 {held[best]:z.2f}（标准误 {error[best]:z.2f}）。",
        f"Information is highest at θ = {theta[best]:z.2f}: {held[best]:z.2f} (standard error {error[best]:z.2f}).",
    )
    places = table_places(theta)
    table = Table(
        title,
        (
            "θ",
            either(language, "信息量", "information"),
            either(language, "标准误", "standard error"),
        ),
        tuple((float(theta[at]), float(held[at]), float(error[at])) for at in places),
    )
    return figure(spec, title=title, description=description, table=table)


def _panel(
    theta: Array,
    values: Array,
    *,
    x_title: str | None,
    y_title: str,
    mark: Spec,
    height: float,
    marks: list[Spec],
) -> Spec:
    x = across(
        "x", x_title or "", axis={} if x_title else {"title": None, "labels": False, "ticks": False}
    )
    layer = {
        "data": rows(x=np.round(theta, 4), y=np.round(values, 4)),
        "mark": mark,
        "encoding": {
            "x": x,
            "y": across("y", y_title, axis={"tickCount": 4}, scale={"zero": True}),
        },
    }
    return {"width": WIDTH, "height": height, "layer": [layer, *marks]}
