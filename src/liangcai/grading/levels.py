"""Component abilities against every level: scores, coverage, conditions and how sure they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from liangcai.grading.compiled import Compiled
from liangcai.grading.eligibility import Met
from liangcai.grading.encode import Encoded
from liangcai.grading.results import ComponentResult, LevelResult
from liangcai.grading.rounding import CHANCE_DECIMALS, LOGIT_DECIMALS, SCORE_DECIMALS, rounded
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.classification.cuts import (
    LevelRule,
    accuracy,
    chance_at_or_above,
    chance_of_reaching,
    consistency,
)
from liangcai.measurement.fractional.ability import Abilities
from liangcai.measurement.scales import score_gradient, score_of


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch's results level by level, and `reach`: P(true classification is that level or higher)."""

    results: list[tuple[LevelResult, ...]]
    reach: Array


@dataclass(frozen=True, slots=True)
class _Columns:
    """Rounded numbers, persons × levels × components; `theta` and `theta_se` persons × components."""

    theta: Array
    theta_se: Array
    observed: Flags
    score: Array
    score_se: Array
    met: Flags
    accuracy: Array
    consistency: Array
    records: Index
    unit_share: Array


def judge(
    compiled: Compiled, encoded: Encoded, found: Abilities, eligibility: Sequence[tuple[Met, ...]]
) -> Judged:
    """Judge every person of a batch against every level at once."""
    columns = _columns(compiled, encoded, found)
    total = rounded(_totals(compiled, columns.score), SCORE_DECIMALS)
    covered = (columns.records >= compiled.min_records) & (
        columns.unit_share >= compiled.min_unit_share
    )
    eligible = np.array([[all(met for _, met in level) for level in one] for one in eligibility])
    is_open = covered.all(axis=2) & eligible
    met = is_open & _scores_met(compiled, columns, total)
    reach = chance_of_reaching(compiled.cuts, found.theta, found.se, is_open)
    levels = met.shape[1]
    decided = np.where(met.any(axis=1), levels - 1 - np.argmax(met[:, ::-1], axis=1), -1)
    above = decided[:, None] >= np.arange(levels)
    sure = rounded(np.stack([reach, accuracy(reach, above), consistency(reach)]), CHANCE_DECIMALS)
    conditions = list(zip(*eligibility, strict=True))
    rows = []
    for level, (rules, cut) in enumerate(zip(compiled.rules, compiled.cuts, strict=True)):
        opened = is_open[:, level]
        totals = _or_none(total[:, level], _complete(columns, cut))
        rows.append(
            map(
                LevelResult,
                repeat(rules.level),
                met[:, level].tolist(),
                opened.tolist(),
                zip(*(_results(compiled, columns, level, c) for c in cut.used), strict=True),
                totals,
                repeat(cut.total),
                [None if cut.total is None else _reaches(value, cut.total) for value in totals],
                conditions[level],
                *(_or_none(values, opened) for values in sure[:, :, level]),
            )
        )
    return Judged(list(zip(*rows, strict=True)), reach)


def _columns(compiled: Compiled, encoded: Encoded, found: Abilities) -> _Columns:
    slope = compiled.scheme.scale.slope
    theta, se = found.theta[:, None, :], found.se[:, None, :]
    score = score_of(theta, location=compiled.locations[None, :, None], slope=slope)
    shown = rounded(score, SCORE_DECIMALS)
    thresholds = _thresholds(compiled)
    chance = chance_at_or_above(thresholds, theta, se)
    records, share = _coverage(compiled, encoded)
    return _Columns(
        theta=rounded(found.theta, LOGIT_DECIMALS),
        theta_se=rounded(found.se, LOGIT_DECIMALS),
        observed=~np.isnan(found.theta),
        score=shown,
        score_se=rounded(se * score_gradient(score, slope=slope), SCORE_DECIMALS),
        met=shown >= _score_cuts(compiled),
        accuracy=rounded(accuracy(chance, theta >= thresholds), CHANCE_DECIMALS),
        consistency=rounded(consistency(chance), CHANCE_DECIMALS),
        records=records,
        unit_share=rounded(share, CHANCE_DECIMALS),
    )


