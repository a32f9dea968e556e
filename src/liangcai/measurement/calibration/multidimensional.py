"""Between-item multidimensional calibration: one ability per element, with their latent covariance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.calibration.acceleration import Anderson
from liangcai.measurement.calibration.design import blocks_of, without_repeated_patterns
from liangcai.measurement.calibration.em import Position, Run
from liangcai.measurement.calibration.fit import certificate_of, prepare
from liangcai.measurement.calibration.joint_errors import cross_product_errors
from liangcai.measurement.calibration.joint_grid import (
    JointCountTask,
    JointGrid,
)
from liangcai.measurement.calibration.joint_problem import JointProblem
from liangcai.measurement.calibration.latent import Latent
from liangcai.measurement.calibration.layout import ModelUnsuitable
from liangcai.measurement.calibration.models import DEFAULTS, known_model, require_items
from liangcai.measurement.calibration.mstep import scoring_step
from liangcai.measurement.calibration.prior_terms import prior_terms
from liangcai.measurement.calibration.priors import NO_PRIORS, Priors
from liangcai.measurement.calibration.quadrature import REACH, halved, row_information
from liangcai.measurement.calibration.reported import Estimate, calibration_of
from liangcai.measurement.calibration.request import Prepared, Request, Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.calibration.shards import local_shards, one_thread_each
from liangcai.measurement.calibration.summary import summary_of
from liangcai.measurement.calibration.tables import log_probabilities, row_tables
from liangcai.measurement.responses.matrix import Responses

_MOST_DIMENSIONS = 4
#: The widest half of the joint grid: points of two dimensions.
_MOST_NODES = {1: 241, 2: 121, 3: 41, 4: 41}
_UNIT_SLOPE = {"rasch", "pcm", "rsm"}


@dataclass(frozen=True, slots=True)
class BetweenItem:
    """
    Each item measures one of up to four correlated abilities (Adams, Wilson & Wang, 1997).

    `dimensions` names the dimension of every item; `models` the model of items, `default` of the
    others. Abilities have mean 0 and standard deviation 1 (free where a dimension's slopes are
    fixed at 1); their covariance is estimated.
    """

    dimensions: Mapping[str, str]
    models: Mapping[str, str] | None = None
    default: str = "2pl"
    priors: Priors = NO_PRIORS

    def fit(
        self,
        responses: Responses,
        *,
        settings: Settings = DEFAULTS,
    ) -> Calibration:
        """
        Return the calibration; `latent_covariance` is ordered as the dimensions first appear.

        Standard errors are from the cross-products of the persons' scores (Berndt, Hall, Hall &
        Hausman, 1974).

        Raises:
            ModelUnsuitable: an item without a dimension, more than four, groups, or items that the
                model does not fit.
        """
        require_items(self.models or (), responses)
        names = self._dimension_names(responses)
        chosen = tuple((self.models or {}).get(item, self.default) for item in responses.items)
        for model in chosen:
            known_model(model)
        place = np.array([names.index(self.dimensions[item]) for item in responses.items])
        request = Request(f"between-item {len(names)}-dimensional", chosen, self.priors)
        collapsed = without_repeated_patterns(responses)
        prepared = prepare(summary_of(collapsed), request, settings)
        with one_thread_each():
            executor = local_shards(
                blocks_of(collapsed), prepared.problem.coding, groups=1, shards=settings.workers
            )
            joint = JointProblem(prepared.problem, executor, place.astype(np.intp), len(names))
            return _fitted(joint, prepared, request, settings, data_hash=responses.sha256())

    def _dimension_names(self, responses: Responses) -> list[str]:
        lost = [item for item in responses.items if item not in self.dimensions]
        if lost:
            raise ModelUnsuitable(f"items without a dimension: {', '.join(lost[:10])}")
        names = list(dict.fromkeys(self.dimensions[item] for item in responses.items))
        if len(names) > _MOST_DIMENSIONS:
            raise ModelUnsuitable(f"{len(names)} dimensions; the grid serves up to four")
        if responses.groups is not None and len(responses.group_names) > 1:
            raise ModelUnsuitable("between-item models take one group; calibrate groups apart")
        return names


@dataclass(frozen=True, slots=True)
class _State:
    free: Array
    covariance: Array

    def vector(self) -> Array:
        """Return the free item values and the lower triangle of the covariance's root."""
        root = np.linalg.cholesky(self.covariance)
        return np.concatenate([self.free, root[np.tril_indices(root.shape[0])]])

    def moved_to(self, vector: Array, fixed: Flags) -> "_State":
        """Return the state with this vector; variances that are fixed are 1."""
        size = self.covariance.shape[0]
        root = np.zeros((size, size))
        root[np.tril_indices(size)] = vector[self.free.size :]
        covariance = root @ root.T
        scale = np.where(fixed, 1.0 / np.sqrt(np.maximum(np.diag(covariance), 1e-8)), 1.0)
        return _State(vector[: self.free.size], covariance * scale[:, None] * scale)


