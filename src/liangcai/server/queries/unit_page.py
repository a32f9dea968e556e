"""Everything a standard says of one unit, gathered for one page."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from liangcai.items import read_items
from liangcai.server.access import NotFound
from liangcai.server.queries.explorer import units_in_order
from liangcai.standard import Standard, shipped_standards
from liangcai.standard.model import (
    Duty,
    Element,
    EvaluationComponent,
    Indicator,
    Level,
    TrainingRule,
    Unit,
)


@dataclass(frozen=True, slots=True)
class UnitAtLevel:
    """What a unit asks for at one level, and how long it takes to learn (hours, None: not said)."""

    level: Level
    indicators: tuple[Indicator, ...]
    hours: float | None


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit with what other parts of the standard say of it; `items` counts the shipped bank."""

    unit: Unit
    element: Element
    levels: tuple[UnitAtLevel, ...]
    duties: tuple[Duty, ...]
    training: TrainingRule | None
    learnt_first: tuple[Unit, ...]
    components: tuple[EvaluationComponent, ...]
    items: int
    previous: Unit | None
    following: Unit | None


def unit_page(standard: Standard, code: str) -> UnitPage:
    """Gather what a standard says of a unit.

    Raises:
        NotFound: the standard has no such unit.

    """
    try:
        unit = standard.unit(code)
    except KeyError as error:
        raise NotFound(f"no unit {code}") from error
    units = units_in_order(standard)
    at = units.index(unit)
    rule = next((rule for rule in standard.training if rule.unit == code), None)
    first = rule.requires if rule else ()
    return UnitPage(
        unit=unit,
        element=standard.element(unit.element),
        levels=tuple(
            UnitAtLevel(
                level, unit.at_level(level.code), rule.hours.get(level.code) if rule else None
            )
            for level in standard.levels_upwards()
        ),
        duties=tuple(duty for duty in standard.role.duties if duty.code in unit.duties),
        training=rule,
        learnt_first=tuple(known for known in standard.units if known.code in first),
        components=tuple(part for part in standard.evaluation if code in part.units),
        items=_item_counts(standard.code).get(code, 0),
        previous=units[at - 1] if at else None,
        following=units[at + 1] if at + 1 < len(units) else None,
    )


@lru_cache(maxsize=64)
def _item_counts(code: str) -> dict[str, int]:
    if code not in shipped_standards():
        return {}
    return dict(Counter(item.unit for item in read_items(code).items))
