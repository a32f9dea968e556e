"""H^T: how a person's pattern agrees with the patterns of all other persons."""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.ratios import ratio
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result

_BLOCK = 8192


class TransposedScalabilityUndefined(LiangcaiError):
    """H^T needs right-or-wrong items and at least two persons who answered all of them."""

    code = "measurement.transposed-scalability-undefined"


@dataclass(frozen=True, slots=True)
class TransposedScalability(Result):
    """
    One row a person: H^T, the covariance with the other persons over its maximum; low is misfit.

    1: a Guttman pattern among Guttman patterns; about 0: unrelated to what others find easy.
    NaN: does not exist (an answer missing, or nothing or everything right). The value depends on
    the persons it is computed among; cuts such as 0.22 (Karabatsos, 2003) are conventions of
    particular simulations.
    """

    title = "Person fit: H^T"
    method = "Covariance with all other persons' patterns over the largest that totals allow"
    source = "Sijtsma (1986); Sijtsma & Meijer (1992)"
    person: tuple[str, ...]
    reference_persons: float
    ht: Array
    complete: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a person."""
        return {"person": self.person, "ht": self.ht, "complete": self.complete}

    def facts(self) -> dict[str, float]:
        """Return how many persons are compared."""
        return {"persons compared (complete patterns)": self.reference_persons}


def transposed_scalability(responses: Responses) -> TransposedScalability:
    """
    Return H^T of each person among all with complete patterns, in time linear in the responses.

    Raises:
        TransposedScalabilityUndefined: a score above 1, or fewer than two complete patterns.
    """
    top = responses.highest_scores().max(initial=0)
    if top > 1:
        raise TransposedScalabilityUndefined("H^T is for right-or-wrong items; scores go above 1")
    count, width = responses.person_count, responses.item_count
    complete = np.zeros(count, dtype=bool)
    right, shared = np.zeros(count), np.zeros(count)
    weight = np.ones(count) if responses.weights is None else responses.weights
    columns = np.zeros(width)
    for rows in _slices(count):
        block = responses.scores[rows]
        complete[rows] = (block >= 0).all(axis=1)
        columns += (weight[rows] * complete[rows]) @ block
        right[rows] = block.sum(axis=1, dtype=float)
    if weight @ complete < 2 or width == 0:
        raise TransposedScalabilityUndefined("H^T needs two persons who answered all items")
    for rows in _slices(count):
        shared[rows] = responses.scores[rows] @ columns
    ht = _covariance_ratio(right, shared, weight * complete, width)
    return TransposedScalability(
        person=tuple(responses.person_name(row) for row in range(count)),
        reference_persons=float((weight * complete).sum()),
        ht=np.where(complete, ht, np.nan),
        complete=complete,
    )


def _slices(count: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, count, _BLOCK)]


def _covariance_ratio(right: Array, shared: Array, weight: Array, width: int) -> Array:
    """Return Σ cov / Σ max cov with the others; max cov of shares p ≤ q is p(1 − q)."""
    totals = np.clip(right, 0, width).astype(np.intp)
    persons = np.bincount(totals, weight, width + 1)
    points = persons * np.arange(width + 1)
    # Σ min(p, q) over all persons: those below bring their own share, the others this person's.
    below, above = np.cumsum(points), persons.sum() - np.cumsum(persons)
    least = (below + np.arange(width + 1) * above)[totals] / width
    p = right / width
    others = points.sum() / width - p
    covariance = (shared - right) / width - p * others
    largest = least - p - p * others
    return np.where(largest > 1e-12, ratio(covariance, largest), np.nan)
