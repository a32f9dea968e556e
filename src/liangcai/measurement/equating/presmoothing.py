"""Log-linear presmoothing: the smoothest table that keeps stated moments of the observed one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import xlogy

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.equating.designs import ScoresInvalid
from liangcai.measurement.results import Result

#: One score: (degree,). Two scores: (degree of rows, degree of columns, degree of cross products).
Degrees = tuple[int, ...]
_STEPS = 100


class SmoothingDiverged(LiangcaiError):
    """No log-linear table has the moments that were to be kept, or none was found."""

    code = "measurement.equating.smoothing-diverged"


class DegreesInvalid(LiangcaiError):
    """The degrees do not fit the table."""

    code = "measurement.equating.degrees-invalid"


@dataclass(frozen=True, slots=True)
class LogLinearFit(Result):
    """
    A smoothed table: `fitted` frequencies, which keep the sample size and the moments up to the degrees.

    `chi_square`: likelihood-ratio statistic G² on `degrees_of_freedom`; `aic`, `bic` up to the
    constant that all degrees share; `largest_gap`: the largest difference between an observed and a
    fitted moment (orthonormal polynomials, share of the sample).
    """

    title: ClassVar[str] = "Log-linear presmoothing"
    method: ClassVar[str] = "polynomial log-linear model by Newton steps with exact moments"
    source: ClassVar[str] = "Holland & Thayer (1987, 2000); Rosenbaum & Thayer (1987)"

    degrees: tuple[int, ...]
    observed: Array
    fitted: Array
    chi_square: float
    degrees_of_freedom: int
    aic: float
    bic: float
    largest_gap: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row a cell."""
        places = np.indices(self.observed.shape).reshape(self.observed.ndim, -1)
        names = ("score", "other")[: self.observed.ndim]
        table: dict[str, Any] = dict(zip(names, places, strict=True))
        return table | {"observed": self.observed.ravel(), "fitted": self.fitted.ravel()}

    def facts(self) -> Mapping[str, Any]:
        """Return the fit."""
        return {
            "degrees": self.degrees,
            "chi square": self.chi_square,
            "degrees of freedom": self.degrees_of_freedom,
            "AIC": self.aic,
            "BIC": self.bic,
            "largest gap of a moment": self.largest_gap,
        }


def log_linear(
    frequencies: Array, *, degrees: Degrees, possible: Flags | None = None
) -> LogLinearFit:
    """
    Return the log-linear table of one or two scores that keeps the moments up to `degrees`.

    Two scores: powers up to the first two degrees and products x^i·v^j with i, j up to the third.
    `possible`: cells that can hold persons at all; the others stay 0 (an internal anchor score above
    the total).

    Raises:
        ScoresInvalid: frequencies are not finite, below 0, all 0, or outside the possible cells.
        DegreesInvalid: a degree is below 1, or too high for the number of scores.
        SmoothingDiverged: the observed moments lie on the edge of what is possible.
    """
    observed = np.asarray(frequencies, dtype=float)
    cells = np.ones(observed.shape, dtype=bool) if possible is None else possible
    if observed.ndim not in {1, 2} or not (np.isfinite(observed) & (observed >= 0.0)).all():
        raise ScoresInvalid("frequencies of one or two scores must be finite and at least 0")
    if cells.shape != observed.shape or not observed.any() or observed[~cells].any():
        raise ScoresInvalid(
            "frequencies must not be all 0, and all persons must be in cells that are possible"
        )
    basis = polynomial_basis(cells, degrees)
    counts = observed[cells]
    fitted = fit_table(counts, basis)
    table = np.zeros_like(observed)
    table[cells] = fitted
    persons, parameters = float(counts.sum()), basis.shape[1]
    statistic = 2.0 * float((xlogy(counts, counts) - xlogy(counts, fitted)).sum())
    return LogLinearFit(
        degrees=tuple(degrees),
        observed=observed,
        fitted=table,
        chi_square=max(statistic, 0.0),
        degrees_of_freedom=int(cells.sum()) - parameters,
        aic=statistic + 2.0 * parameters,
        bic=statistic + float(np.log(persons)) * parameters,
        largest_gap=float(np.abs(basis.T @ (counts - fitted)).max()) / persons,
    )


