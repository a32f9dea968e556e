"""A standard taken apart into a flat row of coded parts, so that two editions can be laid side by side."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from liangcai.kernel.text import Document
from liangcai.standard.model import Standard, Unit, WeightProfile

PartKind = Literal[
    "identity",
    "level",
    "element",
    "unit",
    "indicator",
    "role",
    "duty",
    "exclusion",
    "handoff",
    "contrast",
    "weight_profile",
    "weight",
    "evaluation",
    "training",
    "term",
    "crosswalk",
    "relation",
    "history",
]

_IDENTITY = (
    "code",
    "number",
    "title",
    "aliases",
    "status",
    "date",
    "language",
    "licence",
    "source",
    "notice",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it says field by field, and the levels and units it concerns."""

    kind: PartKind
    code: str
    fields: dict[str, Any]
    levels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    group: str = field(default="")  # order matters among the parts of one kind and group

    @property
    def key(self) -> tuple[PartKind, str]:
        """What this part is recognised by in another edition."""
        return self.kind, self.code


def parts_of(standard: Standard) -> tuple[Part, ...]:
    """Return every part of a standard except its version; a repeated code gets a number."""
    seen: Counter[tuple[PartKind, str]] = Counter()
    parts = []
    for part in _all_parts(standard):
        seen[part.key] += 1
        again = seen[part.key]
        parts.append(part if again == 1 else replace(part, code=f"{part.code}#{again}"))
    return tuple(parts)


def _all_parts(standard: Standard) -> Iterator[Part]:
    yield Part("identity", standard.code, {name: getattr(standard, name) for name in _IDENTITY})
    for level in standard.levels:
        yield Part("level", level.code, _fields(level), levels=(level.code,))
    for element in standard.elements:
        units = standard.units_of(element.code)
        codes = tuple(unit.code for unit in units)
        yield Part("element", element.code, _fields(element), levels=_levels(units), units=codes)
    yield from _unit_parts(standard.units)
    yield from _role_parts(standard)
    for profile in standard.weight_profiles:
        yield from _weight_parts(standard, profile)
    for component in standard.evaluation:
        fields = _fields(component)
        yield Part("evaluation", component.code, fields, component.levels, component.units)
    for rule in standard.training:
        fields, hours = _fields(rule, "unit"), tuple(rule.hours)
        yield Part("training", rule.unit, fields, levels=hours, units=(rule.unit,))
    yield from _reference_parts(standard)


def _unit_parts(units: Iterable[Unit]) -> Iterator[Part]:
    for unit in units:
        fields = _fields(unit, "indicators")
        yield Part("unit", unit.code, fields, levels=_levels([unit]), units=(unit.code,))
        for indicator in unit.indicators:
            fields = {"unit": unit.code, **_fields(indicator)}
            levels, codes = (indicator.level,), (unit.code,)
            yield Part("indicator", indicator.code, fields, levels, codes, group=unit.code)


def _role_parts(standard: Standard) -> Iterator[Part]:
    role = standard.role
    yield Part("role", standard.code, _fields(role, *_ROLE_LISTS))
    for duty in role.duties:
        yield Part("duty", duty.code, _fields(duty))
    for exclusion in role.exclusions:
        yield Part("exclusion", exclusion.code, _fields(exclusion))
    for handoff in role.handoffs:
        yield Part("handoff", handoff.code, _fields(handoff))
    for contrast in role.contrasts:
        code = f"{contrast.role}/{contrast.aspect.in_language(standard.language)}"
        yield Part("contrast", code, _fields(contrast))


_ROLE_LISTS = ("duties", "exclusions", "handoffs", "contrasts")


def _weight_parts(standard: Standard, profile: WeightProfile) -> Iterator[Part]:
    named = {level: sorted(weights) for level, weights in profile.weights.items()}
    fields = {**_fields(profile, "weights"), "named": named}
    yield Part("weight_profile", profile.code, fields)
    levels = [level.code for level in standard.levels]
    elements = [element.code for element in standard.elements]
    pairs = [(level, element) for level in levels for element in elements]
    pairs += [(level, element) for level, weights in profile.weights.items() for element in weights]
    for level, element in dict.fromkeys(pairs):
        code = f"{profile.code}/{level}/{element}"
        fields = {"weight": profile.weight(level, element)}
        yield Part("weight", code, fields, levels=(level,), group=code)


def _reference_parts(standard: Standard) -> Iterator[Part]:
    for term in standard.terms:
        yield Part("term", term.code, _fields(term))
    for crosswalk in standard.crosswalks:
        yield Part("crosswalk", crosswalk.code, _fields(crosswalk, "relations"))
        for relation in crosswalk.relations:
            code = f"{crosswalk.code}/{relation.from_}/{relation.to}"
            yield Part("relation", code, _fields(relation), group=crosswalk.code)
    for change in standard.history:
        yield Part("history", change.version, _fields(change))


def _fields(document: Document, *without: str) -> dict[str, Any]:
    names = type(document).model_fields
    return {name: getattr(document, name) for name in names if name not in ("code", *without)}


def _levels(units: Iterable[Unit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(indicator.level for unit in units for indicator in unit.indicators))
