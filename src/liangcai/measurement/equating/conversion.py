"""Equate: the conversion table from form X to form Y with its standard errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.equating.designs import Design, ScoresInvalid
from liangcai.measurement.equating.linear import AnchorUnrelated
from liangcai.measurement.equating.methods import (
    LINEAR,
    Settings,
    method_for,
    with_bandwidths,
)
from liangcai.measurement.equating.presmoothing import Degrees, SmoothingDiverged
from liangcai.measurement.equating.sampling import (
    drawn_table,
    moved,
    sampling_directions,
    smoother,
)
from liangcai.measurement.results import Result

#: How far along a direction of sampling error the numerical derivative looks.
_STEP = 1e-3


class WeightOutOfRange(LiangcaiError):
    """The weight of population 1 in the synthetic population is not from 0 to 1."""

    code = "measurement.equating.weight-out-of-range"


class SmoothingNeeded(LiangcaiError):
    """A parametric bootstrap draws from smoothed tables, and no degrees were given."""

    code = "measurement.equating.smoothing-needed"


class ResamplingUnknown(LiangcaiError):
    """A bootstrap was asked for fewer than two replications, or from frequencies of no known kind."""

    code = "measurement.equating.resampling-unknown"


Resample = Literal["observed", "smoothed"]


@dataclass(frozen=True, slots=True)
class Conversion(Result):
    """
    Y equivalents of the scores 0 … highest of form X.

    `standard_errors`: in Y points (see `errors` for how); NaN (it does not exist) at scores where the delta
    method has no derivative, see `equate`, or fewer than two replications had a conversion. `slope`, `intercept`: of a straight line, else
    None. `weight`: of population 1 in the synthetic population, None where there is none. `failed`: bootstrap
    replications that had no conversion and do not count.
    """

    title: ClassVar[str] = "Equating: form X to form Y"

    method: str
    source: str
    name: str
    design: str
    score: Array
    equivalent: Array
    standard_errors: Array
    errors: str
    slope: float | None
    intercept: float | None
    weight: float | None
    replications: int
    failed: int

    def columns(self) -> Mapping[str, Any]:
        """Return one row a score of form X."""
        return {
            "score": self.score,
            "equivalent": self.equivalent,
            "standard_error": self.standard_errors,
        }

    def facts(self) -> Mapping[str, Any]:
        """Return design, line and how the errors were found."""
        found: dict[str, Any] = {"design": self.design, "errors": self.errors}
        if self.slope is not None:
            found |= {"slope": self.slope, "intercept": self.intercept}
        if self.weight is not None:
            found["weight of population 1"] = self.weight
        return found

    def at(self, score: Array) -> Array:
        """Return the equivalents of any scores: the line, or straight between (and beyond) the whole scores."""
        if self.slope is not None and self.intercept is not None:
            return np.asarray(self.intercept + self.slope * np.asarray(score, dtype=float))
        return along(self.equivalent, np.asarray(score, dtype=float))


def equate(
    design: Design,
    *,
    method: str,
    smoothing: Sequence[Degrees] | None = None,
    weight: float | None = None,
) -> Conversion:
    """
    Return the conversion of form X to form Y with large-sample standard errors.

    `method`: "mean", "linear", "equipercentile" or "kernel" with random groups or a single group;
    "tucker", "levine", "braun-holland", "chained-linear", "frequency-estimation",
    "chained-equipercentile" or "kernel-frequency-estimation" with an anchor. `smoothing`: log-linear
    degrees for each table of the design. `weight`: of population 1 in the synthetic population
    (default: its share of all persons).

    Standard errors are those of the delta method for multinomial samples (Holland & Thayer, 1987; von
    Davier, Holland & Thayer, 2004), derivatives taken numerically; degrees and bandwidths count as given,
    and a smoothing model need not be true. Unsmoothed equipercentile methods have no such error (NaN) at
    scores below or above which nobody is, and where a percentile rank falls on Y scores that nobody earned:
    smooth, or use `bootstrap_equate`.

    Raises:
        MethodUnknown: the design has no such method.
        DegreesInvalid, SmoothingDiverged: the degrees do not fit the tables.
        AnchorUnrelated: the anchor says nothing about the forms.
        WeightOutOfRange: the weight is not from 0 to 1.
    """
    settings = _settings(design, weight)
    smooth = smoother(design, smoothing)
    fitted = smooth(design)
    chosen = method_for(design, method)
    if "kernel" in method:
        settings = with_bandwidths(fitted, settings)
    equivalent = chosen.equivalents(fitted, settings)
    variance = np.zeros_like(equivalent)
    for place, table in enumerate(fitted.tables):
        for direction in sampling_directions(design, fitted, place, smoothing):
            ahead, behind = (
                chosen.equivalents(moved(fitted, place, table + step * direction), settings)
                for step in (_STEP, -_STEP)
            )
            variance += ((ahead - behind) / (2.0 * _STEP)) ** 2
    if chosen.smooth is not None:
        variance = np.where(chosen.smooth(fitted, settings), variance, np.nan)
    return _conversion(
        design,
        method,
        settings,
        equivalent=equivalent,
        standard_errors=np.sqrt(variance),
        errors="delta method",
        smoothing=smoothing,
    )


def bootstrap_equate(
    design: Design,
    *,
    method: str,
    rng: np.random.Generator,
    smoothing: Sequence[Degrees] | None = None,
    weight: float | None = None,
    replications: int = 500,
    resample: Resample = "observed",
) -> Conversion:
    """
    Return the conversion of `equate` with bootstrap standard errors.

    Each replication draws every table anew, as many persons as it had, from the observed frequencies or
    from the smoothed ones (the parametric bootstrap), smooths it and equates (Efron, 1979; Kolen &
    Brennan, 2014). The weight stays what it was; kernel bandwidths are chosen anew.

    Raises:
        SmoothingNeeded: "smoothed" without degrees.
        ResamplingUnknown: fewer than two replications, or `resample` is neither of the two.
        MethodUnknown, DegreesInvalid, SmoothingDiverged, AnchorUnrelated, WeightOutOfRange: as in `equate`.
    """
    if resample not in get_args(Resample) or replications < 2:
        raise ResamplingUnknown(
            f'a bootstrap draws twice or more from "observed" or "smoothed" frequencies, not '
            f"{replications} times from {resample!r}"
        )
    if resample == "smoothed" and smoothing is None:
        raise SmoothingNeeded('resample="smoothed" needs the degrees of the smoothing')
    settings = _settings(design, weight)
    smooth = smoother(design, smoothing)
    fitted = smooth(design)
    chosen = method_for(design, method)
    equivalent = chosen.equivalents(fitted, settings)
    drawn_from = fitted if resample == "smoothed" else design
    replicates = []
    for _ in range(replications):
        tables = [drawn_table(table, rng) for table in drawn_from.tables]
        try:
            sample = smooth(design.with_tables(tables))
            replicates.append(chosen.equivalents(sample, settings))
        except (ScoresInvalid, SmoothingDiverged, AnchorUnrelated):
            continue
    found = np.array(replicates) if len(replicates) > 1 else np.full((2, equivalent.size), np.nan)
    return _conversion(
        design,
        method,
        settings,
        equivalent=equivalent,
        standard_errors=found.std(axis=0, ddof=1),
        errors=f"bootstrap from {resample} frequencies",
        smoothing=smoothing,
        replications=replications,
        failed=replications - len(replicates),
    )


def along(values: Array, score: Array) -> Array:
    """Return values given at 0, 1, 2 … at any score, straight between and beyond them."""
    left = np.clip(np.floor(score), 0, values.size - 2).astype(np.intp)
    return np.asarray(values[left] + (score - left) * (values[left + 1] - values[left]))


def _settings(design: Design, weight: float | None) -> Settings:
    sizes = [float(table.sum()) for table in design.tables]
    chosen = sizes[0] / sum(sizes) if weight is None else weight
    if not 0.0 <= chosen <= 1.0:
        raise WeightOutOfRange(f"a weight of {chosen:g} for population 1 is not from 0 to 1")
    return Settings(chosen)


def _conversion(
    design: Design,
    name: str,
    settings: Settings,
    *,
    equivalent: Array,
    standard_errors: Array,
    errors: str,
    smoothing: Sequence[Degrees] | None,
    replications: int = 0,
    failed: int = 0,
) -> Conversion:
    chosen = method_for(design, name)
    smoothed = (
        "" if smoothing is None else f", log-linear presmoothing of degrees {list(smoothing)}"
    )
    straight = name in LINEAR
    return Conversion(
        method=f"{chosen.describes}{smoothed}; {errors}",
        source=chosen.source,
        name=name,
        design=_DESIGNS[type(design).__name__],
        score=np.arange(equivalent.size, dtype=float),
        equivalent=equivalent,
        standard_errors=standard_errors,
        errors=errors,
        slope=float(equivalent[1] - equivalent[0]) if straight else None,
        intercept=float(equivalent[0]) if straight else None,
        weight=settings.weight if chosen.synthetic else None,
        replications=replications,
        failed=failed,
    )


_DESIGNS = {
    "RandomGroups": "random groups",
    "SingleGroup": "single group",
    "AnchorGroups": "nonequivalent groups with anchor",
}
