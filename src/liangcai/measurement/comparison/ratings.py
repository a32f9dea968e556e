"""Rubric ratings of scripts, and their categories as a log-linear model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.comparison.judgements import ComparisonsInvalid, places_of
from liangcai.measurement.comparison.loglinear import Categories
from liangcai.measurement.labels import coded_labels, label_texts

HIGHEST_SCORE = 100


@dataclass(frozen=True, slots=True)
class RatedCategories:
    """The categories of ratings; after scripts, centre and tie come severities, then steps.

    `known` holds given values (0 where estimated), `free` what is estimated, `step_criteria` each
    step's criterion, `unseen` the steps above which nobody was rated, in words.
    """

    table: Categories
    known: Array
    free: Flags
    step_criteria: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RubricRatings:
    """R ratings: places of script, criterion and rater in their names, and the score from 0."""

    scripts: tuple[str, ...]
    criteria: tuple[str, ...]
    raters: tuple[str, ...]
    script: Index
    criterion: Index
    rater: Index
    score: Index

    def categories(
        self, steps: Mapping[str, Sequence[float]], severities: Mapping[str, float]
    ) -> RatedCategories:
        """
        Return the categories with these steps and severities fixed.

        Raises:
            ComparisonsInvalid: an unknown criterion or rater, a value that is not finite, or too
                few steps for a score.
        """
        if not set(steps) <= set(self.criteria) or not set(severities) <= set(self.raters):
            raise ComparisonsInvalid(
                "steps and severities must be of the criteria and raters named"
            )
        tops = np.zeros(len(self.criteria), dtype=np.intp)
        np.maximum.at(tops, self.criterion, self.score)
        counts = np.array(
            [len(steps.get(n, range(t))) for n, t in zip(self.criteria, tops, strict=True)]
        )
        short = np.flatnonzero(counts < np.maximum(tops, 1))
        if short.size:
            name, top = self.criteria[short[0]], tops[short[0]]
            raise ComparisonsInvalid(
                f"criterion {name!r} has scores up to {top}: give a step for each"
            )
        given = [severities.get(name, np.nan) for name in self.raters]
        for name, count in zip(self.criteria, counts, strict=True):
            given += list(steps.get(name, [np.nan] * count))
        values = np.array(given, dtype=float)
        if np.isinf(values).any() or np.isnan([x for one in steps.values() for x in one]).any():
            raise ComparisonsInvalid("steps and severities must be finite")
        free = np.isnan(values)
        known = np.where(free, 0.0, values)
        return RatedCategories(
            self._table(counts, known, free),
            known,
            free,
            tuple(np.repeat(np.array(self.criteria, dtype=object), counts).tolist()),
            self._unseen(counts, steps),
        )

    def _table(self, counts: Index, known: Array, free: Flags) -> Categories:
        widths = counts[self.criterion] + 1
        owner = np.repeat(np.arange(self.score.size), widths)
        starts = np.cumsum(widths) - widths
        category = np.arange(owner.size) - starts[owner]
        size, raters = len(self.scripts), len(self.raters)
        first_step = raters + (np.cumsum(counts) - counts)[self.criterion]
        rows = np.repeat(np.arange(owner.size), category)
        passed = np.arange(rows.size) - np.repeat(np.cumsum(category) - category, category)
        others = sparse.csr_array(
            (
                np.concatenate([-category.astype(float), np.full(rows.size, -1.0)]),
                (
                    np.concatenate([np.arange(owner.size), rows]),
                    np.concatenate([self.rater[owner], first_step[owner[rows]] + passed]),
                ),
            ),
            shape=(owner.size, known.size),
        )
        scripts = sparse.csr_array(
            (category.astype(float), (np.arange(owner.size), self.script[owner])),
            shape=(owner.size, size),
        )
        centre = sparse.csr_array(np.stack([category.astype(float), np.zeros(owner.size)], axis=1))
        moving = others @ sparse.diags_array(free.astype(float))
        seen = np.zeros(owner.size)
        seen[starts + self.score] = 1.0
        features = sparse.csr_array(sparse.hstack([scripts, centre, moving], format="csr"))
        return Categories(features, seen, others @ known, starts, owner)

    def _unseen(self, counts: Index, steps: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
        width = int(counts.max()) + 1
        seen = np.bincount(self.criterion * width + self.score, minlength=counts.size * width)
        table = seen.reshape(-1, width)
        return tuple(
            f"score {score} of {name!r}"
            for place, name in enumerate(self.criteria)
            if name not in steps
            for score in np.flatnonzero(table[place, : counts[place] + 1] == 0)
        )


def rubric_ratings(
    scripts: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    names: Sequence[str],
    criteria: npt.ArrayLike | None = None,
    raters: npt.ArrayLike | None = None,
) -> RubricRatings:
    """
    Return ratings in long form, one entry a rating; `names` are all scripts, in the comparisons' order.

    Without `criteria` or `raters` there is one of them. Scores are whole, from 0 to 100.

    Raises:
        ComparisonsInvalid: lengths differ, a script is unknown, or a score is not whole from 0 to 100.
        LabelMissing: a rating has no script, criterion or rater.
    """
    rated = np.atleast_1d(label_texts(scripts, what="scripts"))
    values = np.asarray(scores, dtype=float)
    labels = [
        np.full(rated.size, "1") if given is None else label_texts(given, what=what)
        for given, what in ((criteria, "criteria"), (raters, "raters"))
    ]
    if not rated.size or any(one.shape != rated.shape for one in (values, *labels)):
        raise ComparisonsInvalid("ratings need vectors of one length, at least 1")
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.floor(values)).any():
        raise ComparisonsInvalid("scores must be whole and at least 0")
    if values.max() > HIGHEST_SCORE:
        raise ComparisonsInvalid(f"score {values.max():g} is above the highest, {HIGHEST_SCORE}")
    known = np.asarray(names, dtype=str)
    criterion_names, criterion = coded_labels(labels[0], what="criteria")
    rater_names, rater = coded_labels(labels[1], what="raters")
    return RubricRatings(
        tuple(known.tolist()),
        criterion_names,
        rater_names,
        places_of(known, rated),
        criterion,
        rater,
        values.astype(np.intp),
    )
