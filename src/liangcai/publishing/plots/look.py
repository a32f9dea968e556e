"""How every plot looks: colours that the colour-blind tell apart, dashes and shapes beside them, fonts.

Colours are those of Okabe and Ito (2008). A series is never told by colour alone, so that a plot
keeps its meaning in black and white. A page may recolour ink and grid by their fixed values.
"""

from typing import Any

from liangcai.kernel.text import Language

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONTS = "'Noto Sans', 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

INK, MUTED, GRID = "#1b1b1b", "#5a5a5a", "#e3e3e3"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
ORANGE, SKY = "#e69f00", "#56b4e9"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, INK, SKY, ORANGE, MUTED)
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [1, 3], [12, 3], [5, 2, 1, 2, 1, 2])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")

WIDTH, HEIGHT = 560, 300

_TEXT = {"labelColor": MUTED, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12.5}
CONFIG: dict[str, Any] = {
    "font": FONTS,
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "titleFontWeight": "normal",
        "titlePadding": 9,
        "labelPadding": 5,
        "gridColor": GRID,
        "gridWidth": 1,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "tickSize": 4,
        "labelLimit": 190,
        "labelOverlap": True,
    },
    "axisX": {"grid": False, "tickCount": 8, "tickMinStep": 0.5, "labelFlush": False},
    "axisY": {"domain": False, "ticks": False, "tickCount": 5},
    "legend": {
        **_TEXT,
        "titleFontWeight": "normal",
        "symbolStrokeWidth": 2.25,
        "symbolSize": 200,
        "labelLimit": 170,
        "rowPadding": 5,
        "offset": 14,
    },
    "header": {**_TEXT},
    "line": {"strokeWidth": 2.25, "strokeCap": "butt", "strokeJoin": "round"},
    "text": {"color": INK, "fontSize": 12},
    "bar": {"color": BLUE},
}


def either(language: Language, zh: str, en: str) -> str:
    """Return the text of the language asked for."""
    return en if language == "en" else zh


def across(field: str, title: str, **more: Any) -> dict[str, Any]:
    """Return a quantitative encoding with an axis title; `axis` and `scale` may be given."""
    axis = {"title": title, **more.pop("axis", {})}
    return {"field": field, "type": "quantitative", "axis": axis, **more}


def told_apart(field: str, names: list[str], *, dashed: bool = True) -> dict[str, Any]:
    """Return encodings that tell series apart by colour and by dash (or shape), under one legend."""
    legend = {"title": None, "symbolType": "stroke" if dashed else None}
    sign = ("strokeDash", list(DASHES)) if dashed else ("shape", list(SHAPES))
    return {
        "color": {
            "field": field,
            "type": "nominal",
            "scale": {"domain": names, "range": list(SERIES[: len(names)])},
            "legend": legend,
        },
        sign[0]: {
            "field": field,
            "type": "nominal",
            "scale": {"domain": names, "range": sign[1][: len(names)]},
            "legend": legend,
        },
    }


def rule_at(
    value: float, *, horizontal: bool = False, colour: str = MUTED, dash: tuple[int, ...] = (4, 3)
) -> dict[str, Any]:
    """Return a thin line across the plot at a value."""
    return {
        "data": {"values": [{"at": value}]},
        "mark": {"type": "rule", "color": colour, "strokeDash": list(dash), "strokeWidth": 1.25},
        "encoding": {"y" if horizontal else "x": {"field": "at", "type": "quantitative"}},
    }


def one_panel(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the specification of a plot with one panel of the usual size."""
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}
