"""From responses to a calibration: prepare, iterate, verify the grid, compute errors, certify."""

from dataclasses import replace

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.design import (
    blocks_of,
    coding_of,
    sampled,
    without_repeated_patterns,
)
from liangcai.measurement.calibration.em import Position, Problem, Run, iterate, log_likelihoods
from liangcai.measurement.calibration.information import errors_at
from liangcai.measurement.calibration.latent import Latent
from liangcai.measurement.calibration.layout import Layout, ModelUnsuitable, Wanted, layout_of
from liangcai.measurement.calibration.quadrature import even_nodes, grid_for, halved, suits
from liangcai.measurement.calibration.reported import Estimate, calibration_of
from liangcai.measurement.calibration.request import Prepared, Request, Settings
from liangcai.measurement.calibration.result import Calibration, Certificate
from liangcai.measurement.calibration.shards import Executor, local_shards, one_thread_each
from liangcai.measurement.calibration.summary import Summary, summary_of
from liangcai.measurement.models.items import FAMILY_OF
from liangcai.measurement.responses.matrix import Responses

#: Up to so many responses everything is computed in double precision.
_SMALL = 400_000
#: From so many persons on, the iteration starts on a sample of them.
_MANY, _SAMPLE = 12_288, 4096
_REFINEMENTS = 12
#: So flat is the likelihood of a free density that the last digits would take forever.
_FLAT = 1e-5


def calibrate(responses: Responses, request: Request, settings: Settings) -> Calibration:
    """
    Return the calibration of these responses.

    Raises:
        ModelUnsuitable: an item without variance, a model that does not fit an item's categories.
    """
    collapsed = without_repeated_patterns(responses)
    prepared = prepare(summary_of(collapsed), request, settings)
    with one_thread_each():
        executor = local_shards(
            blocks_of(collapsed),
            prepared.problem.coding,
            groups=prepared.groups,
            shards=settings.workers,
        )
        sample = None if prepared.stride is None else sampled(collapsed, prepared.stride)
        return fitted(
            prepared,
            executor,
            sample,
            request=request,
            settings=settings,
            data_hash=responses.sha256(),
        )


def prepare(summary: Summary, request: Request, settings: Settings) -> Prepared:
    """
    Return layout, coding and start values.

    Raises:
        ModelUnsuitable: see `calibrate`.
    """
    values = summary.values
    flat = [name for name, scores in zip(summary.items, values, strict=True) if scores.size < 2]
    if flat:
        raise ModelUnsuitable(
            f"items without variance cannot be calibrated: {', '.join(flat[:10])}. Leave them out."
        )
    groups = summary.group_names
    wanted = Wanted(
        names=summary.items,
        models=request.models,
        intercepts=_starting_intercepts(summary, request.models),
        anchors=request.anchors,
        free_by_group=request.free_by_group if len(groups) > 1 else {},
        groups=groups,
    )
    layout = layout_of(wanted)
    latent = _latent_of(request, settings, groups, summary.items)
    coding = coding_of(values, asked=summary.any_missing)
    problem = Problem(layout, coding, request.priors, summary.persons)
    single = summary.rows * len(summary.items) > _SMALL
    return Prepared(problem, Position(layout.start, latent), summary, single, _stride(summary))


