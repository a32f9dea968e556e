"""Profiles: per unit and element an estimate with its error, an interval and what it allows to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from liangcai.grading.compiled import Compiled
from liangcai.grading.encode import Encoded, ProfileKind
from liangcai.grading.estimates import AbilityEstimate, Estimates
from liangcai.grading.rounding import CHANCE_DECIMALS, LOGIT_DECIMALS, rounded
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.fractional.ability import log_likelihoods, tally
from liangcai.measurement.fractional.curves import curves_at
from liangcai.measurement.fractional.hierarchy import posteriors
from liangcai.measurement.grid import quantile

__all__ = ["AbilityEstimate", "Profile", "profiles"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What the evidence says about one person, unit by unit and element by element."""

    person: str
    kind: ProfileKind
    levels: tuple[str, ...]
    interval: float
    units: Sequence[AbilityEstimate]
    elements: Sequence[AbilityEstimate]
    synthetic: bool

    def unit(self, code: str) -> AbilityEstimate:
        """Return the estimate of one unit; KeyError if there is none."""
        return {part.code: part for part in self.units}[code]

    def element(self, code: str) -> AbilityEstimate:
        """Return the estimate of one element; KeyError if there is none."""
        return {part.code: part for part in self.elements}[code]

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form; estimates, errors and intervals are in logits."""
        return {
            "person": self.person,
            "kind": self.kind,
            "scale": "ability-logit",
            "interval_probability": self.interval,
            "synthetic": self.synthetic,
            "units": [self._part("unit", part) for part in self.units],
            "elements": [self._part("element", part) for part in self.elements],
        }

    def _part(self, noun: str, part: AbilityEstimate) -> dict[str, Any]:
        return {
            noun: part.code,
            "estimate": part.estimate,
            "se": part.se,
            "interval": list(part.interval),
            "meets": dict(zip(self.levels, part.meets, strict=True)),
            "records": part.records,
            "state": part.state,
            "basis": part.basis,
        }


def profiles(
    compiled: Compiled, encoded: Encoded, people: Sequence[tuple[str, bool]], kind: ProfileKind
) -> Iterator[Profile]:
    """Yield a profile for each (person id, synthetic) of an encoded batch, all computed at once."""
    n_units, n_elements = len(compiled.units), len(compiled.elements)
    seen, key = encoded.by_unit(n_units)
    person, unit = np.divmod(key, n_units)
    curves = curves_at(encoded.parameters, compiled.grid.nodes)
    found = posteriors(
        log_likelihoods(tally(seen), curves),
        person * n_elements + compiled.element_of_unit[unit],
        groups=encoded.persons * n_elements,
        grid=compiled.grid,
        kernel=compiled.kernel,
    )
    element_of_all = np.arange(encoded.persons)[:, None] * n_elements + compiled.element_of_unit
    values = _summary(compiled, found.unobserved)[element_of_all.ravel()]
    values[key] = _summary(compiled, found.member)
    links = encoded.person[encoded.link_record] * n_units + encoded.link_unit
    counts = np.bincount(links, minlength=encoded.persons * n_units)
    totals = _per_element(compiled, counts)
    borrowed = totals.reshape(-1, n_elements)[:, compiled.element_of_unit].ravel() > 0
    units = _estimates(compiled, compiled.units, values, counts, borrowed)
    elements = _estimates(
        compiled, compiled.elements, _summary(compiled, found.group), totals, totals > 0
    )
    for index, (name, synthetic) in enumerate(people):
        yield Profile(
            person=name,
            kind=kind,
            levels=compiled.levels,
            interval=compiled.scheme.profile.interval,
            units=units[index],
            elements=elements[index],
            synthetic=synthetic,
        )


def _summary(compiled: Compiled, mass: Array) -> Array:
    """Return estimate, se, interval and P(meets each level) of each row of masses."""
    moments = mass @ compiled.moments
    mean = moments[:, 0]
    below = mass @ compiled.running
    tail = (1.0 - compiled.scheme.profile.interval) / 2.0
    return np.column_stack(
        [
            mean,
            np.sqrt(np.maximum(moments[:, 1] - mean**2, 0.0)),
            quantile(compiled.grid, mass, below, tail),
            quantile(compiled.grid, mass, below, 1.0 - tail),
            np.clip(moments[:, 2:], 0.0, 1.0),
        ]
    )


def _estimates(
    compiled: Compiled, codes: tuple[str, ...], values: Array, counts: Index, borrowed: Flags
) -> list[Estimates]:
    """Return the estimates of each person from rows that go person by person, `codes` in turn."""
    rules = compiled.scheme.profile
    logits = rounded(values[:, :4], LOGIT_DECIMALS)
    measured = (counts >= rules.min_records) & (logits[:, 1] <= rules.max_se)
    basis = np.where(counts > 0, 2, np.where(borrowed, 1, 0))
    columns = (logits, rounded(values[:, 4:], CHANCE_DECIMALS), counts, measured * 1, basis)
    persons = counts.size // len(codes)
    by_person = (map(tuple, column.reshape(persons, -1).tolist()) for column in columns)
    return list(map(Estimates, repeat(codes), *by_person))


def _per_element(compiled: Compiled, counts: Index) -> Index:
    """Return persons × elements of record links, flat, from persons × units of them."""
    member = compiled.element_of_unit[:, None] == np.arange(len(compiled.elements))
    by_person = counts.reshape(-1, len(compiled.units))
    return np.asarray(by_person @ member.astype(np.intp), dtype=np.intp).ravel()
