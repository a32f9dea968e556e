"""Ratings compiled for estimation: sorted by person, reduced to distinct patterns and bundles.

In a Rasch model the scores enter the likelihood of a person only through sums; what depends on
the person's measure is which elements rated, not what they gave. A pattern is a combination of
elements that occurs; a bundle is the set of patterns in which one element of the largest facet
rated one person (a rater with all criteria, say). Persons hold bundles, bundles hold patterns, so
one E-step is a table over patterns and two sparse products.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.categories import Categories
from liangcai.measurement.facets.layout import Layout
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.sparse_sums import SparseSums, dense_codes, scrambled, totals

_WORTH_BUNDLING = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """How many ratings of each pattern a person holds, as persons × bundles times bundles × patterns."""

    bundles: sparse.csr_array
    patterns: sparse.csr_array | None

    def gather(self, table: Array) -> Array:
        """Return persons × Q sums of a patterns × Q table."""
        inner = table if self.patterns is None else self.patterns @ table
        return np.asarray(self.bundles @ inner, dtype=float)

    def scatter(self, table: Array) -> Array:
        """Return patterns × Q sums of a persons × Q table."""
        inner = self.bundles.T @ table
        return np.asarray(inner if self.patterns is None else self.patterns.T @ inner, dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """
    n ratings sorted by person and pattern, U patterns, and the sums that the scores enter by.

    `rows` says which rating of the input stands where; `places` (U × F) holds the parameter of
    each pattern's elements, `local` (U × (F + K)) those and the steps'.
    """

    layout: Layout
    categories: Categories
    persons: int
    rows: Index
    person: Index
    number: Index
    weight: Array
    pattern: Index
    places: Index
    group: Index
    local: Index
    holding: Holding
    mean_of: Index
    spread_of: Index
    person_total: Array
    element_total: Array
    reached: Array

    @property
    def has_steps(self) -> bool:
        """Whether there are steps to estimate (more than two categories)."""
        return self.categories.steps > 1


def design_of(
    ratings: Ratings, *, layout: Layout, categories: Categories, mean_of: Index, spread_of: Index
) -> Design:
    """Return the compiled design; `mean_of` and `spread_of` (N) say each person's population."""
    sizes = [len(facet.elements) for facet in ratings.facets]
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    key = int(np.argmax(sizes))
    order_of_facets = [key, *(place for place in range(len(sizes)) if place != key)]
    code = np.zeros(ratings.count, dtype=np.intp)
    span = 1
    for place in order_of_facets:
        code, span = code * sizes[place] + ratings.elements[:, place], span * sizes[place]
        if span > 2**40:
            found, code = dense_codes(code, span)
            span = int(found.size)
    found, pattern = dense_codes(code, span)
    rows = np.argsort(ratings.person * found.size + pattern, kind="stable")
    person, pattern = ratings.person[rows], pattern[rows]
    one_of = np.zeros(found.size, dtype=np.intp)
    one_of[pattern] = rows
    elements, weight = ratings.elements[one_of], ratings.weight()[rows]
    group = (
        np.zeros(found.size, dtype=np.intp)
        if categories.step_facet is None
        else elements[:, categories.step_facet]
    )
    number = categories.numbers_of(ratings)[rows]
    places = elements + starts
    steps = layout.step_start + group[:, None] * layout.steps + np.arange(layout.steps)
    local = np.concatenate([places, steps], axis=1) if categories.steps > 1 else places
    element_total = np.zeros(layout.elements)
    for facet in range(len(sizes)):
        element_total += totals(places[pattern, facet], weight * number, layout.elements)
    width = categories.steps + 1
    counts = np.bincount(
        group[pattern] * width + number, weights=weight, minlength=len(categories.groups) * width
    ).reshape(len(categories.groups), width)
    reached = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    persons = len(ratings.persons)
    return Design(
        layout=layout,
        categories=categories,
        persons=persons,
        rows=rows,
        person=person,
        number=number,
        weight=weight,
        pattern=pattern,
        places=places,
        group=group,
        local=local,
        holding=_holding(person, pattern, weight, elements[:, key], (persons, found.size)),
        mean_of=mean_of,
        spread_of=spread_of,
        person_total=totals(person, weight * number, persons),
        element_total=element_total,
        reached=np.ascontiguousarray(reached),
    )


def offsets(design: Design, vector: Array) -> Array:
    """Return the sum of the element measures of each pattern (U logits)."""
    return np.asarray(vector[design.places].sum(axis=1), dtype=float)


def category_weights(design: Design, vector: Array) -> Array:
    """Return −Σ steps up to each category, −∞ where a group lacks it (G × (K + 1))."""
    table = design.layout.step_table(vector)
    sums = np.concatenate([np.zeros((table.shape[0], 1)), -np.cumsum(table, axis=1)], axis=1)
    return np.where(design.categories.exists, sums, -np.inf)


def curvature_places(design: Design) -> tuple[SparseSums, SparseSums]:
    """Return the places of parameters × parameters and of persons × parameters (population last)."""
    layout, local = design.layout, design.local
    pairs = SparseSums.of(local[:, :, None], local[:, None, :], (layout.size, layout.size))
    everyone = np.arange(design.persons)
    who = np.concatenate([np.tile(design.person, local.shape[1]), everyone, everyone])
    where = np.concatenate(
        [
            np.ascontiguousarray(local.T)[:, design.pattern].ravel(),
            layout.mean_start + design.mean_of,
            layout.spread_start + design.spread_of,
        ]
    )
    return pairs, SparseSums.of(who, where, (design.persons, layout.size))


def _holding(
    person: Index, pattern: Index, weight: Array, key: Index, shape: tuple[int, int]
) -> Holding:
    count = person.size
    ends = np.r_[0, np.cumsum(np.bincount(person, minlength=shape[0]))]
    plain = Holding(sparse.csr_array((weight, pattern, ends), shape=shape), None)
    if np.any(weight != 1.0):
        return plain
    element = key[pattern]
    opens = np.r_[True, (person[1:] != person[:-1]) | (element[1:] != element[:-1])]
    first = np.flatnonzero(opens)
    if first.size > _WORTH_BUNDLING * count:
        return plain
    length = np.diff(np.r_[first, count])
    block = np.cumsum(opens) - 1
    marks = np.add.reduceat(scrambled(pattern), first)
    _, sample, kind = np.unique(marks, return_index=True, return_inverse=True)
    # Sums of scrambled numbers may collide: the blocks are compared with their samples.
    twin = first[sample[kind]]
    if np.any(length != length[sample[kind]]):
        return plain
    if np.any(pattern != pattern[twin[block] + np.arange(count) - first[block]]):
        return plain
    inside = np.repeat(first[sample], length[sample])
    inner_ends = np.r_[0, np.cumsum(length[sample])]
    inside = inside + np.arange(inside.size) - np.repeat(inner_ends[:-1], length[sample])
    if first.size + inside.size > _WORTH_BUNDLING * count:
        return plain
    outer = np.r_[0, np.cumsum(np.bincount(person[first], minlength=shape[0]))]
    return Holding(
        sparse.csr_array((np.ones(first.size), kind, outer), shape=(shape[0], sample.size)),
        sparse.csr_array(
            (np.ones(inside.size), pattern[inside], inner_ends), shape=(sample.size, shape[1])
        ),
    )
