"""Linear and mean equating, and the linear methods of the anchor design, from means and covariances."""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array


class AnchorUnrelated(LiangcaiError):
    """The anchor does not vary, or does not rise with the form that it should stand for."""

    code = "measurement.equating.anchor-unrelated"


@dataclass(frozen=True, slots=True)
class Line:
    """A linear conversion: equivalent = intercept + slope·score."""

    slope: float
    intercept: float

    def at(self, score: Array) -> Array:
        """Return the equivalents of scores."""
        return np.asarray(self.intercept + self.slope * score)


@dataclass(frozen=True, slots=True)
class FormMoments:
    """Means, variances (divisor N) and covariance of a form and its anchor in one population."""

    mean: float
    variance: float
    anchor_mean: float
    anchor_variance: float
    covariance: float


def line_between(*, mean_x: float, deviation_x: float, mean_y: float, deviation_y: float) -> Line:
    """Return the line that gives X the mean and the standard deviation of Y."""
    slope = deviation_y / deviation_x
    return Line(slope, mean_y - slope * mean_x)


def moments_of(frequencies: Array) -> tuple[float, float]:
    """Return the mean and the variance (divisor N) of scores 0 … highest."""
    share = frequencies / frequencies.sum()
    score = np.arange(share.size)
    mean = float(share @ score)
    return mean, float(share @ (score - mean) ** 2)


def form_moments(table: Array) -> FormMoments:
    """Return the moments of a form (rows) and its anchor (columns)."""
    share = table / table.sum()
    mean, variance = moments_of(share.sum(axis=1))
    anchor_mean, anchor_variance = moments_of(share.sum(axis=0))
    score = np.arange(share.shape[0]) - mean
    anchor = np.arange(share.shape[1]) - anchor_mean
    return FormMoments(mean, variance, anchor_mean, anchor_variance, float(score @ share @ anchor))


def tucker_line(x: FormMoments, y: FormMoments, *, weight: float) -> Line:
    """
    Return Tucker's line (Gulliksen, 1950): the regression on the anchor holds in both populations.

    `weight` of population 1, from 0 to 1, in the synthetic population.

    Raises:
        AnchorUnrelated: the anchor does not vary.
    """
    _check(x, y)
    return _synthetic_line(
        x, y, (x.covariance / x.anchor_variance, y.covariance / y.anchor_variance), weight
    )


def levine_line(x: FormMoments, y: FormMoments, *, weight: float, internal: bool) -> Line:
    """
    Return Levine's (1955) observed-score line: true scores on form and anchor correlate perfectly.

    The effective lengths are those of the classical congeneric model (Angoff, 1971).

    Raises:
        AnchorUnrelated: the anchor does not vary or does not covary positively with the form.
    """
    _check(x, y)
    if min(x.covariance, y.covariance) <= 0.0:
        raise AnchorUnrelated(
            "Levine's method needs an anchor that covaries positively with the form"
        )
    if internal:
        gammas = (x.variance / x.covariance, y.variance / y.covariance)
    else:
        gammas = (
            (x.variance + x.covariance) / (x.anchor_variance + x.covariance),
            (y.variance + y.covariance) / (y.anchor_variance + y.covariance),
        )
    return _synthetic_line(x, y, gammas, weight)


def chained_line(x: FormMoments, y: FormMoments) -> Line:
    """
    Return the chain of two lines: X to the anchor in population 1, the anchor to Y in population 2.

    Raises:
        AnchorUnrelated: the anchor does not vary.
    """
    _check(x, y)
    first = line_between(
        mean_x=x.mean,
        deviation_x=x.variance**0.5,
        mean_y=x.anchor_mean,
        deviation_y=x.anchor_variance**0.5,
    )
    second = line_between(
        mean_x=y.anchor_mean,
        deviation_x=y.anchor_variance**0.5,
        mean_y=y.mean,
        deviation_y=y.variance**0.5,
    )
    return Line(first.slope * second.slope, second.intercept + second.slope * first.intercept)


def line_errors(x: Array, y: Array, *, at: Array) -> Array:
    """
    Return the large-sample standard errors of linear equating with random groups (Braun & Holland, 1982).

    `x`, `y`: frequencies of scores 0 … highest. With z = (score − mean of X)/deviation of X,
    var = var(Y)·{1/N_X + 1/N_Y + (skew_X/N_X + skew_Y/N_Y)·z + ((kurt_X − 1)/4N_X + (kurt_Y − 1)/4N_Y)·z²}.
    """
    constant, linear, quadratic = 0.0, 0.0, 0.0
    for frequencies in (x, y):
        mean, variance = moments_of(frequencies)
        share = frequencies / frequencies.sum()
        z = (np.arange(share.size) - mean) / np.sqrt(variance)
        persons = frequencies.sum()
        constant += 1.0 / persons
        linear += share @ z**3 / persons
        quadratic += (share @ z**4 - 1.0) / (4.0 * persons)
    mean, variance = moments_of(x)
    place = (at - mean) / np.sqrt(variance)
    total = constant + linear * place + quadratic * place**2
    return np.asarray(np.sqrt(np.maximum(moments_of(y)[1] * total, 0.0)))


def _synthetic_line(
    x: FormMoments, y: FormMoments, gammas: tuple[float, float], weight: float
) -> Line:
    """Equate in the population that is `weight` parts 1 and 1 − `weight` parts 2 (Braun & Holland, 1982)."""
    other = 1.0 - weight
    apart = x.anchor_mean - y.anchor_mean
    spread = x.anchor_variance - y.anchor_variance
    mixed = weight * other * apart**2
    variance_x = x.variance + gammas[0] ** 2 * (mixed - other * spread)
    variance_y = y.variance + gammas[1] ** 2 * (mixed + weight * spread)
    if min(variance_x, variance_y) <= 0.0:
        raise AnchorUnrelated("the anchor implies a synthetic variance of 0 or less")
    return line_between(
        mean_x=x.mean - other * gammas[0] * apart,
        deviation_x=variance_x**0.5,
        mean_y=y.mean + weight * gammas[1] * apart,
        deviation_y=variance_y**0.5,
    )


def _check(x: FormMoments, y: FormMoments) -> None:
    if min(x.variance, y.variance, x.anchor_variance, y.anchor_variance) <= 0.0:
        raise AnchorUnrelated("a form or the anchor does not vary in one of the populations")
