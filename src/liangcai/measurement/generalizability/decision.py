"""Decision studies: how dependable the scores of other designs would be, and which is the cheapest."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.generalizability.components import VarianceComponents
from liangcai.measurement.generalizability.design import Design, Effect, read_design
from liangcai.measurement.results import Result
from liangcai.measurement.scales import Array

Coefficient = Literal["relative", "absolute"]
_MOST_PLANS = 1_000_000


class PlanInvalid(LiangcaiError):
    """The plan names facets or numbers that the design does not have."""

    code = "measurement.plan-invalid"


class TargetOutOfReach(LiangcaiError):
    """No plan of the grid reaches the coefficient asked for."""

    code = "measurement.target-out-of-reach"


@dataclass(frozen=True, slots=True)
class DecisionStudy(Result):
    """
    What plans would give: one row a plan, with `numbers` (plans × facets) of conditions.

    Variances are those of mean scores over the conditions of the plan. `relative` is Eρ² and
    `absolute` Φ, with their standard errors by the delta method; `at_cut` is Φ(λ), NaN without a
    cut; `cost` is for each object of measurement, NaN without costs.
    """

    title: ClassVar[str] = "Decision study"
    method: ClassVar[str] = "variances of mean scores over random facets, from variance components"
    source: ClassVar[str] = "Cronbach et al. (1972); Φ(λ): Brennan & Kane (1977); Brennan (2001)"
    object: str
    design: str
    fixed: tuple[str, ...]
    facets: tuple[str, ...]
    numbers: Array
    universe_variance: Array
    relative_error: Array
    absolute_error: Array
    relative: Array
    absolute: Array
    relative_standard_error: Array
    absolute_standard_error: Array
    cut: float | None
    at_cut: Array
    cost: Array
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a plan."""
        table: dict[str, Any] = {
            f"n {name}": column for name, column in zip(self.facets, self.numbers.T, strict=True)
        }
        table |= {
            "universe variance": self.universe_variance,
            "relative error": self.relative_error,
            "absolute error": self.absolute_error,
            "Eρ²": self.relative,
            "se Eρ²": self.relative_standard_error,
            "Φ": self.absolute,
            "se Φ": self.absolute_standard_error,
            "relative SEM": np.sqrt(self.relative_error),
            "absolute SEM": np.sqrt(self.absolute_error),
        }
        if self.cut is not None:
            table[f"Φ({self.cut:g})"] = self.at_cut
        if not np.isnan(self.cost).all():
            table["cost"] = self.cost
        return table

    def facts(self) -> Mapping[str, Any]:
        """Return the object of measurement, the design and what was found."""
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        fixed = {"fixed facets": ", ".join(self.fixed)} if self.fixed else {}
        return {"object of measurement": self.object, "design": self.design, **fixed, **notes}


def decision_study(
    components: VarianceComponents,
    numbers: Mapping[str, int | Sequence[int]],
    *,
    object_of_measurement: str | None = None,
    design: str | None = None,
    fixed: Sequence[str] = (),
    cut: float | None = None,
    costs: Mapping[str, float] | None = None,
) -> DecisionStudy:
    """
    Return the error variances and coefficients of every plan in the grid of `numbers`.

    `numbers` gives each facet, apart from the object of measurement (by default the design's first
    facet) and those that nest it, one number of conditions or several. `design` may nest what the
    components' design crosses. `fixed` facets are not generalized over. `costs` are for each
    condition of a facet, or of a combination such as "r x i", and for one object. Components below
    0 count as 0. Φ(λ) takes (mean − λ)² less the variance of the mean, at least 0.

    Raises:
        PlanInvalid: a facet without number or unknown, a number below 1, a design that crosses
            what was nested, or no variance of the object of measurement.
    """
    plan = _plan(components, object_of_measurement, design, fixed)
    grid = _grid(plan, numbers)
    shares = plan.effects_of(grid)
    variance = np.maximum(components.variance, 0.0)
    universe, relative, absolute = (part @ variance for part in shares)
    if universe[0] <= 0.0:
        raise PlanInvalid(
            f"the variance of {plan.object!r} is 0: these scores do not tell its levels apart"
        )
    far, mean_findings = _distance(components, plan, grid, cut)
    negative = [
        f"{name} is {value:.4g} and counts as 0"
        for name, value in zip(components.effects, components.variance, strict=True)
        if value < 0.0
    ]
    moved = universe + far
    return DecisionStudy(
        plan.object,
        design or components.design,
        tuple(fixed),
        plan.counted,
        grid,
        universe,
        relative,
        absolute,
        universe / (universe + relative),
        universe / (universe + absolute),
        _error(universe, relative, shares[0], shares[1], components.covariance),
        _error(universe, absolute, shares[0], shares[2], components.covariance),
        cut,
        np.full(len(grid), np.nan) if cut is None else moved / (moved + absolute),
        _cost(plan, grid, costs),
        tuple(negative) + mean_findings,
    )


