"""How many moments a smoothed table should keep: log-linear models side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from scipy.stats import chi2

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.equating.presmoothing import (
    Degrees,
    DegreesInvalid,
    SmoothingDiverged,
    log_linear,
)
from liangcai.measurement.results import Result
from liangcai.measurement.significance import checked_level

Criterion = Literal["aic", "bic", "chi-square"]


@dataclass(frozen=True, slots=True)
class DegreeChoice(Result):
    """
    Log-linear models side by side, and which one the criterion takes.

    `p_value`: of what the model adds to the one before it (1 for the first; NaN, not offered, where it does
    not contain the one before).
    """

    title: ClassVar[str] = "Choice of a presmoothing model"
    method: ClassVar[str] = "AIC, BIC, and likelihood-ratio differences of nested models"
    source: ClassVar[str] = (
        "Akaike (1974); Schwarz (1978); Haberman (1974); Holland & Thayer (2000)"
    )

    criterion: str
    models: tuple[tuple[int, ...], ...]
    chi_square: Array
    degrees_of_freedom: Array
    aic: Array
    bic: Array
    p_value: Array
    chosen: tuple[int, ...]

    def columns(self) -> Mapping[str, Any]:
        """Return one row a model."""
        return {
            "degrees": self.models,
            "chi_square": self.chi_square,
            "degrees_of_freedom": self.degrees_of_freedom,
            "aic": self.aic,
            "bic": self.bic,
            "p_value": self.p_value,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the choice."""
        return {"chosen": self.chosen, "criterion": self.criterion}


def choose_degrees(
    frequencies: Array,
    *,
    candidates: Sequence[Degrees] | None = None,
    criterion: Criterion = "aic",
    level: float = 0.05,
    possible: Flags | None = None,
) -> DegreeChoice:
    """
    Return the fit of every candidate and the one that the criterion takes.

    Without `candidates`: degrees 1 to 10 of one score; (1, 1, 1), (2, 2, 2), (3, 3, 2) … (6, 6, 2) of two.
    "chi-square" takes the last candidate that adds something at `level`, else the first; each must contain
    the one before. A candidate that has no solution counts as infinitely bad.

    Raises:
        ScoresInvalid: the frequencies make no table, as in `log_linear`.
        DegreesInvalid: no candidate fits the table, a candidate is too high for it, the criterion is
            unknown, or "chi-square" was asked of models that are not nested.
        LevelImpossible: the level is not between 0 and 1.
    """
    checked_level(level)
    if criterion not in get_args(Criterion):
        raise DegreesInvalid(
            f"the criterion is one of {', '.join(get_args(Criterion))}, not {criterion!r}"
        )
    models = tuple(_default_candidates(frequencies) if candidates is None else candidates)
    statistic, degrees, aic, bic = (np.full(len(models), np.inf) for _ in range(4))
    for place, model in enumerate(models):
        try:
            fit = log_linear(frequencies, degrees=model, possible=possible)
        except SmoothingDiverged:
            continue
        statistic[place], degrees[place] = fit.chi_square, fit.degrees_of_freedom
        aic[place], bic[place] = fit.aic, fit.bic
    if not np.isfinite(statistic).any():
        raise DegreesInvalid("none of the candidates has a solution for this table")
    p_value = _added(models, statistic, degrees)
    if criterion == "chi-square":
        if np.isnan(p_value).any():
            raise DegreesInvalid('"chi-square" compares nested models only: order the candidates')
        chosen = int(np.flatnonzero(p_value < level).max(initial=0))
    else:
        chosen = int(np.argmin(aic if criterion == "aic" else bic))
    return DegreeChoice(
        criterion, models, statistic, degrees, aic, bic, p_value, tuple(models[chosen])
    )


def _added(models: Sequence[Degrees], statistic: Array, degrees: Array) -> Array:
    p_value = np.ones(len(models))
    for place in range(1, len(models)):
        before, here = models[place - 1], models[place]
        if not all(one <= other for one, other in zip(before, here, strict=True)):
            p_value[place] = np.nan
        elif np.isfinite(statistic[place - 1 : place + 1]).all():
            more = degrees[place - 1] - degrees[place]
            gain = max(statistic[place - 1] - statistic[place], 0.0)
            p_value[place] = chi2.sf(gain, more) if more > 0 else 1.0
    return p_value


def _default_candidates(frequencies: Array) -> list[Degrees]:
    top = min(frequencies.shape) - 1
    if frequencies.ndim == 1:
        return [(degree,) for degree in range(1, min(10, top - 1) + 1)]
    return [(degree, degree, min(degree, 2)) for degree in range(1, min(6, top - 1) + 1)]
