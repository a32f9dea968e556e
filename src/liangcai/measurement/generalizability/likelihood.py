"""The search for variance components that are at least 0 and most likely."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags

_HALVINGS = 20


class ComponentsNotFound(LiangcaiError):
    """The restricted likelihood could not be maximised."""

    code = "measurement.components-not-found"


@dataclass(frozen=True, slots=True)
class Point:
    """The restricted log-likelihood of components, its slope (E) and its information (E × E)."""

    value: float
    slope: Array
    information: Array


@dataclass(frozen=True, slots=True)
class Maximum:
    """The components found (E), the point there, and which are held at 0 because the slope points below it."""

    components: Array
    point: Point
    held: Flags
    iterations: int


def maximise(
    likelihood: Callable[[Array], Point], start: Array, *, tolerance: float, most: int
) -> Maximum:
    """
    Return the components with the highest likelihood, each at least 0, the residual above 0.

    Newton steps with the (average or expected) information over the components that are not held at
    0, shortened until the likelihood rises; where no such step rises, an EM step, which always does
    (Gilmour, Thompson & Cullis, 1995; Dempster, Laird & Rubin, 1977). It has converged when a full
    step would change no component by more than `tolerance` of their sum.

    Raises:
        ComponentsNotFound: not within `most` iterations.
    """
    components, floor = start.copy(), 1e-8 * float(start.sum())
    point = likelihood(components)
    for iteration in range(most):
        held = (components <= 0.0) & (point.slope <= 0.0)
        step = _step(point, held)
        # A step that leads out of the region is judged by what is left of it inside.
        moved = np.maximum(components + step, 0.0) - components
        if np.abs(moved).max() <= tolerance * components.sum():
            return Maximum(components, point, held, iteration)
        components, point = _risen(likelihood, components, point, step, floor)
    raise ComponentsNotFound(
        f"no maximum of the restricted likelihood within {most} iterations "
        f"(components {np.round(components, 6).tolist()}): raise `iterations`"
    )


def _step(point: Point, held: Flags) -> Array:
    free = ~held
    step = np.zeros(held.size)
    information = point.information[np.ix_(free, free)]
    ridge = 1e-10 * np.diag(np.diag(information))
    step[free] = np.linalg.solve(information + ridge, point.slope[free])
    return step


def _risen(
    likelihood: Callable[[Array], Point], components: Array, point: Point, step: Array, floor: float
) -> tuple[Array, Point]:
    length = 1.0
    for _ in range(_HALVINGS):
        tried = np.maximum(components + length * step, 0.0)
        tried[-1] = max(tried[-1], floor)
        new = likelihood(tried)
        if new.value >= point.value - 1e-12 * abs(point.value):
            return tried, new
        length *= 0.5
    # Along the slope scaled by the squared components: the direction of EM.
    tried = components + components**2 * point.slope / max(
        1.0, float(np.abs(components * point.slope).max())
    )
    return tried, likelihood(tried)
