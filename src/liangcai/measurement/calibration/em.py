"""The iteration: E-step, scoring step, latent densities, acceleration; and when it may stop."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.acceleration import Anderson
from liangcai.measurement.calibration.design import Coding
from liangcai.measurement.calibration.estep import LikelihoodTask, expected_counts
from liangcai.measurement.calibration.families import Table
from liangcai.measurement.calibration.latent import Latent
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.mstep import scoring_step
from liangcai.measurement.calibration.prior_terms import prior_terms
from liangcai.measurement.calibration.priors import Priors
from liangcai.measurement.calibration.quadrature import halved, suits
from liangcai.measurement.calibration.shards import Executor, Floats
from liangcai.measurement.calibration.tables import (
    column_values,
    expected_categories,
    log_probabilities,
    row_tables,
)

#: The farthest that one accelerated move may take a parameter, in logits.
_FARTHEST = 4.0
#: The part of a plain step below which losing likelihood means that the iteration is stuck.
_SHORTEST = 1e-4
#: The log mass of a node that an empirical density does not have.
_NOBODY = -1e6


@dataclass(frozen=True, slots=True)
class Problem:
    """What is estimated from which design under which priors."""

    layout: Layout
    coding: Coding
    priors: Priors
    persons: float


@dataclass(frozen=True, slots=True)
class Position:
    """Free item values and the latent densities."""

    free: Array
    latent: Latent

    def vector(self) -> Array:
        """Return everything that is estimated in one vector."""
        return np.concatenate([self.free, self.latent.free()])

    def with_histogram(self, nodes: Array) -> "Position":
        """Return the position with empirical densities on these nodes, as they are now."""
        return Position(self.free, replace(self.latent, histogram=self.latent.log_masses(nodes)))

    def moved_to(self, vector: Array) -> "Position":
        """Return the position with this vector."""
        return Position(vector[: self.free.size], self.latent.with_free(vector[self.free.size :]))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One E-step and M-step: the objective there, where the map leads, the metric of the moves."""

    log_likelihood: float
    objective: float
    mapped: Position
    scale: Array
    decrement: float


@dataclass(frozen=True, slots=True)
class Run:
    """Where an iteration ended, after how many steps, and how much likelihood it still expects to gain."""

    position: Position
    iterations: int
    restarts: int
    objective: float
    remaining: float
    largest_move: float
    converged: bool


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an E-step finds: expected counts of the rows' categories and of the groups' persons.

    `values` are those of the design's columns at the nodes, one table a group.
    """

    working: Array
    tables: list[Table]
    values: list[Floats]
    expected: Array
    persons: Array
    log_likelihood: float


def expectation(
    problem: Problem, executor: Executor, at: Position, nodes: Array, dtype: npt.DTypeLike
) -> Expectation:
    """Return the E-step at a position."""
    layout = problem.layout
    working = layout.working(at.free)
    tables = row_tables(layout, working, nodes)
    log = log_probabilities(layout, tables, nodes.size)
    values = column_values(layout, problem.coding, log, at.latent.log_masses(nodes), dtype)
    counts = expected_counts(executor, values)
    expected, persons = expected_categories(layout, problem.coding, counts, log.shape[1])
    log_likelihood = sum(part.log_likelihood for part in counts)
    return Expectation(working, tables, values, expected, persons, log_likelihood)


def evaluate(
    problem: Problem, executor: Executor, at: Position, nodes: Array, dtype: npt.DTypeLike
) -> Evaluation:
    """Return the evaluation of the EM map at a position."""
    layout, priors = problem.layout, problem.priors
    found = expectation(problem, executor, at, nodes, dtype)
    step = scoring_step(layout, at.free, found.tables, found.expected, nodes=nodes, priors=priors)
    latent = at.latent.updated(found.persons, nodes)
    scale = np.concatenate([step.scale, at.latent.information(found.persons)])
    prior = float(prior_terms(layout, found.working, priors).value.sum())
    mapped, reached = Position(step.free, latent), found.log_likelihood
    return Evaluation(reached, reached + prior, mapped, scale, step.decrement)


def iterate(
    problem: Problem,
    executor: Executor,
    start: Position,
    nodes: Array,
    *,
    tolerance: float,
    most: int,
    dtype: npt.DTypeLike,
    redraw: bool = False,
) -> Run:
    """
    Return where the accelerated EM iteration ends.

    It stops once the likelihood still to be gained, ½·move·information·residual by the secant
    model, falls below `tolerance`. A move that loses likelihood is taken back and replaced by the
    plain EM step. With `redraw` it also stops, not converged, where the latent densities have
    outgrown the nodes.
    """
    slack = 64.0 * float(np.finfo(np.dtype(dtype)).eps)
    history, at, last = Anderson(), start, None
    held = start  # the last position that was evaluated and kept
    restarts, length = 0, 1.0
    remaining, largest = np.inf, np.inf
    for iteration in range(1, most + 1):
        found = evaluate(problem, executor, at, nodes, dtype)
        lost = last is not None and not (
            found.objective >= last.objective - slack * abs(last.objective)
        )
        if last is not None and lost:
            # Back to what was held: from an accelerated move to the plain step, from that to half of it.
            restarts += 1
            length = 1.0 if len(history.points) > 1 else 0.5 * length
            history.forget()
            if length < _SHORTEST:
                return Run(
                    held, iteration, restarts, last.objective, remaining, largest, converged=False
                )
            start_of, end_of = held.vector(), last.mapped.vector()
            at = last.mapped.moved_to(start_of + length * (end_of - start_of))
            continue
        if redraw and last is not None and not suits(nodes, at.latent):
            return Run(
                at, iteration, restarts, found.objective, remaining, largest, converged=False
            )
        length = 1.0
        here = at.vector()
        residual = found.mapped.vector() - here
        move = history.move(here, residual, found.scale)
        move = np.clip(move, -_FARTHEST, _FARTHEST)
        gains = np.array(
            [found.scale @ (residual * move), found.scale @ residual**2, found.decrement],
            dtype=float,
        )
        remaining = 0.5 * float(gains.max())
        largest = float(np.max(np.sqrt(found.scale) * np.abs(move), initial=0.0))
        done = remaining <= tolerance
        last, held = found, at
        at = found.mapped.moved_to(here + move)
        if done:
            return Run(
                held, iteration, restarts, found.objective, remaining, largest, converged=True
            )
    objective = -np.inf if last is None else last.objective
    return Run(held, most, restarts, objective, remaining, largest, converged=False)


def log_likelihoods(
    problem: Problem, executor: Executor, at: Position, nodes: Array
) -> tuple[float, float]:
    """Return the log-likelihood on the grid of half the step, and on the grid itself."""
    layout, fine = problem.layout, halved(nodes)
    tables = row_tables(layout, layout.working(at.free), fine)
    log = log_probabilities(layout, tables, fine.size)
    if at.latent.histogram is None:
        masses = at.latent.log_masses(fine)
        offset = -np.log(np.exp(masses[:, ::2]).sum(axis=1))
    else:  # the density lives on its nodes: there is nobody between them
        masses = np.full((at.latent.count, fine.size), _NOBODY)
        masses[:, ::2] = at.latent.histogram
        offset = np.zeros(at.latent.count)
    values = column_values(layout, problem.coding, log, masses, np.float64)
    sums = executor.sums(LikelihoodTask(values, tuple(offset)))
    total = np.sum([part[0] for part in sums if part], axis=0)
    return float(total[0]), float(total[1])
