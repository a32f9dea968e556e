"""Ratings as codes: one row a person (or piece of work), one column a rater, −1 where nobody rated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.labels import labels_array, missing_labels

MISSING = -1


class RatingsInvalid(LiangcaiError):
    """The arrays given as ratings do not fit together or hold an unknown category."""

    code = "measurement.ratings-invalid"


class AgreementUndefined(LiangcaiError):
    """The coefficient does not exist for these ratings (for example, all of them are equal)."""

    code = "measurement.agreement-undefined"


@dataclass(frozen=True, slots=True)
class CodedRatings:
    """Codes N × R into `categories` (−1 missing); `values` are the categories as numbers."""

    codes: Index
    categories: tuple[str, ...]
    values: Array
    numeric: bool

    def base_rates(self) -> Array:
        """Return each category's share among the ratings of each rater (K × R), NaN for a rater without any."""
        count, raters = len(self.categories), self.codes.shape[1]
        place = self.codes * raters + np.arange(raters)
        seen = self.codes >= 0
        table = np.bincount(place[seen], minlength=count * raters).reshape(count, raters)
        totals = table.sum(axis=0)
        return np.where(totals > 0, table / np.maximum(totals, 1), np.nan)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The distinct rows of a table of ratings and how many persons show each."""

    codes: Index
    counts: Index

    @property
    def persons(self) -> int:
        """The number of persons."""
        return int(self.counts.sum())


def coded(ratings: npt.ArrayLike, *, categories: Sequence[object] | None = None) -> CodedRatings:
    """
    Return ratings as codes; numbers sort by size, texts in the order of `categories`.

    Missing is NaN, None or an empty text. Without `categories` those that occur are used.

    Raises:
        RatingsInvalid: not two dimensions, an infinite number, no rating at all, or a rating
            outside `categories`.
    """
    table = labels_array(ratings)
    if table.dtype.kind not in "biufOUS":
        raise RatingsInvalid(f"ratings must be numbers or texts, not {table.dtype}")
    if table.ndim != 2 or 0 in table.shape:
        raise RatingsInvalid(f"ratings must be persons × raters, not of shape {table.shape}")
    numbers = _numbers(table)
    if numbers is not None:
        return _coded_numbers(numbers, categories)
    texts = np.where(missing_labels(table), "", table.astype(str))
    known = np.unique(texts[texts != ""]) if categories is None else np.array(categories, dtype=str)
    order = np.argsort(known, kind="stable")
    return CodedRatings(
        _codes(texts, known[order], order, missing=texts == ""),
        tuple(str(name) for name in known),
        np.arange(len(known), dtype=float),
        numeric=False,
    )


def patterns_of(codes: Index, *, exchangeable: bool) -> Patterns:
    """Return the distinct rows; `exchangeable` raters are sorted first and packed to the left."""
    table = -np.sort(-codes, axis=1) if exchangeable else codes
    if exchangeable:
        table = table[:, : max(1, int((table >= 0).sum(axis=1).max()))]
    rows, counts = np.unique(np.ascontiguousarray(table), axis=0, return_counts=True)
    return Patterns(rows.astype(np.intp), counts.astype(np.intp))


def two_columns(first: npt.ArrayLike, second: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """
    Return the ratings of two raters as one table.

    Raises:
        RatingsInvalid: they are not two vectors of one length.
    """
    one, other = labels_array(first), labels_array(second)
    if one.ndim != 1 or one.shape != other.shape:
        raise RatingsInvalid(
            f"two raters' ratings must be vectors of one length, not {one.shape} and {other.shape}"
        )
    if (one.dtype.kind in "US") != (other.dtype.kind in "US"):
        # Side by side with texts a missing number would become the text "nan".
        one, other = one.astype(object), other.astype(object)
    return np.stack([one, other], axis=1)


def complete_rows(codes: Index) -> Index:
    """
    Return the rows without a missing rating.

    Raises:
        RatingsInvalid: no person has a rating from every rater.
    """
    rows = codes[(codes >= 0).all(axis=1)]
    if not rows.size:
        raise RatingsInvalid("no person was rated by every rater: nothing can be compared")
    return rows


def score_array(values: npt.ArrayLike) -> Array:
    """
    Return ratings as numbers.

    Raises:
        RatingsInvalid: one is no number.
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise RatingsInvalid(f"ratings must be numbers here: {error}") from error


def _numbers(table: npt.NDArray[np.generic]) -> Array | None:
    if table.dtype.kind in "biuf":
        return table.astype(float)
    blank = missing_labels(table)
    if any(isinstance(entry, str) for entry in table[~blank].ravel()):
        return None
    try:
        return np.where(blank, np.nan, np.where(blank, 0, table).astype(float))
    except (TypeError, ValueError):
        return None


def _coded_numbers(numbers: Array, categories: Sequence[object] | None) -> CodedRatings:
    if np.isinf(numbers).any():
        raise RatingsInvalid("a rating is infinite")
    seen = ~np.isnan(numbers)
    if not seen.any():
        raise RatingsInvalid("all ratings are missing")
    known = np.unique(numbers[seen]) if categories is None else np.array(categories, dtype=float)
    order = np.argsort(known, kind="stable")
    codes = _codes(numbers, known[order], order, missing=~seen)
    return CodedRatings(codes, tuple(f"{value:g}" for value in known), known, numeric=True)


def _codes(
    table: npt.NDArray[np.generic],
    ordered: npt.NDArray[np.generic],
    order: Index,
    *,
    missing: Flags,
) -> Index:
    if missing.all():
        raise RatingsInvalid("all ratings are missing")
    if np.unique(ordered).size != ordered.size:
        raise RatingsInvalid("a category is named twice")
    place = np.minimum(np.searchsorted(ordered, table), len(ordered) - 1)
    wrong = ~missing & (ordered[place] != table)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise RatingsInvalid(
            f"row {row + 1}, rater {column + 1}: {table[row, column]} is none of the categories"
        )
    return np.where(missing, MISSING, order[place]).astype(np.intp)
