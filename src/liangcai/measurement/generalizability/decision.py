"""Decision studies: how dependable the scores of other designs would be, and which is the cheapest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.generalizability.components import VarianceComponents
from liangcai.measurement.generalizability.design import read_design
from liangcai.measurement.generalizability.plans import (
    Plan,
    PlanInvalid,
    cost_of,
    grid_of,
    plan_of,
)
from liangcai.measurement.results import Result

Coefficient = Literal["relative", "absolute"]


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
        PlanInvalid: a facet without number or unknown, a number below 1, a cut or cost that is not
            finite, a design that crosses what was nested, or no variance of the object of measurement.
    """
    if cut is not None and not np.isfinite(cut):
        raise PlanInvalid(f"the cut must be a finite score, not {cut}")
    plan = plan_of(components, object_of_measurement, design, fixed)
    grid = grid_of(plan, numbers)
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
        cost_of(plan, grid, costs),
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
        raise PlanInvalid(
            f"target {target:g} must lie in (0, 1), and coefficient {coefficient!r} be relative or absolute"
        )
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


def _distance(
    components: VarianceComponents, plan: Plan, grid: Array, cut: float | None
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
