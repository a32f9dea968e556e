"""How machine scores compare with human ratings: agreement, and differences overall and by group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from liangcai.measurement.agreement.ratings import (
    AgreementUndefined,
    RatingsInvalid,
    score_array,
)
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.labels import label_texts
from liangcai.measurement.results import Result

#: The largest standardised mean difference overall and in a group (Williamson, Xi & Breyer, 2012).
OVERALL_LIMIT, GROUP_LIMIT = 0.15, 0.10
_LOWEST_KAPPA, _LARGEST_LOSS = 0.70, 0.10


@dataclass(frozen=True, slots=True)
class HumanMachine(Result):
    """
    Machine scores against human ratings.

    The table has a row for all persons and one for each group: number, means, and the standardised
    mean difference (machine − human, by the root mean of both variances) with its interval, NaN
    where it does not exist (one person or no spread). `human_kappa` and `kappa_loss` are NaN where
    no second human rated.
    """

    title: ClassVar[str] = "Machine scores against human ratings"
    method: ClassVar[str] = (
        "quadratic weighted κ and correlation; standardised mean differences, intervals from paired "
        "differences with the spread taken as known"
    )
    source: ClassVar[str] = "Williamson, Xi & Breyer (2012); κ: Cohen (1968)"
    kappa: float
    correlation: float
    human_kappa: float
    kappa_loss: float
    level: float
    groups: tuple[str, ...]
    persons: Index
    human_means: Array
    machine_means: Array
    difference: Array
    lower: Array
    upper: Array
    findings: tuple[str, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row for all persons and one for each group."""
        return {
            "group": self.groups,
            "persons": self.persons,
            "human mean": self.human_means,
            "machine mean": self.machine_means,
            "standardised difference": self.difference,
            "lower": self.lower,
            "upper": self.upper,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the agreement and what was found wanting."""
        notes = {f"finding {n + 1}": text for n, text in enumerate(self.findings)}
        return {
            "quadratic weighted κ": self.kappa,
            "correlation": self.correlation,
            "κ of two humans": self.human_kappa,
            "loss of κ": self.kappa_loss,
            **notes,
        }


def human_machine_difference(
    human: npt.ArrayLike,
    machine: npt.ArrayLike,
    *,
    second_human: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> HumanMachine:
    """
    Return how machine scores differ from human ratings (vectors of one length; NaN is missing).

    Machine scores need not be whole: κ with quadratic weights follows from the moments.

    Raises:
        RatingsInvalid: the vectors do not fit together, or fewer than two persons have both scores.
        LabelMissing: a person has no group.
        AgreementUndefined: human or machine scores are all equal.
    """
    one, other = _vector(human, "human"), _vector(machine, "machine")
    both = _paired(one, other)
    labels = np.full(one.size, "all") if groups is None else label_texts(groups, what="groups")
    if labels.shape != one.shape or not 0.0 < level < 1.0:
        raise RatingsInvalid("groups need one label a person, and the level must lie in (0, 1)")
    if min(np.ptp(one[both]), np.ptp(other[both])) <= 0:
        raise AgreementUndefined(
            "human or machine scores are all equal: nothing can be standardised"
        )
    names = ["all", *([] if groups is None else np.unique(labels[both]).tolist())]
    members = [both, *(both & (labels == name) for name in names[1:])]
    rows = np.array([_row(one[chosen], other[chosen], level) for chosen in members])
    kappa, humans = quadratic_kappa(one[both], other[both]), np.nan
    if second_human is not None:
        second = _vector(second_human, "second human")
        rated = _paired(one, second)
        humans = quadratic_kappa(one[rated], second[rated])
    return HumanMachine(
        kappa,
        float(np.corrcoef(one[both], other[both])[0, 1]),
        humans,
        humans - kappa,
        level,
        tuple(names),
        np.array([chosen.sum() for chosen in members], dtype=np.intp),
        rows[:, 0],
        rows[:, 1],
        rows[:, 2],
        rows[:, 3],
        rows[:, 4],
        _findings(kappa, humans - kappa, names, rows[:, 2]),
    )


def quadratic_kappa(first: Array, second: Array) -> float:
    """
    Return κ with quadratic weights from moments, for whole or real scores (Fleiss & Cohen, 1973).

    Raises:
        AgreementUndefined: all scores of both are equal.
    """
    gap = float(first.mean() - second.mean())
    spread = float(first.var() + second.var()) + gap**2
    if spread <= 0:
        raise AgreementUndefined("all scores are equal: agreement by chance is 1")
    return 2.0 * float(((first - first.mean()) * (second - second.mean())).mean()) / spread


def _vector(values: npt.ArrayLike, name: str) -> Array:
    vector = score_array(values)
    if vector.ndim != 1 or np.isinf(vector).any():
        raise RatingsInvalid(f"{name} scores must be a vector of finite numbers or NaN")
    return vector


def _paired(one: Array, other: Array) -> Flags:
    if one.shape != other.shape:
        raise RatingsInvalid(f"{one.size} scores cannot be paired with {other.size}")
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < 2:
        raise RatingsInvalid("fewer than two persons have both scores")
    return np.asarray(both, dtype=bool)


def _row(human: Array, machine: Array, level: float) -> tuple[float, float, float, float, float]:
    means = float(human.mean()), float(machine.mean())
    if human.size < 2:
        return (*means, np.nan, np.nan, np.nan)
    spread = float(np.sqrt((human.var(ddof=1) + machine.var(ddof=1)) / 2.0))
    if spread <= 0:
        return (*means, np.nan, np.nan, np.nan)
    difference = (means[1] - means[0]) / spread
    error = float(np.std(machine - human, ddof=1)) / spread / np.sqrt(human.size)
    half = float(ndtri((1.0 + level) / 2.0)) * error
    return (*means, difference, difference - half, difference + half)


def _findings(kappa: float, loss: float, names: list[str], difference: Array) -> tuple[str, ...]:
    found = []
    if kappa < _LOWEST_KAPPA:
        found.append(f"quadratic weighted κ is {kappa:.3f}, below {_LOWEST_KAPPA:g}")
    if loss > _LARGEST_LOSS:
        found.append(f"κ is {loss:.3f} below that of two humans, more than {_LARGEST_LOSS:g}")
    limits = [OVERALL_LIMIT] + [GROUP_LIMIT] * (len(names) - 1)
    for name, value, limit in zip(names, difference, limits, strict=True):
        if abs(value) > limit:
            found.append(f"{name}: standardised difference {value:.3f} exceeds {limit:g}")
    return tuple(found)
