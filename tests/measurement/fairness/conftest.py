"""Synthetic responses of groups that the fairness tests share."""

import numpy as np
from scipy.special import expit

from liangcai.measurement.responses.matrix import Responses, responses_of


def simulated(
    *, persons: int = 1200, items: int = 12, dif: dict[int, float] | None = None, seed: int = 7
) -> Responses:
    """Synthetic 2PL responses of a reference and a focal group; `dif` moves difficulties."""
    rng = np.random.default_rng(seed)
    group = np.arange(persons) % 2
    theta = rng.normal(size=persons) - 0.3 * group
    z = theta[:, None] - np.linspace(-1.5, 1.5, items)
    for item, shift in (dif or {}).items():
        z[:, item] -= shift * group
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    return responses_of(scores, groups=np.array(["r", "f"])[group])


def graded(*, persons: int = 1500, shift: float = 0.0, seed: int = 3) -> Responses:
    """Synthetic graded responses (0 to 3) of three groups; item 1 is harder for group f."""
    rng = np.random.default_rng(seed)
    group = np.arange(persons) % 3
    theta = rng.normal(size=(persons, 1, 1))
    cuts = np.linspace(-0.8, 0.8, 8)[:, None] + np.array([-1.0, 0.0, 1.0])
    moved = shift * ((group == 1)[:, None] & (np.arange(8) == 0))[:, :, None]
    scores = (rng.random((persons, 8))[:, :, None] < expit(1.3 * (theta - cuts - moved))).sum(2)
    return responses_of(scores, groups=np.array(["r", "f", "g"])[group])
