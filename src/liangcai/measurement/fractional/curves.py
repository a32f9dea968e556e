"""Response curves: what one scored observation says about an ability.

An observation is a share x of the possible score (0 to 1) that counts as w trials. Its
log-likelihood is w·(x·log P + (1 − x)·log Q) with P = c + (1 − c)·logistic(a·(theta − b)): for
x of 0 or 1 and w of 1 the three-parameter logistic model (Birnbaum, 1968), for a share the
fractional quasi-likelihood (Papke & Wooldridge, 1996). Because x enters linearly and log(P/Q)
rises with theta, a higher score can never speak for a lower ability.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array


@dataclass(frozen=True, slots=True)
class Curves:
    """Values of response curves at abilities: one row per curve, one column per ability.

    `log_miss` is log Q, `log_odds` is log P − log Q, `information` is P'²/(PQ) and `tilt` is
    P'·P''/(PQ), the numerator of Warm's bias term.
    """

    log_miss: Array
    log_odds: Array
    information: Array
    tilt: Array


def curves_at(parameters: Array, theta: Array) -> Curves:
    """Evaluate the curves of the rows (a, b, c) of `parameters` at every ability of `theta`."""
    a, b, c = (parameters[:, [column]] for column in range(3))
    z = a * (theta[None, :] - b)
    log_share = -np.logaddexp(0.0, -z)
    log_rest = -np.logaddexp(0.0, z)
    share, rest = np.exp(log_share), np.exp(log_rest)
    p = c + (1.0 - c) * share
    log_p = np.where(c > 0.0, np.log(np.maximum(p, 1e-300)), log_share)
    information = a * a * (1.0 - c) * share * share * rest / p
    return Curves(
        log_miss=np.log1p(-c) + log_rest,
        log_odds=log_p - np.log1p(-c) - log_rest,
        information=information,
        tilt=a * information * (rest - share),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """The pieces of one likelihood equation, an entry per observation."""

    gradient: Array
    curvature: Array
    information: Array
    tilt: Array


def score_at(parameters: Array, theta: Array, share: Array, trials: Array) -> Score:
    """Return each observation's part of the score function at its own ability `theta`.

    All arguments have one entry (one row of (a, b, c)) per observation; `curvature` is the
    second derivative of the log-likelihood, `information` its expected negative.
    """
    a, b, c = parameters[:, 0], parameters[:, 1], parameters[:, 2]
    s = 0.5 * (1.0 + np.tanh(0.5 * a * (theta - b)))
    p = c + (1.0 - c) * s
    pull = a * s / p  # P' / (P·Q)
    gradient = trials * (share - p) * pull
    information = trials * a * a * (1.0 - c) * s * s * (1.0 - s) / p
    bend = a * c * (1.0 - s) / p  # derivative of log(s / p)
    return Score(
        gradient=gradient,
        curvature=gradient * bend - information,
        information=information,
        tilt=a * information * (1.0 - 2.0 * s),
    )
