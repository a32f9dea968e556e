"""Means and covariances of item scores under a stated rule for missing scores, in exact arithmetic."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.responses.matrix import Responses, Scores

#: What becomes of missing scores: rows with one are left out; every pair of items uses the persons
#: who answered both; or a missing score counts as 0.
Missing = Literal["complete", "pairwise", "zero"]

#: Whole numbers up to here are exact in float32, so blocks of products this large are too.
_EXACT_FLOAT32 = 2**24
_ROWS = 16_384
Answer = TypeVar("Answer")


class MissingRuleNeeded(LiangcaiError):
    """Scores are missing and nobody said what that means."""

    code = "measurement.classical.missing-rule-needed"


class MissingRuleUnknown(LiangcaiError):
    """No rule for missing scores has this name."""

    code = "measurement.classical.missing-rule-unknown"


class TooFewObservations(LiangcaiError):
    """There are too few persons or items for the statistic that was asked for."""

    code = "measurement.classical.too-few-observations"


class GroupsMissing(LiangcaiError):
    """An analysis by group was asked for, and the responses name no groups."""

    code = "measurement.classical.groups-missing"


@dataclass(frozen=True, slots=True)
class ItemMoments:
    """
    Moments of J items.

    `counts` (J × J): persons (sum of weights) who answered both items; `mean` (J);
    `covariance` (J × J): with n − 1; `correlation` (J × J): each from the persons of its own pair,
    NaN (it does not exist) where an item does not vary.
    """

    items: tuple[str, ...]
    counts: Array
    mean: Array
    covariance: Array
    correlation: Array

    @property
    def variance(self) -> Array:
        """The variance of each item (J), with n − 1."""
        return np.diag(self.covariance)

    @property
    def persons(self) -> float:
        """The fewest persons that any covariance rests on."""
        return float(self.counts.min())


def resolve_missing(responses: Responses, missing: Missing | None) -> Responses:
    """
    Return the responses that the rule leaves to analyse ("pairwise" leaves them as they are).

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        MissingRuleUnknown: there is no such rule.
        TooFewObservations: fewer than two persons, or no item, remain.
    """
    if missing is not None and missing not in get_args(Missing):
        raise MissingRuleUnknown(
            f"the rule for missing scores is {', '.join(get_args(Missing))}, not {missing!r}"
        )
    kept = responses
    if responses.item_count and responses.person_count and responses.has_missing:
        if missing is None:
            raise MissingRuleNeeded(
                'scores are missing: say missing="complete", "pairwise" or "zero"'
            )
        if missing == "complete":
            kept = responses.select_persons(np.flatnonzero((responses.scores >= 0).all(axis=1)))
        elif missing == "zero":
            kept = Responses(
                np.maximum(responses.scores, np.int8(0)),
                responses.items,
                responses.persons,
                responses.groups,
                responses.group_names,
                responses.weights,
            )
    if kept.item_count < 1 or kept.total_weight() < 2:
        raise TooFewObservations(
            f"{kept.item_count} items and {kept.total_weight():g} persons remain; "
            "an analysis needs at least one item and two persons"
        )
    return kept


def item_moments(responses: Responses, *, missing: Missing | None = None) -> ItemMoments:
    """
    Return means, covariances and correlations of the items; weights count as persons.

    Whole scores without weights are summed without rounding, whatever the number of persons.

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
        TooFewObservations: fewer than two persons answered some pair of items.
    """
    kept = resolve_missing(responses, missing)
    counts, sums, squares, products = _sums(kept, holed=kept.has_missing)
    if counts.min() < 2:
        one, other = np.argwhere(counts < 2)[0]
        raise TooFewObservations(
            f"items {kept.items[one]!r} and {kept.items[other]!r} were both answered by "
            f"{counts[one, other]:g} persons; at least two are needed"
        )
    covariance = (products - sums * sums.T / counts) / (counts - 1.0)
    variance = (squares - sums**2 / counts) / (counts - 1.0)
    scale = np.sqrt(np.maximum(variance, 0.0) * np.maximum(variance.T, 0.0))
    varies = scale > 0.0
    correlation = np.where(varies, covariance / np.where(varies, scale, 1.0), np.nan)
    correlation = np.clip(correlation, -1.0, 1.0)
    mean = np.diag(sums) / np.diag(counts)
    return ItemMoments(kept.items, counts, mean, covariance, correlation)


def by_group(responses: Responses, analysis: Callable[[Responses], Answer]) -> dict[str, Answer]:
    """
    Return the analysis of each group's responses, by group name in the order of `group_names`.

    Raises:
        GroupsMissing: the responses have no groups.
    """
    if responses.groups is None:
        raise GroupsMissing("the responses name no groups: give groups to responses_of")
    return {
        name: analysis(responses.select_persons(np.flatnonzero(responses.groups == code)))
        for code, name in enumerate(responses.group_names)
    }


def _sums(responses: Responses, *, holed: bool) -> tuple[Array, Array, Array, Array]:
    """Sum persons, x_i and x_i² (row item, over those who answered the column item) and x_i·x_j."""
    shape = (responses.item_count, responses.item_count)
    counts, sums, squares, products = (np.zeros(shape) for _ in range(4))
    for block, weight in _weighted_blocks(responses):
        there = block >= 0
        kind: type[np.floating[Any]] = np.float32 if weight is None else np.float64
        filled = np.where(there, block, np.int8(0)) if holed else block
        scores: npt.NDArray[np.floating[Any]] = filled.astype(kind)
        heavy = scores if weight is None else scores * weight[:, None]
        products += heavy.T @ scores
        if holed:
            seen: npt.NDArray[np.floating[Any]] = there.astype(kind)
            counts += (seen if weight is None else seen * weight[:, None]).T @ seen
            sums += heavy.T @ seen
            squares += (heavy * scores).T @ seen
        else:
            counts += len(block) if weight is None else weight.sum()
            sums += heavy.sum(axis=0, dtype=float)[:, None]
    if not holed:
        squares += np.diag(products)[:, None]
    return counts, sums, squares, products


def _weighted_blocks(responses: Responses) -> Iterator[tuple[Scores, Array | None]]:
    top = max(int(responses.highest_scores().max(initial=1)), 1)
    rows = min(_ROWS, _EXACT_FLOAT32 // top**2)
    for place, block in enumerate(responses.blocks(rows)):
        start = place * rows
        weights = responses.weights
        yield block, None if weights is None else weights[start : start + len(block)]
