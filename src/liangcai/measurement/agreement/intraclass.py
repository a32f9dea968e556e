"""Intraclass correlation: the six forms of Shrout & Fleiss (1979) and McGraw & Wong (1996)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy import stats

from liangcai.measurement.agreement.coefficient import (
    Bootstrap,
    Interval,
    drawn,
    interval_from,
    jackknife_moments,
)
from liangcai.measurement.agreement.ratings import (
    AgreementUndefined,
    RatingsInvalid,
    score_array,
)
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.results import Result

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
_SYNONYMS = ("ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(k)", "ICC(A,k)", "ICC(C,k)")
_MODELS = ("raters differ by person", "raters a sample: agreement", "raters fixed: consistency") * 2


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation(Result):
    """
    The six intraclass correlations of one table, each with its F test of ICC = 0 and its interval.

    All arrays have six entries, in the order of `FORMS`; `mean_squares` are those between persons,
    within persons, between raters and of error. `resampled` holds a bootstrap interval for each
    form, or is empty.
    """

    title: ClassVar[str] = "Intraclass correlation"
    method: ClassVar[str] = (
        "mean squares of persons and raters; F intervals, exact but for ICC(2,·), whose degrees of "
        "freedom are Satterthwaite's"
    )
    source: ClassVar[str] = "Shrout & Fleiss (1979); McGraw & Wong (1996)"
    icc: Array
    f: Array
    df1: Index
    df2: Index
    p: Array
    lower: Array
    upper: Array
    level: float
    persons: int
    raters: int
    mean_squares: dict[str, float]
    rater_means: Array
    resampled: tuple[Interval, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a form."""
        table = {
            "form": FORMS,
            "also": _SYNONYMS,
            "model": _MODELS,
            "ICC": self.icc,
            "F": self.f,
            "df1": self.df1,
            "df2": self.df2,
            "p": self.p,
            "lower": self.lower,
            "upper": self.upper,
        }
        if not self.resampled:
            return table
        return {
            **table,
            "bootstrap lower": [one.lower for one in self.resampled],
            "bootstrap upper": [one.upper for one in self.resampled],
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the size of the table, the raters' means and the mean squares."""
        return {
            "persons": self.persons,
            "raters": self.raters,
            "level of the intervals": self.level,
            "means of the raters": self.rater_means,
            **{f"mean square {name}": value for name, value in self.mean_squares.items()},
        }


def intraclass_correlation(
    ratings: npt.ArrayLike, *, level: float = 0.95, bootstrap: Bootstrap | None = None
) -> IntraclassCorrelation:
    """
    Return all six intraclass correlations of complete persons × raters.

    Where rating is perfectly consistent F is ∞ and the bounds meet the estimate; where persons'
    means are all equal the forms of averaged ratings are −∞.

    Raises:
        RatingsInvalid: fewer than two persons or raters, a missing or infinite rating (variance components of
            the generalizability part need no complete table), or a level outside (0, 1).
        AgreementUndefined: ratings do not differ between persons beyond the raters' own means.
    """
    table = score_array(ratings)
    if table.ndim != 2 or min(table.shape) < 2:
        raise RatingsInvalid(
            f"an intraclass correlation needs at least two persons and two raters, not {table.shape}"
        )
    if not np.isfinite(table).all():
        raise RatingsInvalid(
            "a rating is missing or infinite: estimate variance components (p x r, REML) from incomplete tables"
        )
    if not 0.0 < level < 1.0:
        raise RatingsInvalid(f"level {level} must lie between 0 and 1")
    persons, raters = table.shape
    centred = table - table.mean()
    squares = _mean_squares(_sums(centred).sum(axis=0, keepdims=True), persons)
    size = float((centred**2).sum())
    if squares[0, 0] + squares[0, 3] <= 1e-12 * max(size, float(np.abs(table).max()) ** 2 * 1e-12):
        raise AgreementUndefined(
            "persons do not differ, apart from the raters' means: an intraclass correlation does not exist"
        )
    icc = _forms(squares, persons, raters)[0]
    tests = _tests(squares[0], persons, raters)
    lower, upper = _bounds(squares[0], icc, persons, raters, (1.0 - level) / 2.0)
    names = ("between persons", "within persons", "between raters", "of error")
    return IntraclassCorrelation(
        icc,
        *tests,
        lower,
        upper,
        level,
        persons,
        raters,
        dict(zip(names, squares[0].tolist(), strict=True)),
        table.mean(axis=0),
        () if bootstrap is None else _resampled(centred, icc, bootstrap),
    )


def _sums(table: Array) -> Array:
    """Return what mean squares are made of, to be added up over persons: squared total, sum of squares, ratings."""
    return np.column_stack([table.sum(axis=1) ** 2, (table**2).sum(axis=1), table])


def _mean_squares(sums: Array, persons: int) -> Array:
    """Mean squares (between persons, within, between raters, error) of B tables, from their sums over persons."""
    ratings = sums[:, 2:]
    raters = ratings.shape[1]
    level = ratings.sum(axis=1) ** 2 / (persons * raters)
    between = sums[:, 0] / raters - level
    within = sums[:, 1] - sums[:, 0] / raters
    columns = (ratings**2).sum(axis=1) / persons - level
    between, within, columns = (np.maximum(part, 0.0) for part in (between, within, columns))
    error = np.maximum(within - columns, 0.0)
    error = np.where(error < 1e-13 * (within + between), 0.0, error)
    free = max(persons - 1, 1)
    degrees = (free, persons * (raters - 1), raters - 1, free * (raters - 1))
    means = np.stack([between, within, columns, error], axis=1) / np.array(degrees)
    return np.asarray(means, dtype=float)


def _forms(squares: Array, persons: int, raters: int) -> Array:
    between, within, columns, error = squares.T
    with np.errstate(divide="ignore", invalid="ignore"):
        forms = np.stack(
            [
                (between - within) / (between + (raters - 1) * within),
                (between - error)
                / (between + (raters - 1) * error + raters * (columns - error) / persons),
                (between - error) / (between + (raters - 1) * error),
                (between - within) / between,
                (between - error) / (between + (columns - error) / persons),
                (between - error) / between,
            ],
            axis=1,
        )
    return np.asarray(forms, dtype=float)


def _tests(squares: Array, persons: int, raters: int) -> tuple[Array, Index, Index, Array]:
    between, within, _, error = squares
    oneway = between / within if within > 0 else np.inf
    twoway = between / error if error > 0 else np.inf
    f = np.array([oneway, twoway, twoway] * 2)
    df1 = np.full(6, persons - 1, dtype=np.intp)
    df2 = np.array([persons * (raters - 1)] + [(persons - 1) * (raters - 1)] * 2, dtype=np.intp)
    df2 = np.concatenate([df2, df2])
    return f, df1, df2, np.asarray(stats.f.sf(f, df1, df2), dtype=float)


def _bounds(
    squares: Array, icc: Array, persons: int, raters: int, tail: float
) -> tuple[Array, Array]:
    f, df1, df2, _ = _tests(squares, persons, raters)
    low = f[[0, 2]] / stats.f.isf(tail, df1[[0, 2]], df2[[0, 2]])
    high = f[[0, 2]] * stats.f.isf(tail, df2[[0, 2]], df1[[0, 2]])
    agreement = _agreement_bounds(squares, float(icc[1]), persons, raters, tail)
    single_low, single_high = (_from_ratio(ratio, raters) for ratio in (low, high))
    lower = np.array([single_low[0], agreement[0], single_low[1]])
    upper = np.array([single_high[0], agreement[1], single_high[1]])
    return (
        np.concatenate([lower, _stepped_up(lower, raters)]),
        np.concatenate([upper, _stepped_up(upper, raters)]),
    )


def _from_ratio(ratio: Array, raters: int) -> Array:
    finite = np.where(np.isinf(ratio), 1.0, ratio)
    return np.where(np.isinf(ratio), 1.0, (finite - 1.0) / (finite + raters - 1.0))


def _stepped_up(single: Array, raters: int) -> Array:
    """Return the reliability of the mean of the raters (Spearman, 1910; Brown, 1910)."""
    divisor = 1.0 + (raters - 1.0) * single
    return np.where(divisor > 1e-12, raters * single / np.where(divisor > 0, divisor, 1.0), -np.inf)


def _agreement_bounds(
    squares: Array, icc: float, persons: int, raters: int, tail: float
) -> tuple[float, float]:
    n, k = float(persons), float(raters)
    between, _, columns, error = squares
    weight_columns, weight_error = k * icc, n * (1.0 + (k - 1.0) * icc) - k * icc
    spread = weight_columns * columns + weight_error * error
    parts = (weight_columns * columns) ** 2 / (k - 1.0)
    parts += (weight_error * error) ** 2 / ((n - 1.0) * (k - 1.0))
    if parts <= 0.0:
        return icc, icc
    df = max(spread**2 / parts, 0.05)
    above, below = stats.f.isf(tail, n - 1.0, df), stats.f.isf(tail, df, n - 1.0)
    rest = k * columns + (k * n - k - n) * error
    # Divided by the quantile, which is infinite where the degrees of freedom vanish.
    lower = n * (between / above - error) / (rest + n * between / above)
    upper = n * (below * between - error) / (rest + n * below * between)
    return float(lower), float(upper)


def _resampled(table: Array, icc: Array, plan: Bootstrap) -> tuple[Interval, ...]:
    """One interval for each form, all from the same draws, so that they can be compared."""
    persons, raters = table.shape
    sums = _sums(table)
    ones = np.ones(persons, dtype=np.intp)

    def forms(weights: Array) -> Array:
        return _forms(_mean_squares(weights @ sums, persons), persons, raters)

    values = drawn(forms, ones, plan)
    left = _forms(_mean_squares(sums.sum(axis=0) - sums, persons - 1), persons - 1, raters)
    return tuple(
        interval_from(
            values[:, place],
            plan,
            value=float(value),
            acceleration=jackknife_moments(left[:, place], ones)[1],
        )
        for place, value in enumerate(icc)
    )
