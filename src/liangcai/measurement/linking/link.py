"""Linking two calibrations through the items they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.linking.criteria import (
    LinkMethod,
    LinkPlan,
    LinkUndefined,
    coefficients,
    curve_distances,
)
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import require_one_ability

_METHODS = {
    "mean-mean": ("mean of slopes and of difficulties", "Loyd & Hoover (1980)"),
    "mean-sigma": ("mean and standard deviation of difficulties", "Marco (1977)"),
    "haebara": ("squared differences of category curves", "Haebara (1980); Kim & Lee (2006)"),
    "stocking-lord": (
        "squared differences of the test characteristic curve",
        "Stocking & Lord (1983); Baker (1992)",
    ),
}
_FIXED_SLOPES = {"rasch", "rsm", "pcm"}


@dataclass(frozen=True, slots=True)
class Link(Result):
    """
    The map from one calibration's scale to another's: new theta = slope·theta + intercept.

    Per common item: `rmsd`, the weighted root mean squared difference of expected scores after linking,
    as a share of the item's highest score, and `bias`, the weighted mean difference, target less
    linked source, as such a share: above 0 the item has become easier.
    """

    title: ClassVar[str] = "Link of two calibrations"

    slope: float
    intercept: float
    slope_kept: bool
    symmetric: bool
    item: tuple[str, ...]
    rmsd: Array
    bias: Array
    method: str
    source: str

    @property
    def transformation(self) -> Transformation:
        """The map itself, for items and persons."""
        return Transformation(self.slope, self.intercept)

    def columns(self) -> dict[str, Any]:
        """Return each common item with its rmsd and bias."""
        return {"item": self.item, "rmsd": self.rmsd, "bias": self.bias}

    def facts(self) -> dict[str, Any]:
        """Return slope, intercept and what was kept."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "slope kept": self.slope_kept,
            "symmetric": self.symmetric,
            "common items": len(self.item),
        }


def link(
    source: ItemParameters,
    target: ItemParameters,
    *,
    method: LinkMethod = "stocking-lord",
    common: Sequence[str] | None = None,
    theta: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    backward: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    slope: float | None = None,
) -> Link:
    """
    Return the link that brings `source` to the scale of `target`.

    Items with equal names are common, unless `common` names fewer. Curve methods compare at
    `theta` (on the target's scale) with `weights`; by default 81 even points from −6 to 6 with
    standard normal weights. `backward`, abilities and weights on the source's scale, makes the criterion
    symmetric. `slope` keeps a slope; it is kept at 1 where every common item is of a Rasch model.

    Raises:
        LinkUndefined: no common items, unlike models, bad weights, or nothing that fixes slope and
            intercept (difficulties that do not vary, curves that do not meet).
        SeveralAbilities: the common items measure several dimensions.
    """
    if method not in _METHODS:
        raise LinkUndefined(f"no linking method is called {method!r}; use {', '.join(_METHODS)}")
    here, there = common_items(source, target, common)
    plan = link_plan(
        here, method=method, theta=theta, weights=weights, backward=backward, slope=slope
    )
    return made_link(here, there, plan)


def made_link(here: ItemParameters, there: ItemParameters, plan: LinkPlan) -> Link:
    """Return the link of common items in like order under a plan."""
    slope, intercept = coefficients(here, there, plan)
    rmsd, bias = curve_distances(here, there, plan, slope, intercept)
    return Link(
        slope=slope,
        intercept=intercept,
        slope_kept=plan.slope is not None,
        symmetric=plan.backward is not None,
        item=here.names,
        rmsd=rmsd,
        bias=bias,
        method=f"{plan.method}: {_METHODS[plan.method][0]}",
        source=_METHODS[plan.method][1],
    )


def common_items(
    source: ItemParameters, target: ItemParameters, common: Sequence[str] | None
) -> tuple[ItemParameters, ItemParameters]:
    """
    Return the items of both calibrations that carry the link, in one order.

    Raises:
        LinkUndefined: there are none, one is named twice, or has another family or number of scores
            in the target.
        SeveralAbilities: they measure several dimensions.
    """
    shared = set(source.names) & set(target.names)
    names = [name for name in source.names if name in shared] if common is None else list(common)
    missing = [name for name in names if name not in shared]
    if missing or not names:
        what = f"item {missing[0]!r} is not in both calibrations" if missing else "no common items"
        raise LinkUndefined(f"{what}: name the same items alike in both")
    twice = [
        name
        for name in names
        if max(listed.count(name) for listed in (names, source.names, target.names)) > 1
    ]
    if twice:
        raise LinkUndefined(f"item {twice[0]!r} is named more than once: leave one of that name")
    here, there = source.select(source.positions(names)), target.select(target.positions(names))
    require_one_ability(here)
    require_one_ability(there)
    for place, name in enumerate(names):
        families = FAMILY_OF[here.models[place]], FAMILY_OF[there.models[place]]
        if families[0] != families[1] or here.steps[place] != there.steps[place]:
            raise LinkUndefined(
                f"item {name!r} is {here.models[place]} with scores 0 to {here.steps[place]} in one "
                f"calibration, {there.models[place]} with 0 to {there.steps[place]} in the other"
            )
    width = int(here.steps.max())
    return _trimmed(here, width), _trimmed(there, width)


def link_plan(
    here: ItemParameters,
    *,
    method: LinkMethod,
    theta: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    backward: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    slope: float | None = None,
) -> LinkPlan:
    """Return the plan that arguments of `link` describe, with its defaults filled in."""
    spots = np.linspace(-6.0, 6.0, 81) if theta is None else np.asarray(theta, dtype=float).ravel()
    share = np.exp(-0.5 * spots**2) if weights is None else np.asarray(weights, dtype=float).ravel()
    pairs = [(spots, share)]
    if backward is not None:
        pairs.append(
            (np.asarray(backward[0], float).ravel(), np.asarray(backward[1], float).ravel())
        )
    for place, weight in pairs:
        fits = place.size == weight.size > 0 and np.isfinite(place).all()
        if not fits or not np.isfinite(weight).all() or (weight < 0).any() or weight.sum() <= 0:
            raise LinkUndefined("abilities and weights: one finite weight ≥ 0 each, not all 0")
    if slope is not None and not (np.isfinite(slope) and slope > 0.0):
        raise LinkUndefined(f"a kept slope must be positive, not {slope:g}")
    rasch = all(model in _FIXED_SLOPES for model in here.models)
    return LinkPlan(
        method=method,
        theta=spots,
        weights=share,
        backward=None if backward is None else pairs[1],
        slope=1.0 if slope is None and rasch else slope,
    )


def _trimmed(items: ItemParameters, width: int) -> ItemParameters:
    """Return items without padding beyond `width` steps, so that two calibrations have one shape."""
    return ItemParameters(
        items.names,
        items.models,
        items.a,
        items.b[:, :width],
        items.c,
        items.d,
        items.category_slopes[:, :width],
        items.dimension,
    )
