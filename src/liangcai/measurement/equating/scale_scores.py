"""From raw scores to reported ones, and how much two conversions differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.equating.conversion import Conversion, along
from liangcai.measurement.results import Result


class ConversionsIncomparable(LiangcaiError):
    """Two conversions, or a conversion and frequencies, do not cover the same scores."""

    code = "measurement.equating.conversions-incomparable"


@dataclass(frozen=True, slots=True)
class ScaleScores(Result):
    """
    Reported scores of form X: `exact`, `rounded` (halves upwards) and clipped, and `standard_errors` of equating.

    The errors are those of the exact scores, in points of the reported scale; rounding is not in them.
    """

    title: ClassVar[str] = "Raw scores to scale scores"
    method: ClassVar[str] = (
        "equivalent on form Y, straight between the scale scores of form Y, rounded"
    )
    source: ClassVar[str] = "Kolen & Brennan (2014)"

    score: Array
    exact: Array
    rounded: Array
    standard_errors: Array

    def columns(self) -> Mapping[str, Any]:
        """Return one row a score of form X."""
        return {
            "score": self.score,
            "exact": self.exact,
            "rounded": self.rounded,
            "standard_error": self.standard_errors,
        }


def scale_scores(
    conversion: Conversion,
    *,
    scale: Array,
    decimals: int = 0,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> ScaleScores:
    """
    Return the reported score of each score of form X.

    `scale`: the reported scores of form Y's raw scores 0 … highest; between them, and beyond them, it is
    followed in straight lines. Reported scores are rounded to `decimals` and kept within `lowest` and `highest`.

    Raises:
        ConversionsIncomparable: `scale` has fewer than two scores, or lowest is above highest.
    """
    table = np.asarray(scale, dtype=float)
    if table.ndim != 1 or table.size < 2 or not np.isfinite(table).all() or lowest > highest:
        raise ConversionsIncomparable(
            "scale must hold a finite reported score for each raw score of form Y (two at least), "
            "and lowest must not be above highest"
        )
    exact = along(table, conversion.equivalent)
    left = np.clip(np.floor(conversion.equivalent), 0, table.size - 2).astype(np.intp)
    unit = 10.0**-decimals
    # The small term keeps a half that is not exactly one in binary from falling.
    rounded = np.floor(exact / unit + 0.5 + 1e-9) * unit
    return ScaleScores(
        conversion.score,
        exact,
        np.clip(np.round(rounded, decimals), lowest, highest),
        conversion.standard_errors * np.abs(table[left + 1] - table[left]),
    )


@dataclass(frozen=True, slots=True)
class ConversionDifference(Result):
    """
    Differences between two conversions of the same scores.

    `rmsd`, `mean`: over persons; `largest`: in size; `mattering`: the share of persons for whom the
    difference is at least `matters` (half a reported point by custom).
    """

    title: ClassVar[str] = "Difference between conversions"
    method: ClassVar[str] = "root mean square difference over persons; difference that matters"
    source: ClassVar[str] = "Dorans & Feigenbaum (1994); Kolen & Brennan (2014)"

    score: Array
    difference: Array
    persons: Array
    rmsd: float
    mean: float
    largest: float
    matters: float
    mattering: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row a score."""
        return {"score": self.score, "difference": self.difference, "persons": self.persons}

    def facts(self) -> Mapping[str, Any]:
        """Return the summary of the differences."""
        return {
            "RMSD": self.rmsd,
            "mean difference": self.mean,
            "largest difference": self.largest,
            "difference that matters": self.matters,
            "share of persons concerned": self.mattering,
        }


def compare_conversions(
    one: Conversion | ScaleScores,
    other: Conversion | ScaleScores,
    *,
    frequencies: Array | None = None,
    matters: float = 0.5,
) -> ConversionDifference:
    """
    Return how `one` differs from `other` at each score and over the persons that `frequencies` count.

    Without frequencies every score counts alike. Scale scores are compared before rounding.

    Raises:
        ConversionsIncomparable: they do not cover the same scores, or frequencies are not finite,
            below 0 or all 0.
    """
    first, second = (
        table.equivalent if isinstance(table, Conversion) else table.exact for table in (one, other)
    )
    persons = np.ones(first.size) if frequencies is None else np.asarray(frequencies, dtype=float)
    if first.size != second.size or persons.shape != first.shape:
        raise ConversionsIncomparable(
            f"{first.size} and {second.size} scores, {persons.size} frequencies: they must agree"
        )
    if not (np.isfinite(persons) & (persons >= 0.0)).all() or not persons.any():
        raise ConversionsIncomparable("frequencies must be finite, at least 0, and not all 0")
    difference = first - second
    share = persons / persons.sum()
    return ConversionDifference(
        score=one.score,
        difference=difference,
        persons=persons,
        rmsd=float(np.sqrt(share @ difference**2)),
        mean=float(share @ difference),
        largest=float(np.abs(difference).max()),
        matters=matters,
        mattering=float(share @ (np.abs(difference) >= matters)),
    )
