"""Plots of calibrated items: characteristic curves, category curves, information with standard error."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, figure, rows
from liangcai.publishing.plots.look import (
    HEIGHT,
    MUTED,
    WIDTH,
    across,
    either,
    told_apart,
)
from liangcai.publishing.tables import Table, legible

Array = npt.NDArray[np.float64]
_TOLD_APART = 8
_TABLE_AT = 7
_ROUNDING = 1e-9


def theta_title(language: Language) -> str:
    """Return the title of an ability axis."""
    return either(language, "能力 θ（logit）", "Ability θ (logits)")


def item_characteristic_curves(
    names: Sequence[str], theta: Array, expected: Array, *, language: Language = "zh"
) -> Figure:
    """
    Draw the expected share of the full score by ability, one curve an item.

    `theta` (Q) in logits, rising; `expected` (J × Q) from 0 to 1. Up to eight items are told
    apart by colour and dash; of more, the easiest, the hardest and the flattest are named.

    Raises:
        PlotInvalid: shapes do not fit, there is no item, or a value is not from 0 to 1.
        PlotsMissing: the extra `plots` is not installed.
    """
    curves = _shares(names, theta, expected)
    title = either(language, "题目特征曲线", "Item characteristic curves")
    shown = _shown(names, theta, curves, language)
    y = across(
        "y",
        either(language, "期望得分率", "Expected share of the full score"),
        scale={"domain": [0, 1]},
        axis={"tickCount": 5, "format": ".0%"},
    )
    x = across("x", theta_title(language))
    layers: list[Spec] = []
    if len(names) > len(shown):
        layers.append(
            {
                "data": _points(names, theta, curves),
                "mark": {
                    "type": "line",
                    "strokeWidth": 1,
                    "color": MUTED,
                    "opacity": max(0.12, min(0.4, 12 / len(names))),
                },
                "encoding": {"x": x, "y": y, "detail": {"field": "name", "type": "nominal"}},
            }
        )
    layers.append(
        {
            "data": _points(list(shown), theta, curves[list(shown.values())]),
            "mark": {"type": "line"},
            "encoding": {"x": x, "y": y, **told_apart("name", list(shown))},
        }
    )
    description = either(
        language,
        f"{len(names)} 道题的期望得分率随能力 θ 从 {theta[0]:z.1f} 到 {theta[-1]:z.1f} logit 的变化；数值见表。",
        f"Expected share of the full score of {len(names)} items for abilities from {theta[0]:z.1f} "
        f"to {theta[-1]:z.1f} logits; the values are in the table.",
    )
    spec = {"width": WIDTH, "height": HEIGHT, "layer": layers}
    return figure(
        spec,
        title=title,
        description=description,
        table=_by_ability(title, names, theta, curves, language),
    )


def category_curves_plot(
    name: str, theta: Array, probability: Array, *, language: Language = "zh"
) -> Figure:
    """
    Draw the probability of each score of one item by ability.

    `theta` (Q), `probability` (K × Q) of the scores 0 … K − 1.

    Raises:
        PlotInvalid: shapes do not fit, there is no category, or a value is not from 0 to 1.
        PlotsMissing: the extra `plots` is not installed.
    """
    scores = [str(score) for score in range(len(probability))]
    curves = _shares(scores, theta, probability)
    title = either(
        language, f"题目 {legible(name)} 的得分类别曲线", f"Category curves of item {legible(name)}"
    )
    peaks = np.argmax(curves, axis=1)
    x = across("x", theta_title(language))
    y = across(
        "y",
        either(language, "概率", "Probability"),
        scale={"domain": [0, 1]},
        axis={"tickCount": 5},
    )
    styles = told_apart("name", scores)
    # A label at the very edge would stand on the axis.
    inside = round(theta.size * 0.025)
    peaks = np.clip(peaks, inside, theta.size - 1 - inside)
    tops = rows(name=scores, x=theta[peaks], y=curves[np.arange(len(scores)), peaks])
    spec = {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": _points(scores, theta, curves),
                "mark": {"type": "line"},
                "encoding": {
                    "x": x,
                    "y": y,
                    **{key: {**value, "legend": None} for key, value in styles.items()},
                },
            },
            {
                "data": tops,
                "mark": {"type": "text", "dy": -9, "fontWeight": "bold", "fontSize": 13},
                "encoding": {
                    "x": x,
                    "y": y,
                    "text": {"field": "name"},
                    "color": {**styles["color"], "legend": None},
                },
            },
        ],
    }
    modal = sorted({int(k) for k in np.argmax(curves, axis=0)})
    description = either(
        language,
        f"得 0 至 {len(scores) - 1} 分的概率随能力的变化；各在某处最可能的得分：{'、'.join(map(str, modal))}。",
        f"Probability of scores 0 to {len(scores) - 1} by ability; most likely somewhere: {', '.join(map(str, modal))}.",
    )
    heads = [either(language, f"得 {score} 分", f"score {score}") for score in scores]
    return figure(
        spec,
        title=title,
        description=description,
        table=_by_ability(title, heads, theta, curves, language),
    )


def fitting(names: Sequence[str], theta: Array, curves: Array) -> Array:
    """
    Return curves (J × Q) after a look at their shape.

    Raises:
        PlotInvalid: there is no curve or one ability only, a shape differs, abilities do not rise or a
            value is not finite.
    """
    held = np.asarray(curves, dtype=float)
    if held.shape != (len(names), theta.size) or not held.size:
        raise PlotInvalid(
            f"{len(names)} curves at {theta.size} abilities cannot have the shape {held.shape}"
        )
    if theta.size < 2 or not (np.isfinite(held).all() and (np.diff(theta) > 0).all()):
        raise PlotInvalid("curves must be finite, at two or more abilities that rise")
    return held


def _shares(names: Sequence[str], theta: Array, curves: Array) -> Array:
    held = fitting(names, theta, curves)
    if held.min() < -_ROUNDING or held.max() > 1.0 + _ROUNDING:
        raise PlotInvalid("shares and probabilities must lie from 0 to 1")
    return held


def table_places(theta: Array) -> list[int]:
    """Return some seven places of a grid of abilities, evenly spread, for a table."""
    return sorted({int(at) for at in np.linspace(0, theta.size - 1, _TABLE_AT).round()})


def _shown(names: Sequence[str], theta: Array, curves: Array, language: Language) -> Spec:
    """Return the places of the curves that are named, by what the legend calls them."""
    if len(names) <= _TOLD_APART:
        return {legible(name): at for at, name in enumerate(names)}
    middle = theta[np.abs(curves - 0.5).argmin(axis=1)]
    steepest = np.gradient(curves, theta, axis=1).max(axis=1)
    found = (
        (either(language, "最易", "easiest"), int(middle.argmin())),
        (either(language, "最难", "hardest"), int(middle.argmax())),
        (either(language, "最平", "flattest"), int(steepest.argmin())),
    )
    words: dict[int, list[str]] = {}
    for what, at in found:
        words.setdefault(at, []).append(what)
    return {
        f"{', '.join(what)}: {legible(names[at], longest=24)}": at for at, what in words.items()
    }


def _points(names: Sequence[str], theta: Array, curves: Array) -> Spec:
    return rows(
        name=np.repeat(np.array([legible(name) for name in names], dtype=object), theta.size),
        x=np.tile(np.round(theta, 4), len(names)),
        y=np.round(curves, 4).ravel(),
    )


def _by_ability(
    title: str, names: Sequence[str], theta: Array, curves: Array, language: Language
) -> Table:
    places = table_places(theta)
    head = either(language, "题目", "item")
    return Table(
        title,
        (head, *(f"θ = {theta[at]:z.1f}".replace("-", "−") for at in places)),
        tuple((name, *(float(curves[row, at]) for at in places)) for row, name in enumerate(names)),
    )
