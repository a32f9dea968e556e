"""Slope and intercept between two calibrations: by moments, or by the distance of their curves."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import least_squares

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.models.curves import CategoryCurves, category_curves
from liangcai.measurement.models.items import ItemParameters

_FLAT = 1e-6
LinkMethod = Literal["mean-mean", "mean-sigma", "haebara", "stocking-lord"]


class LinkUndefined(LiangcaiError):
    """Two calibrations cannot be linked as asked: too few or unequal common items, or no spread."""

    code = "measurement.link-undefined"


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """
    How a link is found: the method, the abilities and weights where curves are compared, a kept slope.

    `theta` and `weights` lie on the scale linked to; if `backward` is given (abilities and
    weights on the scale linked from), the criterion is symmetric. `slope` is None where it is free.
    """

    method: LinkMethod
    theta: Array
    weights: Array
    backward: tuple[Array, Array] | None = None
    slope: float | None = None


def coefficients(
    source: ItemParameters, target: ItemParameters, plan: LinkPlan
) -> tuple[float, float]:
    """
    Return slope and intercept that bring the common items `source` to the scale of `target`.

    Raises:
        LinkUndefined: moments of nominal items are asked for, or no search ended in a minimum.
    """
    if plan.method in {"mean-mean", "mean-sigma"}:
        return by_moments(source, target, plan.method, plan.slope)
    starts = [(plan.slope or 1.0, 0.0)]
    # Nominal items and slopes around 0 have no moments to start from; curves need none.
    with suppress(LinkUndefined):
        starts.append(by_moments(source, target, "mean-mean", plan.slope))
    ends = [_closest(source, target, plan, start) for start in starts]
    found = [end for end in ends if end is not None]
    if not found:
        raise LinkUndefined(
            "no slope and intercept bring the common items' curves together: items that run "
            "against one another, or abilities of comparison too few or too far away"
        )
    slope, intercept, _ = min(found, key=lambda one: one[2])
    return slope, intercept


def by_moments(
    source: ItemParameters, target: ItemParameters, method: LinkMethod, slope: float | None
) -> tuple[float, float]:
    """Return mean–mean (Loyd & Hoover, 1980) or mean–sigma (Marco, 1977) coefficients."""
    if any(model == "nominal" for model in source.models):
        raise LinkUndefined("nominal items have no difficulties to average: use a curve method")
    steps = np.isfinite(source.b)
    here, there = source.b[steps], target.b[steps]
    if slope is None and method == "mean-mean":
        slope = float(source.a.mean() / target.a.mean())
    elif slope is None:
        if not (np.std(here) > 0.0 and np.std(there) > 0.0):
            raise LinkUndefined(
                "the common difficulties do not vary: mean–sigma has no slope; use another method "
                "or keep the slope"
            )
        slope = float(np.std(there) / np.std(here))
    if not (np.isfinite(slope) and slope > 0.0):
        raise LinkUndefined(f"the common items give a slope of {slope:g}, which is no scale")
    return slope, float(there.mean() - slope * here.mean())


def curve_distances(
    source: ItemParameters, target: ItemParameters, plan: LinkPlan, slope: float, intercept: float
) -> tuple[Array, Array]:
    """Return each item's root mean squared and mean difference of expected scores, as shares of the highest."""
    here = category_curves(source, (plan.theta - intercept) / slope).expected_score()
    gap = (category_curves(target, plan.theta).expected_score() - here) / source.steps[:, None]
    share = plan.weights / plan.weights.sum()
    return np.sqrt(gap**2 @ share), gap @ share


def _compared(curves: CategoryCurves, method: LinkMethod) -> Array:
    return curves.probability if method == "haebara" else curves.expected_score()[:, None, :]


def _slopes(curves: CategoryCurves, method: LinkMethod) -> Array:
    if method == "haebara":
        return curves.slope
    scores = np.arange(curves.slope.shape[1], dtype=float)
    return np.asarray(np.einsum("k,jkq->jq", scores, curves.slope)[:, None, :], dtype=float)


def _pooled(values: Array, method: LinkMethod) -> Array:
    """Keep items apart (Haebara) or add them to the test's score (Stocking & Lord)."""
    return values if method == "haebara" else values.sum(axis=0, keepdims=True)


def _closest(
    source: ItemParameters, target: ItemParameters, plan: LinkPlan, start: tuple[float, float]
) -> tuple[float, float, float] | None:
    """
    Minimise the weighted sum of squared differences by Levenberg–Marquardt with exact derivatives.

    Returns slope, intercept and the sum, or None where the search ran off to where all is flat.
    """
    forward = _compared(category_curves(target, plan.theta), plan.method)
    backward = None
    if plan.backward is not None:
        backward = _compared(category_curves(source, plan.backward[0]), plan.method)
    kept = plan.slope

    def at(x: Array) -> tuple[Array, Array]:
        slope, intercept = (np.exp(x[0]), x[1]) if kept is None else (kept, x[0])
        place = (plan.theta - intercept) / slope
        curves = category_curves(source, place)
        rise = _slopes(curves, plan.method)
        root = np.sqrt(plan.weights / plan.weights.sum())
        gap = _pooled(forward - _compared(curves, plan.method), plan.method) * root
        turn = [_pooled(rise * move, plan.method) * root for move in (place, 1.0 / slope)]
        gaps, turns = [gap.ravel()], [np.stack([part.ravel() for part in turn], axis=1)]
        if plan.backward is not None and backward is not None:
            theta, weights = plan.backward
            curves = category_curves(target, slope * theta + intercept)
            rise, root = _slopes(curves, plan.method), np.sqrt(weights / weights.sum())
            gap = _pooled(_compared(curves, plan.method) - backward, plan.method) * root
            turn = [_pooled(rise * move, plan.method) * root for move in (slope * theta, 1.0)]
            gaps.append(gap.ravel())
            turns.append(np.stack([part.ravel() for part in turn], axis=1))
        jacobian = np.concatenate(turns)
        return np.concatenate(gaps), jacobian if kept is None else jacobian[:, 1:]

    first = np.array([np.log(start[0]), start[1]] if kept is None else [start[1]])
    if at(first)[0].size < first.size:
        return None
    # A step too long ends where every curve is flat; what was found there is turned down below.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        try:
            found = least_squares(
                lambda x: at(x)[0],
                first,
                jac=lambda x: at(x)[1],
                method="lm",
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
            )
        except ValueError:  # a residual that is no number
            return None
        slope, intercept = (np.exp(found.x[0]), found.x[1]) if kept is None else (kept, found.x[0])
        turn = found.jac.copy()
        turn[:, -1] *= slope
    if found.status < 1 or not np.isfinite(turn).all():
        return None
    if np.linalg.svd(turn, compute_uv=False)[-1] < _FLAT:
        return None
    return float(slope), float(intercept), float(2.0 * found.cost)
