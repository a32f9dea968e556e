"""Differences of mean scores between groups in standard deviations, with intervals."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtri

from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.impact import ImpactUndefined
from liangcai.measurement.labels import label_texts
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level


@dataclass(frozen=True, slots=True)
class MeanDifferences(Result):
    """One row a group: (its mean − the reference's mean) / pooled standard deviation, as Hedges' g.

    The reference's own row has difference 0 and no (NaN) interval.
    """

    title = "Mean differences between groups in standard deviations"
    method = "Hedges' g with the small-sample correction and its large-sample interval"
    source = "Hedges (1981); Hedges & Olkin (1985)"
    group: tuple[str, ...]
    reference: str
    confidence: float
    persons: Array
    mean: Array
    deviation: Array
    g: Array
    se: Array
    low: Array
    high: Array

    def columns(self) -> dict[str, tuple[str, ...] | Array]:
        """Return one row a group."""
        return {
            "group": self.group,
            "persons": self.persons,
            "mean": self.mean,
            "sd": self.deviation,
            "g": self.g,
            "se": self.se,
            "low": self.low,
            "high": self.high,
        }

    def facts(self) -> dict[str, str | float]:
        """Return reference group and confidence."""
        return {"reference group": self.reference, "confidence": self.confidence}


def mean_differences(
    scores: npt.ArrayLike, groups: npt.ArrayLike, *, reference: str, confidence: float = 0.95
) -> MeanDifferences:
    """
    Compare mean scores with those of the reference group; NaN scores are left out.

    Raises:
        ImpactUndefined: lengths differ, the reference is unknown, a group has fewer than two
            scores, a score is infinite, or two groups have no variance.
        LabelMissing: a group is NaN, None or empty: leave that person out, or name the group.
        LevelImpossible: `confidence` is not between 0 and 1.
    """
    values, labels = np.asarray(scores, dtype=float), label_texts(groups, what="group")
    if values.ndim != 1 or values.shape != labels.shape:
        raise ImpactUndefined(f"{values.shape} scores for {labels.shape} group labels")
    if np.isinf(values).any():
        raise ImpactUndefined(
            f"score {int(np.argmax(np.isinf(values))) + 1} is infinite: use estimates that exist for "
            "all persons, or NaN to leave a person out"
        )
    known = ~np.isnan(values)
    names, code = np.unique(labels, return_inverse=True)
    if reference not in names:
        raise ImpactUndefined(f"no group is called {reference!r}; there are {tuple(names)}")
    place = int(np.flatnonzero(names == reference)[0])
    size = np.bincount(code[known], minlength=names.size).astype(float)
    if (size < 2).any():
        raise ImpactUndefined(f"group {names[int(np.argmin(size))]!r} has fewer than two scores")
    mean = np.bincount(code[known], values[known], names.size) / size
    squares = np.bincount(code[known], (values[known] - mean[code[known]]) ** 2, names.size)
    free = size + size[place] - 2.0
    pooled = np.sqrt((squares + squares[place]) / free)
    own = np.arange(names.size) == place
    if (pooled[~own] == 0).any():
        flat = names[~own][int(np.argmin(pooled[~own]))]
        raise ImpactUndefined(f"scores do not vary in {reference!r} and {flat!r}")
    # The exact factor that takes the bias out of d, by logs of gamma functions.
    correction = np.exp(gammaln(free / 2) - gammaln((free - 1) / 2) - 0.5 * np.log(free / 2))
    g = np.where(own, 0.0, correction * (mean - mean[place]) / np.where(own, 1.0, pooled))
    se = np.sqrt(1.0 / size + 1.0 / size[place] + g**2 / (2.0 * (size + size[place])))
    reach = float(ndtri(0.5 + checked_level(confidence) / 2.0)) * se
    return MeanDifferences(
        group=tuple(str(name) for name in names),
        reference=reference,
        confidence=confidence,
        persons=size,
        mean=mean,
        deviation=np.sqrt(squares / (size - 1.0)),
        g=g,
        se=np.where(own, np.nan, se),
        low=np.where(own, np.nan, g - reach),
        high=np.where(own, np.nan, g + reach),
    )
