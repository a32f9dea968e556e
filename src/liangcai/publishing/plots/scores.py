"""Plots of scores: their distribution, and what a cut does to them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, counts_of, figure, rows
from liangcai.publishing.plots.look import (
    BLUE,
    INK,
    MUTED,
    across,
    either,
    one_panel,
    rule_at,
    told_apart,
)
from liangcai.publishing.tables import Table

Array = npt.NDArray[np.float64]
_MOST_BARS = 60
_LARGEST = 1e9
_ROUNDING = 1e-9


def score_distribution(
    scores: Array,
    *,
    language: Language = "zh",
    weights: Array | None = None,
    expected: Array | None = None,
    cuts: Sequence[float] = (),
) -> Figure:
    """
    Draw how many persons have each score.

    `scores` (N) from 0 on; whole scores of a narrow range get a bar each, others are grouped. `weights` (N)
    count persons; `expected` (one share for each whole score from 0) is drawn as a line; `cuts` are marked.

    Raises:
        PlotInvalid: there is no score, one is not finite or beyond ±10⁹, or weights do not fit.
        PlotsMissing: the extra `plots` is not installed.
    """
    held = np.asarray(scores, dtype=float)
    if not held.size or not (np.abs(held) <= _LARGEST).all():
        raise PlotInvalid("a distribution needs scores, all of them finite and within ±10⁹")
    counts = counts_of(weights, held.size)
    edges = _bars(held)
    share = np.histogram(held, edges, weights=counts)[0] / counts.sum()
    title = either(language, "得分分布", "Distribution of scores")
    x = across("low", either(language, "得分", "Score"), scale={"nice": False})
    y = across("share", either(language, "人（占比）", "Persons (share)"), axis={"format": ".1%"})
    gap = 0.06 * float(edges[1] - edges[0])
    layers: list[Spec] = [
        {
            "data": rows(low=edges[:-1] + gap, high=edges[1:] - gap, share=share),
            "mark": {"type": "rect", "color": BLUE, "opacity": 0.85},
            "encoding": {"x": x, "x2": {"field": "high"}, "y": y, "y2": {"datum": 0}},
        }
    ]
    if expected is not None:
        layers.append(
            {
                "data": rows(low=np.arange(len(expected)), share=np.asarray(expected, dtype=float)),
                "mark": {
                    "type": "line",
                    "color": INK,
                    "point": {"color": INK, "size": 14},
                    "strokeWidth": 1.5,
                },
                "encoding": {"x": x, "y": y},
            }
        )
    layers += [rule_at(cut, colour=INK, dash=(6, 3)) for cut in cuts]
    mean = float(np.average(held, weights=counts))
    spread = float(np.sqrt(np.average((held - mean) ** 2, weights=counts)))
    description = either(
        language,
        f"{counts.sum():g} 人的得分：平均 {mean:z.2f}，标准差 {spread:z.2f}，最低 {held.min():g}，最高 {held.max():g}。",
        f"Scores of {counts.sum():g} persons: mean {mean:z.2f}, standard deviation {spread:z.2f}, from {held.min():g} to {held.max():g}.",
    )
    whole = edges[1] - edges[0] == 1.0
    heads = (either(language, "得分", "score"), either(language, "占比", "share"))
    names = [
        f"{low + 0.5:g}" if whole else f"{low:g} … {high:g}"
        for low, high in pairwise(edges.tolist())
    ]
    table = Table(
        title, heads, tuple((name, float(one)) for name, one in zip(names, share, strict=True))
    )
    return figure(one_panel(layers), title=title, description=description, table=table)


def cut_consequences(
    cuts: Array,
    pass_rate: Array,
    *,
    accuracy: Array | None = None,
    consistency: Array | None = None,
    chosen: float | None = None,
    standard_error: float = 0.0,
    language: Language = "zh",
) -> Figure:
    """
    Draw what a cut score does: the share that passes and, where known, how well it classifies.

    `cuts` (C) rising, all else (C) from 0 to 1; `chosen` marks the cut in use with a band of one
    `standard_error` to each side.

    Raises:
        PlotInvalid: lengths differ, cuts do not rise, a share is not from 0 to 1, or the chosen cut is
            not finite.
        PlotsMissing: the extra `plots` is not installed.
    """
    lines = {
        either(language, "通过率", "pass rate"): pass_rate,
        either(language, "分类准确率", "accuracy"): accuracy,
        either(language, "分类一致率", "consistency"): consistency,
    }
    found = {
        name: np.asarray(line, dtype=float) for name, line in lines.items() if line is not None
    }
    if not cuts.size or any(
        line.shape != cuts.shape or not ((line >= -_ROUNDING) & (line <= 1.0 + _ROUNDING)).all()
        for line in found.values()
    ):
        raise PlotInvalid(f"each line needs {cuts.size} shares from 0 to 1, one a cut")
    if not (np.isfinite(cuts).all() and (np.diff(cuts) > 0).all()):
        raise PlotInvalid("cuts must be finite and rise")
    if chosen is not None and not np.isfinite(chosen):
        raise PlotInvalid(f"the chosen cut must be finite, not {chosen}")
    title = either(language, "分数线的后果", "Consequences of the cut score")
    x = across("x", either(language, "分数线", "Cut score"), scale={"nice": False, "zero": False})
    y = across(
        "y", either(language, "占比", "Share"), scale={"domain": [0, 1]}, axis={"format": ".0%"}
    )
    layers: list[Spec] = []
    if chosen is not None and standard_error > 0:
        layers.append(
            {
                "data": rows(low=[chosen - standard_error], high=[chosen + standard_error]),
                "mark": {"type": "rect", "color": MUTED, "opacity": 0.14, "clip": True},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    if chosen is not None:
        layers.append(rule_at(chosen, colour=INK, dash=(1, 0)))
    layers.append(
        {
            "data": rows(
                name=np.repeat(np.array(list(found), dtype=object), cuts.size),
                x=np.tile(cuts, len(found)),
                y=np.concatenate(list(found.values())),
            ),
            "mark": {"type": "line"},
            "encoding": {"x": x, "y": y, **told_apart("name", list(found))},
        }
    )
    at = int(np.argmin(np.abs(cuts - chosen))) if chosen is not None else 0
    description = either(
        language,
        f"分数线从 {cuts[0]:g} 到 {cuts[-1]:g} 时的通过率"
        + (f"；取 {cuts[at]:g} 时通过率为 {pass_rate[at]:.1%}。" if chosen is not None else "。"),
        f"Pass rate for cuts from {cuts[0]:g} to {cuts[-1]:g}"
        + (f"; {pass_rate[at]:.1%} pass at {cuts[at]:g}." if chosen is not None else "."),
    )
    table = Table(
        title,
        (either(language, "分数线", "cut score"), *found),
        tuple(
            (float(cut), *(float(line[row]) for line in found.values()))
            for row, cut in enumerate(cuts)
        ),
    )
    return figure(one_panel(layers), title=title, description=description, table=table)


def _bars(scores: Array) -> Array:
    low, high = float(scores.min()), float(scores.max())
    if high - low <= _MOST_BARS and (scores == np.round(scores)).all():
        return np.asarray(np.arange(low - 0.5, high + 1.0), dtype=float)
    return np.asarray(
        np.linspace(low, high if high > low else low + 1.0, _MOST_BARS // 2 + 1), dtype=float
    )
