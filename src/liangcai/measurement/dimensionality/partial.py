"""Velicer's minimum average partial correlation: how many components leave the least in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.dimensionality.definite import checked_correlations
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class MinimumAveragePartial(Result):
    """
    Average squared (and fourth-power) partial correlation after 0, 1, 2 … components are taken out.

    `components` and `components_fourth`: how many leave the smallest average, by the original
    and by the revised test.
    """

    title: ClassVar[str] = "Minimum average partial correlation"
    method: ClassVar[str] = "partial correlations after principal components are taken out"
    source: ClassVar[str] = "Velicer (1976); Velicer, Eaton & Fava (2000)"

    squared: Array
    fourth: Array
    components: int
    components_fourth: int

    def columns(self) -> Mapping[str, Any]:
        """Return one row a number of components."""
        return {
            "components": np.arange(self.squared.size),
            "squared": self.squared,
            "fourth": self.fourth,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the number of components by each test."""
        return {"components": self.components, "components (fourth power)": self.components_fourth}


def minimum_average_partial(correlations: Array) -> MinimumAveragePartial:
    """
    Return Velicer's MAP test of a correlation matrix (J × J).

    It stops before a component that would leave some item without variance.

    Raises:
        NotACorrelationMatrix: the matrix is not one.
    """
    matrix = checked_correlations(correlations)
    items = len(matrix)
    pairs = np.triu_indices(items, 1)
    values, vectors = np.linalg.eigh(matrix)
    loadings = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    squared, fourth = [], []
    left = matrix.copy()
    for components in range(max(items - 1, 1)):
        if components:
            left = left - np.outer(loadings[:, components - 1], loadings[:, components - 1])
        rest = np.diag(left)
        if rest.min() < 1e-8:
            break
        partial = (left / np.sqrt(np.outer(rest, rest)))[pairs]
        squared.append(float(np.mean(partial**2)) if partial.size else 0.0)
        fourth.append(float(np.mean(partial**4)) if partial.size else 0.0)
    return MinimumAveragePartial(
        np.array(squared), np.array(fourth), int(np.argmin(squared)), int(np.argmin(fourth))
    )
