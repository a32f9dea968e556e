"""Differential test functioning: what item-level differences do to expected scores of the whole test."""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.models.curves import expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result

_REACH, _NODES = 6.0, 121


class ScalesDiffer(LiangcaiError):
    """The items of two groups are not the same items, or the ability distribution is not one."""

    code = "measurement.scales-differ"


@dataclass(frozen=True, slots=True)
class FunctioningDifference(Result):
    """
    One row an item: focal minus reference expected score, in score points, averaged over ability.

    `signed` lets differences of opposite sign cancel, `unsigned` does not; `squared` is the mean
    squared difference (NCDIF). The facts say the same of the whole test, where items cancel too:
    `largest` is the largest difference of expected total scores, at ability `largest_at`.
    """

    title = "Differential test functioning"
    method = "Expected scores at equal ability, averaged over a normal ability distribution"
    source = "Raju, van der Linden & Fleer (1995); Meade (2010); Chalmers, Counsell & Flora (2016)"
    item: tuple[str, ...]
    signed: Array
    unsigned: Array
    squared: Array
    test_signed: float
    test_unsigned: float
    test_squared: float
    largest: float
    largest_at: float
    highest_score: float
    mean: float
    deviation: float

    def columns(self) -> dict[str, tuple[str, ...] | Array]:
        """Return one row an item."""
        return {
            "item": self.item,
            "signed": self.signed,
            "unsigned": self.unsigned,
            "squared": self.squared,
        }

    def facts(self) -> dict[str, float | str]:
        """Return the differences of the whole test."""
        return {
            "signed difference of the test": self.test_signed,
            "unsigned difference of the test": self.test_unsigned,
            "share of the highest score": self.test_unsigned / self.highest_score,
            "largest difference": self.largest,
            "at ability": self.largest_at,
            "ability": f"normal, mean {self.mean:g}, sd {self.deviation:g}",
        }


def differential_test_functioning(
    reference: ItemParameters, focal: ItemParameters, *, mean: float = 0.0, deviation: float = 1.0
) -> FunctioningDifference:
    """
    Compare expected scores of two calibrations of the same items on one scale.

    Ability is normal with `mean` and `deviation` (take the focal group's, in logits). The two sets
    must be linked first; without, impact looks like differential functioning.

    Raises:
        ScalesDiffer: item names or highest scores differ, there is no item, or the deviation is
            not positive.
    """
    if reference.names != focal.names or not np.array_equal(reference.steps, focal.steps):
        raise ScalesDiffer("both groups need the same items in the same order with the same scores")
    if not reference.count or not (deviation > 0 and np.isfinite([mean, deviation]).all()):
        raise ScalesDiffer("a comparison needs an item, a finite mean and a positive deviation")
    standard = np.linspace(-_REACH, _REACH, _NODES)
    weight = np.exp(-0.5 * standard**2)
    weight /= weight.sum()
    theta = mean + deviation * standard
    gap = expected_scores(focal, theta) - expected_scores(reference, theta)
    total = gap.sum(axis=0)
    widest = int(np.argmax(np.abs(total)))
    return FunctioningDifference(
        item=reference.names,
        signed=gap @ weight,
        unsigned=np.abs(gap) @ weight,
        squared=gap**2 @ weight,
        test_signed=float(total @ weight),
        test_unsigned=float(np.abs(total) @ weight),
        test_squared=float(total**2 @ weight),
        largest=float(total[widest]),
        largest_at=float(theta[widest]),
        highest_score=float(reference.steps.sum()),
        mean=mean,
        deviation=deviation,
    )
