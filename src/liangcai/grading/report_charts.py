"""One chart per element and its table twin, from a profile."""

import unicodedata
from dataclasses import dataclass

from liangcai.grading.gap import ways_to_show
from liangcai.grading.profiles import AbilityEstimate, Profile
from liangcai.grading.report_words import Words
from liangcai.grading.scheme import Scheme
from liangcai.publishing.interval_chart import IntervalRow, Mark, Scale, interval_chart
from liangcai.standard import Standard

#: Widths of a chart's text line in units of a Latin letter: all of it, and the gap before a remark.
_LINE, _GAP = 62, 3
#: Three levels a logit apart leave their names room side by side.
_SCALE = Scale(-2.4, 2.4)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as texts."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """An element's chart as SVG, and the same numbers as a table."""

    code: str
    title: str
    svg: str
    table: Table


def charts_of(
    profile: Profile,
    standard: Standard,
    scheme: Scheme,
    words: Words,
    *,
    self_rated: Profile | None = None,
) -> tuple[Chart, ...]:
    """Return a chart and a table for each element; self-ratings are drawn hollow and listed apart."""
    rated = {} if self_rated is None else {p.code: p for p in self_rated.units if p.records}
    by_code = {part.code: part for part in profile.units}
    marks = [
        Mark(words.of(standard.level(code).label), scheme.locations[code])
        for code in profile.levels
    ]
    charts = []
    for element in standard.elements:
        parts = [by_code[unit.code] for unit in standard.units_of(element.code)]
        title = f"{element.code} {words.of(element.title)}"
        measured = sum(part.state == "measured" for part in parts)
        svg = interval_chart(
            [_row(part, standard, words, rated.get(part.code)) for part in parts],
            marks,
            title=title,
            description=words(
                "chart-description",
                element=words.of(element.title),
                count=len(parts),
                measured=measured,
            ),
            axis=words("axis"),
            scale=_SCALE,
        )
        charts.append(
            Chart(element.code, title, svg, _table(parts, profile, standard, words, rated))
        )
    return tuple(charts)


def _row(
    part: AbilityEstimate, standard: Standard, words: Words, rated: AbilityEstimate | None
) -> IntervalRow:
    title = f"{part.code} {words.of(standard.unit(part.code).title)}"
    apart = None if rated is None else rated.estimate
    if part.basis == "none":
        remark = words("unseen")
        return IntervalRow(_fitting(title, remark), remark=remark, apart=apart)
    measured = part.state == "measured"
    remark = "" if measured else words("thin")
    low, high = part.interval
    return IntervalRow(
        _fitting(title, remark), part.estimate, low, high, remark, apart=apart, faint=not measured
    )


def _fitting(label: str, remark: str) -> str:
    """Return a label cut to what the line has room for beside the remark."""
    room = _LINE - (_width(remark) + _GAP if remark else 0)
    if _width(label) <= room:
        return label
    while _width(label) > room - 2:
        label = label[:-1]
    return label.rstrip() + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _table(
    parts: list[AbilityEstimate],
    profile: Profile,
    standard: Standard,
    words: Words,
    rated: dict[str, AbilityEstimate],
) -> Table:
    percent = round(100 * profile.interval)
    head = [
        words("code"),
        words("unit"),
        words("estimate"),
        words("interval", percent=percent),
        *(words("meets", level=words.of(standard.level(code).label)) for code in profile.levels),
        *([words("self")] if rated else []),
        words("state"),
    ]
    rows = [_cells(part, standard, words, rated) for part in parts]
    return Table(tuple(head), tuple(rows))


def _cells(
    part: AbilityEstimate, standard: Standard, words: Words, rated: dict[str, AbilityEstimate]
) -> tuple[str, ...]:
    is_seen = part.basis != "none"
    dash = words("none")
    low, high = part.interval
    apart = [signed(rated[part.code].estimate) if part.code in rated else dash] if rated else []
    return (
        part.code,
        words.of(standard.unit(part.code).title),
        signed(part.estimate) if is_seen else dash,
        words("range", low=signed(low), high=signed(high)) if is_seen else dash,
        *(words.percent(chance) if is_seen else dash for chance in part.meets),
        *apart,
        state_in_words(part, standard, words),
    )


def state_in_words(part: AbilityEstimate, standard: Standard, words: Words) -> str:
    """Return whether there is enough evidence on a unit, and where there is not, what would give it."""
    if part.state == "measured":
        return words("measured")
    levels = [level.code for level in standard.levels_upwards()]
    ways = dict.fromkeys(
        way for level in levels for way in ways_to_show(standard, part.code, level)
    )
    key = "thin" if part.records else "unseen"
    if not ways:
        return words(key)
    return words(f"{key}-ways", ways=words.listed(tuple(ways)))


def signed(value: float) -> str:
    """Return a value in logits with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-", "−")
