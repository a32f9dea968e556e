"""Likelihoods of response patterns on a grid of abilities, as blocked matrix products."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.curves import CategoryCurves, category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, Scores

_LOWEST_LOG = -690.0
_CELLS = 1 << 19
_LARGEST_CODE = 2.0**62


class ItemsUnmatched(LiangcaiError):
    """Responses and item parameters do not name the same items, or an item lacks a score that was seen."""

    code = "measurement.items-unmatched"


class SeveralAbilities(LiangcaiError):
    """Items measure several abilities where the answer is about one."""

    code = "measurement.several-abilities"


def require_one_ability(items: ItemParameters) -> None:
    """
    Refuse items that measure different dimensions.

    Raises:
        SeveralAbilities: they do.
    """
    found = np.unique(items.dimension)
    if found.size > 1:
        raise SeveralAbilities(
            f"the items measure {found.size} abilities: select those of one dimension, or score "
            "all with score_dimensions"
        )


class AbilityUndefined(LiangcaiError):
    """An ability at which something is asked for is not a finite number."""

    code = "measurement.ability-undefined"


def finite_abilities(theta: npt.ArrayLike) -> Array:
    """
    Return abilities as an array of one dimension.

    Raises:
        AbilityUndefined: one is not finite.
    """
    spots = np.asarray(theta, dtype=float).ravel()
    wrong = np.flatnonzero(~np.isfinite(spots))
    if wrong.size:
        raise AbilityUndefined(
            f"ability {wrong[0] + 1} of {spots.size} is {spots[wrong[0]]:g}, which is no finite number"
        )
    return spots


def matched(responses: Responses, items: ItemParameters) -> ItemParameters:
    """
    Return the parameters of the items that were answered, in the order of the columns.

    Columns are matched by name; columns that were only numbered 1 … J are matched by position.
    Parameters of further items (a bank) are left out.

    Raises:
        ItemsUnmatched: a column has no parameters or two sets of them, or holds a score above the
            item's highest.
    """
    numbered = responses.items == tuple(str(n + 1) for n in range(responses.item_count))
    if responses.items == items.names:
        chosen = items
    elif set(responses.items) <= set(items.names):
        chosen = items.select(items.positions(responses.items))
        twice = [name for name in responses.items if items.names.count(name) > 1]
        if twice:
            raise ItemsUnmatched(
                f"item {twice[0]!r} has parameters more than once: leave one set of them"
            )
    elif numbered and items.count == responses.item_count:
        chosen = items
    else:
        unknown = [name for name in responses.items if name not in set(items.names)]
        raise ItemsUnmatched(
            f"no parameters for item {unknown[0]!r} ({len(unknown)} of {responses.item_count} items "
            "unmatched); name the columns as the calibrated items are named"
        )
    over = np.flatnonzero(responses.highest_scores() > chosen.steps)
    if over.size:
        place = int(over[0])
        raise ItemsUnmatched(
            f"item {chosen.names[place]!r} was calibrated for scores 0 to {chosen.steps[place]}, "
            f"but a score of {responses.highest_scores()[place]} was given"
        )
    return chosen


@dataclass(frozen=True, slots=True)
class LogTables:
    """Log probabilities at Q abilities: of score 0 (J × Q), and what score k adds to it (each J_k × Q)."""

    zero: Array
    gains: tuple[Array, ...]
    holders: tuple[Index, ...]

    def log_likelihood(self, scores: Scores) -> Array:
        """Return the log-likelihood of each row of `scores` at each ability (n × Q)."""
        if (scores < 0).any():
            total = (scores >= 0).astype(float) @ self.zero
        else:
            total = np.tile(self.zero.sum(axis=0), (scores.shape[0], 1))
        for score, (gain, columns) in enumerate(zip(self.gains, self.holders, strict=True), 1):
            total += (scores[:, columns] == score).astype(float) @ gain
        return np.asarray(total, dtype=float)


def log_tables(curves: CategoryCurves, items: ItemParameters) -> LogTables:
    """Return the tables whose products with scores are log-likelihoods."""
    # A probability that underflows stands for "next to impossible", not for an infinite verdict.
    log = np.maximum(curves.log_probability(), _LOWEST_LOG)
    steps = items.steps
    holders = tuple(
        np.flatnonzero(steps >= score) for score in range(1, int(steps.max(initial=0)) + 1)
    )
    gains = tuple(log[columns, score] - log[columns, 0] for score, columns in enumerate(holders, 1))
    return LogTables(np.ascontiguousarray(log[:, 0]), gains, holders)


def tables_at(items: ItemParameters, theta: Array) -> LogTables:
    """Return the log-probability tables of `items` at the abilities of `theta`."""
    return log_tables(category_curves(items, theta), items)


def row_blocks(count: int, width: int) -> Iterator[slice]:
    """Yield slices of `count` rows so small that `width` numbers a row stay in cache."""
    rows = max(64, min(4096, _CELLS // max(width, 1)))
    for start in range(0, count, rows):
        yield slice(start, min(start + rows, count))


def distinct_patterns(responses: Responses) -> tuple[Index, Index] | None:
    """Return the rows of distinct patterns (within groups) and each person's place among them.

    None where patterns are too long to be coded as one number, or mostly unique.
    """
    radix = np.maximum(responses.highest_scores(), 0) + 2.0
    groups = max(len(responses.group_names), 1)
    if responses.person_count < 2 or np.log2(radix).sum() + np.log2(groups) > np.log2(
        _LARGEST_CODE
    ):
        return None
    values = np.append(1, np.cumprod(radix[:-1].astype(np.int64)))
    size = int(values[-1] * radix[-1]) if radix.size else 1
    codes = np.concatenate(
        [
            (block.astype(np.int64) + 1) @ values[: block.shape[1]]
            for block in responses.blocks(65_536)
        ]
    )
    if responses.groups is not None:
        codes = codes + size * responses.groups
    _, rows, inverse = np.unique(codes, return_index=True, return_inverse=True)
    if 2 * rows.size > codes.size:
        return None
    return rows.astype(np.intp), inverse.astype(np.intp)


def answered_counts(responses: Responses) -> Index:
    """Return how many items each person answered (N)."""
    parts = [(block >= 0).sum(axis=1) for block in responses.blocks(65_536)]
    return np.concatenate([np.zeros(0, np.intp), *parts]).astype(np.intp)


def group_codes(responses: Responses) -> Index:
    """Return each person's group code, 0 for everybody where there are no groups (N)."""
    if responses.groups is None:
        return np.zeros(responses.person_count, dtype=np.intp)
    return np.asarray(responses.groups, dtype=np.intp)


def frequencies(responses: Responses) -> Array:
    """Return how many persons each row stands for (N)."""
    if responses.weights is None:
        return np.ones(responses.person_count)
    return np.asarray(responses.weights, dtype=float)