def _stride(summary: Summary) -> int | None:
    if summary.rows < _MANY:
        return None
    stride = max(2, summary.rows // max(_SAMPLE, summary.rows // 24))
    return stride if summary.smallest_group_rows // stride >= 500 else None


def _starting_intercepts(summary: Summary, models: tuple[str, ...]) -> list[Array]:
    """Start from the scores' frequencies, stretched for the spread of abilities."""
    starts = []
    for counts, scores, model in zip(summary.frequencies, summary.values, models, strict=True):
        seen = counts[scores] + 0.5
        if FAMILY_OF[model] in {"graded", "logistic"}:
            above = np.cumsum(seen[::-1])[::-1][1:]
            starts.append(1.2 * np.log(above / (seen.sum() - above)))
        else:
            starts.append(1.2 * np.log(seen[1:] / seen[:-1]))
    return starts


def _latent_of(
    request: Request, settings: Settings, groups: tuple[str, ...], items: tuple[str, ...]
) -> Latent:
    """Fix what the constraints leave open: the reference group's mean, and its sd unless slopes are."""
    if request.reference is not None and request.reference not in groups:
        raise ModelUnsuitable(
            f"no group is called {request.reference!r}; there are {', '.join(groups)}"
        )
    if settings.latent not in {"normal", "histogram"}:
        raise ModelUnsuitable(f"latent density {settings.latent!r}: choose normal or histogram")
    reference = groups.index(request.reference) if request.reference else 0
    anchored = request.anchors is not None and bool(set(request.anchors.names) & set(items))
    unit = any(model in {"rasch", "pcm", "rsm"} for model in request.models)
    others = [place != reference for place in range(len(groups))]
    free_mean = tuple(anchored or other for other in others)
    free_sd = tuple(anchored or unit or other for other in others)
    one = np.ones(len(groups))
    return Latent(0.0 * one, one, free_mean, free_sd)


def fitted(
    prepared: Prepared,
    executor: Executor,
    sample: Responses | None,
    *,
    request: Request,
    settings: Settings,
    data_hash: str,
) -> Calibration:
    """Return the calibration computed by these executors."""
    problem, start = prepared.problem, prepared.start
    dtype = np.float32 if prepared.single else np.float64
    if sample is not None:
        few = local_shards(blocks_of(sample), problem.coding, groups=prepared.groups, shards=1)
        nodes = _nodes_for(problem.layout, start, settings, coarseness=1.6)
        start = iterate(problem, few, start, nodes, tolerance=1.0, most=40, dtype=dtype).position
    tolerance = settings.tolerance or (1e-3 if prepared.single else 1e-8)
    run, nodes, reached = _on_a_suitable_grid(
        prepared, executor, start, settings, tolerance=tolerance
    )
    if settings.latent == "histogram":
        begin = run.position.with_histogram(nodes)
        most = max(settings.max_iterations - run.iterations, 1)
        tolerance = max(tolerance, _FLAT)
        freed = iterate(
            problem, executor, begin, nodes, tolerance=tolerance, most=most, dtype=dtype
        )
        run = replace(freed, iterations=run.iterations + freed.iterations)
        reached = log_likelihoods(problem, executor, run.position, nodes)
    errors = None
    if settings.standard_errors:
        errors = errors_at(problem, executor, run.position, nodes, dtype)
    certificate = certificate_of(
        run,
        nodes,
        error=abs(reached[0] - reached[1]),
        tolerance=tolerance,
        settings=settings,
        maximum=None if errors is None else errors.maximum,
    )
    estimate = Estimate(run.position, nodes, reached[0], errors)
    return calibration_of(
        prepared,
        estimate,
        certificate,
        request=request,
        settings=settings,
        data_hash=data_hash,
    )


def _on_a_suitable_grid(
    prepared: Prepared, executor: Executor, start: Position, settings: Settings, *, tolerance: float
) -> tuple[Run, Array, tuple[float, float]]:
    """Iterate, drawing the grid anew while the densities outgrow it or its step proves too wide.

    Return the run, its nodes, and the log-likelihood on half their step and on them.
    """
    problem = prepared.problem
    dtype = np.float32 if prepared.single else np.float64
    nodes = _nodes_for(problem.layout, start, settings, coarseness=1.0)
    iterations = restarts = 0
    for _ in range(_REFINEMENTS):
        most = settings.max_iterations - iterations
        run = iterate(
            problem,
            executor,
            start,
            nodes,
            tolerance=tolerance,
            most=most,
            dtype=dtype,
            redraw=settings.points is None,
        )
        iterations, restarts = iterations + run.iterations, restarts + run.restarts
        run = replace(run, iterations=iterations, restarts=restarts)
        start = run.position
        reached = log_likelihoods(problem, executor, start, nodes)
        if settings.points is not None:
            break
        if not suits(nodes, start.latent):
            finer = _nodes_for(problem.layout, start, settings, coarseness=0.5)
            if not suits(finer, start.latent) or iterations >= settings.max_iterations:
                break
        elif run.converged:
            if abs(reached[0] - reached[1]) <= settings.quadrature_tolerance:
                break
            finer = halved(nodes)
        else:
            break
        nodes = finer
    return run, nodes, reached


def _nodes_for(layout: Layout, at: Position, settings: Settings, *, coarseness: float) -> Array:
    if settings.points is not None:
        return even_nodes(at.latent, count=settings.points)
    return grid_for(layout, layout.working(at.free), at.latent, coarseness=coarseness)


def certificate_of(
    run: Run,
    nodes: Array,
    *,
    error: float,
    tolerance: float,
    settings: Settings,
    maximum: bool | None,
) -> Certificate:
    """Return the certificate; it says converged only if every part of it holds."""
    reasons = []
    if not run.converged:
        reasons.append(f"stopped after {run.iterations} iterations with likelihood still to gain")
    if error > settings.quadrature_tolerance:
        reasons.append("the log-likelihood changes when the grid's step is halved")
    if maximum is False:
        reasons.append("the observed information is singular or nearly so: no unique maximum")
    return Certificate(
        converged=not reasons,
        iterations=run.iterations,
        restarts=run.restarts,
        remaining=float(run.remaining),
        largest_move=float(run.largest_move),
        tolerance=tolerance,
        nodes=int(nodes.size),
        low=float(nodes[0]),
        high=float(nodes[-1]),
        quadrature_error=error,
        quadrature_tolerance=settings.quadrature_tolerance,
        maximum=maximum,
        reasons=tuple(reasons),
    )
