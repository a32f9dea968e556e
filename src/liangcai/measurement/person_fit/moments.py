"""What a calibrated model expects of each person: log-likelihood, residuals and their moments.

Persons are taken in blocks, so that the curves of a block stay small; abilities that occur more
than once in a block (sum scores make many alike) are drawn once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.curves import CategoryCurves, category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import MISSING, Responses, Scores

_CELLS = 1 << 19


class ModelDoesNotApply(LiangcaiError):
    """Items, abilities and responses do not belong together."""

    code = "measurement.model-does-not-apply"


@dataclass(frozen=True, slots=True)
class PersonBlock:
    """Some persons: their rows, scores, curves at the distinct abilities, and which is theirs."""

    rows: slice
    scores: Scores
    curves: CategoryCurves
    ability: Index

    @property
    def answered(self) -> Array:
        """1 where a score was given, else 0 (persons × items)."""
        return np.asarray(self.scores != MISSING, dtype=float)

    def per_person(self, by_item: Array) -> Array:
        """Return the sum over answered items of a quantity J × Q, at each person's ability."""
        if (self.scores == MISSING).any():
            return np.asarray(
                np.einsum("nj,jn->n", self.answered, by_item[:, self.ability]), dtype=float
            )
        return np.asarray(by_item.sum(axis=0)[self.ability], dtype=float)

    def at_scores(self, by_category: Array) -> Array:
        """Return a quantity J × K × Q at the scores given (persons × items, 0 where missing)."""
        given = np.maximum(self.scores, 0).astype(np.intp)
        taken = by_category[np.arange(given.shape[1]), given, self.ability[:, None]]
        return np.asarray(np.where(self.scores != MISSING, taken, 0.0), dtype=float)


def checked(responses: Responses, items: ItemParameters, theta: Array) -> None:
    """
    Check that items, abilities and responses belong together.

    Raises:
        ModelDoesNotApply: names differ, a score has no category, or an ability is missing.
    """
    if responses.items != items.names:
        raise ModelDoesNotApply(
            "the responses' items must be the calibrated items, in the same order: "
            "use responses.select_items or items.select"
        )
    if theta.shape != (responses.person_count,):
        raise ModelDoesNotApply(
            f"theta has shape {theta.shape} for {responses.person_count} persons"
        )
    if not np.isfinite(theta).all():
        row = int(np.argmin(np.isfinite(theta)))
        raise ModelDoesNotApply(
            f"person {responses.person_name(row)!r} has no finite ability: weighted likelihood "
            "estimates exist for all patterns"
        )
    over = responses.highest_scores() > items.steps
    if over.any():
        raise ModelDoesNotApply(
            f"item {items.names[int(np.argmax(over))]!r}: a score has no category"
        )


def person_blocks(
    responses: Responses, items: ItemParameters, theta: Array
) -> Iterator[PersonBlock]:
    """Yield all persons in blocks, in order."""
    length = max(_CELLS // max(items.count * (items.b.shape[1] + 1), 1), 1)
    for start in range(0, responses.person_count, length):
        rows = slice(start, min(start + length, responses.person_count))
        distinct, ability = np.unique(theta[rows], return_inverse=True)
        curves = category_curves(items, distinct)
        yield PersonBlock(rows, responses.scores[rows], curves, ability.astype(np.intp))
