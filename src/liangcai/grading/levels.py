"""Component abilities against every level: scores, coverage, conditions and how sure they are."""

from dataclasses import dataclass

import numpy as np

from liangcai.grading.compiled import Compiled
from liangcai.grading.eligibility import Met
from liangcai.grading.encode import Encoded
from liangcai.grading.results import ComponentResult, LevelResult
from liangcai.grading.rounding import (
    CHANCE_DECIMALS,
    LOGIT_DECIMALS,
    SCORE_DECIMALS,
    rounded,
)
from liangcai.measurement.ability import Abilities
from liangcai.measurement.classification import (
    accuracy,
    chance_at_or_above,
    chance_of_reaching,
    consistency,
)
from liangcai.measurement.hierarchy import Index
from liangcai.measurement.scales import Array, score_gradient, score_of

Row = list[float]


@dataclass(frozen=True, slots=True)
class LevelTables:
    """A batch's numbers, rounded: persons × levels × components unless said otherwise.

    `reach` (persons × levels) is P(true classification is that level or higher), unrounded.
    """

    theta: list[Row]
    theta_se: list[Row]
    score: list[list[Row]]
    score_se: list[list[Row]]
    accuracy: list[list[Row]]
    consistency: list[list[Row]]
    records: list[list[list[int]]]
    unit_share: list[list[Row]]
    total: list[Row]
    observed: list[list[bool]]
    eligibility: list[tuple[Met, ...]]
    met: list[list[bool]]
    open: list[list[bool]]
    reach: Array
    level_accuracy: list[Row]
    level_consistency: list[Row]
    level_chance: list[Row]


def level_tables(
    compiled: Compiled, encoded: Encoded, found: Abilities, eligibility: list[tuple[Met, ...]]
) -> LevelTables:
    """Judge every person of a batch against every level at once."""
    locations = compiled.locations[None, :, None]
    slope = compiled.scheme.scale.slope
    theta, se = found.theta[:, None, :], found.se[:, None, :]
    score = score_of(theta, location=locations, slope=slope)
    score_se = se * score_gradient(score, slope=slope)
    records, share = _coverage(compiled, encoded)
    shape = score.shape
    scores = rounded(score, SCORE_DECIMALS)
    observed = ~np.isnan(found.theta)
    total = _totals(compiled, score)
    totals = rounded(total, SCORE_DECIMALS)
    shares = rounded(share, CHANCE_DECIMALS)
    covered = (records >= compiled.min_records) & (shares >= compiled.min_unit_share)
    eligible = np.array([[all(met for _, met in level) for level in one] for one in eligibility])
    is_open = covered.all(axis=2) & eligible
    met = is_open & _scores_met(compiled, scores, totals, observed)
    reach = chance_of_reaching(compiled.cuts, found.theta, found.se, is_open)
    decided = np.where(met.any(axis=1), shape[1] - 1 - np.argmax(met[:, ::-1], axis=1), -1)
    above = decided[:, None] >= np.arange(shape[1])
    chance = chance_at_or_above(_thresholds(compiled), theta, se)
    side = theta >= _thresholds(compiled)
    return LevelTables(
        theta=rounded(found.theta, LOGIT_DECIMALS).tolist(),
        theta_se=rounded(found.se, LOGIT_DECIMALS).tolist(),
        score=scores.tolist(),
        score_se=rounded(score_se, SCORE_DECIMALS).tolist(),
        accuracy=rounded(accuracy(chance, side), CHANCE_DECIMALS).tolist(),
        consistency=rounded(consistency(chance), CHANCE_DECIMALS).tolist(),
        records=records.tolist(),
        unit_share=shares.tolist(),
        total=totals.tolist(),
        observed=observed.tolist(),
        eligibility=eligibility,
        met=met.tolist(),
        open=is_open.tolist(),
        reach=reach,
        level_accuracy=rounded(accuracy(reach, above), CHANCE_DECIMALS).tolist(),
        level_consistency=rounded(consistency(reach), CHANCE_DECIMALS).tolist(),
        level_chance=rounded(reach, CHANCE_DECIMALS).tolist(),
    )


def level_results(compiled: Compiled, tables: LevelTables, person: int) -> tuple[LevelResult, ...]:
    """Return one person's results at every level, levels upwards."""
    return tuple(_level(compiled, tables, person, level) for level in range(len(compiled.levels)))


def _level(compiled: Compiled, tables: LevelTables, person: int, level: int) -> LevelResult:
    rules, cut = compiled.rules[level], compiled.cuts[level]
    complete = all(tables.observed[person][column] for column in cut.used)
    is_open = tables.open[person][level]
    total = tables.total[person][level] if complete else None
    return LevelResult(
        level=rules.level,
        met=tables.met[person][level],
        open=is_open,
        components=tuple(_component(compiled, tables, person, level, c) for c in cut.used),
        total=total,
        total_cut=cut.total,
        total_met=None if cut.total is None else total is not None and total >= cut.total,
        eligibility=tables.eligibility[person][level],
        chance=tables.level_chance[person][level] if is_open else None,
        accuracy=tables.level_accuracy[person][level] if is_open else None,
        consistency=tables.level_consistency[person][level] if is_open else None,
    )


def _component(
    compiled: Compiled, tables: LevelTables, person: int, level: int, column: int
) -> ComponentResult:
    rules, code = compiled.rules[level], compiled.components[column]
    seen = tables.observed[person][column]
    cut = rules.cuts[code] if compiled.scheme.checks_components() else None
    score = tables.score[person][level][column] if seen else None
    sure = seen and cut is not None
    return ComponentResult(
        code=code,
        weight=rules.weights[code],
        theta=tables.theta[person][column] if seen else None,
        theta_se=tables.theta_se[person][column] if seen else None,
        score=score,
        se=tables.score_se[person][level][column] if seen else None,
        cut=cut,
        met=None if cut is None else score is not None and score >= cut,
        accuracy=tables.accuracy[person][level][column] if sure else None,
        consistency=tables.consistency[person][level][column] if sure else None,
        records=tables.records[person][level][column],
        min_records=int(compiled.min_records[level, column]),
        unit_share=tables.unit_share[person][level][column],
        min_unit_share=rules.coverage[code].min_unit_share,
    )


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
    """Return persons × levels of weighted totals; NaN where a component was not observed."""
    total = np.zeros(score.shape[:2])
    for level, cut in enumerate(compiled.cuts):
        for column, weight in zip(cut.used, cut.weights, strict=True):
            total[:, level] += weight * score[:, level, column]
    return total


def _scores_met(
    compiled: Compiled,
    scores: Array,
    totals: Array,
    observed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether the rounded scores reach the cuts: what is shown is what is compared."""
    met = np.ones(totals.shape, dtype=bool)
    for level, (rules, cut) in enumerate(zip(compiled.rules, compiled.cuts, strict=True)):
        for column in cut.used:
            met[:, level] &= observed[:, column]
            if compiled.scheme.checks_components():
                met[:, level] &= scores[:, level, column] >= rules.cuts[compiled.components[column]]
        if cut.total is not None:
            met[:, level] &= totals[:, level] >= cut.total
    return met


def _thresholds(compiled: Compiled) -> Array:
    """Return levels × components of the abilities at the cuts; NaN where there is no cut."""
    table = np.full((len(compiled.levels), len(compiled.components)), np.nan)
    for level, cut in enumerate(compiled.cuts):
        for column, threshold in zip(cut.used, cut.thresholds, strict=True):
            table[level, column] = threshold if np.isfinite(threshold) else np.nan
    return table
