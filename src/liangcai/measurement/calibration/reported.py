"""From estimated working parameters to what is reported: slopes and difficulties, errors by the delta method."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liangcai.kernel.version import __version__
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.delta import item_errors, reported_covariance
from liangcai.measurement.calibration.em import Position
from liangcai.measurement.calibration.information import Errors
from liangcai.measurement.calibration.latent import moments
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.prior_terms import prior_terms
from liangcai.measurement.calibration.request import Prepared, Request, Settings
from liangcai.measurement.calibration.result import (
    AuditRecord,
    Calibration,
    Certificate,
    LatentGroup,
    describe_family,
)
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters


def items_of(
    layout: Layout, working: Array, rows: Index, names: tuple[str, ...], models: tuple[str, ...]
) -> ItemParameters:
    """Return the items whose parameters are in these rows."""
    count, most = rows.size, int(layout.steps.max())
    a, c, d = np.full(count, np.nan), np.zeros(count), np.ones(count)
    b, slopes = np.full((count, most), np.nan), np.full((count, most), np.nan)
    for place, row in enumerate(rows):
        steps, values = int(layout.steps[row]), working[row]
        if models[place] == "nominal":
            slopes[place, :steps], b[place, :steps] = values[:steps], values[steps : 2 * steps]
            continue
        a[place] = values[0]
        b[place, :steps] = -values[1 : 1 + steps] / values[0]
        if FAMILY_OF[models[place]] == "logistic":
            c[place], d[place] = 0.5 * (1.0 + np.tanh(0.5 * values[2:4]))
    return ItemParameters(names, models, a, b, c, d, slopes, np.zeros(count, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Where the iteration ended, on which nodes, with what log-likelihood and errors."""

    position: Position
    nodes: Array
    log_likelihood: float
    errors: Errors | None


def calibration_of(
    prepared: Prepared,
    estimate: Estimate,
    certificate: Certificate,
    *,
    request: Request,
    settings: Settings,
    data_hash: str,
) -> Calibration:
    """Return the result in the form that is reported and stored."""
    problem, errors = prepared.problem, estimate.errors
    at, log_likelihood = estimate.position, estimate.log_likelihood
    layout = problem.layout
    working = layout.working(at.free)
    prior = float(prior_terms(layout, working, problem.priors).value.sum())
    at, working, nodes, rescaled = _standardised(prepared, at, working, estimate.nodes, request)
    known = errors is not None and errors.maximum and not rescaled
    models = request.models
    sets = [items_of(layout, working, rows, prepared.names, models) for rows in layout.of_group]
    covariance = None
    if errors is not None and known:
        covariance = reported_covariance(
            layout, working, errors.covariance, layout.of_group[0], models
        )
    differ = len(np.unique(layout.of_group, axis=0)) > 1
    bound = _bound_masses(at, request)
    return Calibration(
        model=request.name,
        log_likelihood=log_likelihood,
        log_posterior=log_likelihood + prior,
        persons=problem.persons,
        parameters=int(at.vector().size - bound),
        items=sets[0],
        standard_errors=None
        if covariance is None
        else item_errors(layout, working, covariance, layout.of_group[0], models),
        covariance=covariance,
        group_items=tuple(sets) if differ else (),
        latent_covariance=None,
        groups=_latent_groups(prepared, at, nodes, errors if known else None),
        scores=tuple(tuple(map(int, row)) for row in prepared.summary.values),
        certificate=certificate,
        audit=AuditRecord(
            data_hash, request.name, __version__, _settings_record(prepared, settings)
        ),
        method="marginal maximum likelihood by accelerated EM on a verified grid"
        + ("; errors from the observed information (Louis)" if known else ""),
        source=f"Bock & Aitkin (1981); Louis (1982); Anderson (1965); {describe_family(models)}",
    )


def _bound_masses(at: Position, request: Request) -> int:
    """Return how many masses of empirical densities follow from the others and from the scale."""
    if at.latent.histogram is None:
        return 0
    unit = any(model in {"rasch", "pcm", "rsm"} for model in request.models)
    scale = 0 if request.anchors is not None else 1 if unit else 2
    return at.latent.count + scale


def _settings_record(prepared: Prepared, settings: Settings) -> dict[str, Any]:
    return {
        "precision": "single, sums in double" if prepared.single else "double",
        "latent": settings.latent,
        "points": settings.points,
        "tolerance": settings.tolerance,
        "quadrature_tolerance": settings.quadrature_tolerance,
        "max_iterations": settings.max_iterations,
    }


def _standardised(
    prepared: Prepared, at: Position, working: Array, nodes: Array, request: Request
) -> tuple[Position, Array, Array, bool]:
    """Put an empirical density on mean 0 and (where slopes are free) sd 1: an exact change of scale."""
    latent = at.latent
    if latent.histogram is None or request.anchors is not None:
        return at, working, nodes, False
    names = prepared.summary.group_names
    reference = names.index(request.reference) if request.reference else 0
    centre, spread = moments(latent.histogram[reference], nodes)
    layout = prepared.problem.layout
    if any(model in {"rasch", "pcm", "rsm"} for model in layout.models):
        spread = 1.0
    moved = working.copy()
    for block in layout.blocks:
        rows, steps = block.rows, block.steps
        if block.family == "nominal":
            moved[rows, steps : 2 * steps] += working[rows, :steps] * centre
            moved[rows, :steps] *= spread
        else:
            moved[rows, 1 : 1 + steps] += working[rows, :1] * centre
            moved[rows, 0] *= spread
    return at, moved, (nodes - centre) / spread, True


def _latent_groups(
    prepared: Prepared, at: Position, nodes: Array, errors: Errors | None
) -> tuple[LatentGroup, ...]:
    latent = at.latent
    means, sds = np.flatnonzero(latent.free_mean), np.flatnonzero(latent.free_sd)
    groups = []
    for group, name in enumerate(prepared.summary.group_names):
        mean, sd = float(latent.mean[group]), float(latent.sd[group])
        if latent.histogram is not None:
            mean, sd = moments(latent.histogram[group], nodes)
        mean_se = sd_se = None
        if errors is not None:
            mean_se = _entry(errors.latent[: means.size], means, group)
            sd_se = _entry(errors.latent[means.size :] * latent.sd[sds], sds, group)
        groups.append(
            LatentGroup(name, float(prepared.summary.group_sizes[group]), mean, sd, mean_se, sd_se)
        )
    return tuple(groups)


def _entry(values: Array, groups: Index, group: int) -> float | None:
    found = np.flatnonzero(groups == group)
    return float(values[found[0]]) if found.size else None
