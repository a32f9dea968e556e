"""Scores with the condition of each facet under which they were observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.generalizability.design import Design, Effect
from liangcai.measurement.labels import coded_labels, labels_array


class ObservationsInvalid(LiangcaiError):
    """The scores and facets do not fit together, or cannot show the variance components."""

    code = "measurement.observations-invalid"


@dataclass(frozen=True, slots=True)
class Observations:
    """Scores (N) and, for each effect of `design`, the code of its level (N) and the number of levels."""

    design: Design
    scores: Array
    codes: tuple[Index, ...]
    levels: tuple[int, ...]

    def sizes(self) -> tuple[int, ...] | None:
        """Return the number of conditions of each facet in those that nest it, or None if unbalanced."""
        effects = self.design.effects()
        found = []
        for facet in self.design.facets:
            outer = self.design.ancestors(facet)
            own = effects.index(outer | {facet})
            above = self.levels[effects.index(outer)] if outer else 1
            size, remainder = divmod(self.levels[own], above)
            if remainder or (outer and not self._even(own, effects.index(outer), size)):
                return None
            found.append(size)
        return tuple(found) if np.prod(found, dtype=float) == self.scores.size else None

    def _even(self, own: int, above: int, size: int) -> bool:
        place = np.zeros(self.levels[own], dtype=np.intp)
        place[self.codes[own]] = self.codes[above]
        return bool((np.bincount(place, minlength=self.levels[above]) == size).all())


def observed(
    design: Design, scores: npt.ArrayLike, facets: Mapping[str, npt.ArrayLike]
) -> Observations:
    """
    Return scores with the levels of every effect; missing scores (NaN) are left out.

    Raises:
        ObservationsInvalid: a facet is missing or of another length, a score is infinite, a cell
            holds two scores, a facet has only one condition, or nothing is left to estimate from.
        LabelMissing: a score has no label of a facet.
    """
    try:
        values = np.asarray(scores, dtype=float)
    except (TypeError, ValueError) as error:
        raise ObservationsInvalid(f"scores must be numbers: {error}") from error
    if values.ndim != 1 or np.isinf(values).any():
        raise ObservationsInvalid("scores must be one vector of finite numbers or NaN")
    kept = ~np.isnan(values)
    values = values[kept]
    if values.size < 2:
        raise ObservationsInvalid("fewer than two scores were observed")
    labels = {name: _labels(name, facets, kept) for name in design.facets}
    effects = design.effects()
    numbered = [_levels(effect, labels, design) for effect in effects]
    counts = tuple(int(codes.max()) + 1 for codes in numbered)
    result = Observations(design, values, tuple(numbered), counts)
    _check(result, effects)
    return result


def observations_of(scores: npt.ArrayLike, facets: Sequence[str]) -> tuple[Array, dict[str, Index]]:
    """
    Return an array with one axis a facet as a vector of scores and the facets' conditions.

    Raises:
        ObservationsInvalid: there is not one name for each axis.
    """
    table = np.asarray(scores, dtype=float)
    if table.ndim != len(facets) or len(set(facets)) != table.ndim:
        raise ObservationsInvalid(f"{table.ndim} axes need as many facets, not {tuple(facets)}")
    places = np.indices(table.shape).reshape(table.ndim, -1)
    return table.ravel(), {
        name: place.astype(np.intp) for name, place in zip(facets, places, strict=True)
    }


def _labels(name: str, facets: Mapping[str, npt.ArrayLike], kept: Flags) -> Index:
    if name not in facets:
        raise ObservationsInvalid(f"facet {name!r} of the design is not among the facets given")
    labels = labels_array(facets[name])
    if labels.shape != kept.shape:
        raise ObservationsInvalid(f"facet {name!r} has {labels.size} labels for {kept.size} scores")
    return coded_labels(labels[kept], what=f"facet {name!r}")[1]


def _levels(effect: Effect, labels: Mapping[str, Index], design: Design) -> Index:
    codes = np.zeros(next(iter(labels.values())).size, dtype=np.intp)
    for facet in design.facets:
        if facet in effect:
            joined = codes * (int(labels[facet].max()) + 1) + labels[facet]
            codes = np.unique(joined, return_inverse=True)[1].astype(np.intp)
    return codes


def _check(seen: Observations, effects: tuple[Effect, ...]) -> None:
    if seen.levels[-1] < seen.scores.size:
        raise ObservationsInvalid(
            f"{seen.scores.size} scores fill only {seen.levels[-1]} cells: a repeated observation "
            "needs a facet of its own in the design"
        )
    for effect, levels in zip(effects, seen.levels, strict=True):
        if levels < 2:
            name = seen.design.label(effect)
            raise ObservationsInvalid(
                f"{name!r} has one condition only: its variance cannot be seen"
            )
    for effect, levels in zip(effects[:-1], seen.levels[:-1], strict=True):
        if levels == seen.scores.size:
            name, whole = seen.design.label(effect), seen.design.label(effects[-1])
            raise ObservationsInvalid(
                f"{name!r} has one score a level: it cannot be told from {whole!r}"
            )
    if np.ptp(seen.scores) <= 0.0:
        raise ObservationsInvalid("all scores are equal: there is no variance to divide")
