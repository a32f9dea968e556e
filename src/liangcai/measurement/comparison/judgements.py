"""Judgements between pairs of scripts, and how they connect the scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.labels import label_texts


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
        """Return in how many comparisons each script stands, whatever their weights."""
        both = np.concatenate([self.first, self.second])
        return np.bincount(both, minlength=len(self.scripts)).astype(np.intp)

    def wins(self) -> Array:
        """Return how many of these each script won, a tie counting half."""
        size = len(self.scripts)
        return np.asarray(
            np.bincount(self.first, self.outcome, size)
            + np.bincount(self.second, 1.0 - self.outcome, size),
            dtype=float,
        )

    def parts(self, anchored: Flags | None = None) -> Index:
        """Return the connected part of each script: without an anchor, parts cannot be compared.

        Comparisons of weight 0 connect nothing; scripts marked in `anchored` (S) are of one part.
        """
        return self._components(self._graph(self.weights > 0.0), "weak", anchored)

    def strong_parts(self, anchored: Flags | None = None) -> Index:
        """Return the part of each script in which every script has beaten every other by some chain.

        More than one part means that maximum likelihood estimates are infinite (Ford, 1957).
        Weights and `anchored` are as in `parts`.
        """
        counts = self.weights > 0.0
        won, lost = counts & (self.outcome > 0.0), counts & (self.outcome < 1.0)
        return self._components(self._graph(won) + self._graph(lost).T, "strong", anchored)

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

    def _components(self, graph: sparse.csr_array, kind: str, anchored: Flags | None) -> Index:
        tied = np.flatnonzero(anchored) if anchored is not None else np.zeros(0, dtype=np.intp)
        if tied.size:
            # What is known of anchors links them both ways.
            one = np.full(tied.size, tied[0])
            places = np.concatenate([tied, one]), np.concatenate([one, tied])
            graph = graph + sparse.csr_array((np.ones(places[0].size), places), shape=graph.shape)
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
        LabelMissing: a comparison has no script or judge.
    """
    names = [np.atleast_1d(label_texts(side, what="scripts")) for side in (first, second)]
    size = names[0].size
    won = np.ones(size) if outcome is None else _numbers(outcome, "outcomes")
    by = np.full(size, "1") if judges is None else label_texts(judges, what="judges")
    held = np.ones(size) if weights is None else _numbers(weights, "weights")
    if not size or any(side.shape != (size,) for side in (*names, won, by, held)):
        raise ComparisonsInvalid("comparisons need vectors of one length, at least 1")
    if not np.isin(won, (0.0, 0.5, 1.0)).all():
        raise ComparisonsInvalid("an outcome is 1 (first won), 0 (second won) or 0.5 (tie)")
    known = np.unique(np.concatenate(names)) if scripts is None else np.asarray(scripts, dtype=str)
    places = [places_of(known, side) for side in names]
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
        places[0],
        places[1],
        won,
        tuple(who.tolist()),
        judge.astype(np.intp),
        held,
    )


def places_of(known: npt.NDArray[np.str_], names: npt.NDArray[np.str_]) -> Index:
    """
    Return where each of `names` stands among the scripts that are `known`.

    Raises:
        ComparisonsInvalid: no script is known, one is named twice, or a name is not among them.
    """
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    if not known.size or np.unique(ordered).size != ordered.size:
        raise ComparisonsInvalid("a script is named twice, or none at all")
    place = np.minimum(np.searchsorted(ordered, names), ordered.size - 1)
    unknown = np.flatnonzero(ordered[place] != names)
    if unknown.size:
        raise ComparisonsInvalid(f"script {names[unknown[0]]!r} is not among the scripts named")
    return order[place].astype(np.intp)


def _numbers(values: npt.ArrayLike, what: str) -> Array:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ComparisonsInvalid(f"{what} must be numbers: {error}") from error
