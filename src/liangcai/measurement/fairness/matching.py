"""Make persons of different groups comparable: strata of equal matching score, counted item by item.

Everything that the observed-score methods need is a table of counts, item × score × group ×
stratum. It is counted once by the sum of the anchor items; where an item's own matching score
adds or leaves out that item, the counts of its score k only move by k strata.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.fairness.comparison import Comparison
from liangcai.measurement.responses.matrix import Responses

_BLOCK = 8192
#: An outside matching variable with more distinct values than this is cut into so many classes.
FINEST = 100


class MatchingImpossible(LiangcaiError):
    """Nobody can be matched, or the matching rule contradicts itself."""

    code = "measurement.matching-impossible"


@dataclass(frozen=True, slots=True)
class Matching:
    """
    How persons are matched.

    `anchors`: the items whose sum score matches (None: all). `studied`: whether the item under
    study counts in its own matching score ("included" is what Holland & Thayer, 1988, ask for).
    `classes`: None for thin matching (each score a stratum), or how many thick strata of about
    equal size. `outside`: a matching variable of one value a person (an ability, another test)
    that replaces the sum; a value that is not finite leaves the person out.
    """

    anchors: tuple[str, ...] | None = None
    studied: Literal["included", "excluded"] = "included"
    classes: int | None = None
    outside: Array | None = None


@dataclass(frozen=True, slots=True)
class MatchedTables:
    """
    Weighted counts, J items × K scores × G groups × S strata, reference group first.

    `values` (J × S) is each stratum's mean matching score; `left_out` counts the persons (sum of
    weights) of the compared groups who could not be matched because an anchor score is missing.
    """

    items: tuple[str, ...]
    counts: Array
    values: Array
    left_out: float

    def sizes(self) -> Array:
        """Return how many persons of each group answered each item (J × G)."""
        return np.asarray(self.counts.sum(axis=(1, 3)), dtype=float)


def matched_tables(
    responses: Responses, comparison: Comparison, matching: Matching
) -> MatchedTables:
    """
    Count scores by group and matching score.

    Raises:
        MatchingImpossible: an anchor is unknown, nobody has a matching score, or classes < 2.
    """
    if matching.studied not in {"included", "excluded"}:
        raise MatchingImpossible(f"studied is 'included' or 'excluded', not {matching.studied!r}")
    if matching.classes is not None and matching.classes < 2:
        raise MatchingImpossible(f"thick matching needs 2 classes or more, not {matching.classes}")
    top = int(responses.highest_scores().max(initial=0))
    if matching.outside is not None:
        stratum, distinct = _outside_strata(matching, responses.person_count)
        shift = np.zeros(responses.item_count, dtype=np.intp)
        room = 0
    else:
        anchors = _anchor_flags(responses, matching.anchors)
        stratum = _anchor_sums(responses, anchors)
        distinct = np.arange(stratum.max(initial=0) + 1, dtype=float)
        inside = 1 if matching.studied == "included" else 0
        shift = inside - anchors.astype(np.intp)
        room = top * int(shift.max(initial=0))
    used = (comparison.place >= 0) & (stratum >= 0)
    if not used.any():
        raise MatchingImpossible(
            "nobody has a matching score: every person misses an anchor item; match by fewer "
            "anchors or by an outside ability"
        )
    counts = _counted(responses, comparison, stratum, used, (top + 1, distinct.size))
    counts = _moved(counts, shift, room)
    values = np.tile(np.append(distinct, distinct[-1] + 1 + np.arange(room)), (counts.shape[0], 1))
    if matching.classes is not None:
        counts, values = _thickened(counts, values, matching.classes)
    missed = (comparison.place >= 0) & ~used
    left_out = float(missed.sum() if responses.weights is None else responses.weights @ missed)
    return MatchedTables(responses.items, counts, values, left_out)


def _anchor_flags(responses: Responses, anchors: tuple[str, ...] | None) -> Flags:
    if anchors is None:
        return np.ones(responses.item_count, dtype=bool)
    if isinstance(anchors, str):
        raise MatchingImpossible(f"anchors are a tuple of item names, not the text {anchors!r}")
    unknown = set(anchors) - set(responses.items)
    if unknown or not anchors:
        raise MatchingImpossible(
            f"no item is called {sorted(unknown)}" if unknown else "no anchors"
        )
    return np.isin(np.array(responses.items), np.array(tuple(anchors)))


def _anchor_sums(responses: Responses, anchors: Flags) -> Index:
    """Return each person's sum of anchor scores, −1 where one is missing."""
    sums = np.empty(responses.person_count, dtype=np.intp)
    for start in range(0, responses.person_count, _BLOCK):
        block = responses.scores[start : start + _BLOCK][:, anchors]
        total = block.sum(axis=1, dtype=np.intp)
        sums[start : start + _BLOCK] = np.where((block < 0).any(axis=1), -1, total)
    return sums


