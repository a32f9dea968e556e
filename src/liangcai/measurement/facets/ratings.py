"""Ratings in long form: who was rated, by which element of every facet, with which score."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.labels import coded_labels, labels_array

HIGHEST_SCORE = 1000


class RatingsInvalid(LiangcaiError):
    """The columns given as ratings do not fit together or hold impossible values."""

    code = "measurement.ratings-invalid"


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet of the rating situation (tasks, criteria, raters …) and its elements by name."""

    name: str
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratings:
    """
    n ratings of N persons: a row is one score that one combination of elements gave one person.

    `person` (n) holds places in `persons`, `elements` (n × F) places in the elements of each
    facet, `scores` (n) whole scores from 0. `weights` (n): how many ratings a row stands for.
    `groups` (N) holds a place in `group_names` per person, `periods` (n) one in `period_names`.
    """

    persons: tuple[str, ...]
    facets: tuple[Facet, ...]
    person: Index
    elements: Index
    scores: Index
    weights: Array | None = None
    groups: Index | None = None
    group_names: tuple[str, ...] = ()
    periods: Index | None = None
    period_names: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of rows n."""
        return int(self.scores.size)

    def weight(self) -> Array:
        """Return the weight of each row (n), 1 where none was given."""
        return np.ones(self.count) if self.weights is None else self.weights

    def facet_place(self, name: str) -> int:
        """
        Return the place of the facet called `name`.

        Raises:
            RatingsInvalid: no facet has that name.
        """
        names = [facet.name for facet in self.facets]
        if name not in names:
            raise RatingsInvalid(f"no facet is called {name!r}; there are {', '.join(names)}")
        return names.index(name)


def ratings_of(
    persons: npt.ArrayLike,
    facets: Mapping[str, npt.ArrayLike],
    scores: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
    periods: npt.ArrayLike | None = None,
) -> Ratings:
    """
    Return ratings from columns of one length n, as they stand in a long table.

    Labels may be numbers or text; elements come in sorted order. A row with a missing (NaN) or
    negative score or a weight of 0 is left out. `groups` says each row's person group, the same
    in all rows of a person; `periods` are sorted labels of time.

    Raises:
        RatingsInvalid: lengths differ, a score is no whole number from 0 to 1,000, a weight is
            negative or not finite, a person has two groups, or no rating is left.
        LabelMissing: a row that counts names no person, element, group or period.
    """
    values = _scores(scores)
    columns = {name: labels_array(column) for name, column in facets.items()}
    if not columns:
        raise RatingsInvalid("give at least one facet, such as the raters")
    if "person" in columns or "group" in columns:
        raise RatingsInvalid("a facet cannot be called 'person' or 'group': these are taken")
    given = {"persons": persons, "weights": weights, "groups": groups, "periods": periods}
    for name, column in {**columns, **given}.items():
        if column is not None and np.shape(column) != values.shape:
            raise RatingsInvalid(
                f"{name} has shape {np.shape(column)} for scores of shape {values.shape}"
            )
    held = None if weights is None else _weights(weights)
    kept = (values >= 0) if held is None else (values >= 0) & (held > 0)
    if not kept.any():
        raise RatingsInvalid("no rating is left: every score is missing")
    names, person = coded_labels(labels_array(persons)[kept], what="persons")
    coded = {name: coded_labels(column[kept], what=name) for name, column in columns.items()}
    group_names, group = _coded_if_given(groups, kept, "groups")
    period_names, period = _coded_if_given(periods, kept, "periods")
    return Ratings(
        persons=names,
        facets=tuple(Facet(name, labels) for name, (labels, _) in coded.items()),
        person=person,
        elements=np.stack([codes for _, codes in coded.values()], axis=1),
        scores=values[kept].astype(np.intp),
        weights=None if held is None else held[kept],
        groups=None if group is None else _one_group(group, person, names),
        group_names=group_names,
        periods=period,
        period_names=period_names,
    )


def only_persons(ratings: Ratings, kept: Flags) -> Ratings:
    """Return the ratings of the persons marked in `kept` (N); facets keep all their elements."""
    rows = kept[ratings.person]
    place = np.cumsum(kept) - 1
    return replace(
        ratings,
        persons=tuple(name for name, stays in zip(ratings.persons, kept, strict=True) if stays),
        person=place[ratings.person[rows]].astype(np.intp),
        elements=ratings.elements[rows],
        scores=ratings.scores[rows],
        weights=None if ratings.weights is None else ratings.weights[rows],
        groups=None if ratings.groups is None else ratings.groups[kept],
        periods=None if ratings.periods is None else ratings.periods[rows],
    )


def _scores(scores: npt.ArrayLike) -> Array:
    try:
        values = np.asarray(scores, dtype=float)
    except (TypeError, ValueError) as error:
        raise RatingsInvalid(f"scores must be numbers: {error}") from error
    if values.ndim != 1:
        raise RatingsInvalid(f"scores must be one column, not of {values.ndim} dimensions")
    values = np.where(np.isnan(values) | (values < 0), -1.0, values)
    wrong = (values != np.floor(values)) | (values > HIGHEST_SCORE)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise RatingsInvalid(
            f"row {row + 1}: {values[row]:g} is no whole score from 0 to {HIGHEST_SCORE}"
        )
    return values


def _weights(weights: npt.ArrayLike) -> Array:
    try:
        held = np.asarray(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise RatingsInvalid(f"weights must be numbers: {error}") from error
    if not (np.isfinite(held).all() and (held >= 0).all()):
        raise RatingsInvalid("weights must be finite and at least 0")
    return held


def _coded_if_given(
    labels: npt.ArrayLike | None, kept: Flags, what: str
) -> tuple[tuple[str, ...], Index | None]:
    return ((), None) if labels is None else coded_labels(labels_array(labels)[kept], what=what)


def _one_group(group: Index, person: Index, names: tuple[str, ...]) -> Index:
    of_person = np.zeros(len(names), dtype=np.intp)
    of_person[person] = group
    torn = np.flatnonzero(of_person[person] != group)
    if torn.size:
        raise RatingsInvalid(f"person {names[person[torn[0]]]!r} is in two groups")
    return of_person
