"""Likelihood-based person fit: lz and its corrected form lz*."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.normal import normal_cdf
from liangcai.measurement.person_fit.moments import (
    ModelDoesNotApply,
    PersonBlock,
    checked,
    person_blocks,
)
from liangcai.measurement.ratios import ratio, share
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

Estimate = Literal["ml", "wle", "map", "eap"]
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class LikelihoodFit(Result):
    """
    One row a person; far below 0: the pattern is unlikely at the person's own ability.

    `lz` treats the estimate as the true ability and is too tame on short tests; `lz_star`
    corrects mean and variance for the estimation. `p` is the lower normal tail of lz*, and
    `flagged` says p ≤ `false_alarm_rate`: of persons whose responses follow the model, about this
    share is flagged, more or less on tests under about 20 items. NaN: does not exist (no
    answers, or all answers certain).
    """

    title = "Person fit: lz and lz*"
    method = (
        "Standardized log-likelihood of the pattern at the estimated ability; lz* corrects "
        "expectation and variance for the estimate"
    )
    source = (
        "Drasgow, Levine & Williams (1985); Snijders (2001); Magis, Raîche & Béland (2012); "
        "Sinharay (2016) for items with several scores"
    )
    person: tuple[str, ...]
    theta: Array
    estimate: str
    false_alarm_rate: float
    answered: Array
    lz: Array
    lz_star: Array
    p: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a person."""
        return {
            "person": self.person,
            "theta": self.theta,
            "answered": self.answered,
            "lz": self.lz,
            "lz_star": self.lz_star,
            "p": self.p,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return how abilities were estimated, the false-alarm rate and the flags."""
        return {
            "abilities": self.estimate,
            "false-alarm rate": self.false_alarm_rate,
            "persons flagged": int(self.flagged.sum()),
        }


def likelihood_fit(
    responses: Responses,
    items: ItemParameters,
    theta: Array,
    *,
    estimate: Estimate,
    prior_mean: float = 0.0,
    prior_deviation: float = 1.0,
    false_alarm_rate: float = 0.05,
) -> LikelihoodFit:
    """
    Return lz and lz* of each person.

    `theta` (N logits) are estimates from these same responses and items; `estimate` says which:
    lz* is right only for its own. The prior counts for "map" alone. An "eap" solves no
    estimating equation; r₀ is then what the answers imply, which holds to first order.

    Raises:
        ModelDoesNotApply: items, abilities and responses do not belong together, or no such
            estimate or prior exists.
        LevelImpossible: the false-alarm rate is not between 0 and 1.
    """
    checked(responses, items, theta)
    checked_level(false_alarm_rate)
    if estimate not in get_args(Estimate):
        raise ModelDoesNotApply(f"abilities are {', '.join(get_args(Estimate))}, not {estimate!r}")
    if not (prior_deviation > 0 and np.isfinite(prior_mean)):
        raise ModelDoesNotApply(
            "a prior has a finite mean and a deviation above 0, not "
            f"{prior_mean!r} and {prior_deviation!r}"
        )
    shape = responses.person_count
    answered, lz, lz_star = np.zeros(shape), np.empty(shape), np.empty(shape)
    for block in person_blocks(responses, items, theta):
        pull = None
        if estimate == "map":
            pull = (prior_mean - theta[block.rows]) / prior_deviation**2
        answered[block.rows] = block.answered.sum(axis=1)
        lz[block.rows], lz_star[block.rows] = _standardized(block, estimate, pull)
    p = normal_cdf(lz_star)
    return LikelihoodFit(
        person=tuple(responses.person_name(row) for row in range(responses.person_count)),
        theta=theta,
        estimate=estimate,
        false_alarm_rate=false_alarm_rate,
        answered=answered,
        lz=lz,
        lz_star=lz_star,
        p=p,
        flagged=p <= false_alarm_rate,
    )


def _standardized(
    block: PersonBlock, estimate: Estimate, pull: Array | None
) -> tuple[Array, Array]:
    """Return lz and lz*; r₀ is the part of the estimating equation that no answer contributes."""
    curves = block.curves
    safe = np.maximum(curves.probability, _SMALLEST)
    log_p, rise = np.log(safe), curves.slope / safe
    centre = (curves.probability * log_p).sum(axis=1)
    spread = (curves.probability * log_p**2).sum(axis=1) - centre**2
    tilt = block.per_person((curves.slope * log_p).sum(axis=1))
    information = block.per_person(curves.information())
    gap = block.at_scores(log_p).sum(axis=1) - block.per_person(centre)
    variance = block.per_person(spread)
    if estimate == "wle":
        start = share(block.per_person(curves.warm_numerator()), 2.0 * information)
    elif estimate == "eap":
        start = -block.at_scores(rise).sum(axis=1)
    else:
        start = np.zeros(gap.size) if pull is None else pull
    lever = share(tilt, information)
    # Var(Σ w − c·Σ r) with Cov(Σ w, Σ r) = Σ P′w and Var(Σ r) = information.
    reduced = variance - lever * tilt
    floor = 1e-10 * np.maximum(variance, 1e-10)
    return (
        np.where(variance > 1e-10, ratio(gap, np.sqrt(np.maximum(variance, 0.0))), np.nan),
        np.where(
            reduced > floor, ratio(gap + lever * start, np.sqrt(np.maximum(reduced, 0.0))), np.nan
        ),
    )
