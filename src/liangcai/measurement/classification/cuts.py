"""How sure a classification by cuts is, from estimates and their standard errors.

The unknown true abilities are taken as independent N(estimate, se²) (Rudner, 2001, 2005). With φ
the probability of lying at or above a cut, the accuracy of the observed side is φ above the cut
and 1 − φ below it; a second, parallel measurement would agree with the first with probability
φ² + (1 − φ)² (Lee, Hanson & Brennan, 2002; Lee, 2010).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.classification.lattice import normal_lattice
from liangcai.measurement.normal import normal_cdf
from liangcai.measurement.scales import score_of

#: Persons whose lattices are held at once: some megabytes, near the processor.
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class LevelRule:
    """When an ability vector (one entry per component) earns a level.

    `used` are the columns that count, `thresholds` their lowest abilities (−∞ where the rule
    sets no cut of their own), `weights` their shares of the total (summing to 1), `total` the
    lowest weighted score or None, `location` and `slope` the score map of the level.
    """

    used: tuple[int, ...]
    thresholds: tuple[float, ...]
    weights: tuple[float, ...]
    total: float | None
    location: float
    slope: float

    def total_can_bind(self) -> bool:
        """Whether an ability vector can pass every cut of its own and still miss the total."""
        if self.total is None:
            return False
        at_cuts = score_of(np.array(self.thresholds), location=self.location, slope=self.slope)
        return float(at_cuts @ np.array(self.weights)) < self.total - 1e-9


def chance_at_or_above(threshold: Array, theta: Array, se: Array) -> Array:
    """Return φ: the probability that the true ability lies at or above `threshold`."""
    return normal_cdf((theta - threshold) / se)


def accuracy(chance: Array, above: Flags) -> Array:
    """Return the probability that the true side of a cut is the observed one (Rudner, 2001)."""
    return np.where(above, chance, 1.0 - chance)


def consistency(chance: Array) -> Array:
    """Return the probability that two parallel measurements fall on one side (Lee, 2010)."""
    return np.asarray(chance**2 + (1.0 - chance) ** 2, dtype=float)


def chance_of_reaching(
    rules: Sequence[LevelRule], theta: Array, se: Array, reachable: Flags
) -> Array:
    """Return P(true classification is level k or higher), persons × levels upwards.

    `theta` and `se` are persons × components (NaN where nothing was observed), `reachable` says
    which levels conditions other than ability leave open; a closed level is never the true one.
    Exact products of normal probabilities when the levels are nested and no total can bind
    beyond the cuts; otherwise the share of a fixed lattice of 8,191 points.
    """
    if are_nested(rules):
        met = _product_chances(rules, theta, se)
    else:
        return _lattice_chances(rules, theta, se, reachable)
    met = np.where(reachable, met, 0.0)
    # Nested: reaching k or higher is reaching the lowest open level from k upwards.
    for level in range(len(rules) - 2, -1, -1):
        met[:, level] = np.where(reachable[:, level], met[:, level], met[:, level + 1])
    return met


def are_nested(rules: Sequence[LevelRule]) -> bool:
    """Whether meeting a level's cuts implies meeting those of every lower one, totals aside."""
    if any(rule.total_can_bind() for rule in rules):
        return False
    for lower, upper in itertools.pairwise(rules):
        above = dict(zip(upper.used, upper.thresholds, strict=True))
        for column, threshold in zip(lower.used, lower.thresholds, strict=True):
            if above.get(column, -np.inf) < threshold:
                return False
    return True


def chance_of_all(thresholds: Array, *, theta: Array, se: Array) -> Array:
    """Return each person's chance that every true ability reaches its threshold, errors independent.

    `theta` and `se` are persons × components; what was not observed (NaN) is never reached.
    """
    chances = chance_at_or_above(thresholds, theta, se)
    return np.asarray(np.where(np.isnan(chances), 0.0, chances).prod(axis=1), dtype=float)


def _product_chances(rules: Sequence[LevelRule], theta: Array, se: Array) -> Array:
    met = np.ones((theta.shape[0], len(rules)))
    for level, rule in enumerate(rules):
        columns = list(rule.used)
        met[:, level] = chance_of_all(
            np.array(rule.thresholds), theta=theta[:, columns], se=se[:, columns]
        )
    return met


def _lattice_chances(
    rules: Sequence[LevelRule], theta: Array, se: Array, reachable: Flags
) -> Array:
    points = normal_lattice(theta.shape[1])
    chances = np.zeros((theta.shape[0], len(rules)))
    for start in range(0, theta.shape[0], _BLOCK):
        block = slice(start, start + _BLOCK)
        abilities = theta[block, None] + se[block, None] * points
        reached = np.zeros(abilities.shape[:2], dtype=bool)
        for level in range(len(rules) - 1, -1, -1):
            reached |= _meets(rules[level], abilities) & reachable[block, level, None]
            chances[block, level] = reached.mean(axis=1)
    return chances


def _meets(rule: LevelRule, abilities: Array) -> Flags:
    """Whether each ability vector, along the last axis, earns the level (NaN, not observed: never)."""
    used = abilities[..., list(rule.used)]
    met = (used >= np.array(rule.thresholds)).all(axis=-1)
    if rule.total is not None:
        scores = score_of(used, location=rule.location, slope=rule.slope)
        met &= scores @ np.array(rule.weights) >= rule.total
    return np.asarray(met, dtype=bool)
