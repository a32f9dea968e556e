"""How reliable a scale of comparative judgement is, and how much of that its adaptive pairing made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.comparison.bradley_terry import fit_comparisons
from liangcai.measurement.comparison.judgements import Comparisons, ComparisonsInvalid
from liangcai.measurement.comparison.scale import ComparisonScale
from liangcai.measurement.results import Result


@dataclass(frozen=True, slots=True)
class SeparationReliability(Result):
    """
    Scale separation reliability as usually computed, and from pairs not chosen by results.

    `all_pairs` is inflated where pairs were chosen adaptively; `random_pairs` rests on the others
    alone, and `projected` is what as many random pairs as there are in all would give. NaN: fewer
    than two random pairs.
    """

    title: ClassVar[str] = "Scale separation reliability"
    method: ClassVar[str] = (
        "1 − mean squared error / variance of measures; without adaptive pairs, stepped up"
    )
    source: ClassVar[str] = (
        "Bramley (2015); Bramley & Vitello (2019); Spearman (1910), Brown (1910)"
    )
    all_pairs: float
    random_pairs: float
    projected: float
    comparisons: int
    adaptive: int
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a way to compute it."""
        return {
            "pairs": ("all", "random", "random, projected to all"),
            "comparisons": (
                self.comparisons,
                self.comparisons - self.adaptive,
                self.comparisons,
            ),
            "reliability": (self.all_pairs, self.random_pairs, self.projected),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return what the numbers mean for this design."""
        return {f"finding {n + 1}": text for n, text in enumerate(self.findings)}


def separation_reliability(
    comparisons: Comparisons, chosen_adaptively: npt.ArrayLike, *, prior_sd: float = 3.0
) -> SeparationReliability:
    """
    Return the reliability with and without the comparisons whose pairs were chosen by results.

    `chosen_adaptively` flags each comparison (C). Pairs chosen by measures make winners meet
    winners, which spreads the scale even when scripts do not differ; only pairs chosen by chance or
    by plan tell an honest reliability. Scripts without any such pair are left out of it.

    Raises:
        ComparisonsInvalid: there is not one flag a comparison.
    """
    flags = np.asarray(chosen_adaptively, dtype=bool)
    if flags.shape != (comparisons.count,):
        raise ComparisonsInvalid(f"{flags.size} flags for {comparisons.count} comparisons")
    whole = fit_comparisons(comparisons, prior_sd=prior_sd)
    adaptive = int(flags.sum())
    findings: tuple[str, ...] = ()
    if adaptive:
        findings = (
            f"{adaptive / flags.size:.0%} of the pairs were chosen by results, which inflates the "
            "reliability of all pairs: report the projected one",
        )
    if flags.size - adaptive < 2:
        parts = (float("nan"), float("nan"))
    else:
        alone = fit_comparisons(_compared(comparisons.chosen(~flags)), prior_sd=prior_sd)
        parts = (alone.reliability, _projected(alone, comparisons))
    return SeparationReliability(whole.reliability, *parts, flags.size, adaptive, findings)


def _compared(some: Comparisons) -> Comparisons:
    """Leave out the scripts that no comparison is left of."""
    kept = np.unique(np.concatenate([some.first, some.second]))
    names = tuple(some.scripts[place] for place in kept)
    first, second = np.searchsorted(kept, some.first), np.searchsorted(kept, some.second)
    return Comparisons(names, first, second, some.outcome, some.judges, some.judge, some.weights)


def _projected(alone: ComparisonScale, comparisons: Comparisons) -> float:
    longer = (comparisons.count / len(comparisons.scripts)) / (
        alone.comparisons / len(alone.scripts)
    )
    return longer * alone.reliability / (1.0 + (longer - 1.0) * alone.reliability)
