"""Balanced designs: sums of squares, expected mean squares, and the exact restricted likelihood.

For a balanced design the mean squares are independent and sufficient, each λ·χ²(df)/df with
λ = Σ C·σ² (Searle, Casella & McCulloch, 1992, chapter 4).
"""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.generalizability.design import Effect
from liangcai.measurement.generalizability.likelihood import Point
from liangcai.measurement.generalizability.observations import Observations


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Degrees of freedom and mean squares (E), and the E × E coefficients of their expectations."""

    degrees: Array
    squares: Array
    expectations: Array
    observations: int

    def solved(self) -> tuple[Array, Array]:
        """Return the components whose expectations are met, and their covariance.

        The variance of a mean square is estimated by 2·MS²/(df + 2) (Brennan, 2001, section 6.2).
        """
        inverse = np.linalg.inv(self.expectations)
        spread = 2.0 * self.squares**2 / (self.degrees + 2.0)
        return inverse @ self.squares, (inverse * spread) @ inverse.T

    def likelihood(self, components: Array) -> Point:
        """Return the restricted log-likelihood of components, its slope and its expected information."""
        scale = self.expectations @ components
        sums = self.squares * self.degrees
        value = -0.5 * float((self.degrees * np.log(scale) + sums / scale).sum())
        value -= 0.5 * (self.observations - 1) * np.log(2.0 * np.pi)
        value -= 0.5 * np.log(self.observations)
        slope = 0.5 * self.expectations.T @ (sums / scale**2 - self.degrees / scale)
        weighted = self.expectations * (self.degrees / scale**2)[:, None]
        return Point(value, slope, 0.5 * self.expectations.T @ weighted)


def mean_squares(seen: Observations, sizes: tuple[int, ...]) -> MeanSquares:
    """Return the analysis of variance of a balanced design with these numbers of conditions."""
    design, effects = seen.design, seen.design.effects()
    size = dict(zip(design.facets, sizes, strict=True))
    centred = seen.scores - seen.scores.mean()
    totals = {frozenset[str](): 0.0}
    for effect, codes, levels in zip(effects, seen.codes, seen.levels, strict=True):
        sums = np.bincount(codes, weights=centred, minlength=levels)
        totals[effect] = float(sums @ sums) * levels / seen.scores.size
    degrees, squares = [], []
    for effect in effects:
        primary = sorted(design.primary(effect))
        nesting = effect - frozenset(primary)
        df = np.prod([size[facet] - 1 for facet in primary]) * np.prod([size[f] for f in nesting])
        sums_of_squares = _signed(totals, effect, primary)
        # A sum that is zero but for rounding is zero.
        exact = sums_of_squares if sums_of_squares > 1e-13 * totals[effects[-1]] else 0.0
        degrees.append(float(df))
        squares.append(exact / float(df))
    share = np.array([seen.scores.size / levels for levels in seen.levels])
    holds = np.array([[one <= other for other in effects] for one in effects], dtype=float)
    return MeanSquares(np.array(degrees), np.array(squares), holds * share, seen.scores.size)


def _signed(totals: dict[Effect, float], effect: Effect, primary: list[str]) -> float:
    """Sum T over the effect with every subset of its primary facets dropped, signs alternating."""
    total = 0.0
    for chosen in range(2 ** len(primary)):
        dropped = frozenset(f for place, f in enumerate(primary) if chosen >> place & 1)
        total += (-1.0) ** len(dropped) * totals[effect - dropped]
    return total
