"""How likely Mantel–Haenszel finds DIF of a given size, and how many persons that takes."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, expit, ndtr

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.mantel_haenszel import DELTA
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

_REACH, _NODES = 6.0, 121
_LEAST_VARIANCE = 1e-9
_MOST_PERSONS = 10**12


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
    """
    One row a true effect Δ: the chance that the Mantel–Haenszel χ² is significant at `level`.

    The χ² is the one with the continuity correction, as in `mantel_haenszel`; `noncentrality` is
    that of the χ² without it. At Δ = 0 the correction keeps the chance below the level.
    """

    title = "Power of the Mantel–Haenszel test"
    method = (
        "Normal approximation of the continuity-corrected statistic by its expected value and its "
        "variance given the margins, persons matched exactly by ability"
    )
    source = "Large-sample theory of Mantel & Haenszel (1959)"
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
        PowerUndefined: a group is empty, an effect or a parameter of the item is not finite, or
            the item is so easy or hard that everybody answers alike.
        LevelImpossible: `level` is not between 0 and 1.
    """
    effects = np.atleast_1d(np.asarray(delta, dtype=float))
    sizes = np.array([reference_count, focal_count], dtype=float)
    if not (np.isfinite(sizes) & (sizes > 0)).all() or not np.isfinite(effects).all():
        raise PowerUndefined("both groups need persons, and effects must be finite")
    gap, variance = _moments(reference_count, focal_count, effects, item or StudiedItem())
    bound = np.sqrt(float(chdtri(1.0, checked_level(level))))
    return DifPower(
        reference_count=float(reference_count),
        focal_count=float(focal_count),
        level=level,
        delta=effects,
        noncentrality=gap**2 / variance,
        power=_rejected(gap, variance, bound),
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
            not above the level and below 1; or no sample is large enough.
        LevelImpossible: `level` is not between 0 and 1.
    """
    if not (level < power < 1.0 and delta and np.isfinite(delta) and reference_per_focal > 0):
        raise PowerUndefined(
            "a sample size needs an effect other than 0, a positive ratio and level < power < 1"
        )
    bound = np.sqrt(float(chdtri(1.0, checked_level(level))))
    gap, variance = _moments(
        reference_per_focal, 1.0, np.array([delta], dtype=float), item or StudiedItem()
    )

    def is_enough(focal_count: int) -> bool:
        return bool(_rejected(focal_count * gap, focal_count * variance, bound)[0] >= power)

    enough = 1
    while not is_enough(enough):
        enough *= 2
        if enough > _MOST_PERSONS:
            raise PowerUndefined(f"an effect of {delta:g} is too small to be found by any sample")
    short = enough // 2
    while enough - short > 1:
        middle = (enough + short) // 2
        short, enough = (short, middle) if is_enough(middle) else (middle, enough)
    return enough


def _rejected(gap: Array, variance: Array, bound: float) -> Array:
    """Return the chance that (|statistic| − ½) / √variance exceeds the bound."""
    root = np.sqrt(variance)
    near, far = (np.abs(gap) - 0.5) / root, (-np.abs(gap) - 0.5) / root
    return np.asarray(ndtr(near - bound) + ndtr(far - bound), dtype=float)


def _moments(
    reference: float, focal: float, delta: Array, item: StudiedItem
) -> tuple[Array, Array]:
    """
    Return expected surplus and variance of the reference group's right answers, margins given.

    Raises:
        PowerUndefined: nobody's answer to the item is in doubt, or a parameter is not finite.
    """
    if not np.isfinite([item.difficulty, item.slope, item.impact]).all():
        raise PowerUndefined(f"the parameters of the item must be finite: {item}")
    nodes = np.linspace(-_REACH, _REACH, _NODES) - 0.5 * item.impact
    at = np.exp(-0.5 * np.stack([nodes, nodes + item.impact]) ** 2)
    sizes = at / at.sum(axis=1, keepdims=True) * np.array([[reference], [focal]])
    z = item.slope * (nodes - item.difficulty)
    right, focal_right = expit(z), expit(z - (delta / DELTA)[:, None])
    both = sizes.sum(axis=0)
    compared = sizes[0] * sizes[1] / both
    pooled = (sizes[0] * right + sizes[1] * focal_right) / both
    gap = (compared * (right - focal_right)).sum(axis=1)
    variance = (compared * pooled * (1.0 - pooled)).sum(axis=1)
    if not (variance > _LEAST_VARIANCE * min(reference, focal)).all():
        raise PowerUndefined(
            f"at difficulty {item.difficulty:g} everybody answers alike: the item shows no DIF"
        )
    return gap, variance
