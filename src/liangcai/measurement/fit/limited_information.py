"""M2, M2* and C2: fit of a whole model by the first and second margins of the scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from liangcai.measurement.arrays import Array
from liangcai.measurement.fit.expected_counts import FitUndefined
from liangcai.measurement.fit.free_parameters import (
    free_directions,
    parameter_vector,
    probability_slopes,
    slots,
)
from liangcai.measurement.fit.margins import (
    Margins,
    Statistic,
    cross_products,
    expected_margins,
    features,
    margin_covariance,
    margin_slopes,
    margins,
    model_curves,
    observed_margins,
)
from liangcai.measurement.fit.score_correlations import srmsr
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    answered_counts,
    matched,
    require_one_ability,
)
from liangcai.measurement.scoring.prior import NormalPrior, expectation_grid, normal_prior

_MOST_MARGINS = 12_000
_NUDGE = 1e-4
_RANK = 1e-7
_NAMES = {
    "m2": ("M2: category margins", "Maydeu-Olivares & Joe (2006)"),
    "c2": ("C2: category margins, products of scores", "Cai & Monroe (2014); Monroe & Cai (2015)"),
    "m2*": ("M2*: means and products of scores", "Cai & Hansen (2013)"),
}


@dataclass(frozen=True, slots=True)
class ModelFit(Result):
    """
    A limited-information test of exact fit, and how far the model is from it.

    `rmsea` is with its 90 % interval, `srmsr` the root mean squared difference of observed and
    expected correlations. `cfi` and `tli` compare with independent items; NaN where that
    comparison does not exist (a score that nobody has, or items that are independent); `srmsr` is
    NaN where no two items have scores that vary.
    """

    title: ClassVar[str] = "Fit of the model"

    value: float
    df: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmsr: float
    cfi: float
    tli: float
    persons: float
    left_out: int
    method: str
    source: str

    def columns(self) -> dict[str, Any]:
        """Return one row: the statistic, df, p, RMSEA with its interval, SRMSR, CFI and TLI."""
        names = ("value", "df", "p", "rmsea", "rmsea_low", "rmsea_high", "srmsr", "cfi", "tli")
        return {name: [getattr(self, name)] for name in names}

    def facts(self) -> dict[str, Any]:
        """Return the number of complete cases used and of rows left out."""
        return {"complete persons": self.persons, "rows left out": self.left_out}


def limited_information_fit(
    responses: Responses,
    items: ItemParameters,
    *,
    statistic: Statistic = "m2",
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
    directions: npt.ArrayLike | None = None,
    free_latent: Sequence[Literal["mean", "sd"]] | None = None,
) -> ModelFit:
    """
    Return M2, C2 or M2* of a model estimated by maximum likelihood from these responses.

    `directions` (parameters of `free_parameters.slots` × free parameters) says how the free
    parameters moved the items', `free_latent` which moments of the normal ability were free; by
    default the models say: see `free_parameters.free_directions`. Complete cases are used.
    For two score categories the three statistics are the same; with several, C2 needs fewer persons.

    Raises:
        FitUndefined: no complete case, no degree of freedom, too many margins, or a score that the
            model makes all but impossible; an unknown statistic or latent moment.
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: the prior is not finite, or its standard deviation not positive.
        SeveralAbilities: the items measure several dimensions.
    """
    if statistic not in _NAMES:
        raise FitUndefined(f"no statistic is called {statistic!r}; use m2, c2 or m2*")
    unknown = sorted(set(free_latent or ()) - {"mean", "sd"})
    if unknown:
        raise FitUndefined(f"the latent moment {unknown[0]!r} is none of mean and sd")
    chosen = matched(responses, items)
    require_one_ability(chosen)
    complete = answered_counts(responses) == chosen.count
    seen = responses.select_persons(complete)
    persons = seen.total_weight()
    if chosen.count < 2 or persons <= 1.0:
        raise FitUndefined("two or more items and complete responses of two or more persons needed")
    of = margins(features(chosen.steps, statistic))
    if of.count > _MOST_MARGINS:
        raise FitUndefined(f"{of.count} margins are too many: use statistic='c2', or fewer items")
    prior = normal_prior(prior_mean, prior_sd, groups=1)
    observed = observed_margins(of, seen)
    residual, covariance, slopes = _model(
        of, chosen, prior, observed, directions=directions, free_latent=free_latent
    )
    value, df = quadratic_form(residual, covariance, slopes, persons)
    if df < 1:
        raise FitUndefined(
            f"{of.count} margins and as many free parameters leave no degree of freedom: "
            "more items are needed, or another statistic"
        )
    low, high = _rmsea_interval(value, df, persons)
    base = independence_fit(chosen, seen, statistic)
    cfi, tli = _relative(value, df, base)
    return ModelFit(
        value=value,
        df=df,
        p=float(chi2.sf(value, df)),
        rmsea=float(np.sqrt(max(value - df, 0.0) / (df * (persons - 1.0)))),
        rmsea_low=low,
        rmsea_high=high,
        srmsr=srmsr(chosen, prior, expectation_grid(chosen, prior).nodes, seen),
        cfi=cfi,
        tli=tli,
        persons=persons,
        left_out=int((~complete).sum()),
        method=_NAMES[statistic][0],
        source=_NAMES[statistic][1],
    )


def quadratic_form(
    residual: Array, covariance: Array, slopes: Array, persons: float
) -> tuple[float, int]:
    """
    Return N·e'Ce and its degrees of freedom, C the part of the inverse covariance free of the slopes.

    Raises:
        FitUndefined: the covariance is singular.
    """
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0.0).all():
        raise FitUndefined("a score is all but impossible under the model: merge its category")
    correlation = covariance / scale
    correlation /= scale[:, None]
    try:
        root = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        raise FitUndefined(
            "the margins' covariance is singular: a score is all but impossible under the model"
        ) from None
    whole = np.column_stack([residual / scale, slopes / scale[:, None]])
    white = solve_triangular(root, whole, lower=True, check_finite=False)
    error, moved = white[:, 0], white[:, 1:]
    length = np.linalg.norm(moved, axis=0)
    moved = moved[:, length > 0.0] / length[length > 0.0]
    left, size, _ = np.linalg.svd(moved, full_matrices=False)
    basis = left[:, size > _RANK * size.max(initial=1.0)]
    free = error - basis @ (basis.T @ error)
    return persons * float(free @ free), int(error.size - basis.shape[1])


def _model(
    of: Margins,
    items: ItemParameters,
    prior: NormalPrior,
    observed: Array,
    *,
    directions: npt.ArrayLike | None,
    free_latent: Sequence[str] | None,
) -> tuple[Array, Array, Array]:
    nodes = expectation_grid(items, prior).nodes
    curves = model_curves(of, category_curves(items, nodes).probability, prior.masses(nodes)[0])
    usual, sd_free = free_directions(items)
    ways = usual if directions is None else np.asarray(directions, dtype=float)
    if ways.ndim != 2 or ways.shape[0] != parameter_vector(items).size:
        raise FitUndefined(
            f"directions need {parameter_vector(items).size} rows, one a parameter, not {ways.shape}"
        )
    owner = np.array([slot.item for slot in slots(items)], dtype=np.intp)
    slopes = margin_slopes(of, curves, probability_slopes(items, nodes), owner) @ ways
    latent = (("sd",) if sd_free else ()) if free_latent is None else tuple(free_latent)
    joint = curves.mean[of.first] * curves.mean[of.second]
    extra = [joint @ _mass_slope(prior, nodes, moment) for moment in latent]
    slopes = np.column_stack([slopes, *extra])
    return observed - expected_margins(of, curves), margin_covariance(of, curves), slopes


def _mass_slope(prior: NormalPrior, nodes: Array, moment: str) -> Array:
    step = _NUDGE * prior.sd
    shift = (step, 0.0 * step) if moment == "mean" else (0.0 * step, step)
    up, down = (
        NormalPrior(prior.mean + sign * shift[0], prior.sd + sign * shift[1]).masses(nodes)[0]
        for sign in (1.0, -1.0)
    )
    return np.asarray((up - down) / (2.0 * _NUDGE), dtype=float)


def independence_fit(
    items: ItemParameters, responses: Responses, statistic: Statistic
) -> tuple[float, int] | None:
    """
    Return the statistic and df of independent items, or None where it does not exist.

    If items are independent, standardised products of two items' features are orthonormal and free
    of what single items fix: the form is the sum of Pearson's X² of all pairs of items (M2), or
    N times the sum of squared correlations of their scores.
    """
    of = features(items.steps, "m2" if statistic == "m2" else "m2*")
    cross = cross_products(of, responses)
    mean = cross[-1, :-1]
    covariance = cross[:-1, :-1] - np.outer(mean, mean)
    within = np.where(of.item[:, None] == of.item, covariance, 0.0)
    scale = np.sqrt(np.diag(within))
    if not (scale > 1e-7).all():
        return None
    try:
        root = np.linalg.cholesky(within / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return None
    half = solve_triangular(root, covariance / np.outer(scale, scale), lower=True)
    white = solve_triangular(root, half.T, lower=True)
    across = of.item[:, None] < of.item
    return responses.total_weight() * float((white[across] ** 2).sum()), int(across.sum())


def _relative(value: float, df: int, base: tuple[float, int] | None) -> tuple[float, float]:
    """Return CFI and TLI, NaN where independent items are no worse a model to compare with."""
    if base is None or base[1] < 1 or base[0] <= base[1]:
        return float("nan"), float("nan")
    excess, most = max(value - df, 0.0), base[0] - base[1]
    ratio = base[0] / base[1]
    return 1.0 - excess / max(most, excess), (ratio - value / df) / (ratio - 1.0)


def _rmsea_interval(value: float, df: int, persons: float) -> tuple[float, float]:
    bounds = []
    for level in (0.95, 0.05):
        excess = 0.0
        if chi2.cdf(value, df) > level:
            top = max(value, 1.0)
            while ncx2.cdf(value, df, top) > level:
                top *= 2.0
            excess = float(brentq(lambda nc, at=level: ncx2.cdf(value, df, nc) - at, 1e-12, top))
        bounds.append(float(np.sqrt(excess / (df * (persons - 1.0)))))
    return bounds[0], bounds[1]
