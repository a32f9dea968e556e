"""A figure, and how a declared plot becomes its SVG."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.publishing.plots.look import CONFIG, SCHEMA
from liangcai.publishing.tables import Table, legible

Spec = dict[str, Any]
_SVG = "http://www.w3.org/2000/svg"
_CLIP = re.compile(r"clip\d+")
_MINUS = re.compile(r"(?<![\w.])-(?=\d)")
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
#: The renderer's own roles describe a tree to a reader of graphics; ours is one image with a table.
_DROPPED = ("role", "aria-label", "aria-roledescription", "aria-hidden", "pointer-events", "class")


class PlotsMissing(LiangcaiError):
    """A plot was asked for, and the packages that draw are not installed."""

    code = "publishing.plots-missing"

    def __init__(self) -> None:
        super().__init__("plots need one more package: pip install 'liangcai[plots]'")


class PlotInvalid(LiangcaiError):
    """The values given for a plot do not fit together, or there are none."""

    code = "publishing.plot-invalid"


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture as SVG text, what a screen reader says of it, and the same values as a table."""

    svg: str
    title: str
    description: str
    table: Table


def figure(spec: Mapping[str, Any], *, title: str, description: str, table: Table) -> Figure:
    """
    Return the figure that a Vega-Lite specification without a frame declares.

    The same values give the same text on one machine (widths of words come from its fonts).
    Nothing is fetched.

    Raises:
        PlotsMissing: the extra `plots` is not installed.
    """
    try:
        from vl_convert import vegalite_to_svg
    except ImportError as error:
        raise PlotsMissing from error
    whole = {"$schema": SCHEMA, "config": CONFIG, "background": None, **spec}
    raw = vegalite_to_svg(whole, allowed_base_urls=[])
    description = _MINUS.sub("−", description)
    return Figure(_tidied(raw, title, description), title, description, table)


def rows(**columns: Sequence[Any] | npt.NDArray[Any]) -> Spec:
    """Return inline values of a plot: one record for each place of the columns."""
    lists = [
        values.tolist() if isinstance(values, np.ndarray) else list(values)
        for values in columns.values()
    ]
    lengths = {len(values) for values in lists}
    if len(lengths) != 1:
        raise PlotInvalid(f"columns of {sorted(lengths)} values do not fit together")
    cells = [[legible(v) if isinstance(v, str) else v for v in values] for values in lists]
    return {"values": [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]}


def counts_of(weights: npt.NDArray[np.float64] | None, rows: int) -> npt.NDArray[np.float64]:
    """
    Return how many persons each row counts for: its weight, one without weights.

    Raises:
        PlotInvalid: there is not one finite weight from 0 on a row, or all are 0.
    """
    held = np.ones(rows) if weights is None else np.asarray(weights, dtype=float)
    if held.shape != (rows,) or not (np.isfinite(held) & (held >= 0.0)).all() or not held.any():
        raise PlotInvalid(f"{rows} rows need one finite weight from 0 on each, not all 0")
    return held


def _tidied(raw: str, title: str, description: str) -> str:
    root = ElementTree.fromstring(raw)  # noqa: S314  (the renderer's own output)
    name = "figure-" + hashlib.sha256((title + _CLIP.sub("clip", raw)).encode()).hexdigest()[:10]
    clips = {
        node.get("id", ""): f"{name}-clip-{number}"
        for number, node in enumerate(root.iter(f"{{{_SVG}}}clipPath"))
    }
    _prune(root)
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        for key, value in list(node.attrib.items()):
            if key in _DROPPED:
                del node.attrib[key]
            elif key == "id":
                node.set(key, clips.get(value, value))
            elif value.startswith("url(#"):
                node.set(key, f"url(#{clips.get(value[5:-1], value[5:-1])})")
            else:
                node.set(key, _LONG.sub(lambda found: f"{float(found[0]):.1f}", value))
    for tag, text in (("desc", description), ("title", title)):
        node = ElementTree.Element(tag, id=f"{name}-{tag}")
        node.text = text
        root.insert(0, node)
    root.attrib = {
        "xmlns": _SVG,
        "viewBox": root.get("viewBox", ""),
        "width": root.get("width", ""),
        "height": root.get("height", ""),
        "class": "plot",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
    }
    return ElementTree.tostring(root, encoding="unicode")


def _prune(node: ElementTree.Element) -> None:
    """Drop the empty groups and the invisible paths that the renderer leaves behind."""
    for child in list(node):
        _prune(child)
        is_group = child.tag == f"{{{_SVG}}}g" and not len(child)
        is_hidden = child.get("display") == "none" or child.get("d") in {"M0,0h0v0h0Z", ""}
        if is_group or (is_hidden and not len(child)):
            node.remove(child)
