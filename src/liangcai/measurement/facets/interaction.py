"""Bias: elements of two facets (or a facet and person groups or periods) that together depart from the main effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import chi2, norm

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.moments import moments_of
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.scoring import Applied, Standing, applied, standing_of
from liangcai.measurement.facets.sparse_sums import dense_codes, totals
from liangcai.measurement.results import Result
from liangcai.measurement.significance import adjusted


class InteractionInvalid(LiangcaiError):
    """An interaction was asked for between things that the ratings do not have or that are one."""

    code = "measurement.interaction-invalid"


@dataclass(frozen=True, slots=True)
class Interaction(Result):
    """
    Bias of each pair that has ratings: how much harder or more severe than the main effects say.

    `bias` in logits, positive = more severe; `standard_error` includes that the persons' measures
    are uncertain; main effects are held, so that `t` is conservative where few
    pairs share one. `difference` is observed − expected average in category
    numbers. `p` is two-sided and `p_holm` adjusted for the number of pairs (Holm, 1979). NaN
    where the pair's ratings carry no information of their own.
    """

    title: ClassVar[str] = "Interaction between facets"
    method: ClassVar[str] = "one Newton step of the marginal likelihood from no bias: a score test"
    source: ClassVar[str] = "Rao (1948); Linacre (1989); Holm (1979)"

    between: tuple[str, str]
    first: tuple[str, ...]
    second: tuple[str, ...]
    ratings: Array
    difference: Array
    bias: Array
    standard_error: Array
    t: Array
    p: Array
    p_holm: Array

    def facts(self) -> Mapping[str, Any]:
        """Return the joint test: Σ t² on the number of pairs free of the main effects."""
        known = np.isfinite(self.t)
        # Periods have no main effect in the model; facets and groups have.
        fitted = [
            len(set(names)) - 1
            for name, names in zip(self.between, (self.first, self.second), strict=True)
            if name != "period"
        ]
        free = int(known.sum()) - sum(fitted) - 1
        statistic = float(np.sum(self.t[known] ** 2))
        return {
            "pairs": len(self.first),
            "chi-square": statistic,
            "degrees of freedom": int(max(free, 0)),
            "p": float(chi2.sf(statistic, free)) if free > 0 else None,
        }

    def columns(self) -> Mapping[str, Any]:
        """Return one row a pair."""
        return {
            self.between[0]: self.first,
            self.between[1]: self.second,
            "ratings": self.ratings,
            "observed − expected": self.difference,
            "bias": self.bias,
            "standard error": self.standard_error,
            "t": self.t,
            "p": self.p,
            "p (Holm)": self.p_holm,
        }


def interaction(
    calibration: FacetCalibration, ratings: Ratings, *, between: tuple[str, str]
) -> Interaction:
    """
    Return the bias of every pair of `between`: two facets, or a facet with "group" or "period".

    Raises:
        InteractionInvalid: both are the same, or the ratings have no groups or periods.
        RatingsInvalid: a facet or an element was not calibrated.
    """
    if between[0] == between[1]:
        raise InteractionInvalid(f"{between[0]!r} cannot interact with itself")
    calibrated = applied(calibration, ratings)
    held = calibrated.ratings
    first, second = _coded(held, between[0]), _coded(held, between[1])
    width = len(second[0])
    found, cell = dense_codes(first[1] * width + second[1], len(first[0]) * width)
    cell = cell[calibrated.design.rows]
    standing = standing_of(calibration, calibrated)
    count, difference, information = _cell_sums(calibrated, standing, cell, int(found.size))
    known = information > 1e-6
    safe = np.where(known, information, np.nan)
    bias, error = -difference / safe, 1.0 / np.sqrt(safe)
    t = bias / error
    p = 2.0 * norm.sf(np.abs(t))
    return Interaction(
        between=between,
        first=tuple(first[0][place] for place in found // width),
        second=tuple(second[0][place] for place in found % width),
        ratings=count,
        difference=difference / count,
        bias=bias,
        standard_error=error,
        t=t,
        p=p,
        p_holm=adjusted(p, "holm"),
    )


def _coded(ratings: Ratings, name: str) -> tuple[tuple[str, ...], Index]:
    """Return the labels of a facet, of the person groups or of the periods, and each rating's code."""
    if name == "group":
        if ratings.groups is None:
            raise InteractionInvalid("the ratings have no person groups; give `groups`")
        return ratings.group_names, ratings.groups[ratings.person]
    if name == "period":
        if ratings.periods is None:
            raise InteractionInvalid("the ratings have no periods; give `periods`")
        return ratings.period_names, ratings.periods
    place = ratings.facet_place(name)
    return ratings.facets[place].elements, ratings.elements[:, place]


def _cell_sums(
    calibrated: Applied, standing: Standing, cell: Index, cells: int
) -> tuple[Array, Array, Array]:
    """Return ratings, observed − expected total, and observed information of each cell."""
    design, weight = calibrated.design, calibrated.design.weight
    pairs, pair = dense_codes(design.person * cells + cell, design.persons * cells)
    expected, variance = np.zeros(pairs.size), np.zeros(cells)
    square = np.zeros(pairs.size)
    owner = pairs // cells
    for theta, mass in zip(standing.points.T, standing.masses.T, strict=True):
        mean, spread = np.empty(weight.size), np.empty(weight.size)
        for rows in calibrated.curves.blocks():
            moments = moments_of(calibrated.curves.probabilities(theta, rows))
            mean[rows], spread[rows] = moments.mean, moments.variance
        share = mass[owner]
        total = totals(pair, weight * mean, pairs.size)
        expected += share * total
        square += share * total**2
        held = mass[design.person] * weight * spread
        variance += totals(cell, held, cells)
    count = totals(cell, weight, cells)
    observed = totals(cell, weight * design.number, cells)
    into = pairs % cells
    difference = observed - totals(into, expected, cells)
    uncertain = totals(into, np.maximum(square - expected**2, 0.0), cells)
    return count, difference, variance - uncertain
