"""Cumulative logit regressions of many items at once, from counts (logistic regression for two scores).

P(X ≥ k) = logistic(τ_k + x·β) (McCullagh, 1980), fitted by Fisher scoring with halved steps. Since
predictors are functions of group and matching score, the counts hold all that the persons say.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.ratios import share

_CELLS = 1 << 20
_STEPS = 60
_HALVINGS = 20
_SETTLED = 1e-10
_SMALLEST = 1e-15
# A log odds ratio on its way to infinity: the likelihood stops rising by a double's digits at about 25.
_INFINITE = 15.0


@dataclass(frozen=True, slots=True)
class CumulativeLogit:
    """
    Fits of R rows: maximised log-likelihood, coefficients and standard errors (R × P).

    `standard_errors` are NaN where the information is singular (a coefficient runs to infinity or
    is not identified); `settled` says where the log-likelihood stopped rising.
    """

    log_likelihood: Array
    coefficients: Array
    standard_errors: Array
    settled: Flags


def without_gaps(counts: Array) -> Array:
    """Return counts (R × K × C) with the scores that nobody earned moved to the end of their row."""
    seen = counts.sum(axis=2) > 0
    order = np.argsort(~seen, axis=1, kind="stable")
    return np.asarray(np.take_along_axis(counts, order[:, :, None], axis=1), dtype=float)


def null_log_likelihood(counts: Array) -> Array:
    """Return the log-likelihood of a model with thresholds alone."""
    margin = counts.sum(axis=2)
    part = share(margin, margin.sum(axis=1, keepdims=True))
    return np.asarray((margin * np.log(np.maximum(part, _SMALLEST))).sum(axis=1), dtype=float)


def cumulative_logit(counts: Array, design: Array) -> CumulativeLogit:
    """Fit counts without gaps (R × K × C cells) on a design R × C × P, some rows at a time."""
    length = max(_CELLS // (counts.shape[1] ** 2 * max(counts.shape[2], 1)), 1)
    parts = [
        _fitted(counts[start : start + length], design[start : start + length])
        for start in range(0, max(counts.shape[0], 1), length)
    ]
    return CumulativeLogit(
        np.concatenate([part.log_likelihood for part in parts]),
        np.concatenate([part.coefficients for part in parts]),
        np.concatenate([part.standard_errors for part in parts]),
        np.concatenate([part.settled for part in parts]),
    )


def _fitted(counts: Array, design: Array) -> CumulativeLogit:
    rows, width, _ = counts.shape
    steps, terms = width - 1, design.shape[2]
    reach = np.cumsum(counts.sum(axis=2)[:, ::-1], axis=1)[:, ::-1]
    exists = reach[:, 1:] > 0
    odds = share(reach[:, 1:], np.maximum(reach[:, :1] - reach[:, 1:], 0.5))
    start = np.where(exists, np.log(np.maximum(odds, _SMALLEST)), 0.0)
    estimate = np.concatenate([start, np.zeros((rows, terms))], axis=1)
    height = _log_likelihood(counts, _probabilities(estimate, design, exists)[0])
    settled = np.zeros(rows, dtype=bool)
    for _ in range(_STEPS):
        gradient, information = _derivatives(counts, estimate, design, exists)
        step = _solved(information, gradient)
        estimate, risen = _climbed(counts, design, exists, (estimate, height, step))
        settled = risen - height <= _SETTLED * (1.0 + np.abs(height))
        height = risen
        if settled.all():
            break
    _, information = _derivatives(counts, estimate, design, exists)
    errors = _standard_errors(information)[:, steps:]
    finite = (np.abs(estimate[:, steps:]) < _INFINITE).all(axis=1, keepdims=True)
    errors = np.where(finite, errors, np.nan)
    return CumulativeLogit(height, estimate[:, steps:], errors, settled)


def _climbed(
    counts: Array, design: Array, exists: Flags, climb: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Return estimates and log-likelihoods after the longest halved step that does not descend."""
    estimate, height, step = climb
    length = np.ones(height.size)
    for _ in range(_HALVINGS):
        tried = estimate + length[:, None] * step
        reached = _log_likelihood(counts, _probabilities(tried, design, exists)[0])
        down = reached < height - 1e-12 * np.abs(height)
        if not down.any():
            break
        length = np.where(down, 0.5 * length, length)
    better = reached >= height
    return np.where(better[:, None], tried, estimate), np.where(better, reached, height)


