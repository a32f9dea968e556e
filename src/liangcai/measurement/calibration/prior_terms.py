"""Prior densities as they bear on the working parameters: value, gradient, information of each row."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal, Priors


@dataclass(frozen=True, slots=True)
class PriorTerms:
    """Log prior of each row (I), its gradient (I × P), its positive curvature (I × P × P)."""

    value: Array
    gradient: Array
    information: Array


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows of one family, the working parameters of all, and which of them are free."""

    rows: Index
    working: Array
    opened: Flags


def prior_terms(layout: Layout, working: Array, priors: Priors) -> PriorTerms:
    """Return the terms; a prior bears on free parameters only, and on none of a nominal item."""
    rows, width = working.shape
    terms = PriorTerms(np.zeros(rows), np.zeros((rows, width)), np.zeros((rows, width, width)))
    if priors == Priors():
        return terms
    opened = (layout.local != 0.0).any(axis=2) | (layout.shared != 0.0).any(axis=2)
    for block in layout.blocks:
        if block.family != "nominal":
            steps = [1 + step for step in range(block.steps)]
            at = _Place(block.rows, working, opened)
            _add(terms, at, 0, priors.slope)
            for place in steps:
                _add_difficulty(terms, at, place, priors.difficulty)
            if block.family == "logistic":
                _add(terms, at, 2, priors.lower)
                _add(terms, at, 3, priors.upper)
    return terms


def _add(
    terms: PriorTerms, at: _Place, place: int, prior: Normal | LogNormal | Beta | None
) -> None:
    if prior is None:
        return
    rows, working = at.rows[at.opened[at.rows, place]], at.working
    value, slope, curvature = prior.at(working[rows, place])
    terms.value[rows] += value
    terms.gradient[rows, place] += slope
    terms.information[rows, place, place] += np.maximum(-curvature, 0.0)


def _add_difficulty(terms: PriorTerms, at: _Place, place: int, prior: Normal | None) -> None:
    """Add the prior of b = −δ/a, by the chain rule in a and δ."""
    if prior is None:
        return
    rows, working = at.rows[at.opened[at.rows, place]], at.working
    a, delta = working[rows, 0], working[rows, place]
    value, slope, curvature = prior.at(-delta / a)
    by_a, by_delta = np.where(at.opened[rows, 0], delta / a**2, 0.0), -1.0 / a
    terms.value[rows] += value
    terms.gradient[rows, 0] += slope * by_a
    terms.gradient[rows, place] += slope * by_delta
    for one, left in ((0, by_a), (place, by_delta)):
        for other, right in ((0, by_a), (place, by_delta)):
            terms.information[rows, one, other] -= curvature * left * right
