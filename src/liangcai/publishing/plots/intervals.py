"""Plots of estimates with intervals, one row each: DIF effects with ETS bands, severities of raters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, figure, rows
from liangcai.publishing.plots.look import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    SHAPES,
    VERMILION,
    across,
    either,
    rule_at,
)
from liangcai.publishing.tables import Table, legible

Array = npt.NDArray[np.float64]
#: ETS classes of Mantel–Haenszel D-DIF: negligible below 1, large from 1.5 (Zwick & Ercikan, 1989).
ETS_BANDS = (1.0, 1.5)
_ROW = 20
_MOST = 40
_WIDTH = 430


def dif_forest(
    names: Sequence[str],
    effect: Array,
    standard_error: Array,
    classes: Sequence[str],
    *,
    language: Language = "zh",
    bands: tuple[float, float] = ETS_BANDS,
    axis: str = "",
    classes_by: str = "ETS",
) -> Figure:
    """
    Draw each item's DIF effect with its 95 % interval over the bands of moderate and large effects.

    `effect` and `standard_error` (J) in delta units (MH D-DIF) unless `axis` names others;
    negative effects are against the focal group. `classes` are A, B or C by the rules of `classes_by`. Of more than forty items those with the
    largest effects are drawn; the table has all.

    Raises:
        PlotInvalid: lengths differ or there is no item.
        PlotsMissing: the extra `plots` is not installed.
    """
    title = either(language, "题目功能差异（DIF）", "Differential item functioning (DIF)")
    measure = axis or either(
        language, "MH D-DIF（负值不利于目标组）", "MH D-DIF (negative: against the focal group)"
    )
    found = {word: sum(one == word for one in classes) for word in "ABC"}
    description = either(
        language,
        f"{len(names)} 道题的 DIF 效应与 95% 区间：A 类（可忽略）{found['A']} 道，B 类（中等）{found['B']} 道，C 类（较大）{found['C']} 道。",
        f"DIF effects of {len(names)} items with 95 % intervals: {found['A']} of class A (negligible), "
        f"{found['B']} of class B (moderate), {found['C']} of class C (large).",
    )
    return _forest(
        names,
        effect,
        standard_error,
        list(classes),
        title=title,
        measure=measure,
        description=description,
        language=language,
        bands=bands,
        legend=either(language, f"{classes_by} 分类", f"{classes_by} class"),
        heads=(
            either(language, "题目", "item"),
            either(language, "效应", "effect"),
            either(language, "分类", "class"),
        ),
    )


def rater_severity_plot(
    names: Sequence[str],
    severity: Array,
    standard_error: Array,
    misfit: Sequence[bool] | None = None,
    *,
    language: Language = "zh",
) -> Figure:
    """
    Draw each rater's severity with its 95 % interval, the most severe at the top.

    `severity` and `standard_error` (R) in logits, higher is more severe, NaN where they do not exist;
    `misfit` flags raters whose ratings fit the model badly.

    Raises:
        PlotInvalid: lengths differ, there is no rater, or a standard error is below 0.
        PlotsMissing: the extra `plots` is not installed.
    """
    title = either(language, "评分员严厉度", "Severity of raters")
    fits, not_ = either(language, "拟合", "fits"), either(language, "不拟合", "misfits")
    held = np.asarray(severity, dtype=float)
    known = held[np.isfinite(held)]
    spread = float(np.ptp(known)) if known.size else 0.0
    description = either(
        language,
        f"{len(names)} 位评分员的严厉度与 95% 区间；最严与最宽相差 {spread:z.2f} logit。",
        f"Severity of {len(names)} raters with 95 % intervals; the most severe and the most lenient are {spread:z.2f} logits apart.",
    )
    return _forest(
        names,
        severity,
        standard_error,
        [""] * len(names) if misfit is None else [not_ if flag else fits for flag in misfit],
        title=title,
        measure=either(
            language, "严厉度（logit，越大越严）", "Severity (logits, higher is more severe)"
        ),
        description=description,
        language=language,
        bands=None,
        legend="",
        kinds=() if misfit is None else (fits, not_),
        heads=(
            either(language, "评分员", "rater"),
            either(language, "严厉度", "severity"),
            either(language, "拟合", "fit"),
        ),
    )


def _forest(
    names: Sequence[str],
    value: Array,
    error: Array,
    kind: list[str],
    *,
    title: str,
    measure: str,
    description: str,
    language: Language,
    heads: tuple[str, str, str],
    legend: str,
    bands: tuple[float, float] | None,
    kinds: tuple[str, ...] = ("A", "B", "C"),
) -> Figure:
    values, errors = np.asarray(value, dtype=float), np.asarray(error, dtype=float)
    if not names or not len(names) == values.size == errors.size == len(kind):
        raise PlotInvalid(f"{len(names)} names need as many values, errors and kinds, at least one")
    if (errors < 0.0).any():
        raise PlotInvalid("standard errors must be 0 or more")
    order = np.argsort(-values, kind="stable")
    reach = np.where(np.isfinite(values), 1.96 * errors, np.nan)
    low, high = values - reach, values + reach
    drawn = order[np.isfinite(values[order])]
    if drawn.size > _MOST:
        largest = set(np.argsort(-np.abs(values[drawn]), kind="stable")[:_MOST].tolist())
        drawn = np.array([at for place, at in enumerate(drawn) if place in largest], dtype=np.intp)
        left = len(names) - _MOST
        description += either(
            language,
            f"图中为绝对值最大的 {_MOST} 项，其余 {left} 项见表。",
            f" The {_MOST} largest are drawn; the other {left} are in the table.",
        )
    spec = _forest_spec(
        [legible(names[at], longest=28) for at in drawn],
        values[drawn],
        low[drawn],
        high[drawn],
        [kind[at] for at in drawn],
        measure=measure,
        legend=legend,
        kinds=kinds,
        bands=bands,
    )
    table = Table(
        title,
        (
            heads[0],
            heads[1],
            either(language, "标准误", "standard error"),
            either(language, "95% 下限", "95 % low"),
            either(language, "95% 上限", "95 % high"),
            *heads[2:][: len(kinds)],
        ),
        tuple(
            (
                names[at],
                float(values[at]),
                float(errors[at]),
                float(low[at]),
                float(high[at]),
                *[kind[at]][: len(kinds)],
            )
            for at in order
        ),
    )
    return figure(spec, title=title, description=description, table=table)


def _forest_spec(
    names: list[str],
    value: Array,
    low: Array,
    high: Array,
    kind: list[str],
    *,
    measure: str,
    legend: str,
    kinds: tuple[str, ...],
    bands: tuple[float, float] | None,
) -> Spec:
    # Two rows may bear one name: the place tells them apart, the label names them.
    place = [f"{at:05d}" for at in range(len(names))]
    finite = np.where(np.isfinite(low), low, value), np.where(np.isfinite(high), high, value)
    reach = (
        float(
            max(
                np.abs(finite[0]).max(initial=0),
                np.abs(finite[1]).max(initial=0),
                (bands or (0, 0.5))[1],
            )
        )
        * 1.06
    )
    reach = min(reach, 3.0 * max(float(np.abs(value).max(initial=0)), (bands or (0, 0.5))[1]))
    # Names are drawn as values: in the axis they would have to pass through an expression.
    y = {"field": "place", "type": "nominal", "sort": None, "axis": None}
    scale = {"domain": [-reach, reach], "nice": False}
    x = across("value", measure, scale=scale, axis={"grid": True})
    colours, shapes = [BLUE, ORANGE, VERMILION], list(SHAPES[:3])
    if len(kinds) == 2:
        colours, shapes = [BLUE, VERMILION], [SHAPES[0], SHAPES[3]]
    signs = (("color", colours), ("shape", shapes))
    layers: list[Spec] = [*_bands(bands, reach), rule_at(0.0, colour=INK, dash=(1, 0))]
    layers += [
        {
            "mark": {"type": "text", "align": "right", "limit": 210},
            "encoding": {"y": y, "x": {"value": -10}, "text": {"field": "name"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": MUTED, "clip": True},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 74, "opacity": 1, "color": BLUE},
            "encoding": {
                "y": y,
                "x": x,
                **({sign: _told(kinds, shown, legend) for sign, shown in signs} if kinds else {}),
            },
        },
    ]
    data = rows(place=place, name=names, value=value, low=finite[0], high=finite[1], kind=kind)
    return {"width": _WIDTH, "height": {"step": _ROW}, "data": data, "layer": layers}


def _told(kinds: tuple[str, ...], shown: list[str], legend: str) -> Spec:
    return {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(kinds), "range": shown},
        "legend": {"title": legend or None, "symbolSize": 74},
    }


def _bands(bands: tuple[float, float] | None, reach: float) -> list[Spec]:
    if bands is None:
        return []
    small, large = bands
    stretches = [
        (-reach, -large, 0.2),
        (-large, -small, 0.08),
        (small, large, 0.08),
        (large, reach, 0.2),
    ]
    return [
        {
            "data": {"values": [{"low": low, "high": high}]},
            "mark": {"type": "rect", "color": VERMILION, "opacity": shade},
            "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
        }
        for low, high, shade in stretches
    ]
