"""Borderline group and borderline regression: cuts from persons judged by examiners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.results import Result
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, median_error


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
        """Return the cut and its 95 % interval."""
        half = 1.96 * self.standard_error
        return {"cut": self.cut, "95 % interval": (self.cut - half, self.cut + half)}


def borderline_group(
    scores: npt.ArrayLike, *, summary: Literal["median", "mean"] = "median"
) -> BorderlineGroup:
    """
    Return the median (or mean) score of the persons judged borderline.

    Raises:
        JudgementsInvalid: there are fewer than two persons, or a score is missing.
    """
    found = np.asarray(scores, dtype=float)
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

    `cut` is the mean of the stations' cuts, its standard error that of independent stations.
    `r_squared` is each station's share of score variance that grades explain, `slope` its points
    for one grade.
    """

    title: ClassVar[str] = "Borderline regression cut score"
    method: ClassVar[str] = "least-squares regression of scores on global grades"
    source: ClassVar[str] = "Kramer et al. (2003); Wood, Humphrey-Murto & Norman (2006)"
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
        """Return the cut, its error and its 95 % interval."""
        half = 1.96 * self.standard_error
        return {
            "cut": self.cut,
            "standard error": self.standard_error,
            "95 % interval": (self.cut - half, self.cut + half),
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
        JudgementsInvalid: shapes differ, a station has fewer than three persons or one grade only,
            or scores do not rise with grades there.
    """
    score, grade = np.asarray(scores, dtype=float), np.asarray(grades, dtype=float)
    if score.shape != grade.shape or score.ndim not in {1, 2} or not score.size:
        raise JudgementsInvalid("scores and grades must be persons, or persons × stations")
    if not np.isfinite(borderline):
        raise JudgementsInvalid(f"the borderline grade must be finite, not {borderline!r}")
    score, grade = score.reshape(len(score), -1), grade.reshape(len(grade), -1)
    count = score.shape[1]
    names = tuple(stations) if stations is not None else tuple(str(n + 1) for n in range(count))
    if len(names) != count:
        raise JudgementsInvalid(f"{count} stations need {count} names, not {len(names)}")
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
    residual = np.maximum(syy - slope * sxy, 0.0) / (persons - 2.0)
    error = np.sqrt(residual * (1.0 / persons + (borderline - mean_x) ** 2 / sxx))
    cuts = mean_y + slope * (borderline - mean_x)
    return BorderlineRegression(
        cut=float(cuts.mean()),
        standard_error=float(np.sqrt((error**2).sum()) / count),
        borderline=float(borderline),
        stations=names,
        station_cuts=cuts,
        station_errors=error,
        slope=slope,
        r_squared=slope * sxy / syy,
        persons=persons,
    )
