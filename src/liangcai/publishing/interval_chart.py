"""
A chart of estimates with their intervals against level cuts, as one SVG.

It carries its looks as presentation attributes (so that it prints and typesets by itself) and as
classes (so that a page's stylesheet may restyle it); it has no script and no style element.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

FONTS = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
WIDTH = 360
_LEFT, _RIGHT = 8, 352
_HEADER, _ROW, _FOOTER = 34, 40, 22


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One estimate: `value` None means that there is nothing to draw and `remark` says why."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    remark: str = ""
    apart: float | None = None  # a second value of another kind, drawn hollow: never mixed in
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the scale with a name: a level's cut."""

    label: str
    at: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch of the scale that is drawn; values beyond it are drawn at its ends."""

    lower: float = -3.0
    upper: float = 3.0

    def x(self, value: float) -> float:
        """Return the horizontal place of a value."""
        share = (min(max(value, self.lower), self.upper) - self.lower) / (self.upper - self.lower)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def interval_chart(
    rows: Sequence[IntervalRow],
    marks: Sequence[Mark],
    *,
    title: str,
    description: str,
    axis: str,
    scale: Scale | None = None,
) -> str:
    """Return the SVG; `title` and `description` are what a screen reader says in its place."""
    scale = scale or Scale()
    height = _HEADER + _ROW * len(rows) + _FOOTER
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' class="interval-chart" font-family={quoteattr(FONTS)} font-size="11">',
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
        *_bands(marks, scale, height),
    ]
    for index, row in enumerate(rows):
        parts += _row(row, scale, _HEADER + _ROW * index)
    base = height - _FOOTER + 14
    parts.append(
        f'<text class="axis" x="{WIDTH / 2}" y="{base}" text-anchor="middle" fill="#555"'
        f' font-size="10">{escape(axis)}</text></svg>'
    )
    return "".join(parts)


def _bands(marks: Sequence[Mark], scale: Scale, height: int) -> list[str]:
    parts = []
    ends = [*(mark.at for mark in marks[1:]), scale.upper]
    for index, (mark, end) in enumerate(zip(marks, ends, strict=True)):
        x, width = scale.x(mark.at), round(scale.x(end) - scale.x(mark.at), 1)
        parts.append(
            f'<rect class="band band-{index + 1}" x="{x}" y="{_HEADER - 14}" width="{width}"'
            f' height="{height - _HEADER - _FOOTER + 18}" fill="#1f6f8b"'
            f' fill-opacity="{0.05 + 0.05 * index:.2f}"/>'
            f'<line class="cut" x1="{x}" x2="{x}" y1="{_HEADER - 14}" y2="{height - _FOOTER + 4}"'
            ' stroke="#1f6f8b" stroke-dasharray="3 3"/>'
            f'<text class="cut-label" x="{round(x + 3, 1)}" y="{_HEADER - 19}" fill="#17566c">'
            f"{escape(mark.label)}</text>"
        )
    return parts


def _row(row: IntervalRow, scale: Scale, top: float) -> list[str]:
    middle = top + 26
    ink = "#767676" if row.faint else "#0b3c4d"
    parts = [
        f'<text class="row-label" x="{_LEFT}" y="{top + 13}" fill="#1b1b1b" paint-order="stroke"'
        f' stroke="#ffffff" stroke-width="3">{escape(row.label)}</text>'
    ]
    if row.remark:
        parts.append(
            f'<text class="remark" x="{_RIGHT}" y="{top + 13}" text-anchor="end" fill="#6b4a00"'
            f' font-size="10">{escape(row.remark)}</text>'
        )
    parts.append(
        f'<line class="rail" x1="{_LEFT}" x2="{_RIGHT}" y1="{middle}" y2="{middle}"'
        ' stroke="#c9c9c9" stroke-width="1"/>'
    )
    if row.value is not None and row.low is not None and row.high is not None:
        dash = ' stroke-dasharray="2 3"' if row.faint else ""
        faint = " faint" if row.faint else ""
        parts.append(
            f'<line class="interval{faint}" x1="{scale.x(row.low)}" x2="{scale.x(row.high)}"'
            f' y1="{middle}" y2="{middle}" stroke="{ink}" stroke-width="4"'
            f' stroke-opacity=".55"{dash}/>'
            f'<circle class="estimate{faint}" cx="{scale.x(row.value)}" cy="{middle}" r="4.5" fill="{ink}"/>'
        )
    if row.apart is not None:
        x = scale.x(row.apart)
        parts.append(
            f'<path class="apart" d="M{x} {middle - 6}l6 6l-6 6l-6 -6z" fill="none"'
            ' stroke="#a8480b" stroke-width="1.5"/>'
        )
    return parts
