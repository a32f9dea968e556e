"""Whether a panel converges from round to round."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, PanelCut


@dataclass(frozen=True, slots=True)
class Convergence(Result):
    """How the panel's cut and the spread of its judges moved over R rounds.

    `moved` is the mean absolute change of the judges present in both rounds, `correlation` that of
    their cuts (NaN in the first round, and where a correlation does not exist: fewer than three
    judges in common, or equal cuts).
    """

    title: ClassVar[str] = "Convergence of a panel over rounds"
    method: ClassVar[str] = "rounds compared by the cuts of the judges they share"
    source: ClassVar[str] = "Hambleton & Pitoniak (2006)"
    cut: Array
    standard_error: Array
    spread: Array
    moved: Array
    correlation: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a round."""
        return {
            "round": np.arange(1, self.cut.size + 1),
            "cut": self.cut,
            "standard error": self.standard_error,
            "spread of judges": self.spread,
            "mean change": self.moved,
            "correlation": self.correlation,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return how far the cut moved, and how much of the first round's spread is left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            left = self.spread[-1] / self.spread[0]
        return {"cut moved by": self.cut[-1] - self.cut[0], "spread left": left}


def convergence(rounds: Sequence[PanelCut]) -> Convergence:
    """
    Return how a panel moved over two rounds or more; judges are matched by name.

    Raises:
        JudgementsInvalid: there are fewer than two rounds, or two neighbours share no judge.
    """
    if len(rounds) < 2:
        raise JudgementsInvalid("convergence needs two rounds or more")
    moved, correlations = [float("nan")], [float("nan")]
    for number, (before, after) in enumerate(itertools.pairwise(rounds), start=1):
        earlier = dict(zip(before.judges, before.judge_cuts, strict=True))
        pairs = [
            (earlier[judge], cut)
            for judge, cut in zip(after.judges, after.judge_cuts, strict=True)
            if judge in earlier
        ]
        if not pairs:
            raise JudgementsInvalid(f"rounds {number} and {number + 1} have no judge in common")
        one, other = np.array(pairs).T
        moved.append(float(np.abs(other - one).mean()))
        correlations.append(correlation(one, other))
    return Convergence(
        cut=np.array([result.cut for result in rounds]),
        standard_error=np.array([result.standard_error for result in rounds]),
        spread=np.array([result.spread for result in rounds]),
        moved=np.array(moved),
        correlation=np.array(correlations),
    )


def correlation(one: Array, other: Array) -> float:
    """Return Pearson's correlation of the pairs without NaN; NaN where it does not exist."""
    known = ~(np.isnan(one) | np.isnan(other))
    one, other = one[known], other[known]
    if one.size < 3 or np.ptp(one) <= 0.0 or np.ptp(other) <= 0.0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
