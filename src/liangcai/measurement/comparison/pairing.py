"""Which scripts to compare next: chained random rounds first, then pairs that tell most."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.comparison.judgements import Comparisons, ComparisonsInvalid
from liangcai.measurement.comparison.scale import ComparisonScale
from liangcai.measurement.results import Result

_NEIGHBOURS = 12


@dataclass(frozen=True, slots=True)
class Pairs(Result):
    """Pairs to judge: places of the scripts, and the information each is expected to give (at most 0.25)."""

    title: ClassVar[str] = "Pairs to judge"
    method: str
    source: str
    scripts: tuple[str, ...]
    first: Index
    second: Index
    information: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a pair, by names."""
        return {
            "first": [self.scripts[place] for place in self.first],
            "second": [self.scripts[place] for place in self.second],
            "expected information": self.information,
        }


def chained_pairs(scripts: tuple[str, ...], *, rounds: int, rng: np.random.Generator) -> Pairs:
    """
    Return random pairs in which every script occurs 2·`rounds` times and all are connected.

    The first round is a closed chain through all scripts in random order, a later one such a chain or
    several that together hold all scripts; no pair occurs twice. Half of each script's occurrences,
    but for chance, are on the left.

    Raises:
        ComparisonsInvalid: fewer than three scripts, or more rounds than there are different pairs.
    """
    size = len(scripts)
    if size < 3 or not 1 <= rounds <= (size - 1) // 2:
        raise ComparisonsInvalid(
            f"{size} scripts allow 1 to {max((size - 1) // 2, 0)} rounds of a closed chain, not {rounds}"
        )
    # Steps of a cyclic order that are prime to the size make one chain each, all pairs different;
    # relabelling by a random order makes them random.
    steps = [
        step for step in range(1, size // 2 + 1) if np.gcd(step, size) == 1 and 2 * step != size
    ]
    others = [step for step in range(1, (size + 1) // 2) if step not in steps]
    chosen = [1, *rng.permutation(np.array(steps[1:] + others, dtype=np.intp))[: rounds - 1]]
    order = rng.permutation(size)
    place = np.arange(size)
    ends = np.concatenate([np.stack([place, (place + step) % size], axis=1) for step in chosen])
    pairs = order[ends]
    swapped = np.where(rng.random((len(pairs), 1)) < 0.5, pairs, pairs[:, ::-1])
    return Pairs(
        "closed chains through all scripts in random order",
        "circulant designs (David, 1988)",
        scripts,
        swapped[:, 0].astype(np.intp),
        swapped[:, 1].astype(np.intp),
        np.full(len(pairs), np.nan),
    )


def adaptive_pairs(
    scale: ComparisonScale,
    done: Comparisons,
    *,
    rng: np.random.Generator,
    most_exposed: int | None = None,
) -> Pairs:
    """
    Return a round of pairs in which every script occurs at most once and no pair is repeated.

    Measures are drawn from their errors, each script is weighed against its neighbours among the
    draws, and the pairs that promise most information, averaged over both errors, are taken.
    Scripts judged least often come first, and none beyond `most_exposed`.

    Raises:
        ComparisonsInvalid: scale and comparisons are of different scripts.
    """
    if scale.scripts != done.scripts:
        raise ComparisonsInvalid("scale and comparisons must be of the same scripts in one order")
    size = len(scale.scripts)
    exposures = done.exposures()
    open_now = np.ones(size, dtype=bool) if most_exposed is None else exposures < most_exposed
    drawn = scale.measures + scale.standard_errors * rng.standard_normal(size)
    ordered = np.flatnonzero(open_now)[np.argsort(drawn[open_now], kind="stable")]
    one, other = _candidates(ordered)
    new = ~np.isin(_keys(one, other, size), _keys(done.first, done.second, size))
    one, other = one[new], other[new]
    gain = expected_information(scale, one, other)
    # Less judged scripts win over a small gain, so that exposure stays even.
    late = (exposures[one] + exposures[other]) / (1.0 + exposures.mean())
    taken = _matched(one, other, gain - 0.02 * late + 1e-6 * rng.random(one.size), size)
    one, other, gain = one[taken], other[taken], gain[taken]
    swap = rng.random(one.size) < 0.5
    return Pairs(
        "expected information of pairs near each other in draws of their measures",
        "Pollitt (2012); Bramley (2015); matching: Preis (1999)",
        scale.scripts,
        np.where(swap, other, one).astype(np.intp),
        np.where(swap, one, other).astype(np.intp),
        gain,
    )


def expected_information(scale: ComparisonScale, first: Index, second: Index) -> Array:
    """Return E[P(1 − P)] of pairs over normal errors of both measures, by five-point quadrature."""
    nodes, masses = np.polynomial.hermite_e.hermegauss(5)
    gap = scale.measures[first] - scale.measures[second]
    spread = np.hypot(scale.standard_errors[first], scale.standard_errors[second])
    half = np.tanh(0.5 * (gap[:, None] + spread[:, None] * nodes))
    return np.asarray(0.25 * (1.0 - half**2) @ masses / masses.sum(), dtype=float)


def _candidates(ordered: Index) -> tuple[Index, Index]:
    reach = range(1, min(_NEIGHBOURS, ordered.size - 1) + 1)
    empty = [ordered[:0]]
    return (
        np.concatenate([ordered[:-step] for step in reach] or empty),
        np.concatenate([ordered[step:] for step in reach] or empty),
    )


def _keys(one: Index, other: Index, size: int) -> Index:
    return np.minimum(one, other) * size + np.maximum(one, other)


def _matched(one: Index, other: Index, gain: Array, size: int) -> Index:
    """Take every pair that is the best left for both of its scripts, until none is left."""
    taken = np.zeros(one.size, dtype=bool)
    left = np.arange(one.size)
    while left.size:
        best = np.full(size, -np.inf)
        np.maximum.at(best, one[left], gain[left])
        np.maximum.at(best, other[left], gain[left])
        chosen = (gain[left] >= best[one[left]]) & (gain[left] >= best[other[left]])
        new = left[chosen]
        taken[new] = True
        used = np.zeros(size, dtype=bool)
        used[one[new]] = used[other[new]] = True
        left = left[~used[one[left]] & ~used[other[left]]]
    return np.flatnonzero(taken)
