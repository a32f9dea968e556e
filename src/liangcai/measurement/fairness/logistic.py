"""Logistic regression DIF: uniform, non-uniform and both, for right-or-wrong and graded items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.special import ndtri

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.fairness.comparison import (
    NO_CLASS,
    compare,
    flagged_names,
    is_small,
    row_names,
)
from liangcai.measurement.fairness.cumulative_logit import (
    CumulativeLogit,
    cumulative_logit,
    null_log_likelihood,
    without_gaps,
)
from liangcai.measurement.fairness.mantel_haenszel import DELTA
from liangcai.measurement.fairness.matching import MatchedTables, Matching, matched_tables
from liangcai.measurement.ratios import share
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.significance import Adjustment, adjusted, checked_level, tail

Question = Literal["uniform", "nonuniform", "both"]
_NAMED_LEVEL = 0.05
_JODOIN_GIERL = (0.035, 0.07)
_ZUMBO_THOMAS = (0.13, 0.26)


class QuestionUnknown(LiangcaiError):
    """Logistic DIF was asked for something other than uniform, nonuniform or both."""

    code = "measurement.question-unknown"


@dataclass(frozen=True, slots=True)
class LogisticDif(Result):
    """
    One row an item and focal group; a coefficient below 0 is harder for the focal group.

    Three nested regressions of the score on matching score; + group; + group × matching score.
    `…_chi2`, `…_p` are likelihood-ratio tests (uniform: 1 df; nonuniform: 1 df; both: 2 df),
    `…_wald_p` Wald tests. `group` is the group's log odds ratio in the second model,
    `interaction` the group's extra slope per standard deviation of the matching score in the
    third. `delta` is `group` in the ETS metric between `low` and `high` at 1 − `level`.
    `r2_uniform` and `r2_both` are gains of Nagelkerke's R². `p_adjusted` belongs to the
    `question` asked; `flagged`: p_adjusted ≤ level and Jodoin–Gierl class B or C. NaN: does not
    exist (a Wald test where a coefficient is infinite).
    """

    title = "Differential item functioning: logistic regression"
    method = (
        "Nested (cumulative) logistic regressions on matching score, group and their product; "
        "likelihood-ratio and Wald tests; gain in Nagelkerke's R²"
    )
    source = (
        "Swaminathan & Rogers (1990); McCullagh (1980); Nagelkerke (1991); Zumbo (1999); "
        "Zumbo & Thomas (1997); Jodoin & Gierl (2001)"
    )
    item: tuple[str, ...]
    focal: tuple[str, ...]
    reference: str
    question: str
    level: float
    adjustment: str
    left_out: float
    uniform_chi2: Array
    uniform_p: Array
    uniform_wald_p: Array
    nonuniform_chi2: Array
    nonuniform_p: Array
    nonuniform_wald_p: Array
    both_chi2: Array
    both_p: Array
    p_adjusted: Array
    group: Array
    group_se: Array
    interaction: Array
    interaction_se: Array
    delta: Array
    low: Array
    high: Array
    r2_uniform: Array
    r2_both: Array
    jodoin_gierl: tuple[str, ...]
    zumbo_thomas: tuple[str, ...]
    settled: Flags
    small: Flags
    flagged: Flags

    def columns(self) -> dict[str, tuple[str, ...] | Array | Flags]:
        """Return one row an item and focal group."""
        return {
            "item": self.item,
            "focal": self.focal,
            "uniform_p": self.uniform_p,
            "nonuniform_p": self.nonuniform_p,
            "both_p": self.both_p,
            "p_adjusted": self.p_adjusted,
            "group": self.group,
            "group_se": self.group_se,
            "interaction": self.interaction,
            "interaction_se": self.interaction_se,
            "delta": self.delta,
            "low": self.low,
            "high": self.high,
            "r2_both": self.r2_both,
            "jodoin_gierl": self.jodoin_gierl,
            "zumbo_thomas": self.zumbo_thomas,
            "small": self.small,
            "flagged": self.flagged,
        }

    def facts(self) -> dict[str, str | int | float]:
        """Return who was compared, what was asked and how many items were flagged."""
        classes = " / ".join(str(self.jodoin_gierl.count(name)) for name in "ABC")
        return {
            "reference group": self.reference,
            "persons left out (an anchor score is missing)": self.left_out,
            "question": self.question,
            "Jodoin–Gierl class A / B / C": classes,
            "level, adjustment": f"{self.level:g}, {self.adjustment}",
            "items flagged": len(self.flagged_items()),
            "fits that did not settle": int((~self.settled).sum()),
        }

    def flagged_items(self) -> tuple[str, ...]:
        """Return the items flagged against any focal group, in test order."""
        return flagged_names(self.item, self.flagged)


def logistic_dif(
    responses: Responses,
    *,
    reference: str,
    focal: str | Sequence[str] | None = None,
    matching: Matching | None = None,
    question: Question = "both",
    level: float = 0.05,
    adjustment: Adjustment = "none",
) -> LogisticDif:
    """
    Compare items between groups by regression on the matching score.

    Items with several scores get a cumulative logit; a score that nobody earned is skipped.

    Raises:
        QuestionUnknown: `question` is not one of the three.
        GroupsUnclear: see `compare`.
        MatchingImpossible: see `matched_tables`.
        LevelImpossible: `level` is not between 0 and 1.
        AdjustmentUnknown: no adjustment has this name.
    """
    if question not in get_args(Question):
        raise QuestionUnknown(f"ask uniform, nonuniform or both, not {question!r}")
    comparison = compare(responses, reference=reference, focal=focal)
    tables = matched_tables(responses, comparison, matching or Matching())
    counts, design = _rows(tables)
    plain, shifted, crossed = (cumulative_logit(counts, design[:, :, :p]) for p in (1, 2, 3))
    exists = _testable(counts, design)
    uniform = _likelihood_ratio(shifted, plain, exists)
    nonuniform = _likelihood_ratio(crossed, shifted, exists)
    both = _likelihood_ratio(crossed, plain, exists)
    tests = {"uniform": tail(uniform, 1.0), "nonuniform": tail(nonuniform, 1.0)}
    tests["both"] = tail(both, 2.0)
    p_adjusted = adjusted(tests[question], adjustment)
    gains = _gains(counts, (plain, shifted, crossed), exists)
    gain = {"uniform": gains[0], "nonuniform": gains[1] - gains[0], "both": gains[1]}[question]
    jodoin_gierl = _classes(gain, tests[question], _JODOIN_GIERL)
    group, group_se = _term(shifted, 1, exists)
    interaction, interaction_se = _term(crossed, 2, exists)
    reach = float(ndtri(1.0 - checked_level(level) / 2.0)) * group_se
    item, against = row_names(tables.items, comparison.focal)
    sizes = tables.sizes()
    return LogisticDif(
        item=item,
        focal=against,
        reference=reference,
        question=question,
        level=level,
        adjustment=adjustment,
        left_out=tables.left_out,
        uniform_chi2=uniform,
        uniform_p=tests["uniform"],
        uniform_wald_p=tail((group / group_se) ** 2, 1.0),
        nonuniform_chi2=nonuniform,
        nonuniform_p=tests["nonuniform"],
        nonuniform_wald_p=tail((interaction / interaction_se) ** 2, 1.0),
        both_chi2=both,
        both_p=tests["both"],
        p_adjusted=p_adjusted,
        group=group,
        group_se=group_se,
        interaction=interaction,
        interaction_se=interaction_se,
        delta=-DELTA * group,
        low=-DELTA * (group - reach),
        high=-DELTA * (group + reach),
        r2_uniform=gains[0],
        r2_both=gains[1],
        jodoin_gierl=jodoin_gierl,
        zumbo_thomas=_classes(gain, tests[question], _ZUMBO_THOMAS),
        settled=plain.settled & shifted.settled & crossed.settled,
        small=is_small(np.repeat(sizes[:, 0], len(comparison.focal)), sizes[:, 1:].ravel()),
        flagged=(p_adjusted <= level) & np.isin(np.array(jodoin_gierl), ("B", "C")),
    )


def _rows(tables: MatchedTables) -> tuple[Array, Array]:
    """Return counts R × K × 2S and the design (matching, group, product) R × 2S × 3 of each pair."""
    categories, groups, strata = tables.counts.shape[1:]
    room = [(0, 0), (0, max(2 - categories, 0)), (0, 0), (0, 0)]
    by_group = np.pad(tables.counts, room)
    focal = by_group[:, :, 1:]
    pairs = np.stack([np.broadcast_to(by_group[:, :, :1], focal.shape), focal], axis=3)
    counts = pairs.transpose(0, 2, 1, 3, 4).reshape(-1, by_group.shape[1], 2 * strata)
    size = counts.sum(axis=1)
    values = np.tile(np.repeat(tables.values, groups - 1, axis=0), (1, 2))
    total = size.sum(axis=1, keepdims=True)
    centred = values - share((size * values).sum(axis=1, keepdims=True), total)
    spread = np.sqrt(share((size * centred**2).sum(axis=1, keepdims=True), total))
    matched = share(centred, np.broadcast_to(spread, centred.shape))
    member = np.broadcast_to(np.repeat([0.0, 1.0], strata), matched.shape)
    return without_gaps(counts), np.stack([matched, member, matched * member], axis=2)


def _testable(counts: Array, design: Array) -> Flags:
    """Where the item has two scores or more, and both groups answered at two matching scores or more."""
    size = counts.sum(axis=1)
    spread = [((size > 0) & (design[:, :, 1] == side)).sum(axis=1) >= 2 for side in (0.0, 1.0)]
    return np.asarray(((counts.sum(axis=2) > 0).sum(axis=1) >= 2) & spread[0] & spread[1])


def _likelihood_ratio(larger: CumulativeLogit, smaller: CumulativeLogit, exists: Flags) -> Array:
    chi2 = np.maximum(2.0 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    return np.where(exists, chi2, np.nan)


def _term(fit: CumulativeLogit, place: int, exists: Flags) -> tuple[Array, Array]:
    errors = np.where(exists, fit.standard_errors[:, place], np.nan)
    return np.where(np.isnan(errors), np.nan, fit.coefficients[:, place]), errors


def _gains(
    counts: Array, fits: tuple[CumulativeLogit, CumulativeLogit, CumulativeLogit], exists: Flags
) -> tuple[Array, Array]:
    """Return the gains of Nagelkerke's R² by the group, and by group and product."""
    size = np.maximum(counts.sum(axis=(1, 2)), 1.0)
    null = null_log_likelihood(counts)
    room = -np.expm1(2.0 * null / size)
    r2 = [share(-np.expm1(2.0 * (null - fit.log_likelihood) / size), room) for fit in fits]
    missing = np.where(exists, 0.0, np.nan)
    return np.maximum(r2[1] - r2[0], 0.0) + missing, np.maximum(r2[2] - r2[0], 0.0) + missing


def _classes(gain: Array, p: Array, bounds: tuple[float, float]) -> tuple[str, ...]:
    """Return A below the first bound or where not significant at 5 %, B below the second, else C."""
    names = np.where(gain < bounds[1], "B", "C")
    names = np.where((gain < bounds[0]) | (p > _NAMED_LEVEL), "A", names)
    return tuple(str(name) for name in np.where(np.isnan(p), NO_CLASS, names))