def _fitted(
    joint: JointProblem, prepared: Prepared, request: Request, settings: Settings, *, data_hash: str
) -> Calibration:
    problem = joint.problem
    fixed = np.array(
        [
            not all(m in _UNIT_SLOPE for m in np.array(request.models)[joint.dimension == d])
            for d in range(joint.count)
        ]
    )
    state = _State(problem.layout.start, 0.5 * np.eye(joint.count) + 0.5)
    tolerance = settings.tolerance or (1e-3 if prepared.single else 1e-7)
    rough = replace(settings, max_iterations=40)
    grid = _grid(joint, state, settings, coarseness=1.8)
    state = _iterate(joint, grid, state, fixed, tolerance=0.05, settings=rough)[0]
    grid = _grid(joint, state, settings, coarseness=1.0)
    state, run = _iterate(joint, grid, state, fixed, tolerance=tolerance, settings=settings)
    coarse = _evaluate(joint, grid, state)[0]
    fine = _evaluate(joint, _finer(grid), state)[0]
    errors = (
        cross_product_errors(joint, grid, state.free, state.covariance, fixed)
        if (settings.standard_errors)
        else None
    )
    certificate = certificate_of(
        run,
        grid.nodes,
        error=abs(fine - coarse),
        tolerance=tolerance,
        settings=settings,
        maximum=None if errors is None else errors.maximum,
    )
    one = np.ones(1)
    position = Position(state.free, Latent(0.0 * one, one, (False,), (False,)))
    estimate = Estimate(position, grid.nodes, fine, errors)
    calibration = calibration_of(
        prepared, estimate, certificate, request=request, settings=settings, data_hash=data_hash
    )
    free = joint.count * (joint.count - 1) // 2 + int((~fixed).sum())
    return replace(
        calibration,
        items=replace(calibration.items, dimension=joint.dimension),
        latent_covariance=state.covariance,
        parameters=calibration.parameters + free,
        method="marginal maximum likelihood by accelerated EM on a verified product grid"
        + ("; errors from cross-products of scores" if errors is not None else ""),
        source=f"Adams, Wilson & Wang (1997); {calibration.source}",
    )


def _grid(
    joint: JointProblem, state: _State, settings: Settings, *, coarseness: float
) -> JointGrid:
    reach = REACH * float(np.sqrt(np.diag(state.covariance).max()))
    look = np.linspace(-reach, reach, 121)
    working = joint.problem.layout.working(state.free)
    by_row = row_information(
        joint.problem.layout, row_tables(joint.problem.layout, working, look), working
    )
    rows = joint.problem.layout.of_group[0]
    peak = max(
        float(by_row[rows[joint.dimension == d]].sum(axis=0).max()) for d in range(joint.count)
    )
    precision = float(np.diag(np.linalg.inv(state.covariance)).max())
    count = int(np.ceil(2.0 * reach * np.sqrt(precision + peak) / coarseness)) + 1
    count = settings.points or min(max(count, 15), _MOST_NODES[joint.count])
    return JointGrid(np.linspace(-reach, reach, count | 1), joint.count)


def _finer(grid: JointGrid) -> JointGrid:
    """Halve the step; in three and four dimensions take two thirds of it, which costs a fifth."""
    if grid.dimensions <= 2:
        return JointGrid(halved(grid.nodes), grid.dimensions)
    nodes = np.linspace(grid.nodes[0], grid.nodes[-1], (3 * (grid.nodes.size - 1)) // 2 + 1)
    return JointGrid(nodes, grid.dimensions)


def _evaluate(
    joint: JointProblem, grid: JointGrid, state: _State
) -> tuple[float, _State, Array, float]:
    """Return the log-likelihood, where the EM map leads, the metric of moves, and the decrement."""
    problem = joint.problem
    layout = problem.layout
    tables = row_tables(layout, layout.working(state.free), grid.nodes)
    log = log_probabilities(layout, tables, grid.nodes.size)
    task = JointCountTask(joint.parts(log), grid, grid.masses(state.covariance))
    counts, persons, joint_mass, log_likelihood = joint.executor.sums(task)[0]
    expected = joint.expected(counts, persons, log.shape[1])
    step = scoring_step(
        layout, state.free, tables, expected, nodes=grid.nodes, priors=problem.priors
    )
    left, right = (grid.points(count) for count in grid.halves)
    cross = left.T @ joint_mass @ right
    moments = np.block(
        [
            [left.T * joint_mass.sum(axis=1) @ left, cross],
            [cross.T, right.T * joint_mass.sum(axis=0) @ right],
        ]
    )
    covariance = moments / problem.persons
    size = joint.count * (joint.count + 1) // 2
    scale = np.concatenate([step.scale, np.full(size, problem.persons)])
    found = _State(step.free, covariance)
    return float(log_likelihood[0]), found, scale, step.decrement


def _iterate(
    joint: JointProblem,
    grid: JointGrid,
    start: _State,
    fixed: Flags,
    *,
    tolerance: float,
    settings: Settings,
) -> tuple[_State, Run]:
    history, state, restarts = Anderson(), start, 0
    best, mapped = -np.inf, start
    remaining = largest = np.inf
    layout, priors = joint.problem.layout, joint.problem.priors
    converged, iteration = False, 0
    for iteration in range(1, settings.max_iterations + 1):  # noqa: B007  (how many there were)
        value, found, scale, decrement = _evaluate(joint, grid, state)
        value += float(prior_terms(layout, layout.working(state.free), priors).value.sum())
        if not value >= best - 1e-10 * abs(best) and history.points:
            restarts += 1
            history.forget()
            state = mapped
            continue
        found = found.moved_to(found.vector(), fixed)
        residual = found.vector() - state.vector()
        move = history.move(state.vector(), residual, scale)
        gains = np.array([scale @ (residual * move), scale @ residual**2, decrement], dtype=float)
        remaining = 0.5 * float(gains.max())
        largest = float(np.max(np.sqrt(scale) * np.abs(move)))
        best, mapped = value, found
        state = state.moved_to(state.vector() + move, fixed)
        if remaining <= tolerance:
            converged = True
            break
    position = Position(state.free, Latent(np.zeros(1), np.ones(1), (False,), (False,)))
    return state, Run(position, iteration, restarts, best, remaining, largest, converged)
