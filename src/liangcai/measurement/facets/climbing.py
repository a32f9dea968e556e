"""Maximising a many-facet likelihood: Newton steps in the centred space by conjugate gradients."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.facets.curvature import Curvature
from liangcai.measurement.facets.layout import Layout

_LONGEST_MOVE = 2.0
_HALVINGS = 14
_SOLVER_STEPS = 300
_SOLVED = 1e-4
#: A step this short changes the curvature too little for a new one to pay.
_SHORT = 0.02
_ROUNDING = 1e-11
#: Most climbs end within eight steps of the quick curvature; one that does not needs the true one.
_PATIENCE = 8


class Point(Protocol):
    """Value and gradient of the objective at one parameter vector."""

    @property
    def vector(self) -> Array:
        """The parameters."""

    @property
    def value(self) -> float:
        """The objective."""

    @property
    def gradient(self) -> Array:
        """Its gradient."""


P = TypeVar("P", bound=Point)


@dataclass(frozen=True, slots=True, eq=False)
class Climb(Generic[P]):
    """Where a climb ended, with the largest entry of the last Newton step and of the gradient."""

    point: P
    iterations: int
    last_step: float
    largest_gradient: float
    converged: bool
    ended: str


def solve(curvature: Curvature, target: Array, layout: Layout, *, tolerance: float) -> Array:
    """
    Return the centred solution of curvature · step = target.

    Conjugate gradients in the null space of the constraints with a diagonal preconditioner
    (Gould, Hribar & Nocedal, 2001); negative curvature ends it with the direction found so far.
    """
    precision = np.maximum(curvature.diagonal(), 1e-12)
    rest = layout.project(target)
    steered = layout.project(rest, precision=precision)
    step, way = np.zeros_like(target), steered.copy()
    size = float(rest @ steered)
    goal = tolerance**2 * size
    for _ in range(_SOLVER_STEPS):
        if size <= goal:
            break
        image = layout.project(curvature.times(way))
        along = float(way @ image)
        if along <= 0.0:
            return step if step.any() else steered
        step += (size / along) * way
        rest -= (size / along) * image
        steered = layout.project(rest, precision=precision)
        size, before = float(rest @ steered), size
        way = steered + (size / before) * way
    return step


def climb(
    evaluate: Callable[[Array, P], P],
    bend: Callable[[P], Curvature],
    exactly: Callable[[P], Curvature],
    start: P,
    *,
    layout: Layout,
    lowest: Array,
    tolerance: float,
    most: int,
) -> Climb[P]:
    """
    Return the highest point reached from `start` in at most `most` Newton steps.

    `evaluate` gets the vector and the point it is reached from; `bend` gives a
    quick curvature, `exactly` a slower and truer one for climbs that take long. No entry falls below
    `lowest`. Converged means: a full Newton step no longer than `tolerance`.
    """
    point, curvature, longest = start, bend(start), np.inf
    for iteration in range(most):
        held = held_at(layout, point, lowest)
        gradient = held.project(point.gradient)
        step = solve(curvature, gradient, held, tolerance=_SOLVED)
        longest, steepest = _largest(step), _largest(gradient)
        if longest <= tolerance:
            return Climb(point, iteration, longest, steepest, True, "")
        reached = _line_search(evaluate, point, step, lowest, rise=float(gradient @ step))
        if reached is None:
            ended = "no step along the Newton direction raised the likelihood"
            return Climb(point, iteration, longest, steepest, False, ended)
        point = reached
        if iteration >= _PATIENCE:
            curvature = exactly(point)
        elif longest > _SHORT:
            curvature = bend(point)
    steepest = _largest(held_at(layout, point, lowest).project(point.gradient))
    ended = f"it stopped at most_iterations={most}"
    return Climb(point, most, longest, steepest, False, ended)


def held_at(layout: Layout, point: Point, lowest: Array) -> Layout:
    """Return the layout with the entries fixed that lie on their bound and would go below it."""
    stuck = (point.vector <= lowest) & (point.gradient < 0.0)
    return replace(layout, fixed=layout.fixed | stuck) if stuck.any() else layout


def _line_search(
    evaluate: Callable[[Array, P], P], point: P, step: Array, lowest: Array, *, rise: float
) -> P | None:
    pace = min(1.0, _LONGEST_MOVE / _largest(step))
    slack = _ROUNDING * (abs(point.value) + 1.0)
    for _ in range(_HALVINGS):
        reached = evaluate(np.maximum(point.vector + pace * step, lowest), point)
        if reached.value >= point.value + 1e-4 * pace * rise - slack:
            return reached
        pace *= 0.5
    return None


def _largest(vector: Array) -> float:
    return float(np.abs(vector).max(initial=0.0))
