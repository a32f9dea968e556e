"""Judgements between pairs of scripts, and how they connect the scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index


class ComparisonsInvalid(LiangcaiError):
    """The arrays given as comparisons do not fit together."""

    code = "measurement.comparisons-invalid"


@dataclass(frozen=True, slots=True)
class Comparisons:
    """
    C comparisons: script `first` against `second` (places in `scripts`), judged by `judge`.

    `outcome` is 1 where the first won, 0 where the second did and 0.5 for a tie; `weights` count
    each comparison (a judge's weight, a repetition), 1 by default.
    """

    scripts: tuple[str, ...]
    first: Index
    second: Index
    outcome: Array
    judges: tuple[str, ...]
    judge: Index
    weights: Array

    @property
    def count(self) -> int:
        """The number of comparisons."""
        return int(self.first.size)

    def exposures(self) -> Index:
        """Return how often each script was compared."""
        both = np.concatenate([self.first, self.second])
        return np.bincount(both, minlength=len(self.scripts)).astype(np.intp)

    def wins(self) -> Array:
        """Return how often each script won, a tie counting half."""
        size = len(self.scripts)
        return np.asarray(
            np.bincount(self.first, self.outcome, size)
            + np.bincount(self.second, 1.0 - self.outcome, size),
            dtype=float,
        )

    def parts(self) -> Index:
        """Return the connected part of each script: without an anchor, parts cannot be compared."""
        return self._components(self._graph(np.ones(self.count, dtype=bool)), "weak")

    def strong_parts(self) -> Index:
        """Return the part of each script in which every script has beaten every other by some chain.

        More than one part means that maximum likelihood estimates are infinite (Ford, 1957).
        """
        won, lost = self.outcome > 0.0, self.outcome < 1.0
        return self._components(self._graph(won) + self._graph(lost).T, "strong")

    def chosen(self, flags: Flags) -> "Comparisons":
        """Return the comparisons that `flags` mark, of the same scripts and judges."""
        return Comparisons(
            self.scripts,
            self.first[flags],
            self.second[flags],
            self.outcome[flags],
            self.judges,
            self.judge[flags],
            self.weights[flags],
        )

    def _graph(self, flags: Flags) -> sparse.csr_array:
        size = len(self.scripts)
        places = (self.first[flags], self.second[flags])
        return sparse.csr_array((np.ones(places[0].size), places), shape=(size, size))

    def _components(self, graph: sparse.csr_array, kind: str) -> Index:
        found = csgraph.connected_components(graph, directed=True, connection=kind)[1]
        return np.asarray(found, dtype=np.intp)


def comparisons_of(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    outcome: npt.ArrayLike | None = None,
    *,
    judges: npt.ArrayLike | None = None,
    judge_weights: Mapping[str, float] | None = None,
    weights: npt.ArrayLike | None = None,
    scripts: Sequence[str] | None = None,
) -> Comparisons:
    """
    Return comparisons of scripts named by any labels; without `outcome` the first always won.

    `scripts` names all scripts, compared or not; `judge_weights` multiplies the comparisons of a
    judge (1 where not named).

    Raises:
        ComparisonsInvalid: lengths differ, a script meets itself or is unknown, an outcome is not
            0, 0.5 or 1, or a weight is negative or not finite.
    """
    names = [np.atleast_1d(np.asarray(side)).astype(str) for side in (first, second)]
    size = names[0].size
    won = np.ones(size) if outcome is None else np.asarray(outcome, dtype=float)
    by = np.full(size, "1") if judges is None else np.asarray(judges).astype(str)
    held = np.ones(size) if weights is None else np.asarray(weights, dtype=float)
    if not size or any(side.shape != (size,) for side in (*names, won, by, held)):
        raise ComparisonsInvalid("comparisons need vectors of one length, at least 1")
    if not np.isin(won, (0.0, 0.5, 1.0)).all():
        raise ComparisonsInvalid("an outcome is 1 (first won), 0 (second won) or 0.5 (tie)")
    known = np.unique(np.concatenate(names)) if scripts is None else np.asarray(scripts, dtype=str)
    order = np.argsort(known, kind="stable")
    places = [order[_place(known[order], side)] for side in names]
    same = np.flatnonzero(places[0] == places[1])
    if same.size:
        raise ComparisonsInvalid(f"comparison {same[0] + 1}: {names[0][same[0]]!r} meets itself")
    who, judge = np.unique(by, return_inverse=True)
    if judge_weights is not None:
        held = held * np.array([judge_weights.get(str(name), 1.0) for name in who])[judge]
    if not (np.isfinite(held).all() and (held >= 0).all()):
        raise ComparisonsInvalid("weights must be finite and at least 0")
    return Comparisons(
        tuple(known.tolist()),
        places[0].astype(np.intp),
        places[1].astype(np.intp),
        won,
        tuple(who.tolist()),
        judge.astype(np.intp),
        held,
    )


def _place(ordered: npt.NDArray[np.str_], names: npt.NDArray[np.str_]) -> Index:
    if np.unique(ordered).size != ordered.size:
        raise ComparisonsInvalid("a script is named twice")
    place = np.minimum(np.searchsorted(ordered, names), ordered.size - 1)
    unknown = np.flatnonzero(ordered[place] != names)
    if unknown.size:
        raise ComparisonsInvalid(f"script {names[unknown[0]]!r} is not among the scripts named")
    return place.astype(np.intp)
