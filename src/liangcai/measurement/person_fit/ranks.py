"""Rank-based person fit without a model: Guttman errors, U3, caution indices, for complete or missing answers.

Score steps (a right answer is the one step of a dichotomous item) are put in order of how many
take them. An index compares a person's steps with the best (easiest) and the worst (hardest)
steps that give the same total: with weights w that fall from easy to hard, the shortfall
(best − own) / (best − worst) is 0 for a perfect Guttman pattern and 1 for its reverse.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.person_fit.worst_patterns import least_totals
from liangcai.measurement.ratios import share
from liangcai.measurement.responses.matrix import MISSING, Responses
from liangcai.measurement.results import Result

_BLOCK = 2048


class OrderUndefined(LiangcaiError):
    """The items cannot be put in an order of difficulty."""

    code = "measurement.order-undefined"


@dataclass(frozen=True, slots=True)
class StepOrder:
    """
    The score steps of items from easy to hard: item, score reached, share of persons who reach it.

    Steps that everybody or nobody takes are left out: they order nothing.
    """

    item: Index
    score: Index
    popularity: Array


@dataclass(frozen=True, slots=True)
class RankFit(Result):
    """
    One row a person; high values: hard steps taken and easy ones missed.

    `guttman_errors`: pairs of an easier step missed and a harder one taken; `guttman` the same as
    a share of the most that the total allows; `u3` weights by log odds of popularity; `modified_caution`
    (dichotomous items only, as `caution` and `conformity`) by popularity; `caution` is Sato's,
    0 for a Guttman pattern and near 1 for one unrelated to difficulty; `conformity` runs from 1
    to −1. NaN: does not exist (nothing or everything right, or items with several scores).
    All depend on the persons who set the order: the same answers among other persons give
    another value, and there is no universal cut.
    """

    title = "Person fit by ranks"
    method = (
        "Guttman errors, U3, Sato's caution and its modification against the difficulty order of "
        "the persons given; values depend on that reference sample"
    )
    source = (
        "Guttman (1944); Molenaar (1991); van der Flier (1982); Sato (1975); Harnisch & Linn (1981); "
        "Tatsuoka & Tatsuoka (1983); Emons (2008)"
    )
    person: tuple[str, ...]
    reference_persons: float
    steps: int
    answered: Array
    total: Array
    guttman_errors: Array
    guttman: Array
    u3: Array
    caution: Array
    modified_caution: Array
    conformity: Array

    def columns(self) -> dict[str, tuple[str, ...] | Array]:
        """Return one row a person."""
        return {
            "person": self.person,
            "answered": self.answered,
            "total": self.total,
            "guttman_errors": self.guttman_errors,
            "guttman": self.guttman,
            "u3": self.u3,
            "caution": self.caution,
            "modified_caution": self.modified_caution,
            "conformity": self.conformity,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return how many persons set the order, and how many steps it has."""
        return {
            "order of difficulty set by persons": self.reference_persons,
            "steps in order": self.steps,
        }


def step_order(reference: Responses) -> StepOrder:
    """
    Return the order of score steps in these responses, ties in test order.

    Raises:
        OrderUndefined: no step is taken by some persons and missed by others.
    """
    top = int(max(reference.highest_scores().max(initial=0), 1))
    weight = np.ones(reference.person_count) if reference.weights is None else reference.weights
    taken = np.zeros((top, reference.item_count))
    asked = np.zeros(reference.item_count)
    for start in range(0, reference.person_count, _BLOCK):
        block = reference.scores[start : start + _BLOCK]
        part = weight[start : start + _BLOCK]
        asked += part @ (block != MISSING)
        for step in range(top):
            taken[step] += part @ (block > step)
    popularity = share(taken, np.broadcast_to(asked, taken.shape)).T
    item, score = np.nonzero((popularity > 0.0) & (popularity < 1.0))
    if item.size == 0:
        raise OrderUndefined("no item is passed by some persons and failed by others")
    values = popularity[item, score]
    order = np.argsort(-values, kind="stable")
    return StepOrder(item[order], score[order] + 1, values[order])


