"""The result of every classification method: who is placed where, in truth, now and next time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.classification.cuts import accuracy, consistency
from liangcai.measurement.results import Result


class ClassificationInvalid(LiangcaiError):
    """Scores, errors, cuts or weights do not describe a classification."""

    code = "measurement.classification-invalid"


@dataclass(frozen=True, slots=True)
class Conditional(Result):
    """Classification of each person, or at each ability or true score: N rows.

    `location` is the person's estimate or the point's ability or true score, `weight` its share of
    the population, `category` the one it is placed in (0 lowest), `at_or_above` (N × C) the chance
    of lying at or above each cut. `accuracy` and `consistency` (N) are those of all cuts together,
    `accuracy_at` and `consistency_at` (N × C) those of each cut.
    """

    title: ClassVar[str] = "Classification of each person or at each point"
    method: str
    source: str
    location: Array
    weight: Array
    category: Index
    at_or_above: Array
    accuracy: Array
    consistency: Array
    accuracy_at: Array
    consistency_at: Array

    def columns(self) -> Mapping[str, Any]:
        """Return location, weight, category, accuracy, consistency and the chance of each cut."""
        reach = {
            f"at or above cut {place + 1}": column
            for place, column in enumerate(self.at_or_above.T)
        }
        return {
            "location": self.location,
            "weight": self.weight,
            "category": self.category,
            "accuracy": self.accuracy,
            "consistency": self.consistency,
            **reach,
        }


@dataclass(frozen=True, slots=True)
class Placement:
    """Where rows lie and what is certain of them: the argument of `conditional_of`."""

    location: Array
    weight: Array
    category: Index


def conditional_of(
    placed: Placement, reach: Array, *, again: Array | None = None, method: str, source: str
) -> Conditional:
    """Return accuracy and consistency row by row from the chances of reaching each cut (N × C).

    `again` holds the chances that another measurement reaches each cut, given that this one fell
    in `placed.category`; None means two measurements independent given the row, each as `reach`.
    """
    chances, category = category_chances(reach), placed.category[:, None]
    above = category > np.arange(reach.shape[1])
    if again is None:
        together = np.einsum("nk,nk->n", chances, chances)
        by_cut = consistency(reach)
    else:
        together = np.take_along_axis(category_chances(again), category, axis=1)[:, 0]
        by_cut = accuracy(again, above)
    return Conditional(
        method=method,
        source=source,
        location=placed.location,
        weight=placed.weight,
        category=placed.category,
        at_or_above=reach,
        accuracy=np.take_along_axis(chances, category, axis=1)[:, 0],
        consistency=together,
        accuracy_at=accuracy(reach, above),
        consistency_at=by_cut,
    )


@dataclass(frozen=True, slots=True)
class CutTable:
    """Shares at one cut (or at all together): they add up as accuracy + the two errors = 1."""

    accuracy: float
    false_positive: float
    false_negative: float
    consistency: float
    chance_consistency: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Classification(Result):
    """Accuracy and consistency of a classification by C cuts into C + 1 categories.

    `joint` holds the share of persons by true category (rows) and observed category (columns),
    `agreement` that by the categories of two parallel measurements; both sum to 1. κ is NaN where
    chance alone gives full agreement: it does not exist there. `numerical_error` bounds what
    quadrature or interpolation add to a share (0: none is used).
    """

    title: ClassVar[str] = "Classification accuracy and consistency"
    method: str
    source: str
    scale: str
    cuts: Array
    joint: Array
    agreement: Array
    conditional: Conditional
    numerical_error: float = 0.0
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def overall(self) -> CutTable:
        """All cuts together: placed in exactly the right category, or the same one twice."""
        return cut_table(self.joint, self.agreement)

    def at_cut(self, cut: int) -> CutTable:
        """Return the shares at one cut (0 the lowest), categories below and above it joined."""
        return cut_table(_halved(self.joint, cut), _halved(self.agreement, cut))

    @property
    def accuracy(self) -> float:
        """The share of persons placed in their true category."""
        return self.overall.accuracy

    @property
    def consistency(self) -> float:
        """The share of persons whom two parallel measurements place in one category."""
        return self.overall.consistency

    @property
    def kappa(self) -> float:
        """Consistency beyond chance (Cohen, 1960)."""
        return self.overall.kappa

    def columns(self) -> Mapping[str, Any]:
        """Return one row a cut and, where there are several, one for all together."""
        rows = [self.at_cut(cut) for cut in range(self.cuts.size)]
        names = [f"{cut:g}" for cut in self.cuts]
        if self.cuts.size > 1:
            rows, names = [*rows, self.overall], [*names, "all"]
        return {"cut": names} | {
            name: np.array([getattr(row, name) for row in rows]) for name in CutTable.__slots__
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the headline of all cuts together, and what the method estimated."""
        whole = self.overall
        return {
            "scale": self.scale,
            "accuracy": whole.accuracy,
            "consistency": whole.consistency,
            "kappa": whole.kappa,
            "false positives": whole.false_positive,
            "false negatives": whole.false_negative,
            "numerical error": self.numerical_error,
            **self.parameters,
        }


