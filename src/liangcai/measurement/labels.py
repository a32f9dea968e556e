"""Labels of persons, raters, scripts and groups: which are missing, and their codes."""

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Flags, Index

_WRITTEN_AS = ("None", "nan", "NaT", "<NA>", "")


class LabelMissing(LiangcaiError):
    """A row does not say whom or what it is about."""

    code = "measurement.label-missing"


def labels_array(labels: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """Return labels as an array in which a missing one among texts is still None or NaN, not the text "nan"."""
    found = np.asarray(labels)
    if found.dtype.kind in "US" and not isinstance(labels, np.ndarray):
        return np.asarray(labels, dtype=object)
    return found


def missing_labels(labels: npt.NDArray[np.generic]) -> Flags:
    """Return which labels are missing: NaN, None, NA of a data frame, or an empty text."""
    if labels.dtype.kind != "O":
        empty = labels == "" if labels.dtype.kind in "US" else labels != labels  # noqa: PLR0124
        return np.asarray(empty, dtype=bool)
    # Comparing NA of a data frame fails, so the few that are written like a missing one are looked at.
    missing = np.isin(labels.astype(str), _WRITTEN_AS)
    missing[missing] = [not isinstance(label, str) or not label for label in labels[missing]]
    return missing


def label_texts(labels: npt.ArrayLike, *, what: str) -> npt.NDArray[np.str_]:
    """
    Return labels as texts; `what` names them in the error.

    Raises:
        LabelMissing: one is NaN, None or empty.
    """
    found = labels_array(labels)
    _refuse_missing(found, what)
    return found.astype(np.str_)


def coded_labels(labels: npt.ArrayLike, *, what: str) -> tuple[tuple[str, ...], Index]:
    """
    Return the distinct labels as texts, numbers sorted by size, and each label's place among them.

    Labels of mixed kinds sort as texts: 1 and "1" are then the same.

    Raises:
        LabelMissing: one is NaN, None or empty.
    """
    found = labels_array(labels)
    _refuse_missing(found, what)
    try:
        names, place = np.unique(found, return_inverse=True)
    except TypeError:
        names, place = np.unique(found.astype(np.str_), return_inverse=True)
    return tuple(str(name) for name in names.tolist()), place.reshape(found.shape).astype(np.intp)


def _refuse_missing(labels: npt.NDArray[np.generic], what: str) -> None:
    missing = missing_labels(labels)
    if missing.any():
        row = int(np.flatnonzero(missing.ravel())[0])
        raise LabelMissing(f"{what}: row {row + 1} has no label; name it or leave the row out")
