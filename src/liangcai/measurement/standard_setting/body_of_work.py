"""Body of work: judges sort whole collections of work into categories (Kingston et al., 2001)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.logistic import LogisticUndetermined, fit_logistic
from liangcai.measurement.standard_setting.panel import (
    JudgementsInvalid,
    PanelCut,
    judge_names,
    numbers,
)


@dataclass(frozen=True, slots=True)
class BodyOfWork(Result):
    """Cuts of B boundaries between B + 1 categories, by logistic regression on scores.

    `standard_error` treats each judge as a cluster (NaN for one judge); `slope` is the change of
    the log odds of the upper side for one point. `judge_cuts` (J × B) are the judges' own cuts: the
    logistic one, the midpoint of the gap where a judge divides the works without error, NaN where
    none exists (a judge who used one side only, or whose judgements do not rise with scores).
    `agreement` is the share of pairs of judges who put a work on the same side.
    """

    title: ClassVar[str] = "Body of work cut scores"
    method: ClassVar[str] = "logistic regression of judged categories on scores, judges as clusters"
    source: ClassVar[str] = "Kingston, Kahl, Sweeney & Bay (2001); Liang & Zeger (1986)"
    categories: tuple[str, ...]
    judges: tuple[str, ...]
    cuts: Array
    standard_error: Array
    slope: Array
    judge_cuts: Array
    agreement: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a boundary."""
        return {
            "boundary": [
                f"{low} | {high}"
                for low, high in zip(self.categories[:-1], self.categories[1:], strict=True)
            ],
            "cut": self.cuts,
            "standard error": self.standard_error,
            "slope": self.slope,
            "agreement": self.agreement,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the number of judges and the cuts."""
        return {"judges": len(self.judges), "cuts": self.cuts}

    def panel(self, boundary: int = 0) -> PanelCut:
        """
        Return one boundary as a panel's cut, to compare rounds; judges without a cut are left out.

        The cut without each judge is not refitted and stays NaN.
        """
        known = ~np.isnan(self.judge_cuts[:, boundary])
        return PanelCut(
            method=self.method,
            source=self.source,
            scale="score",
            cut=float(self.cuts[boundary]),
            standard_error=float(self.standard_error[boundary]),
            degrees_of_freedom=len(self.judges) - 1,
            judges=tuple(name for name, kept in zip(self.judges, known, strict=True) if kept),
            judge_cuts=self.judge_cuts[known, boundary],
            without=np.full(int(known.sum()), np.nan),
        )


def body_of_work(
    scores: npt.ArrayLike,
    judged: npt.ArrayLike,
    *,
    categories: Sequence[str],
    judges: Sequence[str] | None = None,
) -> BodyOfWork:
    """
    Return the cuts from the scores of W works and judges × works categories (codes from 0).

    NaN where a judge did not see a work. A cut is the score at which a work is as likely to be put
    above a boundary as below. Rounds (range finding, pinpointing) are separate calls, compared by
    `convergence` through `panel`.

    Raises:
        JudgementsInvalid: shapes differ, a category has no name, a judge sorted no work, or higher
            scores were not judged higher.
        LogisticUndetermined: all works lie on one side of a boundary, or a score divides all
            judgements without error.
    """
    score, codes = numbers(scores, "scores"), numbers(judged, "categories")
    if score.ndim != 1 or codes.ndim != 2 or codes.shape[1] != score.size or not codes.size:
        raise JudgementsInvalid("categories must be a table of judges × works, one score a work")
    known = ~np.isnan(codes)
    given = codes[known]
    boundaries = len(categories) - 1
    if boundaries < 1 or not np.isfinite(score).all():
        raise JudgementsInvalid("two categories or more and finite scores are needed")
    if ((given < 0) | (given > boundaries) | (given != np.floor(given))).any():
        raise JudgementsInvalid(f"categories must be codes from 0 to {boundaries}")
    names = judge_names(judges, codes.shape[0])
    if not known.any(axis=1).all():
        unused = names[int(np.flatnonzero(~known.any(axis=1))[0])]
        raise JudgementsInvalid(f"judge {unused!r} sorted no work: leave the judge out")
    judge, work = np.nonzero(known)
    cuts, errors, slopes = (np.empty(boundaries) for _ in range(3))
    own = np.full((codes.shape[0], boundaries), np.nan)
    for boundary in range(boundaries):
        above = (given > boundary).astype(float)
        curve = fit_logistic(score[work], above, clusters=judge)
        if curve.slope <= 0.0:
            raise JudgementsInvalid(
                f"works with higher scores were not judged higher at {categories[boundary + 1]!r}"
            )
        cuts[boundary], errors[boundary] = curve.where(0.0)
        slopes[boundary] = curve.slope
        own[:, boundary] = [
            _own_cut(score[work[judge == place]], above[judge == place])
            for place in range(codes.shape[0])
        ]
    return BodyOfWork(
        categories=tuple(categories),
        judges=names,
        cuts=cuts,
        standard_error=errors,
        slope=slopes,
        judge_cuts=own,
        agreement=np.array([_agreement(codes > boundary, known) for boundary in range(boundaries)]),
    )


def _own_cut(scores: Array, above: Array) -> float:
    if not scores.size or np.ptp(above) == 0.0:
        return float("nan")
    highest_below, lowest_above = scores[above == 0.0].max(), scores[above == 1.0].min()
    if highest_below <= lowest_above:
        return float(0.5 * (highest_below + lowest_above))
    try:
        curve = fit_logistic(scores, above)
    except LogisticUndetermined:
        return float("nan")
    return curve.where(0.0)[0] if curve.slope > 0.0 else float("nan")


def _agreement(above: Flags, known: Flags) -> float:
    """Return the share of pairs of judges who saw a work and put it on one side (NaN: no pair)."""
    seen, high = known.sum(axis=0), (above & known).sum(axis=0)
    low = seen - high
    pairs = float((seen * (seen - 1)).sum())
    return float((high * (high - 1) + low * (low - 1)).sum() / pairs) if pairs else float("nan")
