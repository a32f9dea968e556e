"""Plans of a decision study: a design, an object of measurement, and numbers of conditions."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.generalizability.components import VarianceComponents
from liangcai.measurement.generalizability.design import Design, Effect, read_design

_MOST_PLANS = 1_000_000


class PlanInvalid(LiangcaiError):
    """The plan names facets or numbers that the design does not have."""

    code = "measurement.plan-invalid"


@dataclass(frozen=True, slots=True)
class Plan:
    """A design of a decision study; `becomes` is what each effect of the components turns into.

    `counted` are the facets that take numbers of conditions: all but the object and what nests it.
    """

    design: Design
    object: str
    fixed: Effect
    counted: tuple[str, ...]
    becomes: tuple[Effect, ...]

    def effects_of(self, grid: Array) -> tuple[Array, Array, Array]:
        """Return how much of each component enters universe, relative and absolute error (plans × E)."""
        objects = self.design.closure(frozenset({self.object}))
        weights = self.weights(grid)
        random = np.array([bool(effect - objects - self.fixed) for effect in self.becomes])
        bears = np.array([bool(effect & objects) for effect in self.becomes])
        return weights * (bears & ~random), weights * (bears & random), weights * random

    def weights(self, grid: Array) -> Array:
        """Return one over the number of conditions that each effect is averaged over (plans × E)."""
        divisors = [
            np.prod([grid[:, k] for k, name in enumerate(self.counted) if name in effect], axis=0)
            * np.ones(len(grid))
            for effect in self.becomes
        ]
        return 1.0 / np.stack(divisors, axis=1)


def plan_of(
    components: VarianceComponents, chosen: str | None, notation: str | None, fixed: Sequence[str]
) -> Plan:
    """Return the plan of a decision study from components, or raise `PlanInvalid`."""
    studied = read_design(components.design)
    planned = studied if notation is None else read_design(notation)
    target = studied.facets[0] if chosen is None else chosen
    if set(planned.facets) != set(studied.facets):
        raise PlanInvalid(
            f"the plan has the facets {planned.facets}, the components {studied.facets}"
        )
    if target not in studied.facets or not set(fixed) <= set(studied.facets) - {target}:
        raise PlanInvalid(
            f"{target!r} or a fixed facet of {tuple(fixed)} is none of {studied.facets}"
        )
    for facet in studied.facets:
        if not studied.ancestors(facet) <= planned.ancestors(facet):
            raise PlanInvalid(
                f"{facet!r} was nested when the components were estimated: they cannot tell what a "
                "crossed design would show"
            )
    if planned.ancestors(target) & frozenset(fixed):
        raise PlanInvalid(
            f"{target!r} is nested in a fixed facet: estimate each of its conditions apart"
        )
    objects = planned.closure(frozenset({target}))
    counted = tuple(facet for facet in planned.facets if facet not in objects)
    becomes = tuple(planned.closure(effect) for effect in studied.effects())
    return Plan(planned, target, frozenset(fixed), counted, becomes)


def grid_of(plan: Plan, numbers: Mapping[str, int | Sequence[int]]) -> Array:
    """Return every combination of numbers (plans × counted facets), or raise `PlanInvalid`."""
    if set(numbers) != set(plan.counted):
        raise PlanInvalid(f"numbers are needed for {plan.counted}, not for {tuple(numbers)}")
    choices = [np.atleast_1d(np.asarray(numbers[name])) for name in plan.counted]
    if not choices or not all(one.size and _whole(one) for one in choices):
        raise PlanInvalid("numbers of conditions must be whole and at least 1")
    if np.prod([float(one.size) for one in choices]) > _MOST_PLANS:
        raise PlanInvalid(f"the grid has more than {_MOST_PLANS} plans: give fewer numbers")
    return np.array(list(itertools.product(*choices)), dtype=float)


def _whole(numbers: npt.NDArray[np.generic]) -> bool:
    if numbers.dtype.kind not in "iuf":
        return False
    values = numbers.astype(float)
    return bool(
        (values >= 1).all() and (values == np.floor(values)).all() and values.max() < np.inf
    )


def cost_of(plan: Plan, grid: Array, costs: Mapping[str, float] | None) -> Array:
    """Return the cost of each plan for one object of measurement, NaN without prices."""
    if costs is None:
        return np.full(len(grid), np.nan)
    total = np.zeros(len(grid))
    for notation, price in costs.items():
        names = read_design(notation).facets
        if not set(names) <= set(plan.counted) or not 0.0 <= price < np.inf:
            raise PlanInvalid(
                f"cost of {notation!r}: give a finite number from 0 for facets of {plan.counted}"
            )
        total += price * np.prod([grid[:, plan.counted.index(name)] for name in names], axis=0)
    return total
