"""Distractor analysis: who chose which option, and whether the key holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.classical.ranks import slice_membership
from liangcai.measurement.labels import labels_array, missing_labels
from liangcai.measurement.results import Result

_FIFTHS = np.linspace(0.0, 1.0, 6)
_ROWS = 8_192
_HIGHEST_CODE = 10_000
Codes = npt.NDArray[np.int16]
#: The label of a row that counts persons who chose nothing.
OMITTED = "omitted"


class ChoicesInvalid(LiangcaiError):
    """Choices and key do not fit together."""

    code = "measurement.classical.choices-invalid"


@dataclass(frozen=True, slots=True)
class DistractorAnalysis(Result):
    """
    One row for each option of each item, and one for omissions where there are any.

    `keyed` (0 or 1); `count` and `share` of persons; `point_biserial`: correlation of choosing the
    option with the number right on the other items (NaN, it does not exist, when nobody or everybody
    chose it); `rest_mean`: mean number right on the other items of those who chose it (NaN
    when nobody did); `fifths` (rows × 5): the share of each fifth of persons, lowest first, who chose it.
    """

    title: ClassVar[str] = "Distractor analysis"
    method: ClassVar[str] = (
        "choice shares, point-biserial with the number right on the other items, fifths of the total"
    )
    source: ClassVar[str] = "Haladyna (2004); Lord & Novick (1968)"

    item: tuple[str, ...]
    option: tuple[str, ...]
    keyed: Index
    count: Array
    share: Array
    point_biserial: Array
    rest_mean: Array
    fifths: Array
    persons: float

    def columns(self) -> Mapping[str, Any]:
        """Return one row an option."""
        table: dict[str, Any] = {
            "item": self.item,
            "option": self.option,
            "keyed": self.keyed,
            "count": self.count,
            "share": self.share,
            "point_biserial": self.point_biserial,
            "rest_mean": self.rest_mean,
        }
        return table | {f"fifth_{n + 1}": self.fifths[:, n] for n in range(5)}

    def facts(self) -> Mapping[str, Any]:
        """Return how many persons there were and which keys are in doubt."""
        return {"persons": self.persons, "keys in doubt": self.doubtful_keys() or "none"}

    def doubtful_keys(self) -> tuple[str, ...]:
        """Return the items on which another option is chosen by better persons than the key is."""
        return self._items_where(
            np.where(self.keyed == 1, -np.inf, np.nan_to_num(self.point_biserial, nan=-np.inf))
            > self._of_key()
        )

    def idle_distractors(self, *, below: float = 0.05) -> tuple[tuple[str, str], ...]:
        """Return (item, option) of the wrong options that fewer than the share `below` chose."""
        idle = (self.keyed == 0) & (self.share < below)
        rows = [row for row in np.flatnonzero(idle) if self.option[row] != OMITTED]
        return tuple((self.item[row], self.option[row]) for row in rows)

    def _of_key(self) -> Array:
        keys = {self.item[row]: self.point_biserial[row] for row in np.flatnonzero(self.keyed)}
        found = np.array([keys[name] for name in self.item], dtype=float)
        return np.where(np.isnan(found), 0.0, found)

    def _items_where(self, flags: Flags) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.item[row] for row in np.flatnonzero(flags)))


def distractor_analysis(
    choices: npt.ArrayLike,
    *,
    key: Sequence[int | str],
    items: Sequence[str] | None = None,
    weights: npt.ArrayLike | None = None,
) -> DistractorAnalysis:
    """
    Return who chose which option of every item.

    `choices` (N × J): option labels, an empty string, None or NaN for an omission; or whole option codes,
    a negative number or NaN for an omission, at most 10,000. `key` (J): the right option of each item. An omission
    counts as wrong. `weights` (N): frequencies.

    Raises:
        ChoicesInvalid: lengths differ, there are fewer than two persons or items, a code is not whole,
            two items have one name, a weight is below 0, or nobody chose an option that the key names.
    """
    codes, labels = _coded(choices)
    if codes.shape[0] < 2 or codes.shape[1] < 2:
        raise ChoicesInvalid(
            f"{codes.shape[0]} persons and {codes.shape[1]} items: at least two of each are needed"
        )
    keys = _key_codes(key, labels, codes.shape[1])
    names = tuple(str(n + 1) for n in range(codes.shape[1])) if items is None else tuple(items)
    weight = np.ones(len(codes)) if weights is None else np.asarray(weights, dtype=float)
    if len(names) != codes.shape[1] or len(set(names)) != len(names):
        raise ChoicesInvalid("each item needs one name of its own")
    if weight.shape != (len(codes),) or not (np.isfinite(weight) & (weight >= 0.0)).all():
        raise ChoicesInvalid("each person needs one weight, finite and at least 0")
    if not weight.any():
        raise ChoicesInvalid("all weights are 0: nobody is left")
    return _analysed(codes, (*labels, OMITTED), keys, names, weight)


def _analysed(
    codes: Codes, labels: tuple[str, ...], keys: Index, names: tuple[str, ...], weight: Array
) -> DistractorAnalysis:
    right = codes == keys
    total = right.sum(axis=1).astype(float)
    slices = slice_membership(total, edges=_FIFTHS, weights=weight)
    persons = float(weight.sum())
    # One product a label: sums over choosers of weight, weight·total and membership of each fifth.
    against = np.column_stack([weight, weight * total, slices])
    sums = np.zeros((codes.shape[1], len(labels), against.shape[1]))
    for start in range(0, len(codes), _ROWS):
        block, part = codes[start : start + _ROWS], against[start : start + _ROWS]
        for place in range(len(labels)):
            chosen = block == (place if place < len(labels) - 1 else -1)
            sums[:, place] += chosen.T.astype(float) @ part
    keyed = np.arange(len(labels)) == keys[:, None]
    count = sums[..., 0]
    rest_sum = sums[..., 1] - np.where(keyed, count, 0.0)
    mean, variance = _rest_moments(right, total, weight)
    exists = (count > 0.0) & (count < persons) & (variance > 1e-12)[:, None]
    chosen = count / persons
    spread = np.sqrt(np.where(exists, variance[:, None] * chosen * (1.0 - chosen), 1.0))
    correlation = np.where(exists, (rest_sum / persons - chosen * mean[:, None]) / spread, np.nan)
    rest_mean = np.where(count > 0.0, rest_sum / np.where(count > 0.0, count, 1.0), np.nan)
    shown = (count > 0.0) | keyed
    # An option that somebody chose on any item belongs to every item; an omission only where it occurs.
    shown[:, :-1] = True
    rows, columns = np.nonzero(shown)
    return DistractorAnalysis(
        item=tuple(names[row] for row in rows),
        option=tuple(labels[column] for column in columns),
        keyed=keyed[shown].astype(np.intp),
        count=count[shown],
        share=chosen[shown],
        point_biserial=correlation[shown],
        rest_mean=rest_mean[shown],
        fifths=(sums[..., 2:] / slices.sum(axis=0))[shown],
        persons=persons,
    )


def _rest_moments(right: Flags, total: Array, weight: Array) -> tuple[Array, Array]:
    """Mean and variance (n) of the total without the item, for each item."""
    persons = weight.sum()
    p = weight @ right / persons
    with_total = (weight * total) @ right / persons
    mean, square = weight @ total / persons, weight @ total**2 / persons
    return mean - p, square - 2.0 * with_total + p - (mean - p) ** 2


def _coded(choices: npt.ArrayLike) -> tuple[Codes, tuple[str, ...]]:
    matrix = labels_array(choices)
    if matrix.ndim != 2:
        raise ChoicesInvalid(f"choices must have two dimensions, not {matrix.ndim}")
    if matrix.dtype.kind in "iuf":
        given = matrix.astype(float)
        whole = np.where(np.isnan(given) | (given < 0.0), -1.0, given)
        if not (np.isfinite(whole) & (whole == np.floor(whole))).all():
            raise ChoicesInvalid("option codes are whole numbers; write labels as text")
        return _numbered(whole)
    texts = np.where(missing_labels(matrix), "", matrix.astype(str))
    found, place = np.unique(texts, return_inverse=True)
    omitted = found == ""
    number = np.where(omitted, -1, np.cumsum(~omitted) - 1).astype(np.int16)
    return number[place].reshape(matrix.shape), tuple(str(label) for label in found[~omitted])


def _numbered(whole: Array) -> tuple[Codes, tuple[str, ...]]:
    """Return the option codes that occur, numbered from 0 without sorting millions of them."""
    highest = float(whole.max(initial=-1))
    if highest > _HIGHEST_CODE:
        raise ChoicesInvalid(f"{highest:g} is no option code: codes go up to {_HIGHEST_CODE}")
    options, top = whole.astype(np.intp), int(highest)
    occurs = np.bincount(options.ravel() + 1, minlength=top + 2)[1:] > 0
    number = np.concatenate([[-1], np.cumsum(occurs) - 1]).astype(np.int16)
    return number[options + 1], tuple(str(code) for code in np.flatnonzero(occurs))


def _key_codes(key: Sequence[int | str], labels: tuple[str, ...], items: int) -> Index:
    place = {label: code for code, label in enumerate(labels)}
    if len(key) != items:
        raise ChoicesInvalid(f"the key names {len(key)} options for {items} items")
    unknown = [str(option) for option in key if str(option) not in place]
    if unknown:
        raise ChoicesInvalid(f"nobody chose the keyed option {unknown[0]!r} on any item")
    return np.array([place[str(option)] for option in key], dtype=np.intp)