def _results(
    compiled: Compiled, columns: _Columns, level: int, column: int
) -> Iterator[ComponentResult]:
    """Yield one component's result at one level for each person."""
    rules, code = compiled.rules[level], compiled.components[column]
    cut = rules.cuts[code] if compiled.scheme.checks_components() else None
    seen = columns.observed[:, column]
    checked = seen if cut is not None else np.zeros_like(seen)
    met = columns.met[:, level, column] & seen
    return map(
        ComponentResult,
        repeat(code),
        repeat(rules.weights[code]),
        _or_none(columns.theta[:, column], seen),
        _or_none(columns.theta_se[:, column], seen),
        _or_none(columns.score[:, level, column], seen),
        _or_none(columns.score_se[:, level, column], seen),
        repeat(cut),
        repeat(None) if cut is None else met.tolist(),
        _or_none(columns.accuracy[:, level, column], checked),
        _or_none(columns.consistency[:, level, column], checked),
        columns.records[:, level, column].tolist(),
        repeat(rules.coverage[code].min_records),
        columns.unit_share[:, level, column].tolist(),
        repeat(rules.coverage[code].min_unit_share),
    )


def _or_none(values: Array, known: Flags) -> list[float | None]:
    if known.all():
        return values.tolist()  # type: ignore[no-any-return]  # NumPy types tolist as Any
    return [
        value if there else None
        for value, there in zip(values.tolist(), known.tolist(), strict=True)
    ]


def _reaches(value: float | None, cut: float) -> bool:
    return value is not None and value >= cut


def _coverage(compiled: Compiled, encoded: Encoded) -> tuple[Index, Array]:
    """Return record counts and unit shares; a record counts for its own level and those below."""
    levels, components, units = compiled.applies.shape
    persons = encoded.persons
    key = (encoded.person * levels + encoded.rank) * components + encoded.component
    counts = np.bincount(key, minlength=persons * levels * components)
    counts = _from_above(counts.reshape(persons, levels, components))
    seen = np.zeros((persons, levels, components, units), dtype=bool)
    link = encoded.link_record
    seen[encoded.person[link], encoded.rank[link], encoded.component[link], encoded.link_unit] = 1
    for level in range(levels - 2, -1, -1):
        seen[:, level] |= seen[:, level + 1]
    asked = compiled.applies.sum(axis=2)
    share = (seen & compiled.applies).sum(axis=3) / np.maximum(asked, 1)
    return counts, np.where(asked > 0, share, 1.0)


def _from_above(counts: Index) -> Index:
    return np.asarray(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1], dtype=np.intp)


def _totals(compiled: Compiled, score: Array) -> Array:
    """Return persons × levels of weighted totals of the shown scores; NaN where one is missing."""
    total = np.zeros(score.shape[:2])
    for level, cut in enumerate(compiled.cuts):
        for column, weight in zip(cut.used, cut.weights, strict=True):
            total[:, level] += weight * score[:, level, column]
    return total


def _scores_met(compiled: Compiled, columns: _Columns, total: Array) -> Flags:
    """Whether the rounded scores reach the cuts: what is shown is what is compared."""
    met = np.ones(total.shape, dtype=bool)
    for level, cut in enumerate(compiled.cuts):
        used = list(cut.used)
        met[:, level] &= _complete(columns, cut)
        if compiled.scheme.checks_components():
            met[:, level] &= columns.met[:, level, used].all(axis=1)
        if cut.total is not None:
            met[:, level] &= total[:, level] >= cut.total
    return met


def _complete(columns: _Columns, cut: LevelRule) -> Flags:
    """Whether every component that counts was observed at all."""
    return np.asarray(columns.observed[:, list(cut.used)].all(axis=1), dtype=bool)


def _score_cuts(compiled: Compiled) -> Array:
    """Return levels × components of the lowest scores; NaN where a component has no cut."""
    return np.array(
        [[rules.cuts.get(code, np.nan) for code in compiled.components] for rules in compiled.rules]
    )


def _thresholds(compiled: Compiled) -> Array:
    """Return levels × components of the abilities at the cuts; NaN where there is no cut."""
    table = np.full((len(compiled.levels), len(compiled.components)), np.nan)
    for level, cut in enumerate(compiled.cuts):
        for column, threshold in zip(cut.used, cut.thresholds, strict=True):
            table[level, column] = threshold if np.isfinite(threshold) else np.nan
    return table
