"""Borderline group and borderline regression: cuts from persons judged by examiners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import (
    JudgementsInvalid,
    median_error,
    numbers,
    t_interval,
)


@dataclass(frozen=True, slots=True)
class BorderlineGroup(Result):
    """The middle score of the persons judged borderline, with its standard error."""

    title: ClassVar[str] = "Borderline group cut score"
    method: str
    source: ClassVar[str] = "Livingston & Zieky (1982); Maritz & Jarrett (1978)"
    cut: float
    standard_error: float
    persons: int
    spread: float

    def columns(self) -> Mapping[str, Any]:
        """Return the one row of the group."""
        return {
            "persons": np.array([self.persons]),
            "cut": np.array([self.cut]),
            "standard error": np.array([self.standard_error]),
            "spread of scores": np.array([self.spread]),
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the cut and its 95 % interval (Student's t)."""
        interval = t_interval(self.cut, self.standard_error, self.persons - 1)
        return {"cut": self.cut, "95 % interval": interval}


def borderline_group(
    scores: npt.ArrayLike, *, summary: Literal["median", "mean"] = "median"
) -> BorderlineGroup:
    """
    Return the median (or mean) score of the persons judged borderline.

    Raises:
        JudgementsInvalid: there are fewer than two persons, or a score is missing.
    """
    found = numbers(scores, "scores")
    if found.ndim != 1 or found.size < 2 or not np.isfinite(found).all():
        raise JudgementsInvalid("a borderline group needs the finite scores of two or more persons")
    if summary not in {"median", "mean"}:
        raise JudgementsInvalid(f"summary must be median or mean, not {summary!r}")
    spread = float(found.std(ddof=1))
    by_mean = summary == "mean"
    return BorderlineGroup(
        method=f"{summary} of the borderline group",
        cut=float(found.mean() if by_mean else np.median(found)),
        standard_error=spread / float(np.sqrt(found.size)) if by_mean else median_error(found),
        persons=int(found.size),
        spread=spread,
    )


@dataclass(frozen=True, slots=True)
class BorderlineRegression(Result):
    """Cuts of S stations by regression of scores on global grades, and of the whole examination.

    `cut` is the mean of the stations' cuts. Its standard error counts that a person who does well
    at one station, given the grade, tends to at others: residuals of one person are correlated.
    `r_squared` is each station's share of score variance that grades explain, `slope` its points
    for one grade.
    """

    title: ClassVar[str] = "Borderline regression cut score"
    method: ClassVar[str] = "least-squares regression of scores on global grades"
    source: ClassVar[str] = (
        "Kramer et al. (2003); Wood, Humphrey-Murto & Norman (2006); errors Zellner (1962)"
    )
    cut: float
    standard_error: float
    borderline: float
    stations: tuple[str, ...]
    station_cuts: Array
    station_errors: Array
    slope: Array
    r_squared: Array
    persons: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a station."""
        return {
            "station": self.stations,
            "persons": self.persons,
            "cut": self.station_cuts,
            "standard error": self.station_errors,
            "slope": self.slope,
            "R²": self.r_squared,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return the cut, its error and its 95 % interval (t, as many persons as the smallest station)."""
        free = int(self.persons.min()) - 2
        return {
            "cut": self.cut,
            "standard error": self.standard_error,
            "95 % interval": t_interval(self.cut, self.standard_error, free),
            "borderline grade": self.borderline,
        }


def borderline_regression(
    scores: npt.ArrayLike,
    grades: npt.ArrayLike,
    *,
    borderline: float,
    stations: Sequence[str] | None = None,
) -> BorderlineRegression:
    """
    Return the score that the borderline grade predicts, station by station and overall.

    `scores` and `grades` are persons, or persons × stations; NaN where a person skipped a station.

    Raises:
        JudgementsInvalid: shapes differ, a score or grade is infinite, a station has fewer than
            three persons or one grade only, or scores do not rise with grades there.
    """
    score, grade = numbers(scores, "scores"), numbers(grades, "grades")
    if score.shape != grade.shape or score.ndim not in {1, 2} or not score.size:
        raise JudgementsInvalid("scores and grades must be persons, or persons × stations")
    if not np.isfinite(borderline) or np.isinf(score).any() or np.isinf(grade).any():
        raise JudgementsInvalid(
            f"scores, grades and the borderline grade ({borderline!r}) must be finite"
        )
    score, grade = score.reshape(len(score), -1), grade.reshape(len(grade), -1)
    count = score.shape[1]
    names = tuple(stations) if stations is not None else tuple(str(n + 1) for n in range(count))
    if len(names) != count or len(set(names)) != count:
        raise JudgementsInvalid(f"{count} stations need {count} different names, not {names}")
    known = np.isfinite(score) & np.isfinite(grade)
    persons = known.sum(axis=0).astype(float)
    y, x = np.where(known, score, 0.0), np.where(known, grade, 0.0)
    mean_x = x.sum(axis=0) / np.maximum(persons, 1.0)
    mean_y = y.sum(axis=0) / np.maximum(persons, 1.0)
    dx, dy = np.where(known, x - mean_x, 0.0), np.where(known, y - mean_y, 0.0)
    sxx, sxy, syy = (dx**2).sum(axis=0), (dx * dy).sum(axis=0), (dy**2).sum(axis=0)
    for station in np.flatnonzero((persons < 3) | (sxx <= 0.0) | (sxy <= 0.0)):
        raise JudgementsInvalid(
            f"station {names[station]!r}: scores must rise with grades over three persons or more "
            "with different grades"
        )
    slope = sxy / sxx
    pull = np.where(known, 1.0 / persons + dx * ((borderline - mean_x) / sxx), 0.0)
    covariance = _covariance_of_cuts(dy - slope * dx, pull, known)
    cuts = mean_y + slope * (borderline - mean_x)
    return BorderlineRegression(
        cut=float(cuts.mean()),
        standard_error=float(np.sqrt(max(covariance.sum(), 0.0)) / count),
        borderline=float(borderline),
        stations=names,
        station_cuts=cuts,
        station_errors=np.sqrt(np.diag(covariance)),
        slope=slope,
        r_squared=slope * sxy / syy,
        persons=persons,
    )


def _covariance_of_cuts(residual: Array, pull: Array, known: Flags) -> Array:
    """Return the covariance of the stations' cuts, Σ pull·score, from what persons have in common.

    Residuals of two stations covary over the persons who took both (Zellner, 1962); a matrix that
    absences leave indefinite is replaced by the nearest one that is not.
    """
    seen = known.astype(float)
    common = np.maximum(seen.T @ seen - 2.0, 1.0)
    values, vectors = np.linalg.eigh(residual.T @ residual / common)
    nearest = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return np.asarray(nearest * (pull.T @ pull))
