"""Classical item statistics: difficulty, variance, correlations with the total, discrimination."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtri

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.classical.ranks import slice_membership
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import (
    ItemMoments,
    Missing,
    item_moments,
    resolve_missing,
)
from liangcai.measurement.results import Result

_UPPER_LOWER = np.array([0.0, 0.27, 0.73, 1.0])


class MaximumTooLow(LiangcaiError):
    """Someone scored more than the maximum that was stated for the item, or not every item has one."""

    code = "measurement.classical.maximum-too-low"


@dataclass(frozen=True, slots=True)
class ItemAnalysis(Result):
    """
    Classical statistics of J items.

    `difficulty`: mean over maximum (the share of right answers when the maximum is 1).
    `item_total`, `item_rest`: Pearson correlation with the total, and with the total without the
    item (point-biserial when the item is dichotomous). `biserial`: polyserial correlation with
    the rest, by moments; the biserial when the item is dichotomous; it may pass 1 when the rest score is
    far from normal. `discrimination`: difficulty in the highest 27 % minus that in the
    lowest. `alpha_if_dropped`: α of the other items. A correlation with something that does not
    vary, and the α of fewer than two items, do not exist and are NaN.
    """

    title: ClassVar[str] = "Classical item analysis"
    method: ClassVar[str] = (
        "difficulty, item-total and corrected item-total correlation, moment polyserial, "
        "upper and lower 27 % with ties divided"
    )
    source: ClassVar[str] = (
        "Lord & Novick (1968); Kelley (1939); Olsson, Drasgow & Dorans (1982); Cronbach (1951)"
    )

    items: tuple[str, ...]
    persons: float
    missing: str
    answered: Array
    maximum: Array
    difficulty: Array
    mean: Array
    variance: Array
    item_total: Array
    item_rest: Array
    biserial: Array
    discrimination: Array
    alpha_if_dropped: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row an item."""
        return {
            "item": self.items,
            "answered": self.answered,
            "maximum": self.maximum,
            "difficulty": self.difficulty,
            "mean": self.mean,
            "variance": self.variance,
            "item_total": self.item_total,
            "item_rest": self.item_rest,
            "biserial": self.biserial,
            "discrimination": self.discrimination,
            "alpha_if_dropped": self.alpha_if_dropped,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return how many items and persons there were, and the rule for missing scores."""
        return {"items": len(self.items), "persons": self.persons, "missing": self.missing}


def item_analysis(
    responses: Responses, *, missing: Missing | None = None, maximum: Index | None = None
) -> ItemAnalysis:
    """
    Return the classical statistics of every item; weights count as persons.

    `maximum` (J): the highest score that can be earned; without it, the highest seen. Under
    "pairwise" the total's moments are the sums of the pairwise covariances, and persons are ranked
    by the share they earned of what they were asked.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        MaximumTooLow: a score exceeds its item's maximum, or there is not one maximum an item.
        TooFewObservations: fewer than two persons answered some pair of items.
    """
    kept = resolve_missing(responses, missing)
    moments = item_moments(kept, missing=missing)
    top = _maximum(kept, maximum)
    total, rest = total_correlations(moments.covariance)
    scale = np.where(top > 0.0, top, 1.0)
    return ItemAnalysis(
        items=kept.items,
        persons=kept.total_weight(),
        missing=missing or "none",
        answered=np.diag(moments.counts),
        maximum=top,
        difficulty=moments.mean / scale,
        mean=moments.mean,
        variance=moments.variance,
        item_total=total,
        item_rest=rest,
        biserial=_polyserial(kept, moments, rest),
        discrimination=_upper_minus_lower(kept, scale),
        alpha_if_dropped=_alpha_if_dropped(moments.covariance),
    )


def total_correlations(covariance: Array) -> tuple[Array, Array]:
    """Return each item's correlation with the total and with the total of the other items; NaN where constant."""
    variance, with_total = np.diag(covariance), covariance.sum(axis=1)
    whole = with_total.sum()
    rest = whole - 2.0 * with_total + variance
    scale = max(float(variance.max()), 1e-300) * 1e-12
    total_scale = np.sqrt(np.maximum(variance * whole, 0.0))
    rest_scale = np.sqrt(np.maximum(variance * np.maximum(rest, 0.0), 0.0))
    total_exists, rest_exists = total_scale > scale, rest_scale > scale
    return (
        np.where(total_exists, with_total / np.where(total_exists, total_scale, 1.0), np.nan),
        np.where(
            rest_exists, (with_total - variance) / np.where(rest_exists, rest_scale, 1.0), np.nan
        ),
    )


def category_counts(responses: Responses) -> Array:
    """Return how many persons (sum of weights) earned each score on each item (J × K)."""
    top = max(int(responses.highest_scores().max(initial=0)), 0)
    weight = responses.weights
    counts = [
        np.count_nonzero(responses.scores == score, axis=0)
        if weight is None
        else weight @ (responses.scores == score)
        for score in range(top + 1)
    ]
    return np.stack(counts, axis=1).astype(float)


def _maximum(responses: Responses, maximum: Index | None) -> Array:
    seen = responses.highest_scores()
    if maximum is None:
        return seen.astype(float)
    stated = np.asarray(maximum)
    if stated.shape not in {(), seen.shape} or not np.isfinite(stated).all():
        raise MaximumTooLow(
            f"{stated.size} maxima for {seen.size} items: each item has a finite one"
        )
    stated = np.broadcast_to(stated, seen.shape)
    if np.any(stated < seen):
        place = int(np.argmax(stated < seen))
        raise MaximumTooLow(
            f"item {responses.items[place]!r}: a score of {seen[place]} exceeds the stated "
            f"maximum of {stated[place]}"
        )
    return stated.astype(float)


def _polyserial(responses: Responses, moments: ItemMoments, rest: Array) -> Array:
    """r·s / Σ φ(threshold): what the item's normal variable would correlate with the rest score."""
    counts = category_counts(responses)
    share = counts.cumsum(axis=1)[:, :-1] / counts.sum(axis=1, keepdims=True)
    threshold = ndtri(np.clip(share, 0.0, 1.0))
    ordinates = np.exp(-0.5 * threshold**2).sum(axis=1) / np.sqrt(2.0 * np.pi)
    persons = np.diag(moments.counts)
    deviation = np.sqrt(np.maximum(moments.variance * (persons - 1.0) / persons, 0.0))
    return np.where(
        ordinates > 0.0, rest * deviation / np.where(ordinates > 0.0, ordinates, 1.0), np.nan
    )


def _upper_minus_lower(responses: Responses, maximum: Array) -> Array:
    there = responses.scores >= 0 if responses.has_missing else None
    if there is None:
        earned = responses.scores.sum(axis=1, dtype=np.int64).astype(float)
    else:
        asked = there @ maximum
        seen = np.where(there, responses.scores, np.int8(0)).sum(axis=1, dtype=np.int64)
        earned = seen / np.where(asked > 0.0, asked, 1.0)
    slices = slice_membership(earned, edges=_UPPER_LOWER, weights=responses.weights)
    # A copy, because the matrix products below are many times slower on every second column.
    tails = np.ascontiguousarray(slices[:, ::2].T)
    sums, sizes = np.zeros((2, responses.item_count)), np.zeros((2, responses.item_count))
    rows = 16_384
    for place, block in enumerate(responses.blocks(rows)):
        part = tails[:, place * rows : place * rows + len(block)]
        if there is None:
            sums += part @ block.astype(float)
            sizes += part.sum(axis=1)[:, None]
        else:
            seen_here = block >= 0
            sums += part @ np.where(seen_here, block, np.int8(0)).astype(float)
            sizes += part @ seen_here.astype(float)
    exists = (sizes > 0.0).all(axis=0)
    share = sums / np.where(sizes > 0.0, sizes, 1.0) / maximum
    return np.where(exists, share[1] - share[0], np.nan)


def _alpha_if_dropped(covariance: Array) -> Array:
    items = len(covariance)
    variance = np.diag(covariance)
    rest = covariance.sum() - 2.0 * covariance.sum(axis=1) + variance
    exists = (rest > 0.0) & (items > 2)
    within = variance.sum() - variance
    share = within / np.where(exists, rest, 1.0)
    return np.where(exists, (items - 1.0) / max(items - 2.0, 1.0) * (1.0 - share), np.nan)
