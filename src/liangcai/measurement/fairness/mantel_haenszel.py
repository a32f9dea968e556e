"""Mantel–Haenszel DIF of right-or-wrong items, with ETS classes and standardization."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.fairness.comparison import (
    NO_CLASS,
    compare,
    flagged_names,
    is_small,
    row_names,
)
from liangcai.measurement.fairness.dichotomous import dichotomous_tables, four_counts
from liangcai.measurement.fairness.matching import Matching, matched_tables
from liangcai.measurement.fairness.stratified import (
    common_odds,
    standardized_difference,
)
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import Adjustment, adjusted, checked_level, tail

#: The ETS delta metric: 4/1.7 · ln(odds ratio), with the sign that a harder item for the focal group is negative.
DELTA = -2.35
_NAMED_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class MantelHaenszelDif(Result):
    """
    One row an item and focal group. Δ below 0: harder for the focal group at equal matching score.

    `low`, `high` bound Δ at 1 − `level`; `p` goes with `chi2` (continuity-corrected) and
    `p_adjusted` with the adjustment over all rows. `ets_class` is A, B or C by the ETS rule,
    "–" where no test exists. `flagged`: adjusted p ≤ level and |Δ| ≥ 1. `small`: fewer than 200
    in the smaller group or 500 in all, where classes are unstable. NaN: does not exist.
    """

    title = "Differential item functioning: Mantel–Haenszel"
    method = (
        "Common odds ratio over strata of equal matching score, ETS delta −2.35 ln α, standard "
        "error of Robins, Breslow & Greenland; STD P-DIF weighted by the focal group"
    )
    source = (
        "Mantel & Haenszel (1959); Robins, Breslow & Greenland (1986); Holland & Thayer (1988); "
        "Dorans & Holland (1993); Zieky (1993)"
    )
    item: tuple[str, ...]
    focal: tuple[str, ...]
    reference: str
    level: float
    adjustment: str
    left_out: float
    reference_count: Array
    focal_count: Array
    alpha: Array
    delta: Array
    delta_se: Array
    low: Array
    high: Array
    chi2: Array
    chi2_uncorrected: Array
    p: Array
    p_adjusted: Array
    std_p_dif: Array
    std_p_dif_se: Array
    ets_class: tuple[str, ...]
    small: Flags
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row an item and focal group."""
        return {
            "item": self.item,
            "focal": self.focal,
            "alpha": self.alpha,
            "delta": self.delta,
            "se": self.delta_se,
            "low": self.low,
            "high": self.high,
            "chi2": self.chi2,
            "p": self.p,
            "p_adjusted": self.p_adjusted,
            "std_p_dif": self.std_p_dif,
            "class": self.ets_class,
            "small": self.small,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return who was compared and how many items fell in each class."""
        return {
            "reference group": self.reference,
            "persons left out (an anchor score is missing)": self.left_out,
            "class A / B / C": " / ".join(str(self.ets_class.count(name)) for name in "ABC"),
            "level, adjustment": f"{self.level:g}, {self.adjustment}",
            "items flagged": len(self.flagged_items()),
        }

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items flagged against any focal group, in test order."""
        return flagged_names(self.item, self.flagged)


def mantel_haenszel(
    responses: Responses,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    matching: Matching | None = None,
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> MantelHaenszelDif:
    """
    Compare right-or-wrong items between groups at equal matching score.

    Persons who miss an anchor item have no matching score; they are left out and counted.

    Raises:
        NotDichotomous: a score is above 1.
        GroupsUnclear: see `compare`.
        MatchingImpossible: see `matched_tables`.
        LevelImpossible: `level` is not between 0 and 1.
        AdjustmentUnknown: no adjustment has this name.
    """
    comparison = compare(responses, reference=reference, focal=focal)
    tables = dichotomous_tables(matched_tables(responses, comparison, matching or Matching()))
    counts = four_counts(tables)
    odds = common_odds(counts)
    spread = standardized_difference(counts)
    flat = {
        "alpha": odds.alpha,
        "delta_se": abs(DELTA) * odds.log_se,
        "chi2": odds.chi2_corrected,
        "chi2_uncorrected": odds.chi2,
        "std_p_dif": spread.difference,
        "std_p_dif_se": spread.se,
    }
    columns = {name: values.ravel() for name, values in flat.items()}
    with np.errstate(divide="ignore"):
        delta = DELTA * np.log(columns["alpha"])
    reach = float(ndtri(1.0 - checked_level(level) / 2.0)) * columns["delta_se"]
    p = tail(columns["chi2"], 1.0)
    p_adjusted = adjusted(p, adjustment)
    item, against = row_names(tables.items, comparison.focal)
    sizes = tables.sizes()
    reference_count = np.repeat(sizes[:, 0], len(comparison.focal))
    return MantelHaenszelDif(
        item=item,
        focal=against,
        reference=reference,
        level=level,
        adjustment=adjustment,
        left_out=tables.left_out,
        reference_count=reference_count,
        focal_count=sizes[:, 1:].ravel(),
        delta=delta,
        low=delta - reach,
        high=delta + reach,
        p=p,
        p_adjusted=p_adjusted,
        ets_class=ets_classes(delta, columns["delta_se"], p),
        small=is_small(reference_count, sizes[:, 1:].ravel()),
        flagged=(p_adjusted <= level) & (np.abs(delta) >= 1.0),
        **columns,
    )


def ets_classes(delta: Array, delta_se: Array, p: Array) -> tuple[str, ...]:
    """
    Return the ETS class of each row (Zieky, 1993), always at the 5 % level the rule names.

    A: |Δ| < 1, or Δ not significantly different from 0. C: |Δ| ≥ 1.5 and significantly above 1
    (one-sided). B: the rest. An infinite Δ has no standard error and so is never C.
    """
    size = np.abs(delta)
    beyond = (size - 1.0) / delta_se > float(ndtri(1.0 - _NAMED_LEVEL))
    names = np.where((size >= 1.5) & beyond, "C", "B")
    names = np.where((size < 1.0) | (p > _NAMED_LEVEL), "A", names)
    return tuple(str(name) for name in np.where(np.isnan(p), NO_CLASS, names))
