"""Writing a calibration down: from the parameter vector to named measures with their errors."""

import numpy as np

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.design import Design
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.search import Outcome
from liangcai.measurement.facets.setting import Populations, extremes_of
from liangcai.measurement.facets.sparse_sums import totals

_MOST_COVARIANCES = 200


def calibration_from(
    ratings: Ratings,
    *,
    design: Design,
    outcome: Outcome,
    populations: Populations,
    anchored: Flags,
    part: Index,
    joint: bool,
) -> FacetCalibration:
    """Return the calibration that `outcome` of a search over `design` stands for."""
    layout, vector = design.layout, outcome.vector
    elements = layout.elements
    error = np.full(layout.size, np.nan)
    if outcome.errors is not None:
        error = np.sqrt(outcome.errors.variance)
    sizes = [len(facet.elements) for facet in ratings.facets]
    exists = design.categories.exists[:, 1:]
    spread, spread_error = layout.spreads_of(vector), error[layout.spread_start :]
    count, average = _averages(ratings, elements)
    unknown = np.full(layout.means, np.nan)
    covariance = None if outcome.errors is None else outcome.errors.covariance
    return FacetCalibration(
        facets=tuple(facet.name for facet in ratings.facets),
        facet_of=np.repeat(np.arange(len(sizes)), sizes),
        elements=tuple(name for facet in ratings.facets for name in facet.elements),
        measure=layout.measures(vector).copy(),
        standard_error=np.where(anchored, 0.0, error[:elements]),
        ratings=count,
        observed_average=average,
        extreme=extremes_of(design) != 0.0,
        anchored=anchored,
        part=part,
        categories=design.categories,
        steps=np.where(exists, layout.step_table(vector), np.nan),
        step_error=np.where(exists, layout.step_table(error), np.nan),
        populations=populations.names,
        population_mean=unknown if joint else layout.population_means(vector).copy(),
        mean_error=unknown if joint else layout.population_means(error).copy(),
        population_sd=np.full(layout.spreads, np.nan) if joint else spread,
        sd_error=np.full(layout.spreads, np.nan) if joint else spread * spread_error,
        population_part=populations.part,
        population_group=populations.group,
        groups=ratings.group_names or ("all",),
        estimation="joint" if joint else "marginal",
        log_likelihood=outcome.log_likelihood,
        parameters=layout.free_count(),
        persons=len(ratings.persons),
        iterations=outcome.iterations,
        converged=outcome.converged,
        ended=outcome.ended,
        largest_gradient=outcome.largest_gradient,
        nodes=outcome.nodes,
        quadrature_error=outcome.quadrature_error,
        error_method=_error_method(outcome, joint=joint),
        error_precision=np.nan if outcome.errors is None else outcome.errors.relative_error,
        covariance=covariance[:elements, :elements]
        if covariance is not None and elements <= _MOST_COVARIANCES
        else None,
        method=_method(joint=joint, steps=design.categories.step_facet is not None),
        source="Linacre (1989); Barndorff-Nielsen (1983); Cox & Reid (1987)"
        if joint
        else "Linacre (1989); Bock & Aitkin (1981); Louis (1982)",
    )


def _averages(ratings: Ratings, elements: int) -> tuple[Array, Array]:
    """Return the weighted number and the mean of the ratings of every element (E)."""
    weight = ratings.weight()
    count, total = np.zeros(elements), np.zeros(elements)
    first = 0
    for place, facet in enumerate(ratings.facets):
        codes = first + ratings.elements[:, place]
        count += totals(codes, weight, elements)
        total += totals(codes, weight * ratings.scores, elements)
        first += len(facet.elements)
    return count, total / count


def _error_method(outcome: Outcome, *, joint: bool) -> str:
    kind = "information of the profile likelihood" if joint else "observed information (Louis)"
    if outcome.errors is None:
        return f"none: {kind} is not positive"
    if outcome.errors.covariance is None:
        share = 100.0 * outcome.errors.relative_error
        return f"{kind}, diagonal of the inverse by sign vectors, variances good to {share:.1f} %"
    return f"{kind}, inverted"


def _method(*, joint: bool, steps: bool) -> str:
    scale = "partial credit" if steps else "rating scale"
    if joint:
        return f"many-facet Rasch model, {scale}, modified profile likelihood"
    return f"many-facet Rasch model, {scale}, marginal maximum likelihood"
