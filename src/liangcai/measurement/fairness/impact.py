"""Adverse impact of a pass-or-fail decision: rates, four-fifths ratios and differences, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.fairness.rate_ratios import bayes_interval, exact_p, log_interval
from liangcai.measurement.labels import label_texts
from liangcai.measurement.proportions import wilson_interval
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

Interval = Literal["auto", "log", "Bayes"]
#: The four-fifths rule (Uniform Guidelines on Employee Selection Procedures, 1978).
FOUR_FIFTHS = 0.8
_FEWEST = 5
_LEAST_SHARE = 0.02


class ImpactUndefined(LiangcaiError):
    """Decisions and groups do not allow a comparison."""

    code = "measurement.impact-undefined"


@dataclass(frozen=True, slots=True)
class Impact(Result):
    """
    One row a group against the reference group.

    `ratio` of pass rates with `ratio_low`, `ratio_high` at `confidence`; `interval` says how:
    "log" (Katz) or "Bayes" (independent Jeffreys priors) where passes or failures in one of the
    two groups are fewer than 5. `difference` of rates with Newcombe's interval; `p` is Fisher's
    exact test. `below`: the ratio is under the line; `shown`: so is its upper bound. The
    reference's own row has ratio 1, difference 0 and NaN (does not exist) for intervals and p;
    a group without passes has no upper "log" bound (NaN).
    """

    title = "Impact of a decision by group"
    method = (
        "Ratio of pass rates (log interval, or Bayesian with Jeffreys priors for small counts), "
        "difference with the hybrid score interval, Fisher's exact test"
    )
    source = (
        "Uniform Guidelines (1978); Katz, Baptista, Azen & Pike (1978); Newcombe (1998, method 10); "
        "Wilson (1927); Fisher (1935)"
    )
    group: tuple[str, ...]
    reference: str
    line: float
    confidence: float
    persons: Array
    passes: Array
    rate: Array
    rate_low: Array
    rate_high: Array
    ratio: Array
    ratio_low: Array
    ratio_high: Array
    interval: tuple[str, ...]
    difference: Array
    difference_low: Array
    difference_high: Array
    p: Array
    below: Flags
    shown: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row a group."""
        return {
            "group": self.group,
            "persons": self.persons,
            "passes": self.passes,
            "rate": self.rate,
            "ratio": self.ratio,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
            "interval": self.interval,
            "difference": self.difference,
            "difference_low": self.difference_low,
            "difference_high": self.difference_high,
            "p": self.p,
            "below": self.below,
            "shown": self.shown,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return the reference group, the line and how many groups are below it."""
        return {
            "reference group": self.reference,
            "line": self.line,
            "confidence": self.confidence,
            "groups below the line": int(self.below.sum()),
            "of these shown beyond chance": int(self.shown.sum()),
        }


def impact(
    passed: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    reference: str | None = None,
    line: float = FOUR_FIFTHS,
    confidence: float = 0.95,
    interval: Interval = "auto",
) -> Impact:
    """
    Compare pass rates of groups.

    `passed` (N) holds true or false, `groups` (N) any labels (see `crossed_groups` for
    intersections). Without `reference` it is the group with the highest rate among those with
    at least 2 % of the persons, as the Uniform Guidelines ask.

    Raises:
        ImpactUndefined: lengths differ, fewer than two groups, the reference is unknown or has
            no passes, the line is not positive, or no interval has this name.
        LabelMissing: a group is NaN, None or empty: leave that person out, or name the group.
        LevelImpossible: `confidence` is not between 0 and 1.
    """
    decisions, labels = np.asarray(passed), label_texts(groups, what="group")
    if decisions.ndim != 1 or decisions.shape != labels.shape:
        raise ImpactUndefined(f"{decisions.shape} decisions for {labels.shape} group labels")
    if not np.isin(decisions, (0, 1)).all():
        raise ImpactUndefined("decisions must be true or false (1 or 0)")
    names, code = np.unique(labels, return_inverse=True)
    persons = np.bincount(code, minlength=names.size).astype(float)
    passes = np.bincount(code, decisions.astype(float), names.size)
    return impact_of_counts(
        tuple(str(name) for name in names),
        passes,
        persons,
        reference=reference,
        line=line,
        confidence=confidence,
        interval=interval,
    )


def impact_of_counts(
    group: Sequence[str],
    passes: npt.ArrayLike,
    persons: npt.ArrayLike,
    *,
    reference: str | None = None,
    line: float = FOUR_FIFTHS,
    confidence: float = 0.95,
    interval: Interval = "auto",
) -> Impact:
    """
    Compare pass rates of groups from counts, one entry a group.

    Raises:
        ImpactUndefined: counts are not whole or do not fit together; else as `impact`.
    """
    names = tuple(group)
    passing, total = np.asarray(passes, dtype=float), np.asarray(persons, dtype=float)
    checked_level(confidence)
    if interval not in get_args(Interval) or not 0.0 < line < np.inf:
        raise ImpactUndefined(
            f"the interval is {', '.join(get_args(Interval))}, not {interval!r}, and the line a "
            f"positive ratio, not {line!r}"
        )
    place = _reference_place(names, passing, total, reference)
    rate = passing / total
    rate_low, rate_high = wilson_interval(rate, trials=total, confidence=confidence)
    difference = rate - rate[place]
    down = np.hypot(rate - rate_low, rate_high[place] - rate[place])
    up = np.hypot(rate_high - rate, rate[place] - rate_low[place])
    fewest = np.minimum(passing, total - passing)
    few = (np.minimum(fewest, fewest[place]) < _FEWEST) if interval == "auto" else np.array(False)
    bayes = np.broadcast_to(few | (interval == "Bayes"), rate.shape)
    own = np.arange(rate.size) == place
    ratio_low, ratio_high = log_interval(passing, total, place, confidence)
    rows = np.flatnonzero(bayes & ~own)
    if rows.size:
        ends = bayes_interval(passing, total, place, rows, confidence)
        ratio_low[rows], ratio_high[rows] = ends
    p = [exact_p(passing, total, place, row) for row in range(rate.size)]
    return Impact(
        group=names,
        reference=names[place],
        line=line,
        confidence=confidence,
        persons=total,
        passes=passing,
        rate=rate,
        rate_low=rate_low,
        rate_high=rate_high,
        ratio=rate / rate[place],
        ratio_low=np.where(own, np.nan, ratio_low),
        ratio_high=np.where(own, np.nan, ratio_high),
        interval=tuple(
            "–" if mine else "Bayes" if row else "log" for mine, row in zip(own, bayes, strict=True)
        ),
        difference=difference,
        difference_low=np.where(own, np.nan, difference - down),
        difference_high=np.where(own, np.nan, difference + up),
        p=np.where(own, np.nan, p),
        below=rate / rate[place] < line,
        shown=~own & (ratio_high < line),
    )


def _reference_place(
    names: tuple[str, ...], passing: Array, total: Array, reference: str | None
) -> int:
    if not (len(names),) == passing.shape == total.shape or len(set(names)) != len(names):
        raise ImpactUndefined("each group needs one name of its own, one pass count and one size")
    if len(names) < 2:
        raise ImpactUndefined("impact compares two groups or more")
    whole = np.isfinite(total) & (passing == np.floor(passing)) & (total == np.floor(total))
    if not (whole & (passing >= 0) & (passing <= total) & (total > 0)).all():
        raise ImpactUndefined("counts must be whole, with 0 ≤ passes ≤ persons and persons > 0")
    if reference is not None and reference not in names:
        raise ImpactUndefined(f"no group is called {reference!r}; there are {names}")
    large = total >= _LEAST_SHARE * total.sum()
    place = (
        int(np.argmax(np.where(large, passing / total, -1.0)))
        if reference is None
        else names.index(reference)
    )
    if passing[place] == 0:
        raise ImpactUndefined(f"nobody passed in {names[place]!r}: there is no ratio to its rate")
    return place


def crossed_groups(*labels: npt.ArrayLike, least: int = 1) -> npt.NDArray[np.str_]:
    """
    Return one label a person for the intersection of several groupings ("woman × rural").

    Intersections with fewer than `least` persons become "(small)", so that nobody is singled out.

    Raises:
        ImpactUndefined: no grouping, or lengths that differ.
        LabelMissing: a label is NaN, None or empty.
    """
    columns = [label_texts(column, what="group") for column in labels]
    if not columns or any(column.shape != (columns[0].size,) for column in columns):
        raise ImpactUndefined("intersections need one label a person in each grouping")
    joined = np.array([" × ".join(parts) for parts in zip(*columns, strict=True)], dtype=str)
    names, code, count = np.unique(joined, return_inverse=True, return_counts=True)
    return np.where(count[code] < least, "(small)", names[code])
