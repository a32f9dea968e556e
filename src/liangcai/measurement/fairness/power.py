"""How likely Mantel–Haenszel finds DIF of a given size, and how many persons that takes."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, chndtr, chndtrinc, expit

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.mantel_haenszel import DELTA
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

_REACH, _NODES = 6.0, 121


class PowerUndefined(LiangcaiError):
    """Group sizes, effect or wanted power leave nothing to compute."""

    code = "measurement.power-undefined"


@dataclass(frozen=True, slots=True)
class StudiedItem:
    """
    An item under study and the abilities it meets.

    `difficulty` and `slope` of a 2PL item (D = 1) in the reference group; `impact`: how many
    logits the focal group's mean ability lies below the reference group's (both with
    deviation 1).
    """

    difficulty: float = 0.0
    slope: float = 1.0
    impact: float = 0.0


@dataclass(frozen=True, slots=True)
class DifPower(Result):
    """One row a true effect Δ: the chance that the Mantel–Haenszel χ² is significant at `level`."""

    title = "Power of the Mantel–Haenszel test"
    method = (
        "Non-central χ² with 1 df; non-centrality is the squared log odds ratio over its "
        "large-sample variance, persons matched exactly by ability"
    )
    source = "Large-sample theory of Mantel & Haenszel (1959); Hauck (1979)"
    reference_count: float
    focal_count: float
    level: float
    delta: Array
    noncentrality: Array
    power: Array

    def columns(self) -> dict[str, Array]:
        """Return one row an effect."""
        return {"delta": self.delta, "noncentrality": self.noncentrality, "power": self.power}

    def facts(self) -> dict[str, float]:
        """Return group sizes and level."""
        return {
            "reference group": self.reference_count,
            "focal group": self.focal_count,
            "level": self.level,
        }


def dif_power(
    *,
    reference_count: float,
    focal_count: float,
    delta: float | Array,
    item: StudiedItem | None = None,
    level: float = 0.05,
) -> DifPower:
    """
    Return the power for true effects `delta` (ETS metric; below 0 is harder for the focal group).

    The matching score of a real test is less exact than the ability itself: with fewer than about
    20 items, or with impact, take the answer as an upper bound and simulate.

    Raises:
        PowerUndefined: a group is empty, or an effect is not finite.
        LevelImpossible: `level` is not between 0 and 1.
    """
    effects = np.atleast_1d(np.asarray(delta, dtype=float))
    if min(reference_count, focal_count) <= 0 or not np.isfinite(effects).all():
        raise PowerUndefined("both groups need persons, and effects must be finite")
    rate = _information(reference_count, focal_count, effects, item or StudiedItem())
    noncentrality = (effects / DELTA) ** 2 * rate
    bound = float(chdtri(1.0, checked_level(level)))
    return DifPower(
        reference_count=float(reference_count),
        focal_count=float(focal_count),
        level=level,
        delta=effects,
        noncentrality=noncentrality,
        power=1.0 - np.asarray(chndtr(bound, 1.0, noncentrality), dtype=float),
    )


def focal_count_for(
    *,
    delta: float,
    power: float = 0.8,
    reference_per_focal: float = 1.0,
    item: StudiedItem | None = None,
    level: float = 0.05,
) -> int:
    """
    Return the smallest focal group for which DIF of `delta` is found with probability `power`.

    Raises:
        PowerUndefined: the effect is 0 or not finite, the ratio is not positive, or the power is
            not above the level and below 1.
        LevelImpossible: `level` is not between 0 and 1.
    """
    if not (level < power < 1.0 and delta and np.isfinite(delta) and reference_per_focal > 0):
        raise PowerUndefined(
            "a sample size needs an effect other than 0, a positive ratio and level < power < 1"
        )
    bound = float(chdtri(1.0, checked_level(level)))
    needed = float(chndtrinc(bound, 1.0, 1.0 - power))
    effect = np.array([delta], dtype=float)
    per_focal = _information(reference_per_focal, 1.0, effect, item or StudiedItem())[0]
    return int(np.ceil(needed / ((delta / DELTA) ** 2 * per_focal)))


def _information(reference: float, focal: float, delta: Array, item: StudiedItem) -> Array:
    """Return 1 / variance of the log odds ratio, persons spread over exact ability strata."""
    nodes = np.linspace(-_REACH, _REACH, _NODES) - 0.5 * item.impact
    at = np.exp(-0.5 * np.stack([nodes, nodes + item.impact]) ** 2)
    sizes = at / at.sum(axis=1, keepdims=True) * np.array([[reference], [focal]])
    z = item.slope * (nodes - item.difficulty)
    right = expit(z)
    focal_right = expit(z - (delta / DELTA)[:, None])
    # One stratum's log odds ratio has variance 1/(n p q) in each group; strata add information.
    one, other = sizes[0] * right * (1.0 - right), sizes[1] * focal_right * (1.0 - focal_right)
    return np.asarray((one * other / (one + other)).sum(axis=1), dtype=float)
