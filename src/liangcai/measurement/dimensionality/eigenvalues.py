"""Eigenvalues of a correlation matrix and the plain indices of one dimension that rest on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.dimensionality.definite import checked_correlations
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class Eigenvalues(Result):
    """
    Eigenvalues, largest first, and the share of the total variance that each stands for.

    `first_to_second`: the first over the second (infinite if the second is 0 or less, or there is none).
    `relative_drop`: (first − second) over (second − third), NaN (it does not exist) with fewer than three
    items or equal second and third.
    """

    title: ClassVar[str] = "Eigenvalues"
    method: ClassVar[str] = "eigenvalues of the correlation matrix, ratio and relative drop"
    source: ClassVar[str] = "Lord (1980); Hattie (1985)"

    values: Array
    share: Array
    first_to_second: float
    relative_drop: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row an eigenvalue."""
        return {
            "component": np.arange(1, self.values.size + 1),
            "eigenvalue": self.values,
            "share": self.share,
            "cumulative": np.cumsum(self.share),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the ratio and the relative drop."""
        return {"first to second": self.first_to_second, "relative drop": self.relative_drop}


def eigenvalues(correlations: Array) -> Eigenvalues:
    """
    Return the eigenvalues of a correlation matrix (J × J) and what they say about one dimension.

    Raises:
        NotACorrelationMatrix: the matrix is not one.
    """
    values = np.linalg.eigvalsh(checked_correlations(correlations))[::-1].astype(float)
    ratio = values[0] / values[1] if values.size > 1 and values[1] > 0.0 else np.inf
    fall = values[1] - values[2] if values.size > 2 else 0.0
    drop = (values[0] - values[1]) / fall if fall > 1e-12 else np.nan
    return Eigenvalues(values, values / values.size, float(ratio), float(drop))
