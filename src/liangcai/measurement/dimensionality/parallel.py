"""Parallel analysis: which eigenvalues are larger than those of data without any dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.dimensionality.definite import checked_correlations
from liangcai.measurement.dimensionality.polychoric import polychoric_correlations
from liangcai.measurement.responses.matrix import MISSING, Responses, Scores
from liangcai.measurement.responses.moments import Missing, item_moments, resolve_missing
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

Correlation = Literal["pearson", "polychoric"]
Reference = Literal["permutation", "normal"]


class ReferenceUnknown(LiangcaiError):
    """No such correlations, reference or number of replications makes a parallel analysis."""

    code = "measurement.dimensionality.reference-unknown"


class WeightsNotWhole(LiangcaiError):
    """Persons cannot be shuffled because a weight is no whole number."""

    code = "measurement.dimensionality.weights-not-whole"


@dataclass(frozen=True, slots=True)
class ParallelAnalysis(Result):
    """
    Observed eigenvalues beside those of unrelated items, largest first.

    `mean` and `quantile`: of the reference eigenvalues over replications. `retained`: how many
    leading eigenvalues are above their reference quantile before the first that is not.
    """

    title: ClassVar[str] = "Parallel analysis"
    source: ClassVar[str] = "Horn (1965); Buja & Eyuboglu (1992); Glorfeld (1995)"

    method: str
    eigenvalues: Array
    mean: Array
    quantile: Array
    retained: int
    level: float
    replications: int

    def columns(self) -> Mapping[str, Any]:
        """Return one row a component."""
        return {
            "component": np.arange(1, self.eigenvalues.size + 1),
            "eigenvalue": self.eigenvalues,
            "reference_mean": self.mean,
            "reference_quantile": self.quantile,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the number of components retained."""
        return {
            "retained": self.retained,
            "quantile": self.level,
            "replications": self.replications,
        }


def parallel_analysis(
    responses: Responses,
    *,
    rng: np.random.Generator,
    correlation: Correlation = "polychoric",
    reference: Reference = "permutation",
    replications: int = 50,
    quantile: float = 0.95,
    missing: Missing | None = None,
) -> ParallelAnalysis:
    """
    Return the parallel analysis of the items' correlations.

    "permutation" shuffles each item's scores among the persons who answered it, which keeps every margin
    and every gap; "normal" draws as many normal scores, for Pearson correlations of
    many-valued items. Whole weights stand for that many equal persons.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        NotACorrelationMatrix: an item does not vary (Pearson).
        PolychoricUndefined: an item does not vary (polychoric).
        WeightsNotWhole: a weight is no whole number.
        ReferenceUnknown: no replication, or correlations and reference that do not go together.
        LevelImpossible: the quantile is not between 0 and 1.
    """
    checked_level(quantile)
    known = correlation in get_args(Correlation) and reference in get_args(Reference)
    if not known or (reference == "normal" and correlation != "pearson") or replications < 1:
        raise ReferenceUnknown(
            "a parallel analysis has pearson or polychoric correlations, a reference by permutation "
            "or (with pearson) of normal scores, and a replication or more, not "
            f"{correlation!r}, {reference!r} and {replications}"
        )
    kept = _expanded(resolve_missing(responses, missing))
    observed = _eigenvalues(kept, correlation=correlation, missing=missing)
    drawn = np.empty((replications, kept.item_count))
    for row in drawn:
        if reference == "permutation":
            shuffled = Responses(_shuffled(kept.scores, rng), kept.items)
            row[:] = _eigenvalues(shuffled, correlation=correlation, missing=missing)
        else:
            noise = rng.standard_normal((kept.person_count, kept.item_count))
            row[:] = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(noise, rowvar=False)))[::-1]
    level = np.quantile(drawn, quantile, axis=0)
    above = observed > level
    return ParallelAnalysis(
        method=f"{correlation} correlations against {_REFERENCES[reference]}",
        eigenvalues=observed,
        mean=drawn.mean(axis=0),
        quantile=level,
        retained=int(above.size if above.all() else np.argmin(above)),
        level=quantile,
        replications=replications,
    )


def _eigenvalues(
    responses: Responses, *, correlation: Correlation, missing: Missing | None
) -> Array:
    if correlation == "polychoric":
        matrix = polychoric_correlations(responses, missing=missing).matrix
    else:
        matrix = item_moments(responses, missing=missing).correlation
    return np.asarray(np.linalg.eigvalsh(checked_correlations(matrix))[::-1])


def _shuffled(scores: Scores, rng: np.random.Generator) -> Scores:
    if not (scores < 0).any():
        return rng.permuted(scores, axis=0)
    shuffled = scores.copy()
    for item in range(scores.shape[1]):
        asked = np.flatnonzero(scores[:, item] != MISSING)
        shuffled[asked, item] = rng.permutation(scores[asked, item])
    return shuffled


def _expanded(responses: Responses) -> Responses:
    if responses.weights is None:
        return responses
    times = responses.weights.astype(np.intp)
    if np.any(times != responses.weights):
        wrong = int(np.argmax(times != responses.weights))
        raise WeightsNotWhole(
            f"the weight of person {responses.person_name(wrong)} is {responses.weights[wrong]:g}: "
            "persons can only be shuffled when weights are whole numbers"
        )
    return Responses(np.repeat(responses.scores, times, axis=0), responses.items)


_REFERENCES = {
    "permutation": "scores shuffled within items",
    "normal": "independent normal scores",
}
