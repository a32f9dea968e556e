"""Whether the measures of a rating design can be compared.

For every facet, persons and elements form a graph with an edge where an element rated a person;
each of its connected parts can be shifted against the others (its persons up, its elements
likewise) without changing any probability, so measures are comparable within parts only
(Linacre, 1989; Weeks & Williams, 1964). An anchored element ties its part to the anchored scale.
Parts apart, facets may be confounded with each other (every rater saw one task); that shows as a
direction in which the design, persons swept out, does not move.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.facets.layout import origins_of
from liangcai.measurement.facets.ratings import Ratings
from liangcai.measurement.facets.sparse_sums import dense_codes
from liangcai.measurement.results import Result

_SWEEPS = 400
_NAMED = 6
_STANDS_STILL = 1e-5


@dataclass(frozen=True, slots=True)
class Connection(Result):
    """
    The connected parts of a design.

    `element_part` (E, facet after facet) numbers each element's part within its facet;
    `person_part` (N) is equal for persons who are comparable through every facet. `confounded`
    (E) marks elements whose measure cannot be told from those of another facet.
    """

    title: ClassVar[str] = "Connection of the rating design"
    method: ClassVar[str] = (
        "connected parts of persons and elements, facet by facet; rank by conjugate gradients"
    )
    source: ClassVar[str] = "Weeks & Williams (1964); Linacre (1989)"

    facets: tuple[str, ...]
    elements: tuple[str, ...]
    facet_of: Index
    element_part: Index
    persons: tuple[str, ...]
    person_part: Index
    confounded: Flags

    @property
    def is_connected(self) -> bool:
        """Whether all persons and all elements of every facet are comparable."""
        return bool(
            self.element_part.max(initial=0) == 0
            and self.person_part.max(initial=0) == 0
            and not self.confounded.any()
        )

    def facts(self) -> Mapping[str, Any]:
        """Return whether the design is connected and how many parts each facet has."""
        parts = {
            f"parts of {name}": int(self.element_part[self.facet_of == place].max(initial=0)) + 1
            for place, name in enumerate(self.facets)
        }
        return {"connected": self.is_connected, **parts, "confounded": int(self.confounded.sum())}

    def columns(self) -> Mapping[str, Any]:
        """Return facet, element, part and confounded: one row an element."""
        return {
            "facet": tuple(self.facets[place] for place in self.facet_of),
            "element": self.elements,
            "part": self.element_part + 1,
            "confounded": self.confounded,
        }

    def sentence(self) -> str:
        """Return what is wrong with the design, naming the smaller parts."""
        for place, name in enumerate(self.facets):
            rows = np.flatnonzero(self.facet_of == place)
            part = self.element_part[rows]
            if part.max(initial=0) > 0:
                smaller = [self.elements[row] for row in rows[part != np.bincount(part).argmax()]]
                return (
                    f"facet {name!r} falls into {part.max() + 1} parts that no person links; apart from "
                    f"the largest stand {_listed(smaller)}"
                )
        return self.confusion() if self.confounded.any() else "the design is connected"

    def confusion(self) -> str:
        """Return which elements are confounded with those of another facet."""
        marked = [self.elements[row] for row in np.flatnonzero(self.confounded)]
        return f"these elements cannot be told apart from another facet's: {_listed(marked)}"


def connection_of(
    ratings: Ratings,
    *,
    anchored: Flags | None = None,
    through: Literal["persons", "population"] = "persons",
) -> Connection:
    """
    Return the connected parts of the design; `anchored` (E) marks elements of known measure.

    Links go through persons, or, trusting that all persons come from one population, through that:
    the design then has one part, and facets may still be confounded.
    """
    sizes = [len(facet.elements) for facet in ratings.facets]
    starts = np.r_[0, np.cumsum(sizes)]
    fixed = np.zeros(starts[-1], dtype=bool) if anchored is None else anchored
    element_part = np.zeros(starts[-1], dtype=np.intp)
    person_part = np.zeros(len(ratings.persons), dtype=np.intp)
    for place, size in enumerate(sizes if through == "persons" else ()):
        here = slice(starts[place], starts[place + 1])
        of_element, of_person = _parts(ratings, place, size, fixed[here])
        element_part[here] = of_element
        _, person_part = dense_codes(
            person_part * (of_person.max() + 1) + of_person,
            int((person_part.max() + 1) * (of_person.max() + 1)),
        )
    facet_of = np.repeat(np.arange(len(sizes)), sizes)
    return Connection(
        facets=tuple(facet.name for facet in ratings.facets),
        elements=tuple(name for facet in ratings.facets for name in facet.elements),
        facet_of=facet_of,
        element_part=element_part,
        persons=ratings.persons,
        person_part=person_part,
        confounded=_confounded(
            ratings,
            owner=ratings.person if through == "persons" else np.zeros_like(ratings.person),
            starts=starts,
            part=element_part,
            facet_of=facet_of,
            anchored=fixed,
        ),
    )


def _parts(ratings: Ratings, place: int, size: int, anchored: Flags) -> tuple[Index, Index]:
    """Return the part of each element and each person in one facet's graph; anchored parts are one."""
    persons = len(ratings.persons)
    node = size + ratings.person
    ends = ratings.elements[:, place]
    tied = np.flatnonzero(anchored)
    rows, columns = np.r_[ends, tied], np.r_[node, np.full(tied.size, tied[0] if tied.size else 0)]
    graph = sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(size + persons,) * 2)
    _, label = connected_components(graph, directed=False)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    part = rank[inverse].astype(np.intp)
    return part[:size], part[size:]