def _outside_strata(matching: Matching, persons: int) -> tuple[Index, Array]:
    outside = np.asarray(matching.outside)
    if outside.shape != (persons,) or outside.dtype.kind not in "biuf":
        raise MatchingImpossible(
            f"outside is one number a person: {outside.dtype} of shape {outside.shape} for "
            f"{persons} persons"
        )
    outside = outside.astype(float)
    known = np.isfinite(outside)
    stratum = np.full(persons, -1, dtype=np.intp)
    distinct, place, size = np.unique(outside[known], return_inverse=True, return_counts=True)
    if distinct.size > FINEST:
        # Cut before counting: a table with a stratum a person would not fit in memory.
        middle = (np.cumsum(size) - 0.5 * size) / size.sum()
        _, cut = np.unique((middle * FINEST).astype(np.intp), return_inverse=True)
        place = cut[place]
        distinct = np.bincount(cut, size * distinct) / np.bincount(cut, size)
    stratum[known] = place
    return stratum, distinct


def _counted(
    responses: Responses,
    comparison: Comparison,
    stratum: Index,
    used: Flags,
    shape: tuple[int, int],
) -> Array:
    categories, strata = shape
    groups = comparison.group_count
    counts = np.zeros((categories, groups * strata, responses.item_count))
    weight = np.ones(used.size) if responses.weights is None else responses.weights
    for start in range(0, used.size, _BLOCK):
        chosen = start + np.flatnonzero(used[start : start + _BLOCK])
        cell = comparison.place[chosen] * strata + stratum[chosen]
        place = np.arange(chosen.size)
        adder = csr_array((weight[chosen], (cell, place)), shape=(groups * strata, chosen.size))
        block = responses.scores[chosen]
        for category in range(categories):
            counts[category] += adder @ (block == category).astype(float)
    shaped = counts.reshape(categories, groups, strata, responses.item_count)
    return np.ascontiguousarray(shaped.transpose(3, 0, 1, 2))


def _moved(counts: Array, shift: Index, room: int) -> Array:
    """Move the counts of score k by k strata up (shift 1), down (−1) or not at all (0)."""
    items, categories, groups, strata = counts.shape
    moved = np.zeros((items, categories, groups, strata + room))
    for step in np.unique(shift):
        rows = np.flatnonzero(shift == step)
        for category in range(categories):
            start = int(step) * category
            source = counts[rows, category, :, max(-start, 0) :]
            target = max(start, 0)
            moved[rows, category, :, target : target + source.shape[-1]] = source
    return moved


def _thickened(counts: Array, values: Array, classes: int) -> tuple[Array, Array]:
    """Merge neighbouring strata into classes of about equal size, item by item."""
    margin = counts.sum(axis=(1, 2))
    total = np.maximum(margin.sum(axis=1, keepdims=True), 1e-300)
    middle = (np.cumsum(margin, axis=1) - 0.5 * margin) / total
    place = np.minimum((middle * classes).astype(np.intp), classes - 1)
    member = (place[:, :, None] == np.arange(classes)).astype(float)
    merged = np.einsum("jkgs,jsc->jkgc", counts, member)
    size = np.einsum("js,jsc->jc", margin, member)
    mean = np.einsum("js,jsc->jc", margin * values, member) / np.maximum(size, 1e-300)
    return np.asarray(merged, dtype=float), np.asarray(mean, dtype=float)
