"""What a whole group's evidence says about the scheme: unit spread, mean accuracy and consistency."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.grading.compiled import compile_scheme
from liangcai.grading.decision import Decision
from liangcai.grading.encode import Encoder
from liangcai.grading.evidence import EvidenceFile
from liangcai.grading.results import ComponentResult, LevelResult
from liangcai.grading.scheme import Scheme
from liangcai.measurement.fractional.ability import log_likelihoods, tally
from liangcai.measurement.fractional.curves import curves_at
from liangcai.measurement.fractional.unit_spread import UnitSpread, unit_spread
from liangcai.standard import Standard


@dataclass(frozen=True, slots=True)
class CutAccuracy:
    """Mean accuracy and consistency of a group at one level, over the people it was open to.

    `component` is None for the level as a whole, else the component whose own cut is meant.
    """

    level: str
    component: str | None
    people: int
    accuracy: float
    consistency: float


def estimate_unit_spread(
    standard: Standard, evidences: Sequence[EvidenceFile], scheme: Scheme
) -> UnitSpread:
    """Return the spread of units around their element that makes a group's evidence most likely.

    A scheme pins the result as `scale.unit_spread`; it needs people with evidence on several
    units of an element.

    Raises:
        EvidenceMismatch, SchemeMismatch: as in `decide`.

    """
    compiled = compile_scheme(standard, scheme)
    encoded = Encoder(compiled).encode(evidences)
    n_units, n_elements = len(compiled.units), len(compiled.elements)
    seen, key = encoded.by_unit(n_units)
    person, unit = np.divmod(key, n_units)
    curves = curves_at(encoded.parameters, compiled.grid.nodes)
    return unit_spread(
        log_likelihoods(tally(seen), curves),
        person * n_elements + compiled.element_of_unit[unit],
        groups=encoded.persons * n_elements,
        grid=compiled.grid,
    )


def mean_accuracy(decisions: Sequence[Decision]) -> tuple[CutAccuracy, ...]:
    """Return accuracy and consistency at each cut, averaged over a group (Rudner, 2005; Lee, 2010)."""
    found: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
    for decision in decisions:
        for level in decision.levels:
            parts: list[tuple[str | None, LevelResult | ComponentResult]] = [(None, level)]
            parts += [(part.code, part) for part in level.components]
            for code, part in parts:
                pairs = found.setdefault((level.level, code), [])
                if part.accuracy is not None and part.consistency is not None:
                    pairs.append((part.accuracy, part.consistency))
    return tuple(
        CutAccuracy(
            level=level,
            component=component,
            people=len(pairs),
            accuracy=sum(pair[0] for pair in pairs) / len(pairs),
            consistency=sum(pair[1] for pair in pairs) / len(pairs),
        )
        for (level, component), pairs in found.items()
        if pairs
    )
