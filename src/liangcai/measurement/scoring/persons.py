"""One ability per person from responses and calibrated items: EAP, MAP, MLE and WLE."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    answered_counts,
    distinct_patterns,
    group_codes,
    matched,
    require_one_ability,
    row_blocks,
)
from liangcai.measurement.scoring.peaks import Objective, Peaks, drawn, find_peaks
from liangcai.measurement.scoring.prior import (
    NormalPrior,
    fine_grid,
    narrowest,
    normal_prior,
    posterior_of_everybody,
)

Method = Literal["eap", "map", "mle", "wle"]
_FENCE = 10.0
_PEAK_STEP = 0.5
_SHARP = 0.25
#: How a result names each method.
METHOD_NAMES = {
    "eap": "expected a posteriori; se is the posterior standard deviation",
    "map": "maximum a posteriori; se is 1/√(information + 1/prior variance)",
    "mle": "maximum likelihood; se is 1/√information",
    "wle": "weighted likelihood; se is 1/√information",
}
_SOURCES = {
    "eap": "Bock & Mislevy (1982)",
    "map": "Samejima (1969)",
    "mle": "Birnbaum (1968)",
    "wle": "Warm (1989); several score categories: Samejima (1998)",
}


class ScoringInvalid(LiangcaiError):
    """Persons cannot be scored as asked: an unknown method, bounds that are no interval, too few draws."""

    code = "measurement.scoring-invalid"


@dataclass(frozen=True, slots=True)
class PersonScores(Result):
    """
    An ability and its standard error for every person, in logits.

    `extreme` is −1 or 1 where the estimate lies at or beyond the lower or upper bound (a zero or
    perfect score under MLE: the estimate proper is −∞ or ∞): theta is then the bound, se infinite.
    `answered` counts the items answered. Somebody who answered none keeps the prior under EAP and
    MAP; under MLE and WLE no estimate exists: theta is NaN, se infinite.
    `quadrature_error` is by how much a finer grid moved any checked EAP, in prior sds (0 otherwise).
    """

    title: ClassVar[str] = "Person scores"

    persons: tuple[str, ...] | None
    theta: Array
    se: Array
    answered: Index
    extreme: Index
    bounds: tuple[float, float]
    prior_mean: tuple[float, ...]
    prior_sd: tuple[float, ...]
    nodes: int
    quadrature_error: float
    method: str
    source: str

    def columns(self) -> dict[str, Any]:
        """Return person, theta, se, answered and extreme."""
        names = self.persons or tuple(str(row + 1) for row in range(self.theta.size))
        return {
            "person": names,
            "theta": self.theta,
            "se": self.se,
            "answered": self.answered,
            "extreme": self.extreme,
        }

    def facts(self) -> dict[str, Any]:
        """Return counts, the prior, the bounds and the error of the quadrature."""
        return {
            "persons": self.theta.size,
            "without responses": int((self.answered == 0).sum()),
            "at or beyond a bound": int((self.extreme != 0).sum()),
            "prior mean": self.prior_mean,
            "prior standard deviation": self.prior_sd,
            "bounds": self.bounds,
            "quadrature error": self.quadrature_error,
        }


def score(
    responses: Responses,
    items: ItemParameters,
    *,
    method: Method = "eap",
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
    bounds: tuple[float, float] | None = None,
) -> PersonScores:
    """
    Return an ability with standard error for every person, by the method named.

    `prior_mean` and `prior_sd` (logits) are one number or one per group of `responses`. They are
    the prior of EAP and MAP; for MLE and WLE they only say where the scale lies: `bounds`, within
    which MAP, MLE and WLE are sought, are ten prior sds either side of the prior mean by default.

    Raises:
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
        ScoringInvalid: unknown method, or wrong bounds.
        SeveralAbilities: the items measure several dimensions.
        GridTooFine: posteriors are too narrow beside the prior or the bounds.
    """
    if method not in METHOD_NAMES:
        raise ScoringInvalid(
            f"no scoring method is called {method!r}; use {', '.join(METHOD_NAMES)}"
        )
    chosen = matched(responses, items)
    require_one_ability(chosen)
    prior = normal_prior(prior_mean, prior_sd, groups=len(responses.group_names))
    fence = bounds or prior.span(_FENCE)
    if not (np.isfinite(fence).all() and fence[0] < fence[1]):
        raise ScoringInvalid(f"bounds must be two rising finite numbers, not {fence}")
    repeated = distinct_patterns(responses)
    seen = responses if repeated is None else responses.select_persons(repeated[0])
    if method == "eap":
        found = _eap(seen, chosen, prior)
    else:
        found = _by_peak(seen, chosen, prior, method, fence)
    if repeated is not None:
        found = found.of(repeated[1])
    return PersonScores(
        persons=responses.persons,
        theta=found.theta,
        se=found.se,
        answered=answered_counts(responses),
        extreme=found.extreme,
        bounds=(float(fence[0]), float(fence[1])),
        prior_mean=tuple(prior.mean.tolist()),
        prior_sd=tuple(prior.sd.tolist()),
        nodes=found.nodes,
        quadrature_error=found.error,
        method=METHOD_NAMES[method],
        source=_SOURCES[method],
    )


@dataclass(frozen=True, slots=True)
class _Found:
    theta: Array
    se: Array
    extreme: Index
    nodes: int
    error: float

    def of(self, rows: Index) -> "_Found":
        return _Found(self.theta[rows], self.se[rows], self.extreme[rows], self.nodes, self.error)


def _eap(responses: Responses, items: ItemParameters, prior: NormalPrior) -> _Found:
    found, checked = posterior_of_everybody(responses, items, prior=prior)
    none = np.zeros(responses.person_count, dtype=np.intp)
    return _Found(found.mean, found.sd, none, checked.grid.nodes.size, checked.error)


def _by_peak(
    responses: Responses,
    items: ItemParameters,
    prior: NormalPrior,
    method: Method,
    fence: tuple[float, float],
) -> _Found:
    width = _PEAK_STEP * narrowest(items, prior)
    if method == "wle" and ((items.c > 0.0) | (items.d < 1.0)).any():
        # Where an item with guessing runs out of information, Warm's weight bends far more sharply.
        width *= _SHARP
    grid = fine_grid(*fence, width=min(width, (fence[1] - fence[0]) / 16.0))
    nodes = grid.nodes.size
    tables, codes = drawn(Objective(items, grid, weighted=method == "wle")), group_codes(responses)
    parts: list[Peaks] = []
    for block in row_blocks(responses.person_count, max(nodes, 2 * items.count)):
        objective = Objective(
            items,
            grid,
            weighted=method == "wle",
            prior_mean=prior.mean[codes[block]] if method == "map" else None,
            prior_sd=prior.sd[codes[block]] if method == "map" else None,
        )
        parts.append(find_peaks(objective, np.asarray(responses.scores[block]), tables))
    theta = np.concatenate([np.zeros(0), *(part.theta for part in parts)])
    precision = np.concatenate([np.zeros(0), *(part.information for part in parts)])
    extreme = np.concatenate([np.zeros(0, np.intp), *(part.beyond for part in parts)])
    with np.errstate(divide="ignore"):
        se = 1.0 / np.sqrt(precision)
    theta = np.where(extreme < 0, fence[0], np.where(extreme > 0, fence[1], theta))
    se = np.where(extreme != 0, np.inf, se)
    silent = answered_counts(responses) == 0
    if method != "map":
        theta, se = np.where(silent, np.nan, theta), np.where(silent, np.inf, se)
        extreme = np.where(silent, 0, extreme)
    return _Found(theta, se, extreme.astype(np.intp), nodes, 0.0)
