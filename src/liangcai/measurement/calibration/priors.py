"""Prior densities of item parameters; the estimate is then the mode of the posterior (Mislevy, 1986)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array


class PriorInvalid(LiangcaiError):
    """A prior density has a spread or shape that no density has."""

    code = "measurement.prior-invalid"


@dataclass(frozen=True, slots=True)
class Normal:
    """N(mean, sd²); of a lower asymptote: of its logit."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _require_positive(self.sd)

    def at(self, x: Array) -> tuple[Array, Array, Array]:
        """Return log density, its slope and its curvature."""
        z = (x - self.mean) / self.sd
        value = -0.5 * z * z - math.log(self.sd * math.sqrt(2.0 * math.pi))
        return value, -z / self.sd, np.full_like(x, -1.0 / self.sd**2)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """The logarithm is N(mean, sd²); for slopes."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _require_positive(self.sd)

    def at(self, x: Array) -> tuple[Array, Array, Array]:
        """Return log density, its slope and its curvature; a slope at or below 0 is impossible."""
        inside = x > 0.0
        safe = np.where(inside, x, 1.0)
        log = np.log(safe)
        z = (log - self.mean) / self.sd
        value = -0.5 * z * z - log - math.log(self.sd * math.sqrt(2.0 * math.pi))
        slope = -(z / self.sd + 1.0) / safe
        curvature = (z / self.sd + 1.0 - 1.0 / self.sd**2) / safe**2
        return np.where(inside, value, -np.inf), slope, curvature


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(alpha, beta) of an asymptote."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        _require_positive(self.alpha)
        _require_positive(self.beta)

    def at(self, x: Array) -> tuple[Array, Array, Array]:
        """Return log density by the logit's value x, its slope and its curvature by the logit."""
        share = 0.5 * (1.0 + np.tanh(0.5 * x))
        one, other = self.alpha - 1.0, self.beta - 1.0
        value = -one * np.logaddexp(0.0, -x) - other * np.logaddexp(0.0, x)
        value -= betaln(self.alpha, self.beta)
        slope = one - (one + other) * share
        return value, slope, -(one + other) * share * (1.0 - share)


@dataclass(frozen=True, slots=True)
class Priors:
    """Priors of slopes, difficulties and asymptotes; None: none (maximum likelihood)."""

    slope: LogNormal | Normal | None = None
    difficulty: Normal | None = None
    lower: Beta | Normal | None = None
    upper: Beta | Normal | None = None


NO_PRIORS = Priors()


def _require_positive(value: float) -> None:
    if not (math.isfinite(value) and value > 0.0):
        raise PriorInvalid(f"a prior needs a finite spread or shape above 0, not {value}")
