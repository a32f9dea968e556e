"""A standard and a scheme as arrays: everything about a grade that does not depend on the person."""

from dataclasses import dataclass

import numpy as np

from liangcai.grading.scheme import LevelRules, Scheme
from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.classification.cuts import LevelRule
from liangcai.measurement.fractional.hierarchy import spread_kernel
from liangcai.measurement.grid import Grid, even_grid, mass_up_to_nodes, upper_mass_weights
from liangcai.measurement.scales import theta_of
from liangcai.standard import Standard

#: Component abilities are sought on [−6, 6]; posteriors, held by their prior, on [−5, 5].
ABILITY_GRID = even_grid(-6.0, 6.0, 97)
_INNER = slice(8, 89)


class SchemeMismatch(LiangcaiError):
    """The scheme was made for another standard, or names parts that this one does not have."""

    code = "scheme.mismatch"


@dataclass(frozen=True, slots=True)
class Compiled:
    """Codes in a fixed order and the arrays that refer to them by position.

    `mass @ moments` are the first two moments and the mass above each cut, `mass @ running` the mass
    up to each node: one matrix product each, however many people there are.
    """

    standard: Standard
    scheme: Scheme
    levels: tuple[str, ...]
    units: tuple[str, ...]
    elements: tuple[str, ...]
    components: tuple[str, ...]
    element_of_unit: Index
    rules: tuple[LevelRules, ...]
    cuts: tuple[LevelRule, ...]
    locations: Array
    applies: Flags
    min_records: Index
    min_unit_share: Array
    grid: Grid
    kernel: Array
    moments: Array
    running: Array


def compile_scheme(standard: Standard, scheme: Scheme) -> Compiled:
    """Return a scheme ready for batches.

    Raises:
        SchemeMismatch: the scheme does not fit the standard (`check_scheme` says where).

    """
    if scheme.standard != standard.code:
        raise SchemeMismatch(f"scheme {scheme.code} is for {scheme.standard}, not {standard.code}")
    try:
        return _compile(standard, scheme)
    except KeyError as error:
        raise SchemeMismatch(
            f"scheme {scheme.code} has no entry for, or {standard.code} does not know, {error}"
        ) from error


def _compile(standard: Standard, scheme: Scheme) -> Compiled:
    levels = tuple(level.code for level in standard.levels_upwards())
    elements = tuple(element.code for element in standard.elements)
    units = tuple(unit.code for element in elements for unit in standard.units_of(element))
    by_level = {rules.level: rules for rules in scheme.levels}
    rules = tuple(by_level[level] for level in levels)
    components = tuple(part.code for part in scheme.components if part.certifies)
    locations = np.array([scheme.locations[level] for level in levels])
    grid = Grid(ABILITY_GRID.nodes[_INNER], ABILITY_GRID.step)
    nodes = grid.nodes[:, None]
    return Compiled(
        standard=standard,
        scheme=scheme,
        levels=levels,
        units=units,
        elements=elements,
        components=components,
        element_of_unit=np.array([elements.index(standard.unit(unit).element) for unit in units]),
        rules=rules,
        cuts=tuple(_cut(scheme, part, components) for part in rules),
        locations=locations,
        applies=_applies(standard, levels, units, components),
        min_records=_coverage(rules, components, "min_records").astype(np.intp),
        min_unit_share=_coverage(rules, components, "min_unit_share"),
        grid=grid,
        kernel=spread_kernel(grid, scheme.scale.unit_spread.value),
        moments=np.hstack([nodes, nodes**2, upper_mass_weights(grid, locations)]),
        running=mass_up_to_nodes(np.eye(grid.nodes.size)),
    )


def _cut(scheme: Scheme, rules: LevelRules, components: tuple[str, ...]) -> LevelRule:
    used = tuple(i for i, code in enumerate(components) if rules.weights.get(code, 0.0) > 0.0)
    location, slope = scheme.locations[rules.level], scheme.scale.slope
    thresholds = [-np.inf] * len(used)
    if scheme.checks_components():
        cuts = [rules.cuts[components[i]] for i in used]
        thresholds = [float(theta_of(cut, location=location, slope=slope)) for cut in cuts]
    return LevelRule(
        used=used,
        thresholds=tuple(thresholds),
        weights=tuple(rules.weights[components[i]] / 100.0 for i in used),
        total=rules.total if scheme.checks_total() else None,
        location=location,
        slope=slope,
    )


def _applies(
    standard: Standard,
    levels: tuple[str, ...],
    units: tuple[str, ...],
    components: tuple[str, ...],
) -> Flags:
    """Return levels × components × units: which units a component has to cover at a level.

    Those of its units that have an indicator at the level by one of its methods.
    """
    parts = {part.code: part for part in standard.evaluation}
    flags = np.zeros((len(levels), len(components), len(units)), dtype=bool)
    for c, code in enumerate(components):
        for unit in parts[code].units:
            asked = {
                indicator.level
                for indicator in standard.unit(unit).indicators
                if set(indicator.methods) & set(parts[code].methods)
            }
            flags[[i for i, level in enumerate(levels) if level in asked], c, units.index(unit)] = (
                True
            )
    return flags


def _coverage(rules: tuple[LevelRules, ...], components: tuple[str, ...], name: str) -> Array:
    """Return levels × components of one coverage number; 0 where a component has no weight."""
    return np.array(
        [
            [
                getattr(part.coverage[code], name) if part.weights.get(code, 0.0) > 0.0 else 0
                for code in components
            ]
            for part in rules
        ],
        dtype=float,
    )
