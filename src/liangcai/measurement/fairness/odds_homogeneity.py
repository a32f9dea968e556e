"""Is one odds ratio enough: Breslow–Day and trend tests of right-or-wrong items."""

from collections.abc import Sequence
from dataclasses import dataclass

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.fairness.comparison import compare, flagged_names, row_names
from liangcai.measurement.fairness.dichotomous import dichotomous_tables, four_counts
from liangcai.measurement.fairness.matching import Matching, matched_tables
from liangcai.measurement.fairness.stratified import common_odds, homogeneity
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import Adjustment, adjusted, checked_level


@dataclass(frozen=True, slots=True)
class OddsHomogeneity(Result):
    """
    One row an item and focal group: is one odds ratio enough, or does DIF change with the score?

    `trend` (1 df) asks whether the log odds ratio rises or falls with the matching score.
    """

    title = "Differential item functioning: homogeneity of odds ratios"
    method = "Breslow–Day χ², with Tarone's correction for the Mantel–Haenszel estimate, and test of trend"
    source = "Breslow & Day (1980); Tarone (1985); Penfield (2003)"
    item: tuple[str, ...]
    focal: tuple[str, ...]
    reference: str
    level: float
    adjustment: str
    breslow_day: Array
    breslow_day_p: Array
    tarone: Array
    tarone_p: Array
    df: Array
    trend: Array
    trend_p: Array
    trend_p_adjusted: Array
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row an item and focal group."""
        return {
            "item": self.item,
            "focal": self.focal,
            "breslow_day": self.breslow_day,
            "tarone": self.tarone,
            "df": self.df,
            "p": self.tarone_p,
            "trend": self.trend,
            "trend_p": self.trend_p,
            "trend_p_adjusted": self.trend_p_adjusted,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int]:
        """Return who was compared and how many items the trend test flags."""
        return {"reference group": self.reference, "items flagged": len(self.flagged_items())}

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items whose trend is significant after adjustment, in test order."""
        return flagged_names(self.item, self.flagged)


def odds_homogeneity(
    responses: Responses,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    matching: Matching | None = None,
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> OddsHomogeneity:
    """
    Test whether the odds ratio of each item is the same at all matching scores.

    Thin strata with few persons make Breslow–Day too liberal or too timid: match thickly
    (`Matching(classes=5)`), or read the trend.

    Raises:
        NotDichotomous, GroupsUnclear, MatchingImpossible, LevelImpossible, AdjustmentUnknown: as
            `mantel_haenszel`.
    """
    comparison = compare(responses, reference=reference, focal=focal)
    tables = dichotomous_tables(matched_tables(responses, comparison, matching or Matching()))
    counts = four_counts(tables)
    found = homogeneity(counts, common_odds(counts).alpha, tables.values[:, None, :])
    item, against = row_names(tables.items, comparison.focal)
    columns = {name: getattr(found, name).ravel() for name in found.__slots__}
    p_adjusted = adjusted(columns["trend_p"], adjustment)
    return OddsHomogeneity(
        item=item,
        focal=against,
        reference=reference,
        level=checked_level(level),
        adjustment=adjustment,
        trend_p_adjusted=p_adjusted,
        flagged=p_adjusted <= level,
        **columns,
    )
