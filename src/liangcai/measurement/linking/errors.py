"""Standard errors of a link: from the errors of the parameters, or from the choice of common items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fit.free_parameters import parameter_vector, slots, with_parameters
from liangcai.measurement.linking.criteria import LinkMethod, LinkPlan, LinkUndefined, coefficients
from liangcai.measurement.linking.link import common_items, link_plan
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result

_STEP = 1e-4
_NAMES = {
    "delta": ("delta method from the parameters' covariances", "Ogasawara (2000, 2001)"),
    "jackknife": ("jackknife over common items", "Monseur & Berezner (2007); Robitzsch (2021)"),
    "bootstrap": (
        "bootstrap over common items",
        "Efron & Tibshirani (1993); Michaelides & Haertel (2014)",
    ),
}


@dataclass(frozen=True, slots=True)
class LinkError(Result):
    """
    Standard errors and covariance (2 × 2) of a link's slope and intercept.

    The delta method holds the common items fixed and lets persons vary; jackknife and bootstrap
    let the common items vary as if drawn from many. The two kinds add up where both matter.
    `slopes`, `intercepts`: the replications, empty for the delta method.
    """

    title: ClassVar[str] = "Standard errors of a link"

    slope: float
    intercept: float
    covariance: Array
    slopes: Array
    intercepts: Array
    method: str
    source: str

    def columns(self) -> dict[str, Any]:
        """Return slope and intercept with their standard errors."""
        return {
            "coefficient": ["slope", "intercept"],
            "estimate": [self.slope, self.intercept],
            "se": self.se,
        }

    @property
    def se(self) -> Array:
        """The standard errors of slope and intercept."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)), dtype=float)

    def se_at(self, theta: npt.ArrayLike) -> Array:
        """Return the linking error of a linked ability: `theta` on the scale linked from."""
        spots = np.asarray(theta, dtype=float)
        spread = self.covariance
        variance = spread[0, 0] * spots**2 + 2.0 * spread[0, 1] * spots + spread[1, 1]
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=float)


def parameter_link_error(
    source: ItemParameters,
    target: ItemParameters,
    *,
    source_covariance: npt.ArrayLike,
    target_covariance: npt.ArrayLike,
    method: LinkMethod = "stocking-lord",
    common: Sequence[str] | None = None,
    slope: float | None = None,
) -> LinkError:
    """
    Return the error that sampling of persons leaves in a link, from independent calibrations.

    Covariances are of `free_parameters.slots` of the whole calibration each (P × P). `common` names
    the items of the link where they are fewer than those of equal names (`Link.item`).

    Raises:
        LinkUndefined: no link exists, or a covariance has another size.
    """
    here, there = common_items(source, target, common)
    plan = link_plan(here, method=method, slope=slope)
    found = coefficients(here, there, plan)
    covariance = np.zeros((2, 2))
    for items, shared, given in (
        (source, here, source_covariance),
        (target, there, target_covariance),
    ):
        own = _common_part(items, shared, given)
        moved = np.empty((2, own.shape[0]))
        base = parameter_vector(shared)
        for place in range(base.size):
            nudge = np.zeros(base.size)
            nudge[place] = _STEP
            ends = []
            for sign in (1.0, -1.0):
                changed = with_parameters(shared, base + sign * nudge)
                pair = (changed, there) if shared is here else (here, changed)
                ends.append(np.array(coefficients(*pair, plan)))
            moved[:, place] = (ends[0] - ends[1]) / (2.0 * _STEP)
        covariance += moved @ own @ moved.T
    return _made(found, covariance, np.zeros((0, 2)), "delta")


def item_link_error(
    source: ItemParameters,
    target: ItemParameters,
    *,
    by: Literal["jackknife", "bootstrap"] = "jackknife",
    method: LinkMethod = "stocking-lord",
    common: Sequence[str] | None = None,
    slope: float | None = None,
    rng: np.random.Generator | None = None,
    replications: int = 500,
) -> LinkError:
    """
    Return the error that the choice of common items leaves in a link.

    The bootstrap needs `rng`; a draw of items that gives no link is drawn again. `common` names the
    items of the link where they are fewer than those of equal names (`Link.item`).

    Raises:
        LinkUndefined: no link exists, fewer than three common items, or a bootstrap without `rng`.
    """
    here, there = common_items(source, target, common)
    plan = link_plan(here, method=method, slope=slope)
    if here.count < 3:
        raise LinkUndefined(f"three or more common items are needed, not {here.count}")
    found = coefficients(here, there, plan)
    if by == "jackknife":
        every = np.arange(here.count)
        drawn = np.array([_at(here, there, plan, np.delete(every, place)) for place in every])
        spread = (drawn - drawn.mean(axis=0)) * np.sqrt((here.count - 1.0) / here.count)
        return _made(found, spread.T @ spread, drawn, by)
    if by != "bootstrap" or rng is None or replications < 2:
        raise LinkUndefined(
            f"errors by {by!r}: use 'jackknife', or 'bootstrap' with rng and 2 or more replications"
        )
    drawn = _bootstrapped(here, there, plan, rng, replications)
    return _made(found, np.cov(drawn.T), drawn, by)


def _bootstrapped(
    here: ItemParameters,
    there: ItemParameters,
    plan: LinkPlan,
    rng: np.random.Generator,
    replications: int,
) -> Array:
    drawn: list[tuple[float, float]] = []
    for _ in range(10 * replications):
        try:
            drawn.append(_at(here, there, plan, rng.integers(0, here.count, here.count)))
        except LinkUndefined:
            continue
        if len(drawn) == replications:
            return np.array(drawn)
    raise LinkUndefined("most draws of common items give no link: too few items carry it")


def _at(
    here: ItemParameters, there: ItemParameters, plan: LinkPlan, rows: Index
) -> tuple[float, float]:
    return coefficients(here.select(rows), there.select(rows), plan)


def _made(found: tuple[float, float], covariance: Array, drawn: Array, by: str) -> LinkError:
    return LinkError(
        slope=found[0],
        intercept=found[1],
        covariance=covariance,
        slopes=drawn[:, 0],
        intercepts=drawn[:, 1],
        method=_NAMES[by][0],
        source=_NAMES[by][1],
    )


def _common_part(items: ItemParameters, common: ItemParameters, given: npt.ArrayLike) -> Array:
    listed, covariance = slots(items), np.asarray(given, dtype=float)
    if covariance.shape != (len(listed), len(listed)):
        raise LinkUndefined(
            f"a covariance of {len(listed)} parameters needs that many rows and columns, "
            f"not {covariance.shape}"
        )
    rows = items.positions(common.names)
    places = [n for row in rows for n, slot in enumerate(listed) if slot.item == row]
    return covariance[np.ix_(places, places)]
