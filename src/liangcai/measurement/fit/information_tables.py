"""Tables for plots: information of items and test, and observed beside expected scores along ability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fit.expected_counts import FitUndefined, expected_counts
from liangcai.measurement.models.curves import category_curves, information
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.results import Result
from liangcai.measurement.scoring.likelihood import (
    finite_abilities,
    matched,
    require_one_ability,
)


@dataclass(frozen=True, slots=True)
class InformationTable(Result):
    """Fisher information of each item (J × Q) and of the test at abilities, with 1/√information."""

    title: ClassVar[str] = "Information of items and test"
    method = "Fisher information Σ P'²/P"
    source = "Birnbaum (1968); Samejima (1969)"

    theta: Array
    item: tuple[str, ...]
    of_item: Array
    of_test: Array
    se: Array

    def columns(self) -> dict[str, Any]:
        """Return theta, the test's information and standard error, then a column per item."""
        table: dict[str, Any] = {"theta": self.theta, "test": self.of_test, "se": self.se}
        return {
            **table,
            **{f"item {n}": row for n, row in zip(self.item, self.of_item, strict=True)},
        }

    def facts(self) -> dict[str, Any]:
        """Return the largest information of the test and where it lies."""
        place = int(self.of_test.argmax())
        return {"largest": float(self.of_test[place]), "at theta": float(self.theta[place])}


def information_table(items: ItemParameters, theta: npt.ArrayLike) -> InformationTable:
    """
    Return the information of every item and of the test at each ability of `theta` (Q logits).

    Where the test has no information the standard error is infinite.

    Raises:
        FitUndefined: `theta` is empty.
        AbilityUndefined: an ability is not finite.
        SeveralAbilities: the items measure several dimensions.
    """
    require_one_ability(items)
    spots = finite_abilities(theta)
    if not spots.size:
        raise FitUndefined("information needs one or more abilities")
    each = information(items, spots)
    total = each.sum(axis=0)
    with np.errstate(divide="ignore"):
        return InformationTable(spots, items.names, each, total, 1.0 / np.sqrt(total))


@dataclass(frozen=True, slots=True)
class ResidualCurves(Result):
    """
    Observed and expected mean scores on each item along ability, and each item's RMSD.

    The observed curve spreads every person over abilities by the posterior: under the model and the
    prior it is right on average, unlike groups formed by estimated ability. `persons` is how
    many persons stand at an ability. `rmsd` (J) is the root mean squared difference of observed and
    expected category probabilities, weighted by persons (NaN: nobody answered the item).
    """

    title: ClassVar[str] = "Observed and expected scores along ability"
    method = "posterior-weighted counts at even abilities; root mean squared difference"
    source = "Stone (2000); RMSD: Köhler, Robitzsch & Hartig (2020)"

    names: tuple[str, ...]
    rmsd: Array
    item: Index
    theta: Array
    persons: Array
    observed: Array
    expected: Array

    def columns(self) -> dict[str, Any]:
        """Return item, theta, persons, observed and expected mean score, item by item."""
        return {
            "item": tuple(self.names[place] for place in self.item),
            "theta": self.theta,
            "persons": self.persons,
            "observed": self.observed,
            "expected": self.expected,
        }

    def facts(self) -> dict[str, Any]:
        """Return the largest RMSD and the item that has it."""
        if np.isnan(self.rmsd).all():
            return {}
        place = int(np.nanargmax(self.rmsd))
        return {"largest RMSD": float(self.rmsd[place]), "of item": self.names[place]}


def residual_curves(
    responses: Responses,
    items: ItemParameters,
    *,
    least_persons: float = 1.0,
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
) -> ResidualCurves:
    """
    Return observed and expected mean scores at abilities where at least `least_persons` stand.

    Raises:
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        SeveralAbilities: the items measure several dimensions.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
    """
    chosen = matched(responses, items)
    found = expected_counts(responses, chosen, prior_mean=prior_mean, prior_sd=prior_sd)
    curves = category_curves(chosen, found.nodes)
    persons = found.counts.sum(axis=1)
    scores = np.arange(found.counts.shape[1], dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found.counts / persons[:, None, :]
        gap = np.where(persons[:, None, :] > 0.0, (share - curves.probability) ** 2, 0.0)
        squared = (gap * persons[:, None, :]).sum(axis=(1, 2)) / persons.sum(axis=1)
    rmsd = np.sqrt(squared / (chosen.steps + 1))
    item, node = np.nonzero(persons >= max(least_persons, 1e-12))
    return ResidualCurves(
        names=chosen.names,
        rmsd=rmsd,
        item=item.astype(np.intp),
        theta=found.nodes[node],
        persons=persons[item, node],
        observed=np.einsum("k,jkq->jq", scores, found.counts)[item, node] / persons[item, node],
        expected=curves.expected_score()[item, node],
    )