def rank_fit(responses: Responses, *, order: StepOrder | None = None) -> RankFit:
    """
    Return the rank-based indices of each person.

    `order` is the difficulty order to compare with (None: of these responses themselves).
    Persons with missing answers are compared on the steps of the items they answered.

    Raises:
        OrderUndefined: no item is passed by some persons and failed by others.
    """
    known = step_order(responses) if order is None else order
    if known.item.max() >= responses.item_count:
        raise OrderUndefined("the order speaks of more items than these responses have")
    rows = [
        _indices(responses.scores[start : start + _BLOCK], known)
        for start in range(0, responses.person_count, _BLOCK)
    ]
    columns = {
        name: np.concatenate([row[name] for row in rows]) if rows else np.zeros(0)
        for name in _NAMES
    }
    return RankFit(
        person=tuple(responses.person_name(row) for row in range(responses.person_count)),
        reference_persons=responses.total_weight() if order is None else float("nan"),
        steps=int(known.item.size),
        **columns,
    )


_NAMES = (
    "answered",
    "total",
    "guttman_errors",
    "guttman",
    "u3",
    "caution",
    "modified_caution",
    "conformity",
)


def _indices(
    scores: np.ndarray[tuple[int, ...], np.dtype[np.int8]], order: StepOrder
) -> dict[str, Array]:
    given = scores[:, order.item]
    asked = (given != MISSING).astype(float)
    taken = (given >= order.score).astype(float) * asked
    width, total = asked.sum(axis=1), taken.sum(axis=1)
    missed = np.cumsum(asked - taken, axis=1)
    errors = (taken * missed).sum(axis=1)
    single = bool((np.bincount(order.item) <= 1).all())
    seen = np.cumsum(asked, axis=1)
    easiest = asked * (seen <= total[:, None])
    hardest = asked * (seen > (width - total)[:, None])
    inside = (total > 0) & (total < width)
    logit = np.log(order.popularity / (1.0 - order.popularity))

    def shortfall(weights: Array) -> Array:
        best, own = easiest @ weights, taken @ weights
        worst = hardest @ weights if single else least_totals(asked, total, order.item, weights)
        room = best - worst
        return np.where(inside & (room > 1e-12), share(best - own, room), np.nan)

    ranks = -np.arange(order.item.size, dtype=float)
    if single:
        guttman = np.where(inside, share(errors, total * (width - total)), np.nan)
        best, own = easiest @ order.popularity, taken @ order.popularity
        room = best - total * share(asked @ order.popularity, width)
        caution = np.where(inside & (room > 1e-12), share(best - own, room), np.nan)
        modified = shortfall(order.popularity)
        conformity = 1.0 - 2.0 * guttman
    else:
        most = _most_errors(asked, total, order, ranks)
        guttman = np.where(inside & (most > 0), share(errors, most), np.nan)
        caution = modified = conformity = np.full(total.size, np.nan)
    return {
        "answered": (scores != MISSING).sum(axis=1).astype(float),
        "total": np.where(scores != MISSING, scores, 0).sum(axis=1).astype(float),
        "guttman_errors": errors,
        "guttman": guttman,
        "u3": shortfall(logit),
        "caution": caution,
        "modified_caution": modified,
        "conformity": conformity,
    }


def _most_errors(asked: Array, total: Array, order: StepOrder, ranks: Array) -> Array:
    """Return the most Guttman errors that a total allows, among the steps a person was asked."""
    # With gaps closed, a pattern's errors are the sum of its steps' places less 0 + 1 + … + (total − 1).
    worst = -least_totals(asked, total, order.item, ranks, places=True)
    return np.asarray(worst - total * (total - 1.0) / 2.0, dtype=float)
