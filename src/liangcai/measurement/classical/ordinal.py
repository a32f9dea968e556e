"""Ordinal α and ω: internal consistency of the normal variables behind ordered categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.classical.coefficients import alpha
from liangcai.measurement.classical.one_factor import one_factor
from liangcai.measurement.dimensionality.polychoric import polychoric_correlations
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import Missing
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class OrdinalReliability(Result):
    """α and ω of polychoric correlations: of underlying variables, not of the observed total."""

    title: ClassVar[str] = "Ordinal reliability"
    method: ClassVar[str] = "two-step polychoric correlations, α of them, ω of one minres factor"
    source: ClassVar[str] = "Zumbo, Gadermann & Zeisser (2007); Olsson (1979)"

    items: tuple[str, ...]
    loadings: Array
    alpha: float
    omega: float
    improper: bool

    def columns(self) -> Mapping[str, Any]:
        """Return one row an item."""
        return {"item": self.items, "loading": self.loadings}

    def facts(self) -> Mapping[str, Any]:
        """Return the two coefficients."""
        return {"ordinal alpha": self.alpha, "ordinal omega": self.omega, "improper": self.improper}


def ordinal_reliability(
    responses: Responses, *, missing: Missing | None = None
) -> OrdinalReliability:
    """
    Return ordinal α and ω of three or more items with ordered categories.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        PolychoricUndefined: an item does not vary.
        FactorNotFound: fewer than three items.
    """
    matrix = polychoric_correlations(responses, missing=missing).matrix
    factor = one_factor(matrix, items=responses.items, estimator="minres")
    return OrdinalReliability(
        responses.items, factor.loadings, alpha(np.asarray(matrix)), factor.omega, factor.improper
    )
