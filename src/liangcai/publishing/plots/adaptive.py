"""Plots of adaptive tests: exposure of items, bias and error of estimates."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, figure, rows
from liangcai.publishing.plots.items import theta_title
from liangcai.publishing.plots.look import (
    BLUE,
    INK,
    VERMILION,
    across,
    either,
    one_panel,
    rule_at,
    told_apart,
)
from liangcai.publishing.tables import Table

Array = npt.NDArray[np.float64]


def exposure_plot(
    names: Sequence[str], exposure: Array, *, limit: float | None = None, language: Language = "zh"
) -> Figure:
    """
    Draw how often an adaptive test gives each item, items ordered by it.

    `exposure` (J) is the share of persons who met the item; `limit` the highest that is wanted.

    Raises:
        PlotInvalid: lengths differ, or a share is not from 0 to 1.
        PlotsMissing: the extra `plots` is not installed.
    """
    held = np.asarray(exposure, dtype=float)
    if not held.size or held.size != len(names) or not ((held >= 0) & (held <= 1)).all():
        raise PlotInvalid("each item needs an exposure from 0 to 1")
    order = np.argsort(-held, kind="stable")
    title = either(language, "题目曝光率", "Item exposure")
    x = across(
        "x",
        either(language, "题目（按曝光率排序）", "Items (by exposure)"),
        scale={"nice": False, "domain": [0, held.size]},
        axis={"format": "d", "tickMinStep": 1},
    )
    y = across(
        "y", either(language, "曝光率", "Exposure"), axis={"format": ".0%"}, scale={"domainMin": 0}
    )
    layers: list[Spec] = [
        {
            "data": rows(x=np.arange(held.size), x2=np.arange(1, held.size + 1), y=held[order]),
            "mark": {"type": "rect", "color": BLUE, "opacity": 0.85},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"datum": 0}},
        }
    ]
    if limit is not None:
        layers.append(rule_at(limit, horizontal=True, colour=VERMILION))
    unused = int((held == 0).sum())
    description = either(
        language,
        f"{held.size} 道题的曝光率：最高 {held.max():.1%}，平均 {held.mean():.1%}，从未使用 {unused} 道。",
        f"Exposure of {held.size} items: {held.max():.1%} at most, {held.mean():.1%} on average, {unused} never used.",
    )
    heads = (either(language, "题目", "item"), either(language, "曝光率", "exposure"))
    table = Table(title, heads, tuple((names[at], float(held[at])) for at in order))
    return figure(one_panel(layers), title=title, description=description, table=table)


def bias_plot(theta: Array, bias: Array, rmse: Array, *, language: Language = "zh") -> Figure:
    """
    Draw bias and root mean squared error of ability estimates by true ability.

    `theta`, `bias`, `rmse` (Q) in logits.

    Raises:
        PlotInvalid: lengths differ, or a value is not finite.
        PlotsMissing: the extra `plots` is not installed.
    """
    lines = {either(language, "偏差", "bias"): bias, either(language, "均方根误差", "RMSE"): rmse}
    if not theta.size or any(
        line.shape != theta.shape or not np.isfinite(line).all() for line in lines.values()
    ):
        raise PlotInvalid(f"bias and RMSE need {theta.size} finite values each")
    title = either(language, "能力估计的偏差与误差", "Bias and error of ability estimates")
    x, y = (
        across("x", theta_title(language)),
        across("y", either(language, "误差（logit）", "Error (logits)")),
    )
    data = rows(
        name=np.repeat(np.array(list(lines), dtype=object), theta.size),
        x=np.tile(theta, 2),
        y=np.concatenate([bias, rmse]),
    )
    styles = told_apart("name", list(lines))
    layers: list[Spec] = [
        rule_at(0.0, horizontal=True, colour=INK, dash=(1, 0)),
        {
            "data": data,
            "mark": {"type": "line", "point": {"size": 34, "filled": True}},
            "encoding": {"x": x, "y": y, **styles},
        },
    ]
    description = either(
        language,
        f"真能力从 {theta[0]:z.1f} 到 {theta[-1]:z.1f}：最大偏差 {np.abs(bias).max():z.3f}，各段均方根误差平均 {rmse.mean():z.3f}。",
        f"True abilities from {theta[0]:z.1f} to {theta[-1]:z.1f}: largest bias {np.abs(bias).max():z.3f}, mean RMSE of the ranges {rmse.mean():z.3f}.",
    )
    table = Table(
        title,
        ("θ", *lines),
        tuple((float(t), float(b), float(r)) for t, b, r in zip(theta, bias, rmse, strict=True)),
    )
    return figure(one_panel(layers), title=title, description=description, table=table)
