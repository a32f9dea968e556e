"""DIF by the likelihood ratio of item response models: an item's parameters equal, or free, between groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.fairness.comparison import flagged_names
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import Adjustment, adjusted, checked_level, tail


class FitsNotNested(LiangcaiError):
    """A model with a freed item does not contain the model without, or a fit did not converge."""

    code = "measurement.fits-not-nested"


class ItemsUnknown(LiangcaiError):
    """An item to test, or an anchor, is not among the responses."""

    code = "measurement.items-unknown"


class MultipleGroupFit(Protocol):
    """
    A maximum-likelihood fit in several groups with free latent means and variances.

    The parameters of the items named in `free_items` may differ between groups, all others are
    equal. Returns the maximised log-likelihood and the number of free parameters.
    """

    def __call__(self, responses: Responses, free_items: tuple[str, ...]) -> tuple[float, int]:
        """Fit and return log-likelihood and parameter count."""
        ...


@dataclass(frozen=True, slots=True)
class LikelihoodRatioDif(Result):
    """One row a tested item: twice the gain in log-likelihood when its parameters may differ by group."""

    title = "Differential item functioning: item response theory likelihood ratio"
    method = "Twice the gain in log-likelihood when the item's parameters are freed across groups"
    source = "Thissen, Steinberg & Wainer (1988, 1993); Woods (2009) on anchors"
    item: tuple[str, ...]
    anchors: tuple[str, ...]
    level: float
    adjustment: str
    chi2: Array
    df: Array
    p: Array
    p_adjusted: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a tested item."""
        return {
            "item": self.item,
            "chi2": self.chi2,
            "df": self.df,
            "p": self.p,
            "p_adjusted": self.p_adjusted,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int]:
        """Return anchors and flags."""
        return {"anchor items": len(self.anchors), "items flagged": len(self.flagged_items())}

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items whose adjusted p is at most the level, in test order."""
        return flagged_names(self.item, self.flagged)


def likelihood_ratio_dif(
    responses: Responses,
    fit: MultipleGroupFit,
    *,
    items: Sequence[str] | None = None,
    anchors: Sequence[str] | None = None,
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> LikelihoodRatioDif:
    """
    Test items one by one against `anchors` (None: all other items).

    The items that are no anchors are free in both models, except the one under test, which is
    equal in the smaller model. So DIF outside the anchors does not disturb a test; with
    `purified` the anchors can be found in rounds.

    Raises:
        FitsNotNested: the larger model fits worse than the smaller, or has no more parameters.
        ItemsUnknown: the responses have no item of a name in `items` or `anchors`.
        LevelImpossible: `level` is not between 0 and 1.
        AdjustmentUnknown: no adjustment has this name.
    """
    tested = responses.items if items is None else tuple(items)
    kept = responses.items if anchors is None else tuple(anchors)
    unknown = sorted({*tested, *kept} - set(responses.items))
    if unknown:
        raise ItemsUnknown(f"no item is called {', '.join(unknown)}; there are {responses.items}")
    suspects = tuple(name for name in responses.items if name not in kept)
    fits: dict[tuple[str, ...], tuple[float, int]] = {}

    def fitted(free: tuple[str, ...]) -> tuple[float, int]:
        if free not in fits:
            fits[free] = fit(responses, free)
        return fits[free]

    gains = []
    for name in tested:
        equal = tuple(other for other in suspects if other != name)
        free = tuple(other for other in responses.items if other == name or other in suspects)
        gains.append(_gain(name, fitted(equal), fitted(free)))
    chi2, df = np.array(gains, dtype=float).reshape(-1, 2).T
    p = tail(chi2, df)
    p_adjusted = adjusted(p, adjustment)
    return LikelihoodRatioDif(
        item=tested,
        anchors=kept,
        level=checked_level(level),
        adjustment=adjustment,
        chi2=chi2,
        df=df,
        p=p,
        p_adjusted=p_adjusted,
        flagged=p_adjusted <= level,
    )


def _gain(name: str, equal: tuple[float, int], free: tuple[float, int]) -> tuple[float, int]:
    gain, extra = 2.0 * (free[0] - equal[0]), free[1] - equal[1]
    # Two iterations that stop at a tolerance may differ by a little; more is no maximum likelihood.
    if extra < 1 or not gain >= -0.1:
        raise FitsNotNested(
            f"freeing item {name!r} changed the log-likelihood by {gain / 2:.4f} with {extra} "
            "more parameters: fit with a tighter tolerance"
        )
    return max(gain, 0.0), extra
