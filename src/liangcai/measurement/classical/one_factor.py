"""One common factor of the items by maximum likelihood or minimum residuals, and ω from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result

Estimator = Literal["ml", "minres"]
_SMALLEST_UNIQUENESS = 0.005
_OPEN = 1e-6


class FactorNotFound(LiangcaiError):
    """One common factor could not be estimated from these correlations."""

    code = "measurement.classical.factor-not-found"


@dataclass(frozen=True, slots=True)
class OneFactor(Result):
    """
    One common factor of J items: `loadings` of the standardised items, `uniqueness` = 1 − loading².

    `chi_square`, `degrees` and `p_value` test exact fit (ML with a number of persons only, else
    NaN: not offered). `residual` is the root mean square residual correlation. `omega` is the
    reliability of the sum of the items in the metric of the matrix that was given. `improper`
    says that a uniqueness stopped at its lower bound of 0.005 (a Heywood case).
    """

    title: ClassVar[str] = "One common factor"
    source: ClassVar[str] = "Jöreskog (1967); Harman & Jones (1966); McDonald (1999)"

    method: str
    items: tuple[str, ...]
    loadings: Array
    uniqueness: Array
    omega: float
    chi_square: float
    degrees: int
    p_value: float
    residual: float
    improper: bool

    def columns(self) -> Mapping[str, Any]:
        """Return one row an item."""
        return {"item": self.items, "loading": self.loadings, "uniqueness": self.uniqueness}

    def facts(self) -> Mapping[str, Any]:
        """Return ω and how well one factor fits."""
        return {
            "omega": self.omega,
            "root mean square residual": self.residual,
            "chi square": self.chi_square,
            "degrees of freedom": self.degrees,
            "p": self.p_value,
            "improper": self.improper,
        }


def one_factor(
    covariance: Array,
    *,
    items: tuple[str, ...] | None = None,
    persons: float | None = None,
    estimator: Estimator = "ml",
) -> OneFactor:
    """
    Return the one-factor solution of a covariance or correlation matrix (J × J, J ≥ 3).

    `estimator`: "ml" needs a positive definite matrix; "minres" takes any, and is the one for
    polychoric correlations. `persons`: how many the matrix rests on, for the test of fit.

    Raises:
        FactorNotFound: fewer than three items, an item that does not vary, no convergence, loadings
            that the matrix leaves open (fewer than three items share the factor), or no such estimator.
    """
    if estimator not in get_args(Estimator):
        raise FactorNotFound(
            f"the estimator is {' or '.join(get_args(Estimator))}, not {estimator!r}"
        )
    count, variance = len(covariance), np.diag(covariance)
    if count < 3:
        raise FactorNotFound(f"{count} items: one factor is identified by three or more")
    if not np.isfinite(covariance).all() or np.any(variance <= 0.0):
        raise FactorNotFound("an item does not vary, or a covariance is missing: leave it out")
    deviation = np.sqrt(variance)
    correlation = covariance / np.outer(deviation, deviation)
    loadings, misfit = (_ml if estimator == "ml" else _minres)(correlation)
    _check_identified(loadings)
    loadings = loadings * (-1.0 if loadings.sum() < 0.0 else 1.0)
    uniqueness = np.maximum(1.0 - loadings**2, _SMALLEST_UNIQUENESS)
    residuals = (correlation - np.outer(loadings, loadings))[np.triu_indices(count, 1)]
    degrees = count * (count - 3) // 2
    tested = estimator == "ml" and persons is not None and degrees > 0
    statistic = float("nan")
    if tested and persons is not None:
        # Bartlett's (1951) factor for one common factor.
        statistic = max((persons - 1.0 - (2.0 * count + 5.0) / 6.0 - 2.0 / 3.0) * misfit, 0.0)
    common = float((loadings * deviation).sum() ** 2)
    return OneFactor(
        method=_METHODS[estimator],
        items=tuple(str(n + 1) for n in range(count)) if items is None else items,
        loadings=loadings,
        uniqueness=uniqueness,
        omega=common / (common + float((uniqueness * variance).sum())),
        chi_square=statistic,
        degrees=degrees,
        p_value=float(chi2.sf(statistic, degrees)) if tested else float("nan"),
        residual=float(np.sqrt(np.mean(residuals**2))),
        improper=bool(np.any(uniqueness <= _SMALLEST_UNIQUENESS * 1.0001)),
    )


def _check_identified(loadings: Array) -> None:
    """Check that the products λ_i·λ_j, which are all that the matrix shows, fix the loadings."""
    slopes = np.outer(loadings, loadings)
    np.fill_diagonal(slopes, loadings @ loadings - loadings**2)
    values = np.linalg.eigvalsh(slopes)
    if values[0] <= _OPEN * values[-1]:
        raise FactorNotFound(
            "fewer than three items share a factor: other loadings fit these correlations as well"
        )


def _minres(correlation: Array) -> tuple[Array, float]:
    """Minimise ¼ Σ_{i≠j} (r_ij − λ_i λ_j)² with |λ| bounded, by Newton steps inside a trust region."""
    between = correlation - np.diag(np.diag(correlation))

    def loss(values: Array) -> tuple[float, Array]:
        gaps = between - np.outer(values, values)
        np.fill_diagonal(gaps, 0.0)
        return 0.25 * float((gaps**2).sum()), -gaps @ values

    def bend(values: Array) -> Array:
        matrix = 2.0 * np.outer(values, values) - between
        np.fill_diagonal(matrix, values @ values - values**2)
        return matrix

    start = _start(correlation)
    found = minimize(loss, start, jac=True, hess=bend, method="trust-exact", options={"gtol": 1e-9})
    bound = np.sqrt(1.0 - _SMALLEST_UNIQUENESS)
    if np.any(np.abs(found.x) > bound):
        found = minimize(
            loss,
            np.clip(start, -bound, bound),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-bound, bound)] * len(start),
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5_000, "maxfun": 20_000},
        )
    gradient = loss(found.x)[1]
    inside = np.abs(found.x) < bound * 0.999999
    if np.max(np.abs(gradient[inside]), initial=0.0) > 1e-5 * len(start):
        raise FactorNotFound(f"minimum residuals did not converge ({found.message})")
    return np.asarray(found.x), float("nan")


def _ml(correlation: Array) -> tuple[Array, float]:
    """Minimise Jöreskog's concentrated discrepancy over the uniquenesses."""
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        raise FactorNotFound(
            'the correlations are not positive definite: use estimator="minres", or smooth them'
        )

    def solved(uniqueness: Array) -> tuple[Array, Array]:
        root = np.sqrt(uniqueness)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        return root * vectors[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.0)), values[:-1]

    def loss(uniqueness: Array) -> tuple[float, Array]:
        loadings, rest = solved(uniqueness)
        gap = loadings**2 + uniqueness - np.diag(correlation)
        return float((rest - np.log(rest) - 1.0).sum()), gap / uniqueness**2

    inverse = np.diag(np.linalg.inv(correlation))
    found = minimize(
        loss,
        np.clip(0.5 / inverse * 1.5, _SMALLEST_UNIQUENESS * 2, 0.995),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_SMALLEST_UNIQUENESS, 1.0)] * len(correlation),
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 2_000, "maxfun": 10_000},
    )
    misfit, gradient = loss(found.x)
    free = (found.x > _SMALLEST_UNIQUENESS * 1.0001) & (found.x < 0.9999)
    if np.max(np.abs(gradient[free]), initial=0.0) > 1e-3:
        raise FactorNotFound(f"maximum likelihood did not converge ({found.message})")
    return solved(found.x)[0], misfit


def _start(correlation: Array) -> Array:
    values, vectors = np.linalg.eigh(correlation)
    first = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    return np.asarray(np.clip(first * 0.9, -0.95, 0.95))


_METHODS = {
    "ml": "maximum likelihood, concentrated over the uniquenesses",
    "minres": "minimum residual correlations (unweighted least squares)",
}
