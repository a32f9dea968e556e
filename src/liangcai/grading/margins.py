"""What would have changed the result."""

from collections.abc import Iterator

from liangcai.grading.results import ComponentResult, LevelResult, Margin, Shortfall
from liangcai.grading.rounding import CHANCE_DECIMALS, SCORE_DECIMALS, rounded_one


def shortfalls(level: LevelResult) -> tuple[Shortfall, ...]:
    """Return every condition of a level that is not met, and by how much."""
    found = [gap for part in level.components for gap in _component_shortfalls(part)]
    if level.total_met is False:
        found.append(Shortfall("total", "total", _points(level.total_cut, level.total)))
    found += [Shortfall("eligibility", code, None) for code, met in level.eligibility if not met]
    return tuple(found)


def smallest_margin(level: LevelResult) -> Margin | None:
    """Return the score condition of a met level that came closest to failing, None if it has none."""
    margins = [
        Margin("component-score", part.code, _points(part.score, part.cut) or 0.0)
        for part in level.components
        if part.cut is not None
    ]
    if level.total_cut is not None:
        margins.append(Margin("total", "total", _points(level.total, level.total_cut) or 0.0))
    return min(margins, key=lambda margin: margin.points, default=None)


def _component_shortfalls(part: ComponentResult) -> Iterator[Shortfall]:
    if part.records < part.min_records:
        yield Shortfall("records", part.code, part.min_records - part.records)
    if part.unit_share < part.min_unit_share:
        missing = rounded_one(part.min_unit_share - part.unit_share, CHANCE_DECIMALS)
        yield Shortfall("unit-share", part.code, missing)
    if part.met is False:
        yield Shortfall("component-score", part.code, _points(part.cut, part.score))


def _points(high: float | None, low: float | None) -> float | None:
    return None if high is None or low is None else rounded_one(high - low, SCORE_DECIMALS)