def _halved(table: Array, cut: int) -> Array:
    upper = cut + 1
    return np.array(
        [
            [table[:upper, :upper].sum(), table[:upper, upper:].sum()],
            [table[upper:, :upper].sum(), table[upper:, upper:].sum()],
        ]
    )


def cut_table(joint: Array, agreement: Array) -> CutTable:
    """Return the shares that a true × observed and a first × second table amount to."""
    agreed = float(np.trace(agreement))
    by_chance = float(agreement.sum(axis=0) @ agreement.sum(axis=1))
    exists = by_chance < 1.0 - 1e-12
    return CutTable(
        accuracy=float(np.trace(joint)),
        false_positive=float(np.triu(joint, 1).sum()),
        false_negative=float(np.tril(joint, -1).sum()),
        consistency=agreed,
        chance_consistency=by_chance,
        kappa=(agreed - by_chance) / (1.0 - by_chance) if exists else float("nan"),
    )


def numbers(values: npt.ArrayLike, what: str) -> Array:
    """
    Return values as an array of real numbers; `what` names them in the message.

    Raises:
        ClassificationInvalid: one is no number, or rows differ in length.
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ClassificationInvalid(
            f"{what} must be numbers in rows of one length ({error})"
        ) from None


def checked_cuts(cuts: npt.ArrayLike) -> Array:
    """
    Return the cuts as an array.

    Raises:
        ClassificationInvalid: there is none, or they are not finite and rising.
    """
    found = np.atleast_1d(numbers(cuts, "cuts"))
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise ClassificationInvalid(f"cuts must be one or more finite numbers, not {cuts!r}")
    if (np.diff(found) <= 0.0).any():
        raise ClassificationInvalid(f"cuts must rise: {found.tolist()}")
    return found


def checked_weights(weights: npt.ArrayLike | None, count: int) -> Array:
    """
    Return the rows' shares of the population, summing to 1; equal ones where none are given.

    Raises:
        ClassificationInvalid: there are no rows, or weights are negative, all 0 or too few.
    """
    if count == 0:
        raise ClassificationInvalid("there is nobody to classify: give at least one person")
    found = np.ones(count) if weights is None else numbers(weights, "weights")
    if found.shape != (count,) or not (np.isfinite(found) & (found >= 0.0)).all():
        raise ClassificationInvalid(f"weights must be {count} finite numbers of at least 0")
    if not found.any():
        raise ClassificationInvalid("every weight is 0: nobody is left to classify")
    found = found / found.max()
    return np.asarray(found / found.sum())


def category_of(values: Array, cuts: Array) -> Index:
    """Return the number of cuts that each value reaches: 0 is the lowest category."""
    return np.asarray(np.searchsorted(cuts, values, side="right"), dtype=np.intp)


def category_chances(at_or_above: Array) -> Array:
    """Return the chance of each category (N × C + 1) from those of reaching each cut (N × C)."""
    ends = np.ones((at_or_above.shape[0], 1))
    reach = np.concatenate([ends, at_or_above, 0.0 * ends], axis=1)
    return np.asarray(reach[:, :-1] - reach[:, 1:])


def shares_by_category(chances: Array, category: Index, *, weight: Array) -> Array:
    """Return Σ weight · chance of the rows of each category: category (rows) × chances' columns."""
    count = chances.shape[1]
    columns = [np.bincount(category, weight * column, minlength=count) for column in chances.T]
    return np.stack(columns, axis=1)