def _confounded(
    ratings: Ratings, *, owner: Index, starts: Index, part: Index, facet_of: Index, anchored: Flags
) -> Flags:
    """Mark the elements that move in a direction which changes no rating, each owner's level swept out."""
    if len(ratings.facets) == 1:
        return np.zeros(part.size, dtype=bool)
    places = (ratings.elements + starts[:-1]).ravel()
    ends = np.arange(0, places.size + 1, len(ratings.facets))
    marks = sparse.csr_array((np.ones(places.size), places, ends), shape=(ratings.count, part.size))
    by_owner = sparse.csr_array(
        (np.ones(ratings.count), (owner, np.arange(ratings.count))),
        shape=(int(owner.max()) + 1, ratings.count),
    )
    who = (by_owner @ marks).tocsr()
    back, crossed = who.T.tocsr(), (marks.T @ marks).tocsr()
    share = 1.0 / np.bincount(owner)
    label = facet_of * (part.max() + 1) + part
    label = np.where(np.isin(label, label[anchored]), -1, label)
    sums = origins_of(label, part.size)
    size = np.asarray(sums.sum(axis=1))

    def centred(vector: Array) -> Array:
        held = np.where(anchored, 0.0, vector)
        return np.asarray(held - sums.T @ ((sums @ held) / size), dtype=float)

    def moved(vector: Array) -> Array:
        return centred(crossed @ vector - back @ (share * (who @ vector)))

    probe = centred(np.sin(12.9898 * np.arange(1, part.size + 1)))
    still = _still_part(moved, probe)
    return np.abs(still) > _STANDS_STILL * max(float(np.abs(probe).max(initial=0.0)), 1e-300)


def _still_part(moved: Callable[[Array], Array], probe: Array) -> Array:
    """Return the part of `probe` that a symmetric map does not move, or 0 where that stays open."""
    rest = moved(probe)
    reached, way, size = np.zeros_like(probe), rest.copy(), float(rest @ rest)
    goal = max(1e-22 * size, 1e-24 * float(probe @ probe))
    for _ in range(min(_SWEEPS, 4 * probe.size + 10)):
        if size <= goal:
            return np.asarray(probe - reached, dtype=float)
        image = moved(way)
        along = float(way @ image)
        if along <= 0.0:
            break
        pace = size / along
        reached += pace * way
        rest -= pace * image
        size, before = float(rest @ rest), size
        way = rest + (size / before) * way
    return np.zeros_like(probe)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(map(repr, names[:_NAMED])) + (f" and {more} more" if more > 0 else "")
