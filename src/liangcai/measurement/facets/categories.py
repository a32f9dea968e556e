"""The rating scale as it was used: which scores occur, and how they are numbered for the model.

A category that nobody was given has no finite step on either side (programs print −37 for it),
so it is taken out and the others are numbered in order; averages keep the original scores.
"""

from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.facets.ratings import Ratings


class ScoresVaryTooLittle(LiangcaiError):
    """A rating scale was used with one score only, so that nothing can be estimated from it."""

    code = "measurement.scores-vary-too-little"


@dataclass(frozen=True, slots=True)
class Categories:
    """The scores of every step group in rising order (G × (K + 1), padded with NaN)."""

    step_facet: int | None
    groups: tuple[str, ...]
    scores: Array

    @property
    def steps(self) -> int:
        """The largest number of steps K of a group."""
        return int(self.scores.shape[1]) - 1

    @property
    def exists(self) -> Flags:
        """Whether a group has a category (G × (K + 1))."""
        return ~np.isnan(self.scores)

    def groups_of(self, ratings: Ratings) -> Index:
        """Return the step group of each rating (n)."""
        if self.step_facet is None:
            return np.zeros(ratings.count, dtype=np.intp)
        return np.ascontiguousarray(ratings.elements[:, self.step_facet])

    def numbers_of(self, ratings: Ratings) -> Index:
        """
        Return each rating's category number from 0 (n).

        Raises:
            ScoresVaryTooLittle: a score is not on the scale.
        """
        top = int(max(np.nanmax(self.scores), ratings.scores.max()))
        number = np.full((len(self.groups), top + 1), -1, dtype=np.intp)
        group, place = np.nonzero(self.exists)
        number[group, self.scores[group, place].astype(np.intp)] = place
        found = number[self.groups_of(ratings), ratings.scores]
        if (found < 0).any():
            row = int(np.flatnonzero(found < 0)[0])
            raise ScoresVaryTooLittle(
                f"score {ratings.scores[row]} was not used when the scale was calibrated"
            )
        return found

    def collapsed(self) -> tuple[tuple[str, int], ...]:
        """Return (group, score) for every score inside the used range that a group never used."""
        low, high = int(np.nanmin(self.scores)), int(np.nanmax(self.scores))
        absent = []
        for name, row in zip(self.groups, self.scores, strict=True):
            used = set(row[~np.isnan(row)].astype(int).tolist())
            absent += [(name, score) for score in range(low, high + 1) if score not in used]
        return tuple(absent)


def categories_of(ratings: Ratings, step_facet: int | None) -> Categories:
    """
    Return the categories that occur, for all ratings together or per element of a facet.

    Raises:
        ScoresVaryTooLittle: all ratings of a step group have the same score.
    """
    groups = ("all",) if step_facet is None else ratings.facets[step_facet].elements
    group = (
        np.zeros(ratings.count, dtype=np.intp)
        if step_facet is None
        else ratings.elements[:, step_facet]
    )
    width = int(ratings.scores.max()) + 1
    used = np.bincount(group * width + ratings.scores, minlength=len(groups) * width) > 0
    used = used.reshape(len(groups), width)
    counts = used.sum(axis=1)
    if counts.min() < 2:
        name = groups[int(counts.argmin())]
        whose = "all ratings" if step_facet is None else f"all ratings of {name!r}"
        raise ScoresVaryTooLittle(
            f"{whose} have one score; leave the element out, or share one rating scale (steps=None)"
        )
    scores = np.full((len(groups), int(counts.max())), np.nan)
    at, value = np.nonzero(used)
    place = np.arange(at.size) - np.r_[0, np.cumsum(counts)[:-1]][at]
    scores[at, place] = value
    return Categories(step_facet, tuple(groups), scores)