def cheapest_plan(
    components: VarianceComponents,
    numbers: Mapping[str, int | Sequence[int]],
    *,
    target: float,
    costs: Mapping[str, float],
    coefficient: Coefficient = "absolute",
    object_of_measurement: str | None = None,
    design: str | None = None,
    fixed: Sequence[str] = (),
) -> DecisionStudy:
    """
    Return the one plan of the grid that reaches `target` at the lowest cost.

    `coefficient` is Φ (absolute, the default) or Eρ² (relative). Of plans that cost the same the
    most dependable is returned.

    Raises:
        PlanInvalid: as `decision_study`, or a target outside (0, 1).
        TargetOutOfReach: no plan of the grid reaches it.
    """
    if not 0.0 < target < 1.0 or coefficient not in {"relative", "absolute"}:
        raise PlanInvalid(f"target {target:g} must lie in (0, 1) and be relative or absolute")
    whole = decision_study(
        components,
        numbers,
        object_of_measurement=object_of_measurement,
        design=design,
        fixed=fixed,
        costs=costs,
    )
    reached: Array = whole.absolute if coefficient == "absolute" else whole.relative
    enough = np.flatnonzero(reached >= target)
    if not enough.size:
        raise TargetOutOfReach(
            f"no plan reaches {target:g}; the best of the grid reaches {reached.max():.4f}: "
            "allow more conditions"
        )
    best = enough[np.lexsort((-reached[enough], whole.cost[enough]))[0]]
    chosen = {name: int(n) for name, n in zip(whole.facets, whole.numbers[best], strict=True)}
    return decision_study(
        components,
        chosen,
        object_of_measurement=object_of_measurement,
        design=design,
        fixed=fixed,
        costs=costs,
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """A design of a decision study and, for each effect of the components, the effect it becomes."""

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


def _plan(
    components: VarianceComponents, chosen: str | None, notation: str | None, fixed: Sequence[str]
) -> _Plan:
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
    return _Plan(planned, target, frozenset(fixed), counted, becomes)


def _grid(plan: _Plan, numbers: Mapping[str, int | Sequence[int]]) -> Array:
    if set(numbers) != set(plan.counted):
        raise PlanInvalid(f"numbers are needed for {plan.counted}, not for {tuple(numbers)}")
    choices = [np.atleast_1d(np.asarray(numbers[name])) for name in plan.counted]
    whole = all(one.size and (one >= 1).all() and (one == np.floor(one)).all() for one in choices)
    if not choices or not whole:
        raise PlanInvalid("numbers of conditions must be whole and at least 1")
    if np.prod([float(one.size) for one in choices]) > _MOST_PLANS:
        raise PlanInvalid(f"the grid has more than {_MOST_PLANS} plans: give fewer numbers")
    return np.array(list(itertools.product(*choices)), dtype=float)


def _distance(
    components: VarianceComponents, plan: _Plan, grid: Array, cut: float | None
) -> tuple[Array, tuple[str, ...]]:
    if cut is None:
        return np.zeros(len(grid)), ()
    objects = plan.design.closure(frozenset({plan.object}))
    studied = read_design(components.design)
    seen = {
        effect: int(levels)
        for effect, levels in zip(studied.effects(), components.levels, strict=True)
    }
    counts = np.array(
        [
            max([seen[part] for part in seen if part <= effect & objects], default=1)
            for effect in plan.becomes
        ]
    )
    variance = np.maximum(components.variance, 0.0)
    fixed_only = np.array([effect <= plan.fixed for effect in plan.becomes])
    of_mean = (plan.weights(grid) / counts * ~fixed_only) @ variance
    far = (components.mean - cut) ** 2 - of_mean
    note = "the mean is not told apart from the cut in some plans: Φ(λ) is Φ there"
    return np.maximum(far, 0.0), (note,) if (far < 0.0).any() else ()


def _error(universe: Array, error: Array, rises: Array, falls: Array, covariance: Array) -> Array:
    total = (universe + error) ** 2
    slope = (rises * error[:, None] - falls * universe[:, None]) / total[:, None]
    spread = np.einsum("pe,ef,pf->p", slope, covariance, slope)
    return np.asarray(np.sqrt(np.maximum(spread, 0.0)), dtype=float)


def _cost(plan: _Plan, grid: Array, costs: Mapping[str, float] | None) -> Array:
    if costs is None:
        return np.full(len(grid), np.nan)
    total = np.zeros(len(grid))
    for notation, price in costs.items():
        names = read_design(notation).facets
        if not set(names) <= set(plan.counted) or not price >= 0.0:
            raise PlanInvalid(f"cost of {notation!r}: give at least 0 for facets of {plan.counted}")
        total += price * np.prod([grid[:, plan.counted.index(name)] for name in names], axis=0)
    return total
