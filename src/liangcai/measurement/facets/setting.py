"""From ratings and a model's options to a compiled problem: anchors, parts, populations, start values."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.facets.categories import Categories
from liangcai.measurement.facets.design import Design, design_of
from liangcai.measurement.facets.layout import Layout, origins_of
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.sparse_sums import dense_codes, totals

#: How far the total of an element with only lowest or only highest scores is moved inwards, as FACETS does.
EXTREME_ADJUSTMENT = 0.3


class AnchorsInvalid(LiangcaiError):
    """An anchor names an unknown facet or element, or is no finite number."""

    code = "measurement.anchors-invalid"


@dataclass(frozen=True, slots=True, eq=False)
class Populations:
    """Populations of persons: one per person group and combination of connected parts.

    `of_person` (N) gives each person's; `part` (M × F) and `group` (M) describe them.
    """

    of_person: Index
    part: Index
    group: Index
    names: tuple[str, ...]


def anchors_of(ratings: Ratings, anchors: Mapping[str, Mapping[str, float]]) -> tuple[Flags, Array]:
    """
    Return which elements are anchored (E) and their measures (0 elsewhere).

    Raises:
        AnchorsInvalid: an anchor names nothing that was rated with, or is not finite.
    """
    names = [(facet.name, element) for facet in ratings.facets for element in facet.elements]
    place = {name: row for row, name in enumerate(names)}
    fixed, value = np.zeros(len(names), dtype=bool), np.zeros(len(names))
    for facet, measures in anchors.items():
        ratings.facet_place(facet)
        for element, measure in measures.items():
            if (facet, str(element)) not in place:
                raise AnchorsInvalid(f"no element of facet {facet!r} is called {element!r}")
            if not np.isfinite(measure):
                raise AnchorsInvalid(f"{facet} {element!r}: an anchor must be finite")
            row = place[facet, str(element)]
            fixed[row], value[row] = True, float(measure)
    return fixed, value


def populations_of(ratings: Ratings, part: Index) -> Populations:
    """Return the populations, given the connected part of every element (E)."""
    starts = np.r_[0, np.cumsum([len(facet.elements) for facet in ratings.facets])[:-1]]
    one_row = np.zeros(len(ratings.persons), dtype=np.intp)
    one_row[ratings.person] = np.arange(ratings.count)
    parts = part[ratings.elements[one_row] + starts]
    group = np.zeros(len(ratings.persons), dtype=np.intp)
    if ratings.groups is not None:
        group = ratings.groups
    code, span = group.copy(), int(group.max(initial=0)) + 1
    for column in parts.T:
        width = int(column.max()) + 1
        code, span = code * width + column, span * width
    found, of_person = dense_codes(code, span)
    first = np.zeros(found.size, dtype=np.intp)
    first[of_person] = np.arange(of_person.size)
    names = ratings.group_names or ("all",)
    labels = [names[place] for place in group[first]]
    if parts.max(initial=0) > 0:
        shown = ["·".join(str(number + 1) for number in row) for row in parts[first]]
        labels = [f"{label}, part {where}" for label, where in zip(labels, shown, strict=True)]
    return Populations(of_person, parts[first], group[first], tuple(labels))


def layout_for(
    ratings: Ratings,
    *,
    categories: Categories,
    populations: Populations,
    part: Index,
    anchored: Flags,
    joint: bool,
    sd_known: bool,
) -> Layout:
    """Return the parameters: facets centred by part unless an anchor sets the origin, steps by group."""
    sizes = [len(facet.elements) for facet in ratings.facets]
    elements, steps = sum(sizes), categories.steps
    groups, means = len(categories.groups), len(populations.names)
    spreads = len(ratings.group_names) or 1
    step_fixed = ~categories.exists[:, 1:]
    step_fixed[categories.exists.sum(axis=1) == 2] = True
    fixed = np.concatenate(
        [anchored, step_fixed.ravel(), np.full(means, joint), np.full(spreads, joint or sd_known)]
    )
    label = np.full(fixed.size, -1, dtype=np.intp)
    label[:elements] = np.repeat(np.arange(len(sizes)), sizes) * (part.max() + 1) + part
    held = np.isin(label[:elements], np.unique(label[:elements][anchored]))
    label[:elements][held] = -1
    first = len(sizes) * (part.max() + 1)
    label[elements : elements + groups * steps] = np.where(
        step_fixed, -1, first + np.arange(groups)[:, None]
    ).ravel()
    return Layout(
        elements, groups, steps, means, spreads, fixed, origins_of(label, int(fixed.size))
    )


def problem_of(
    ratings: Ratings, *, layout: Layout, categories: Categories, populations: Populations
) -> Design:
    """Return the compiled design; each person group has a spread of its own."""
    spread = np.zeros(len(ratings.persons), dtype=np.intp)
    if ratings.groups is not None:
        spread = ratings.groups
    return design_of(
        ratings,
        layout=layout,
        categories=categories,
        mean_of=populations.of_person,
        spread_of=spread,
    )


def extremes_of(design: Design) -> Array:
    """Return +1 for elements whose scores are all highest, −1 for all lowest, 0 otherwise (E)."""
    top = design.categories.exists.sum(axis=1)[design.group] - 1
    highest = np.zeros(design.layout.elements)
    held = totals(design.pattern, design.weight, top.size) * top
    for column in design.places.T:
        highest += totals(column, held, highest.size)
    total = design.element_total
    return np.where(total <= 1e-9, -1.0, np.where(total >= highest - 1e-9, 1.0, 0.0))


def start_of(design: Design, *, anchor: Array, sd: float) -> Array:
    """Return start values: measures at 0 or their anchors, steps from the category counts."""
    layout = design.layout
    vector = np.zeros(layout.size)
    vector[: layout.elements] = anchor
    counts = np.diff(design.reached, axis=1, append=0.0) * -1.0
    total = np.bincount(design.group[design.pattern], weights=design.weight)
    counts = np.concatenate([total[:, None] - design.reached[:, :1], counts], axis=1) + 0.5
    steps = np.log(counts[:, :-1] / counts[:, 1:])
    free = ~layout.fixed[layout.step_start : layout.mean_start].reshape(steps.shape)
    mean = np.sum(steps * free, axis=1) / np.maximum(free.sum(axis=1), 1)
    vector[layout.step_start : layout.mean_start] = np.where(
        free, steps - mean[:, None], 0.0
    ).ravel()
    vector[layout.spread_start :] = np.log(sd)
    return vector
