"""The Wright map: persons and items on one ability axis (Wright & Stone, 1979)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.kernel.text import Language
from liangcai.publishing.plots.figure import Figure, PlotInvalid, Spec, counts_of, figure, rows
from liangcai.publishing.plots.items import theta_title
from liangcai.publishing.plots.look import BLUE, INK, MUTED, VERMILION, either
from liangcai.publishing.tables import Table, legible

Array = npt.NDArray[np.float64]
_STEP = 0.25
_HEIGHT = 460
_NAMED = 60
_LINE = 13
_END = 12.0


def wright_map(
    abilities: Array,
    items: Sequence[str],
    locations: Array,
    *,
    language: Language = "zh",
    weights: Array | None = None,
) -> Figure:
    """
    Draw the distribution of persons and the locations of items (or thresholds) on one axis.

    `abilities` (N) and `locations` (J) in logits; `weights` (N) count persons. Up to sixty items
    are named, more are drawn as points. The axis ends at ±12 logits; what lies beyond it is counted in
    the description, and items stand at its end.

    Raises:
        PlotInvalid: there is no person or no item, a value is not finite, or weights do not fit.
        PlotsMissing: the extra `plots` is not installed.
    """
    persons, places = np.asarray(abilities, dtype=float), np.asarray(locations, dtype=float)
    if not (persons.size and places.size and places.size == len(items)):
        raise PlotInvalid("a Wright map needs persons, and one location for each item")
    if not (np.isfinite(persons).all() and np.isfinite(places).all()):
        raise PlotInvalid("abilities and locations must be finite")
    edges = _edges(persons, places)
    counts = counts_of(weights, persons.size)
    share = np.histogram(persons, edges, weights=counts)[0] / counts.sum()
    slot = _slots(places, edges)
    title = either(
        language, "怀特图：人与题在同一尺度上", "Wright map: persons and items on one scale"
    )
    scale = {"domain": [float(edges[0]), float(edges[-1])], "nice": False}
    axis = {
        "title": theta_title(language),
        "tickCount": int(edges[-1] - edges[0]) + 1,
        "grid": True,
    }
    spec = {
        "spacing": 0,
        "hconcat": [
            _persons(edges, share, scale, {**axis, "orient": "left"}, language),
            _items(items, places, slot, scale, language),
        ],
    }
    mean = float(np.average(persons, weights=counts))
    description = either(
        language,
        f"人的能力平均 {mean:z.2f} logit；{len(items)} 个题目位置从 {places.min():z.2f} 到 {places.max():z.2f}，平均 {places.mean():z.2f}。",
        f"Persons have a mean ability of {mean:z.2f} logits; {len(items)} item locations run from {places.min():z.2f} "
        f"to {places.max():z.2f}, at {places.mean():z.2f} on average.",
    ) + _beyond(edges, share, places, language)
    table = _table(title, edges, share, items=items, places=places, language=language)
    return figure(spec, title=title, description=description, table=table)


def _edges(persons: Array, places: Array) -> Array:
    both = np.concatenate([np.quantile(persons, [0.001, 0.999]), [places.min(), places.max()]])
    low, high = np.floor(both.min() * 2) / 2, np.ceil(both.max() * 2) / 2
    # A stray estimate must not squeeze everybody else into one bar.
    low = min(max(low, -_END), _END - 1.0)
    high = min(max(high, low + 1.0), _END)
    return np.asarray(np.arange(low - _STEP, high + 1.5 * _STEP, _STEP), dtype=float)


def _beyond(edges: Array, share: Array, places: Array, language: Language) -> str:
    """Return what to say of the persons and items that lie beyond the axis, nothing where none does."""
    left = max(1.0 - float(share.sum()), 0.0)
    items = int(((places < edges[0]) | (places > edges[-1])).sum())
    if left < 5e-5 and not items:
        return ""
    return either(
        language,
        f"轴外：{left:.1%} 的人，{items} 个题目位置（画在轴端）。",
        f" Beyond the axis: {left:.1%} of the persons, {items} item locations (drawn at its end).",
    )


def _slots(places: Array, edges: Array) -> npt.NDArray[np.intp]:
    """Return the column of each item: the first in which it does not cover the one below it."""
    apart = _LINE * float(edges[-1] - edges[0]) / _HEIGHT
    slot = np.zeros(places.size, dtype=np.intp)
    tops: list[float] = []
    for item in np.argsort(places, kind="stable").tolist():
        free = next((at for at, top in enumerate(tops) if places[item] - top >= apart), len(tops))
        tops[free : free + 1] = [float(places[item])]
        slot[item] = free
    return slot


def _persons(edges: Array, share: Array, scale: Spec, axis: Spec, language: Language) -> Spec:
    title = either(language, "人（占比）", "Persons (share)")
    return {
        "width": 190,
        "height": _HEIGHT,
        "data": rows(low=edges[:-1] + 0.02, high=edges[1:] - 0.02, share=share),
        "mark": {"type": "rect", "color": BLUE, "opacity": 0.85},
        "encoding": {
            "y": {"field": "low", "type": "quantitative", "scale": scale, "axis": axis},
            "y2": {"field": "high"},
            "x2": {"datum": 0},
            "x": {
                "field": "share",
                "type": "quantitative",
                "scale": {"reverse": True},
                "axis": {"title": title, "format": ".0%", "tickCount": 3},
            },
        },
    }


def _items(
    items: Sequence[str], places: Array, slot: npt.NDArray[np.intp], scale: Spec, language: Language
) -> Spec:
    named = len(items) <= _NAMED
    widest = int(slot.max()) + 1
    labels = [legible(name, longest=16) for name in items]
    column = 26 + max(sum(12 if sign > "\u2e80" else 7 for sign in name) for name in labels)
    room = max(widest, round(370 / column)) if named else max(widest, 12)
    data = rows(
        name=labels,
        at=np.clip(places, *scale["domain"]),
        slot=slot + 0.5,
    )
    y = {
        "field": "at",
        "type": "quantitative",
        "scale": scale,
        "axis": {"title": None, "labels": False, "grid": True},
    }
    x = {
        "field": "slot",
        "type": "quantitative",
        "scale": {"domain": [0.2, room + 0.2], "nice": False},
        "axis": {
            "title": either(language, "题（位置）", "Items (location)"),
            "labels": False,
            "ticks": False,
            "titlePadding": 29,
        },
    }
    layers: list[Spec] = [
        {
            "mark": {
                "type": "point",
                "shape": "diamond",
                "filled": True,
                "size": 42,
                "color": VERMILION,
                "opacity": 0.9,
            },
            "encoding": {"x": x, "y": y},
        }
    ]
    if named:
        layers.append(
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dx": 7,
                    "fontSize": 11.5,
                    "color": INK,
                },
                "encoding": {"x": x, "y": y, "text": {"field": "name"}},
            }
        )
    rule = {
        "data": {"values": [{"slot": 0.2}]},
        "mark": {"type": "rule", "color": MUTED},
        "encoding": {"x": {"field": "slot", "type": "quantitative"}},
    }
    return {
        "width": max(370, column * room if named else 0),
        "height": _HEIGHT,
        "data": data,
        "layer": [rule, *layers],
    }


def _table(
    title: str,
    edges: Array,
    share: Array,
    *,
    items: Sequence[str],
    places: Array,
    language: Language,
) -> Table:
    """One row a stretch of the axis that holds anybody or anything, from the top."""
    heads = (
        "θ",
        either(language, "人（占比）", "persons (share)"),
        either(language, "题", "items"),
    )
    stretch = np.clip(np.digitize(places, edges) - 1, 0, share.size - 1)
    lines = []
    for at in range(share.size - 1, -1, -1):
        members = np.flatnonzero(stretch == at)
        if share[at] or members.size:
            here = f"{edges[at]:z.2f} … {edges[at + 1]:z.2f}".replace("-", "−")
            names = ", ".join(legible(items[place]) for place in members.tolist())
            lines.append((here, float(share[at]), names))
    return Table(title, heads, tuple(lines))
