"""DIF of items with several scores by observed-score methods."""

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
from liangcai.measurement.fairness.matching import Matching, matched_tables
from liangcai.measurement.fairness.ordinal_strata import (
    cumulative_odds,
    general_association,
    mean_difference,
)
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import Adjustment, adjusted, checked_level, tail

_MODERATE, _LARGE = 0.17, 0.25
_NAMED_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class PolytomousDif(Result):
    """
    One row an item and focal group; SMD below 0: lower scores of the focal group at equal matching score.

    `mantel` (1 df) asks for a shift of the mean, `general` (`general_df`) for any difference of
    the score distribution. `effect` is the SMD over the item's standard deviation, its class AA
    (|effect| ≤ 0.17 or Mantel not significant at 5 %), BB (≤ 0.25) or CC. `psi` is the
    Liu–Agresti common cumulative odds ratio, above 1 in favour of the reference group, between
    `psi_low` and `psi_high` at 1 − `level`. `flagged`: adjusted Mantel p ≤ level and
    |effect| > 0.17. NaN: does not exist.
    """

    title = "Differential item functioning: items with several scores"
    method = (
        "Mantel's test and generalised Mantel–Haenszel over strata of equal matching score, "
        "standardized mean difference weighted by the focal group, Liu–Agresti odds ratio"
    )
    source = (
        "Mantel (1963); Somes (1986); Dorans & Schmitt (1993); Zwick, Donoghue & Grima (1993); "
        "Zwick & Thayer (1996); Liu & Agresti (1996); Penfield & Algina (2003)"
    )
    item: tuple[str, ...]
    focal: tuple[str, ...]
    reference: str
    level: float
    adjustment: str
    left_out: float
    mantel: Array
    mantel_p: Array
    mantel_p_adjusted: Array
    general: Array
    general_df: Array
    general_p: Array
    smd: Array
    smd_se: Array
    effect: Array
    effect_class: tuple[str, ...]
    psi: Array
    psi_low: Array
    psi_high: Array
    small: Flags
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row an item and focal group."""
        return {
            "item": self.item,
            "focal": self.focal,
            "mantel": self.mantel,
            "p": self.mantel_p,
            "p_adjusted": self.mantel_p_adjusted,
            "general": self.general,
            "general_df": self.general_df,
            "general_p": self.general_p,
            "smd": self.smd,
            "smd_se": self.smd_se,
            "effect": self.effect,
            "class": self.effect_class,
            "psi": self.psi,
            "psi_low": self.psi_low,
            "psi_high": self.psi_high,
            "small": self.small,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return who was compared and how many items fell in each class."""
        classes = " / ".join(str(self.effect_class.count(name)) for name in ("AA", "BB", "CC"))
        return {
            "reference group": self.reference,
            "persons left out (an anchor score is missing)": self.left_out,
            "class AA / BB / CC": classes,
            "level, adjustment": f"{self.level:g}, {self.adjustment}",
            "items flagged": len(self.flagged_items()),
        }

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items flagged against any focal group, in test order."""
        return flagged_names(self.item, self.flagged)


def polytomous_dif(
    responses: Responses,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    matching: Matching | None = None,
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> PolytomousDif:
    """
    Compare the scores of items between groups at equal matching score.

    Raises:
        GroupsUnclear: see `compare`.
        MatchingImpossible: see `matched_tables`.
        LevelImpossible: `level` is not between 0 and 1.
        AdjustmentUnknown: no adjustment has this name.
    """
    comparison = compare(responses, reference=reference, focal=focal)
    tables = matched_tables(responses, comparison, matching or Matching())
    by_group = tables.counts.transpose(0, 2, 1, 3)
    at_focal = by_group[:, 1:]
    at_reference = np.broadcast_to(by_group[:, :1], at_focal.shape)
    means = mean_difference(at_reference, at_focal)
    odds = cumulative_odds(at_reference, at_focal)
    general = general_association(np.stack([at_reference, at_focal], axis=3))
    item, against = row_names(tables.items, comparison.focal)
    mantel, effect = means.chi2.ravel(), means.effect.ravel()
    p = tail(mantel, 1.0)
    p_adjusted = adjusted(p, adjustment)
    reach = np.exp(float(ndtri(1.0 - checked_level(level) / 2.0)) * odds.log_se).ravel()
    sizes = tables.sizes()
    return PolytomousDif(
        item=item,
        focal=against,
        reference=reference,
        level=level,
        adjustment=adjustment,
        left_out=tables.left_out,
        mantel=mantel,
        mantel_p=p,
        mantel_p_adjusted=p_adjusted,
        general=general.chi2.ravel(),
        general_df=general.df.ravel(),
        general_p=tail(general.chi2, np.maximum(general.df, 1.0)).ravel(),
        smd=means.smd.ravel(),
        smd_se=means.smd_se.ravel(),
        effect=effect,
        effect_class=_effect_classes(effect, p),
        psi=odds.psi.ravel(),
        psi_low=odds.psi.ravel() / reach,
        psi_high=odds.psi.ravel() * reach,
        small=is_small(np.repeat(sizes[:, 0], len(comparison.focal)), sizes[:, 1:].ravel()),
        flagged=(p_adjusted <= level) & (np.abs(effect) > _MODERATE),
    )


def _effect_classes(effect: Array, p: Array) -> tuple[str, ...]:
    size = np.abs(effect)
    names = np.where(size > _LARGE, "CC", "BB")
    names = np.where((size <= _MODERATE) | (p > _NAMED_LEVEL), "AA", names)
    return tuple(str(name) for name in np.where(np.isnan(p), NO_CLASS, names))


@dataclass(frozen=True, slots=True)
class JointDif(Result):
    """One row an item: do all groups together differ at equal matching score?"""

    title = "Differential item functioning: all groups at once"
    method = "Generalised Mantel–Haenszel χ² over strata of equal matching score"
    source = "Somes (1986); Penfield (2001)"
    item: tuple[str, ...]
    groups: tuple[str, ...]
    level: float
    adjustment: str
    chi2: Array
    df: Array
    p: Array
    p_adjusted: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row an item."""
        return {
            "item": self.item,
            "chi2": self.chi2,
            "df": self.df,
            "p": self.p,
            "p_adjusted": self.p_adjusted,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int]:
        """Return the groups and the number of flags."""
        return {"groups": ", ".join(self.groups), "items flagged": len(self.flagged_items())}

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items whose adjusted p is at most the level, in test order."""
        return flagged_names(self.item, self.flagged)


def joint_dif(
    responses: Responses,
    *,
    reference: str,
    focal: Sequence[str] | None = None,
    matching: Matching | None = None,
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> JointDif:
    """
    Test each item in all groups at once: one test where pairwise comparisons would be many.

    Raises:
        GroupsUnclear, MatchingImpossible, LevelImpossible, AdjustmentUnknown: as `polytomous_dif`.
    """
    comparison = compare(responses, reference=reference, focal=focal)
    tables = matched_tables(responses, comparison, matching or Matching())
    found = general_association(tables.counts)
    p = tail(found.chi2, np.maximum(found.df, 1.0))
    p_adjusted = adjusted(p, adjustment)
    return JointDif(
        item=tables.items,
        groups=(reference, *comparison.focal),
        level=checked_level(level),
        adjustment=adjustment,
        chi2=found.chi2,
        df=found.df,
        p=p,
        p_adjusted=p_adjusted,
        flagged=p_adjusted <= level,
    )