def _probabilities(estimate: Array, design: Array, exists: Flags) -> tuple[Array, Array]:
    """Return P(X = k) and the slopes of P(X ≥ k) in its logit (R × K × C, R × K−1 × C)."""
    steps = exists.shape[1]
    line = np.einsum("rcp,rp->rc", design, estimate[:, steps:])
    z = np.where(exists[:, :, None], estimate[:, :steps, None] + line[:, None, :], -np.inf)
    reach, fall = expit(z), expit(-z)
    one, zero = np.ones_like(line)[:, None], np.zeros_like(line)[:, None]
    upper, lower = np.concatenate([one, reach, zero], 1), np.concatenate([zero, fall, one], 1)
    # The difference of the smaller tails keeps the digits of rare scores.
    inner = np.where(upper[:, :-1] < 0.5, -np.diff(upper, axis=1), np.diff(lower, axis=1))
    return np.maximum(inner, _SMALLEST), reach * fall


def _log_likelihood(counts: Array, probability: Array) -> Array:
    return np.asarray(np.einsum("rkc,rkc->r", counts, np.log(probability)), dtype=float)


def _derivatives(
    counts: Array, estimate: Array, design: Array, exists: Flags
) -> tuple[Array, Array]:
    """Return the gradient and the expected information of thresholds and coefficients."""
    probability, slope = _probabilities(estimate, design, exists)
    pull = counts / probability
    by_step = slope * (pull[:, 1:] - pull[:, :-1])
    gradient = np.concatenate(
        [by_step.sum(axis=2), np.einsum("rc,rcp->rp", by_step.sum(axis=1), design)], axis=1
    )
    size = counts.sum(axis=1)
    steps = slope.shape[1]
    weight = np.zeros((slope.shape[0], steps, steps, slope.shape[2]))
    inverse = 1.0 / probability
    place = np.arange(steps)
    weight[:, place, place] = size[:, None] * slope**2 * (inverse[:, 1:] + inverse[:, :-1])
    beside = -size[:, None] * slope[:, 1:] * slope[:, :-1] * inverse[:, 1:-1]
    weight[:, place[1:], place[:-1]] = beside
    weight[:, place[:-1], place[1:]] = beside
    rows = weight.sum(axis=2)
    mixed = np.einsum("rkc,rcp->rkp", rows, design)
    inner = np.einsum("rc,rcp,rcq->rpq", rows.sum(axis=1), design, design, optimize=True)
    upper = np.concatenate([weight.sum(axis=3), mixed], axis=2)
    lower = np.concatenate([mixed.transpose(0, 2, 1), inner], axis=2)
    return gradient, np.concatenate([upper, lower], axis=1)


def _solved(information: Array, gradient: Array) -> Array:
    """Return information⁻¹·gradient, with a diagonal that keeps singular rows solvable."""
    place = np.arange(information.shape[1])
    diagonal = information[:, place, place]
    steady = information.copy()
    steady[:, place, place] = diagonal * (1.0 + 1e-12) + np.where(diagonal > 0, 1e-12, 1.0)
    return np.asarray(np.linalg.solve(steady, gradient[:, :, None])[:, :, 0], dtype=float)


def _standard_errors(information: Array) -> Array:
    """Return √diag of the inverse; NaN for a whole row whose information is singular."""
    place = np.arange(information.shape[1])
    diagonal = information[:, place, place]
    used = diagonal > 0
    scale = np.where(used, np.sqrt(np.maximum(diagonal, _SMALLEST)), 1.0)
    even = information / (scale[:, :, None] * scale[:, None, :])
    even[:, place, place] = 1.0
    regular = np.linalg.eigvalsh(even)[:, 0] > 1e-9
    even[~regular] = np.eye(place.size)
    spread = np.sqrt(np.linalg.inv(even)[:, place, place]) / scale
    return np.where(regular[:, None] & used, spread, np.nan)