def polynomial_basis(cells: Flags, degrees: Degrees) -> Array:
    """
    Return orthonormal polynomials over the possible cells (cells × parameters), the constant first.

    Raises:
        DegreesInvalid: a degree is below 1, or too high for the number of scores.
    """
    if len(degrees) != (1 if cells.ndim == 1 else 3) or min(degrees) < (
        1 if cells.ndim == 1 else 0
    ):
        raise DegreesInvalid(
            f"degrees {degrees}: one number from 1 for one score, three for two scores "
            "(rows, columns, cross products)"
        )
    axes = [np.linspace(-1.0, 1.0, size) for size in cells.shape]
    powers = [
        np.polynomial.legendre.legvander(axis, max(degree, degrees[-1]))
        for axis, degree in zip(axes, degrees, strict=False)
    ]
    if cells.ndim == 1:
        columns = [powers[0][:, place] for place in range(degrees[0] + 1)]
    else:
        pairs = [(i, 0) for i in range(degrees[0] + 1)]
        pairs += [(0, j) for j in range(1, degrees[1] + 1)]
        pairs += [(i, j) for i in range(1, degrees[2] + 1) for j in range(1, degrees[2] + 1)]
        columns = [np.multiply.outer(powers[0][:, i], powers[1][:, j])[cells] for i, j in pairs]
    basis, triangle = np.linalg.qr(np.stack(columns, axis=-1))
    pivots = np.abs(np.diag(triangle))
    if basis.shape[0] < len(columns) or pivots.min() < 1e-10 * pivots.max():
        raise DegreesInvalid(f"degrees {degrees} are too high for a table of {cells.shape} scores")
    return np.asarray(basis)


def fit_table(counts: Array, basis: Array) -> Array:
    """
    Return the fitted counts of the cells of `basis`: Newton steps, halved while they do not help.

    Raises:
        SmoothingDiverged: the likelihood has no maximum, or it was not reached.
    """
    persons = float(counts.sum())
    start = np.log(0.8 * counts + 0.2 * persons / counts.size)
    target = basis.T @ counts
    beta = basis.T @ start
    linear = basis @ beta
    linear += np.log(persons) - _log_sum(linear)
    beta, value = basis.T @ linear, float(counts @ linear) - persons
    for _ in range(_STEPS):
        fitted = np.exp(linear)
        gap = target - basis.T @ fitted
        try:
            step = cho_solve(cho_factor(basis.T @ (basis * fitted[:, None])), gap)
        except np.linalg.LinAlgError:
            raise SmoothingDiverged(_EDGE) from None
        # Where there is no maximum the moments come close too, but the steps stay as long as they were.
        if np.abs(gap).max() <= 1e-11 * persons and np.abs(basis @ step).max() < 1e-3:
            return np.asarray(fitted)
        beta, linear, value = _climbed(counts, basis, beta, step, value)
    raise SmoothingDiverged(_EDGE)


def _climbed(
    counts: Array, basis: Array, beta: Array, step: Array, value: float
) -> tuple[Array, Array, float]:
    """Go along the step as far as the likelihood does not fall."""
    size, highest = 1.0, float(np.log(counts.sum())) + 2.0
    while size > 1e-8:
        trial = basis @ (beta + size * step)
        # A cell that outgrows the sample would overflow before it could be compared.
        if trial.max() < highest:
            reached = float(counts @ trial) - float(np.exp(trial).sum())
            if reached >= value - 1e-9 * abs(value):
                return beta + size * step, trial, reached
        size *= 0.5
    raise SmoothingDiverged(_EDGE)


def smoothing_directions(observed: Array, fitted: Array, basis: Array) -> Array:
    """
    Return changes of the fitted shares (parameters − 1 × cells) whose outer products sum to their covariance.

    The covariance holds whether or not the model is true (Huber, 1967): the observed cells say how the
    moments vary, the fitted ones how the table follows the moments.
    """
    share = fitted / fitted.sum()
    centred = basis[:, 1:] - share @ basis[:, 1:]
    information = cho_factor(centred.T @ (centred * fitted[:, None]))
    factor = np.linalg.cholesky(centred.T @ (centred * observed[:, None]))
    return np.asarray(((centred * share[:, None]) @ cho_solve(information, factor)).T)


def _log_sum(values: Array) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))


_EDGE = (
    "the observed moments lie on the edge of what these scores allow (too few different scores, "
    "or degrees too high): lower the degrees"
)
