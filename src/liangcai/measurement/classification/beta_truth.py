"""The beta distribution of proportion-correct true scores, fitted by moments (Lord, 1965; Hanson, 1991)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv

from liangcai.measurement.arrays import Array
from liangcai.measurement.classification.tables import ClassificationInvalid

FOUR, TWO = "four-parameter beta", "two-parameter beta"


@dataclass(frozen=True, slots=True)
class BetaTruth:
    """True scores distributed as lower + (upper − lower)·Beta(alpha, beta), within [0, 1]."""

    model: str
    alpha: float
    beta: float
    lower: float
    upper: float

    def chance_below(self, score: Array) -> Array:
        """Return the share of true scores below each score."""
        place = (score - self.lower) / (self.upper - self.lower)
        return np.asarray(betainc(self.alpha, self.beta, np.clip(place, 0.0, 1.0)))

    def score_at(self, below: Array, above: Array) -> Array:
        """Return the true scores with these shares below and above (which sum to 1)."""
        rising = betaincinv(self.alpha, self.beta, np.minimum(below, 0.5))
        falling = 1.0 - betaincinv(self.beta, self.alpha, np.minimum(above, 0.5))
        place = np.where(below < 0.5, rising, falling)
        return np.asarray(self.lower + (self.upper - self.lower) * place)


def true_moments(raw: Array, *, length: float, lords_k: float = 0.0) -> Array:
    """
    Return the first four raw moments of the true proportion from those of the observed score.

    `raw` are E(Xʳ), r = 1 … 4, of a score on `length` items with binomial error, or with Lord's
    (1965) two-term compound binomial error where `lords_k` is above 0. Moments that the test is
    too short for are NaN: r items identify r moments.
    """
    first, second, third, fourth = raw
    falling = np.array(
        [
            first,
            second - first,
            third - 3.0 * second + 2.0 * first,
            fourth - 6.0 * third + 11.0 * second - 6.0 * first,
        ]
    )
    found = np.full(4, np.nan)
    before, divisor = 1.0, 1.0
    for r in range(1, 5):
        divisor *= length - (r - 1)
        if divisor <= 0.0:
            break
        # (n − 2)(n − 3) … r − 2 factors: what remains of the divisor without n(n − 1).
        excess = lords_k * r * (r - 1) * divisor / (length * (length - 1.0)) if r > 1 else 0.0
        before = (falling[r - 1] + excess * before) / (divisor + excess)
        found[r - 1] = before
    return found


def beta_of(moments: Array) -> BetaTruth:
    """
    Return the four-parameter beta with these raw moments or, where none exists, the two-parameter.

    Raises:
        ClassificationInvalid: no distribution on [0, 1] has this mean and variance.
    """
    mean, variance = float(moments[0]), float(moments[1] - moments[0] ** 2)
    if not (0.0 < mean < 1.0 and 0.0 < variance < mean * (1.0 - mean)):
        raise ClassificationInvalid(
            f"true scores would have mean {mean:g} and variance {variance:g}: no distribution on "
            "[0, 1] has them; check the reliability, the lowest and the highest score"
        )
    found = _four_parameters(moments, variance)
    if found is not None:
        return found
    total = mean * (1.0 - mean) / variance - 1.0
    return BetaTruth(TWO, mean * total, (1.0 - mean) * total, 0.0, 1.0)


def _four_parameters(moments: Array, variance: float) -> BetaTruth | None:
    first, second, third, fourth = moments
    skew = (third - 3.0 * first * second + 2.0 * first**3) / variance**1.5
    fourth_central = fourth - 4.0 * first * third + 6.0 * first**2 * second - 3.0 * first**4
    kurtosis = fourth_central / variance**2
    divisor = 6.0 + 3.0 * skew**2 - 2.0 * kurtosis
    if not divisor > 0.0:
        return None
    total = 6.0 * (kurtosis - skew**2 - 1.0) / divisor
    if not total > 0.0:
        return None
    # skew² = 16·lean²·(total + 1) / ((total + 2)²·(1 − lean²)), with lean = (alpha − beta) / total.
    pull = (skew * (total + 2.0)) ** 2
    lean = -np.sign(skew) * np.sqrt(pull / (16.0 * (total + 1.0) + pull))
    alpha, beta = 0.5 * total * (1.0 + lean), 0.5 * total * (1.0 - lean)
    width = total * np.sqrt(variance * (total + 1.0) / (alpha * beta))
    lower = first - width * alpha / total
    if lower < 0.0 or lower + width > 1.0:
        return None
    return BetaTruth(FOUR, float(alpha), float(beta), float(lower), float(lower + width))
