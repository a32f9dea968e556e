"""Families of response curves in the parameters that are estimated: slopes and intercepts.

An item's working parameters are a row: logistic (a, δ, logit c, logit d) with a·theta + δ; graded
(a, δ_1 … δ_M) with P(X ≥ k) = logistic(a·theta + δ_k); partial credit (a, δ_1 … δ_M) with
odds of k over k − 1 of exp(a·theta + δ_k); nominal (α_1 … α_M, κ_1 … κ_M) with
P_k ∝ exp(α_k·theta + κ_k). Difficulties are b = −δ/a. A table holds log P and its derivatives
by the working parameters: n items × K categories × (P parameters ×) Q nodes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from liangcai.measurement.arrays import Array

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Table:
    """log P (n × K × Q) and its derivatives by the working parameters (n × K × P × Q)."""

    log_probability: Array
    slopes: Array


def _logistic(working: Array, theta: Array) -> Table:
    a, delta, low, high = (working[:, [column]] for column in range(4))
    share, rest = expit(a * theta + delta), expit(-a * theta - delta)
    c, d = expit(low), expit(high)
    right = c + (d - c) * share
    wrong = (1.0 - d) + (d - c) * rest
    rise = (d - c) * share * rest
    change = np.stack([rise * theta, rise, c * (1.0 - c) * rest, d * (1.0 - d) * share], axis=1)
    # A lower asymptote above the upper one is no item: so unlikely that no step goes there.
    right = np.where(c < d, np.maximum(right, _SMALLEST), _SMALLEST)
    wrong = np.where(c < d, np.maximum(wrong, _SMALLEST), _SMALLEST)
    return Table(
        np.stack([np.log(wrong), np.log(right)], axis=1),
        np.stack([-change / wrong[:, None], change / right[:, None]], axis=1),
    )


def _graded(working: Array, theta: Array) -> Table:
    count, steps = working.shape[0], working.shape[1] - 1
    z = working[:, :1, None] * theta + working[:, 1:, None]
    reach, fall = expit(z), expit(-z)
    one, zero = np.ones((count, 1, theta.size)), np.zeros((count, 1, theta.size))
    upper, lower = np.concatenate([one, reach], 1), np.concatenate([reach, zero], 1)
    below, under = np.concatenate([zero, fall], 1), np.concatenate([fall, one], 1)
    # From the smaller tails, so that rare categories keep their digits.
    share = np.maximum(np.where(upper < 0.5, upper - lower, under - below), _SMALLEST)
    rise = reach * fall
    padded = np.concatenate([zero, rise, zero], axis=1)
    slopes = np.zeros((count, steps + 1, steps + 1, theta.size))
    slopes[:, :, 0] = theta * (padded[:, :-1] - padded[:, 1:])
    place = np.arange(steps)
    slopes[:, place + 1, place + 1] = rise
    slopes[:, place, place + 1] = -rise
    slopes /= share[:, :, None]
    return Table(np.log(share), slopes)


def _partial_credit(working: Array, theta: Array) -> Table:
    steps = working.shape[1] - 1
    scores = np.arange(steps + 1, dtype=float)
    first = np.zeros((working.shape[0], 1))
    intercepts = np.concatenate([first, np.cumsum(working[:, 1:], axis=1)], axis=1)
    reached = (scores[:, None] >= scores[None, 1:]).astype(float)
    rates = np.empty((steps + 1, steps + 1, theta.size))
    rates[:, 0] = scores[:, None] * theta
    rates[:, 1:] = reached[:, :, None]
    return _divided_by_total(working[:, [0]] * scores, intercepts, theta, rates)


def _nominal(working: Array, theta: Array) -> Table:
    steps = working.shape[1] // 2
    first = np.zeros((working.shape[0], 1))
    one = np.concatenate([np.zeros((1, steps)), np.eye(steps)])
    rates = np.concatenate(
        [one[:, :, None] * theta, np.broadcast_to(one[:, :, None], (*one.shape, theta.size))],
        axis=1,
    )
    slopes = np.concatenate([first, working[:, :steps]], axis=1)
    return _divided_by_total(slopes, np.concatenate([first, working[:, steps:]], 1), theta, rates)


def _divided_by_total(slopes: Array, intercepts: Array, theta: Array, rates: Array) -> Table:
    """P_k ∝ exp(slope_k·theta + intercept_k); `rates` (K × P × Q): derivatives of the exponents."""
    z = slopes[:, :, None] * theta + intercepts[:, :, None]
    z -= z.max(axis=1, keepdims=True)
    log_share = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    mean = np.einsum("nkq,kpq->npq", np.exp(log_share), rates)
    return Table(log_share, rates[None] - mean[:, None])


TABLES: dict[str, Callable[[Array, Array], Table]] = {
    "logistic": _logistic,
    "graded": _graded,
    "partial-credit": _partial_credit,
    "nominal": _nominal,
}


def working_width(family: str, steps: int) -> int:
    """Return how many working parameters an item of so many steps has."""
    return {"logistic": 4, "nominal": 2 * steps}.get(family, steps + 1)
