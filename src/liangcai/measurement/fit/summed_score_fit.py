"""S-X²: observed and expected scores on an item among persons with the same total."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import chi2

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fit.expected_counts import FitUndefined
from liangcai.measurement.fit.free_parameters import free_count
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    answered_counts,
    frequencies,
    matched,
    require_one_ability,
)
from liangcai.measurement.scoring.prior import NormalPrior, expectation_grid, normal_prior
from liangcai.measurement.scoring.totals import totals_without_each
from liangcai.measurement.significance import adjusted

_LEAST_EXPECTED = 1.0


@dataclass(frozen=True, slots=True)
class SummedScoreFit(Result):
    """
    S-X² of each item with its degrees of freedom, p-value and RMSEA.

    `p_adjusted` controls the false discovery rate over the items (Benjamini & Hochberg, 1995).
    NaN: too few cells remain for a test after merging (df < 1), so that none exists.
    """

    title: ClassVar[str] = "Item fit by summed scores (S-X²)"
    method = (
        "Pearson X² of scores on the item by total score, cells merged to an expected count of 1"
    )
    source = "Orlando & Thissen (2000); several categories: Kang & Chen (2008)"

    item: tuple[str, ...]
    x2: Array
    df: Index
    p: Array
    p_adjusted: Array
    rmsea: Array
    persons: float
    left_out: int

    def columns(self) -> dict[str, Any]:
        """Return item, x2, df, p, p_adjusted and rmsea."""
        return {
            "item": self.item,
            "x2": self.x2,
            "df": self.df,
            "p": self.p,
            "p_adjusted": self.p_adjusted,
            "rmsea": self.rmsea,
        }

    def facts(self) -> dict[str, Any]:
        """Return the number of complete cases used and of rows left out, and of items that misfit."""
        return {
            "complete persons": self.persons,
            "rows left out": self.left_out,
            "items with adjusted p below 0.05": int(np.nansum(self.p_adjusted < 0.05)),
        }


def summed_score_fit(
    responses: Responses,
    items: ItemParameters,
    *,
    prior_mean: float = 0.0,
    prior_sd: float = 1.0,
    parameters: Sequence[int] | None = None,
    least_expected: float = _LEAST_EXPECTED,
) -> SummedScoreFit:
    """
    Return S-X² of each item, from the persons who answered every item.

    `parameters` is how many parameters of each item were estimated from these responses (its
    model's by default; 0 for parameters that came from elsewhere): they are taken off df.
    Merging: from each end, totals are put together until two cells of the item can be expected
    to hold `least_expected` persons; then neighbouring scores within a row, lowest first.

    Raises:
        FitUndefined: fewer than two items, nobody answered all of them, a number of parameters that
            is none, or a least expected count that is not positive.
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: the prior is not finite, or its standard deviation not positive.
        SeveralAbilities: the items measure several dimensions.
    """
    chosen = matched(responses, items)
    require_one_ability(chosen)
    if chosen.count < 2:
        raise FitUndefined("S-X² needs two or more items: the total would be the item itself")
    if not 0.0 < least_expected < np.inf:
        raise FitUndefined(f"the least expected count must be positive, not {least_expected:g}")
    complete = answered_counts(responses) == chosen.count
    seen = responses.select_persons(complete)
    persons = seen.total_weight()
    if not persons > 0.0:
        raise FitUndefined("S-X² needs persons who answered every item; there are none")
    prior = normal_prior(prior_mean, prior_sd, groups=1)
    estimated = free_count(chosen) if parameters is None else np.asarray(parameters, dtype=np.intp)
    if estimated.shape != (chosen.count,) or (estimated < 0).any():
        raise FitUndefined(
            f"one number of estimated parameters ≥ 0 for each of {chosen.count} items"
        )
    observed = _observed(seen, chosen)
    expected = _expected(chosen, prior, observed)
    rows = [
        _chi_square(observed[place, : top + 1], table, least_expected)
        for place, (top, table) in enumerate(zip(chosen.steps, expected, strict=True))
    ]
    x2 = np.array([row[0] for row in rows])
    df = np.array([row[1] for row in rows], dtype=np.intp) - estimated
    tested = df >= 1
    p = np.where(tested, chi2.sf(x2, np.maximum(df, 1)), np.nan)
    excess = np.maximum(x2 - df, 0.0) / (np.maximum(df, 1) * max(persons - 1.0, 1.0))
    return SummedScoreFit(
        item=chosen.names,
        x2=np.where(tested, x2, np.nan),
        df=df,
        p=p,
        p_adjusted=adjusted(p, "benjamini-hochberg"),
        rmsea=np.where(tested, np.sqrt(excess), np.nan),
        persons=persons,
        left_out=int((~complete).sum()),
    )


def _observed(responses: Responses, items: ItemParameters) -> Array:
    """Return the number of persons by item, score and total (J × K × S + 1)."""
    size, categories = int(items.steps.sum()) + 1, items.b.shape[1] + 1
    counts = np.zeros((items.count, categories * size))
    weights = frequencies(responses)
    start = 0
    for block in responses.blocks(8192):
        scores = block.astype(np.intp)
        weight = weights[start : start + scores.shape[0]]
        start += scores.shape[0]
        total = scores.sum(axis=1)
        cell = scores.T * size + total
        for place in range(items.count):
            counts[place] += np.bincount(cell[place], weight, categories * size)
    return counts.reshape(items.count, categories, size)


def _expected(items: ItemParameters, prior: NormalPrior, observed: Array) -> list[Array]:
    """Return the expected number of persons by score and total of each item (each K × S + 1)."""
    nodes = expectation_grid(items, prior).nodes
    share = prior.masses(nodes)[0]
    probability = category_curves(items, nodes).probability
    size = observed.shape[2]
    tables = []
    for place, rest in enumerate(totals_without_each(probability, items.steps)):
        top = int(items.steps[place])
        joint = np.zeros((top + 1, size))
        for score in range(top + 1):
            joint[score, score : score + rest.shape[0]] = rest @ (probability[place, score] * share)
        at_total = joint.sum(axis=0)
        persons = observed[place].sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            tables.append(np.where(at_total > 0.0, joint / at_total, 0.0) * persons)
    return tables


def _chi_square(observed: Array, expected: Array, least: float) -> tuple[float, int]:
    """Return Pearson's X² and the number of free cells after merging, totals 0 and S left out."""
    inner = slice(1, observed.shape[1] - 1)
    rows = _merged_totals(observed[:, inner].T, expected[:, inner].T, least)
    x2, free = 0.0, 0
    for seen, wanted in rows:
        cells = _merged_scores(seen, wanted, least)
        if len(cells) > 1:
            x2 += sum((o - e) ** 2 / e for o, e in cells)
            free += len(cells) - 1
    return x2, free


def _merged_totals(observed: Array, expected: Array, least: float) -> list[tuple[Array, Array]]:
    """Put totals together, from each end to the middle, until each row allows two cells."""
    middle = int(np.searchsorted(np.cumsum(expected.sum(axis=1)), 0.5 * expected.sum()))
    halves = (range(middle), range(expected.shape[0] - 1, middle - 1, -1))
    rows: list[list[tuple[Array, Array]]] = [[], []]
    left = (np.zeros(expected.shape[1]), np.zeros(expected.shape[1]))
    for half, places in zip(rows, halves, strict=True):
        seen, wanted = np.zeros(expected.shape[1]), np.zeros(expected.shape[1])
        for place in places:
            seen, wanted = seen + observed[place], wanted + expected[place]
            if len(_merged_scores(seen, wanted, least)) > 1:
                half.append((seen, wanted))
                seen, wanted = np.zeros_like(seen), np.zeros_like(wanted)
        left = (left[0] + seen, left[1] + wanted)
    merged = rows[0] + rows[1][::-1]
    if merged and left[1].sum() > 0.0:
        place = min(len(rows[0]), len(merged) - 1)
        merged[place] = (merged[place][0] + left[0], merged[place][1] + left[1])
    return merged


def _merged_scores(observed: Array, expected: Array, least: float) -> list[tuple[float, float]]:
    """Put neighbouring scores together until each cell has an expected count of at least `least`."""
    cells: list[tuple[float, float]] = []
    seen = wanted = 0.0
    for o, e in zip(observed.tolist(), expected.tolist(), strict=True):
        seen, wanted = seen + o, wanted + e
        if wanted >= least:
            cells.append((seen, wanted))
            seen = wanted = 0.0
    if cells and wanted > 0.0:
        last = cells.pop()
        cells.append((last[0] + seen, last[1] + wanted))
    return cells
