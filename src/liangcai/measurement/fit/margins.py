"""First and second margins of item scores: what a model expects, their covariance, and their slopes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.scoring.likelihood import frequencies, row_blocks

Statistic = Literal["m2", "c2", "m2*"]


@dataclass(frozen=True, slots=True)
class Features:
    """
    Functions of single items whose means and products are compared: rows of `values` (F × K) by score.

    `item` is each feature's item; `single` are the features whose means are compared, `paired`
    those whose products with the paired features of other items are.
    """

    item: Index
    values: Array
    single: Index
    paired: Index


def features(steps: Sequence[int] | Index, statistic: Statistic) -> Features:
    """Return the features of M2 (categories), M2* (scores) or C2 (categories alone, scores in pairs)."""
    width = int(max(steps)) + 1
    categories = [
        (place, (np.arange(width) == score).astype(float))
        for place, top in enumerate(steps)
        for score in range(1, int(top) + 1)
    ]
    scores = [
        (place, np.where(np.arange(width) <= int(top), np.arange(width), 0).astype(float))
        for place, top in enumerate(steps)
    ]
    if statistic == "c2":
        listed = categories + scores
        single = np.arange(len(categories))
        paired = np.arange(len(categories), len(listed))
    else:
        listed = categories if statistic == "m2" else scores
        single = paired = np.arange(len(listed))
    return Features(
        item=np.array([place for place, _ in listed], dtype=np.intp),
        values=np.stack([values for _, values in listed]),
        single=single.astype(np.intp),
        paired=paired.astype(np.intp),
    )


@dataclass(frozen=True, slots=True)
class Margins:
    """The statistics as pairs of features; the second of a single one is the constant feature F."""

    features: Features
    first: Index
    second: Index

    @property
    def count(self) -> int:
        """The number of statistics."""
        return int(self.first.size)

    def owner(self, place: Index) -> Index:
        """Return the item of each feature, −1 for the constant."""
        return np.append(self.features.item, -1)[place]


def margins(of: Features) -> Margins:
    """Return every single margin and every pair of features of two items."""
    one, other = np.triu_indices(of.paired.size, 1)
    one, other = of.paired[one], of.paired[other]
    across = of.item[one] != of.item[other]
    constant = np.full(of.single.size, of.item.size)
    return Margins(
        of,
        np.concatenate([of.single, one[across]]).astype(np.intp),
        np.concatenate([constant, other[across]]).astype(np.intp),
    )


def observed_margins(of: Margins, responses: Responses) -> Array:
    """Return the sample's margins from complete responses."""
    return np.asarray(cross_products(of.features, responses)[of.first, of.second], dtype=float)


def cross_products(shape: Features, responses: Responses) -> Array:
    """Return the mean product of every two features in complete responses, the constant last (F + 1 squared)."""
    weights = frequencies(responses)
    size = shape.item.size + 1
    cross = np.zeros((size, size))
    for block in row_blocks(responses.person_count, size):
        scores = responses.scores[block][:, shape.item].astype(np.intp)
        held = shape.values[np.arange(shape.item.size), scores]
        held = np.concatenate([held, np.ones((held.shape[0], 1))], axis=1)
        cross += (held * weights[block][:, None]).T @ held
    return np.asarray(cross / weights.sum(), dtype=float)


@dataclass(frozen=True, slots=True)
class Curves:
    """What the margins need of a model at Q abilities with masses: means of features, of products (F × F in an item)."""

    share: Array
    mean: Array
    probability: Array


def model_curves(of: Margins, probability: Array, share: Array) -> Curves:
    """Return feature means at each ability from category probabilities (J × K × Q)."""
    shape = of.features
    mean = np.einsum("fk,fkq->fq", shape.values, probability[shape.item])
    return Curves(share, np.concatenate([mean, np.ones((1, share.size))]), probability)


def expected_margins(of: Margins, curves: Curves) -> Array:
    """Return the margins that the model expects."""
    return np.asarray((curves.mean[of.first] * curves.mean[of.second]) @ curves.share, dtype=float)


def margin_covariance(of: Margins, curves: Curves) -> Array:
    """
    Return the covariance of one person's margins: between abilities, plus within where items are shared.

    Given ability, items are independent: products covary only through the items they share.
    """
    joint = curves.mean[of.first] * curves.mean[of.second]
    mean = joint @ curves.share
    result = (joint * curves.share) @ joint.T
    result -= np.outer(mean, mean)
    spread = _within(of, curves)
    for item in range(curves.probability.shape[0]):
        _add_shared_item(result, of, curves, spread, item)
    _add_shared_pairs(result, of, curves, spread)
    return np.asarray(result, dtype=float)


def margin_slopes(of: Margins, curves: Curves, slopes: Array, owner: Index) -> Array:
    """Return ∂margin/∂parameter from ∂P/∂parameter (slots × K × Q) and each slot's item."""
    result = np.zeros((of.count, owner.size))
    shape = of.features
    for item in np.unique(owner):
        places = np.flatnonzero(owner == item)
        for rows, own, partner in _holding(of, int(item)):
            weighted = curves.mean[partner] * curves.share
            for feature in np.unique(own):
                of_feature = own == feature
                moved = np.einsum("k,pkq->pq", shape.values[feature], slopes[places])
                result[np.ix_(rows[of_feature], places)] = weighted[of_feature] @ moved.T
    return result


def _holding(of: Margins, item: int) -> list[tuple[Index, Index, Index]]:
    """Return the statistics with `item` first and those with it second: rows, its feature, the partner."""
    found = []
    for own, partner in ((of.first, of.second), (of.second, of.first)):
        rows = np.flatnonzero(of.owner(own) == item)
        found.append((rows, own[rows], partner[rows]))
    return found


def _within(of: Margins, curves: Curves) -> dict[tuple[int, int], Array]:
    """Return the covariance given ability of two features of one item, at each ability."""
    shape = of.features
    spread = {}
    for item in range(curves.probability.shape[0]):
        members = np.flatnonzero(shape.item == item)
        for one in members:
            for other in members:
                product = (shape.values[one] * shape.values[other]) @ curves.probability[item]
                spread[int(one), int(other)] = product - curves.mean[one] * curves.mean[other]
    return spread


def _add_shared_item(
    result: Array, of: Margins, curves: Curves, spread: dict[tuple[int, int], Array], item: int
) -> None:
    parts = _holding(of, item)
    rows, own, partner = (np.concatenate([part[place] for part in parts]) for place in range(3))
    for one in np.unique(own):
        left = own == one
        for other in np.unique(own):
            right = own == other
            weighted = curves.mean[partner[left]] * (spread[int(one), int(other)] * curves.share)
            result[np.ix_(rows[left], rows[right])] += weighted @ curves.mean[partner[right]].T


def _add_shared_pairs(
    result: Array, of: Margins, curves: Curves, spread: dict[tuple[int, int], Array]
) -> None:
    single = of.features.single.size
    one, other = of.owner(of.first[single:]), of.owner(of.second[single:])
    pair = one * curves.probability.shape[0] + other
    order = np.argsort(pair, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(pair[order]) != 0))
    for members in np.split(order + single, starts[1:]):
        left = [[spread[int(f), int(g)] for g in of.first[members]] for f in of.first[members]]
        right = [[spread[int(f), int(g)] for g in of.second[members]] for f in of.second[members]]
        result[np.ix_(members, members)] += (np.array(left) * np.array(right)) @ curves.share
