"""Which parameters of calibrated items are free, and how probabilities change with each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters

_STEP = 1e-5
_FREE_ASYMPTOTES = {"3pl": ("c",), "4pl": ("c", "d")}
_FIXED_SLOPES = ("rasch", "rsm", "pcm")


@dataclass(frozen=True, slots=True)
class Slot:
    """One entry of the parameter vector: an item's a, b, c, d or category slope, and which of these."""

    item: int
    name: str
    step: int


def slots(items: ItemParameters) -> tuple[Slot, ...]:
    """
    Return the parameter vector's entries: item by item a, b of each step, then c and d where the model has them.

    A nominal item has the slopes of its categories 1 … M, then their intercepts.
    """
    found: list[Slot] = []
    for row, model in enumerate(items.models):
        steps = range(int(items.steps[row]))
        if model == "nominal":
            found += [Slot(row, "category_slopes", step) for step in steps]
        else:
            found.append(Slot(row, "a", 0))
        found += [Slot(row, "b", step) for step in steps]
        found += [Slot(row, name, 0) for name in _FREE_ASYMPTOTES.get(model, ())]
    return tuple(found)


def parameter_vector(items: ItemParameters) -> Array:
    """Return the values of `slots(items)` in order."""
    values = [
        getattr(items, slot.name)[slot.item, slot.step]
        if slot.name in {"b", "category_slopes"}
        else getattr(items, slot.name)[slot.item]
        for slot in slots(items)
    ]
    return np.array(values, dtype=float)


def with_parameters(items: ItemParameters, vector: Array) -> ItemParameters:
    """Return the items with the values of `vector` in the places of `slots(items)`."""
    arrays = {name: getattr(items, name).copy() for name in ("a", "b", "c", "d", "category_slopes")}
    for slot, value in zip(slots(items), vector, strict=True):
        if slot.name in {"b", "category_slopes"}:
            arrays[slot.name][slot.item, slot.step] = value
        else:
            arrays[slot.name][slot.item] = value
    return replace(items, **arrays)


def probability_slopes(items: ItemParameters, theta: Array) -> Array:
    """
    Return ∂P(X = k | theta)/∂parameter for each slot (slots × K × Q), by central differences.

    An item's curves depend on its own parameters alone, so all items are moved at once.
    """
    listed = slots(items)
    base = parameter_vector(items)
    categories = items.b.shape[1] + 1
    result = np.empty((len(listed), categories, theta.size))
    kinds = sorted({(slot.name, slot.step) for slot in listed})
    for name, step in kinds:
        places = [n for n, slot in enumerate(listed) if (slot.name, slot.step) == (name, step)]
        rows = [listed[place].item for place in places]
        nudge = np.zeros(base.size)
        nudge[places] = _STEP
        up, down = (
            category_curves(with_parameters(items, base + sign * nudge), theta).probability
            for sign in (1.0, -1.0)
        )
        result[places] = (up[rows] - down[rows]) / (2.0 * _STEP)
    return result


def free_directions(items: ItemParameters) -> tuple[Array, bool]:
    """
    Return how `slots(items)` move with the free parameters (slots × free), and whether the latent sd is free.

    1PL items share one slope; Rasch, PCM and RSM items have slopes of 1 and leave the latent
    standard deviation free, RSM items have a location each and, where they have equally many, common
    steps; everything else is free.
    Directions may repeat one another: only the space they span matters.
    """
    listed = slots(items)
    columns: list[Array] = []
    for place, slot in enumerate(listed):
        model = items.models[slot.item]
        if slot.name == "a" and (model in _FIXED_SLOPES or model == "1pl"):
            continue
        if model == "rsm":
            continue
        columns.append(_unit(len(listed), [place]))
    columns += _tied(items, listed)
    fixed = any(model in _FIXED_SLOPES for model in items.models)
    return np.stack(columns, axis=1) if columns else np.zeros((len(listed), 0)), fixed


def _tied(items: ItemParameters, listed: Sequence[Slot]) -> list[Array]:
    common = [n for n, s in enumerate(listed) if s.name == "a" and items.models[s.item] == "1pl"]
    columns = [_unit(len(listed), common)] if common else []
    scales = [n for n, s in enumerate(listed) if s.name == "b" and items.models[s.item] == "rsm"]
    # Only items with equally many steps have them in common.
    steps = items.steps
    locations, common_steps = dict[int, list[int]](), dict[tuple[int, int], list[int]]()
    for place in scales:
        slot = listed[place]
        locations.setdefault(slot.item, []).append(place)
        common_steps.setdefault((int(steps[slot.item]), slot.step), []).append(place)
    tied = [*locations.values(), *common_steps.values()]
    return columns + [_unit(len(listed), places) for places in tied]


def _unit(size: int, places: Sequence[int]) -> Array:
    column = np.zeros(size)
    column[list(places)] = 1.0
    return column


def free_count(items: ItemParameters) -> Index:
    """Return how many parameters of each item were estimated (J); shared ones are not counted."""
    counts = [
        (0 if model in _FIXED_SLOPES or model == "1pl" else int(steps) if model == "nominal" else 1)
        + (1 if model == "rsm" else int(steps))
        + len(_FREE_ASYMPTOTES.get(model, ()))
        for model, steps in zip(items.models, items.steps, strict=True)
    ]
    return np.array(counts, dtype=np.intp)
