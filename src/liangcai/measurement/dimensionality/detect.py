"""DETECT: whether clusters of items share something beyond the one ability that the test measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.classical.moments import Missing, resolve_missing
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scales import Array


class ClustersInvalid(LiangcaiError):
    """The clusters do not name one cluster an item, or scores are missing."""

    code = "measurement.dimensionality.clusters-invalid"


@dataclass(frozen=True, slots=True)
class Detect(Result):
    """
    DETECT and its companions for a stated division of the items into clusters.

    `detect`: 100 times the mean signed conditional covariance (above 1 strong, 0.4 to 1 moderate, below 0.2
    hardly more than one dimension); `assi`: share of pairs with the expected sign (−1 to 1);
    `ratio`: from −1 to 1, near 1 for approximate simple structure; NaN (it does not exist) when
    all conditional covariances are 0. `conditional_covariance` (J × J).
    """

    title: ClassVar[str] = "DETECT"
    method: ClassVar[str] = (
        "covariances of item pairs given the total, and given the total without the pair, averaged"
    )
    source: ClassVar[str] = "Zhang & Stout (1999)"

    items: tuple[str, ...]
    clusters: tuple[str, ...]
    conditional_covariance: Array
    detect: float
    assi: float
    ratio: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row an item: its cluster and mean conditional covariance within and between clusters."""
        same = np.equal.outer(np.array(self.clusters), np.array(self.clusters))
        own = same & ~np.eye(len(self.items), dtype=bool)
        return {
            "item": self.items,
            "cluster": self.clusters,
            "within": _means(self.conditional_covariance, own),
            "between": _means(self.conditional_covariance, ~same),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the three indices."""
        return {"DETECT": self.detect, "ASSI": self.assi, "ratio": self.ratio}


def detect(
    responses: Responses, *, clusters: Sequence[str], missing: Missing | None = None
) -> Detect:
    """
    Return DETECT of the items under the division that `clusters` (J names) states.

    State the division before looking at these data: one chosen to fit them makes DETECT too large.

    Raises:
        ClustersInvalid: there is not one name an item, fewer than three items, or scores remain missing.
        MissingRuleNeeded: scores are missing and `missing` is None.
    """
    kept = resolve_missing(responses, missing)
    if len(clusters) != kept.item_count or kept.item_count < 3:
        raise ClustersInvalid(f"{len(clusters)} clusters for {kept.item_count} items (3 at least)")
    if kept.has_missing:
        raise ClustersInvalid('totals need complete scores: say missing="complete" or "zero"')
    covariance = conditional_covariances(kept)
    pairs = np.triu_indices(kept.item_count, 1)
    names = np.array([str(name) for name in clusters])
    sign = np.where(names[pairs[0]] == names[pairs[1]], 1.0, -1.0)
    signed = sign * covariance[pairs]
    size = float(np.abs(signed).sum())
    return Detect(
        items=kept.items,
        clusters=tuple(names.tolist()),
        conditional_covariance=covariance,
        detect=100.0 * float(signed.mean()),
        assi=float(np.sign(signed).mean()),
        ratio=float(signed.sum()) / size if size > 0.0 else float("nan"),
    )


def conditional_covariances(responses: Responses) -> Array:
    """Return, for each pair, the mean of its covariance given the total and given the total without it (J × J)."""
    scores = responses.scores.astype(float)
    weight = np.ones(len(scores)) if responses.weights is None else responses.weights
    total = responses.scores.sum(axis=1, dtype=np.intp)
    persons = weight.sum()
    whole = _within(scores, weight, total) / persons
    result: Array = np.zeros_like(whole)
    for one in range(responses.item_count):
        for other in range(one + 1, responses.item_count):
            rest = total - responses.scores[:, one] - responses.scores[:, other]
            pair = _within(scores[:, [one, other]], weight, rest)[0, 1] / persons
            result[one, other] = result[other, one] = 0.5 * (whole[one, other] + pair)
    return result


def _within(scores: Array, weight: Array, level: np.ndarray) -> Array:
    """Sum products of deviations from the mean at each level."""
    counts = np.bincount(level, weights=weight)
    columns = [np.bincount(level, weights=weight * column) for column in scores.T]
    sums = np.stack(columns, axis=1)
    safe = np.where(counts > 0.0, counts, 1.0)[:, None]
    return np.asarray((scores * weight[:, None]).T @ scores - sums.T @ (sums / safe))


def _means(matrix: Array, where: np.ndarray) -> Array:
    counts = where.sum(axis=1)
    sums = np.where(where, matrix, 0.0).sum(axis=1)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
