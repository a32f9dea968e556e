"""DETECT: whether clusters of items share something beyond the one ability that the test measures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.responses.matrix import Responses, Scores
from liangcai.measurement.responses.moments import Missing, resolve_missing
from liangcai.measurement.results import Result


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
    total = responses.scores.sum(axis=1, dtype=np.intp)
    weight = np.ones(total.size) if responses.weights is None else responses.weights
    top = int(responses.highest_scores().max())
    given_total = np.zeros((responses.item_count, responses.item_count))
    given_rest = np.zeros_like(given_total)
    open_levels: dict[int, _Level] = {}
    for level in np.unique(total):
        rows = np.flatnonzero(total == level)
        whole = _Level.empty(responses.item_count)
        for one, other, joint in _joint_counts(responses.scores[rows], weight[rows], top):
            whole.add(joint, one, other)
            # Persons of this total with these two scores have this total without the pair.
            rest = int(level) - one - other
            if rest not in open_levels:
                open_levels[rest] = _Level.empty(responses.item_count)
            open_levels[rest].add(joint, one, other)
        given_total += whole.products()
        # Higher totals reach down no further than this.
        for rest in [key for key in open_levels if key <= level - 2 * top]:
            given_rest += open_levels.pop(rest).products()
    for remaining in open_levels.values():
        given_rest += remaining.products()
    result = np.asarray(0.5 * (given_total + given_rest) / weight.sum(), dtype=float)
    np.fill_diagonal(result, 0.0)
    return result


@dataclass(frozen=True, slots=True)
class _Level:
    """Sums over the persons of one conditioning score, for each pair of items (J × J)."""

    count: Array
    first: Array
    second: Array
    product: Array

    @classmethod
    def empty(cls, items: int) -> "_Level":
        return cls(*(np.zeros((items, items)) for _ in range(4)))

    def add(self, joint: Array, one: int, other: int) -> None:
        """Add persons with score `one` on the row item and `other` on the column item."""
        self.count[...] += joint
        self.first[...] += one * joint
        self.second[...] += other * joint
        self.product[...] += one * other * joint

    def products(self) -> Array:
        """Return the sums of products of deviations from the means."""
        safe = np.where(self.count > 0.0, self.count, 1.0)
        return np.asarray(self.product - self.first * self.second / safe)


def _joint_counts(scores: Scores, weight: Array, top: int) -> Iterator[tuple[int, int, Array]]:
    chosen = [(scores == score).astype(float) for score in range(top + 1)]
    for one in range(top + 1):
        heavy = (chosen[one] * weight[:, None]).T
        for other in range(top + 1):
            yield one, other, heavy @ chosen[other]


def _means(matrix: Array, where: np.ndarray) -> Array:
    counts = where.sum(axis=1)
    sums = np.where(where, matrix, 0.0).sum(axis=1)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
