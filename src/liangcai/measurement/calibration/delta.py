"""Errors of what is reported, from those of what is estimated, by the delta method."""

from collections.abc import Iterator

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.result import ItemErrors
from liangcai.measurement.models.items import FAMILY_OF

_ASYMPTOTES = {"3pl": ("c",), "4pl": ("c", "d")}


def reported_covariance(
    layout: Layout, working: Array, free_covariance: Array, rows: Index, models: tuple[str, ...]
) -> Array:
    """
    Return the covariance of the reported parameters of the items in these rows.

    Their order is item by item: a, b of each step, then c and d where the model has them; of a
    nominal item the slopes of its categories, then their intercepts. A fixed parameter has 0.
    """
    by_row = layout.jacobian().reshape(*layout.offset.shape, -1)
    slopes = []
    for place, row in enumerate(rows):
        for _, _, weights in _slots(models[place], int(layout.steps[row]), working[row]):
            slopes.append(sum(weight * by_row[row, at] for at, weight in weights))
    table = np.array(slopes, dtype=float)
    return np.asarray(table @ free_covariance @ table.T, dtype=float)


def item_errors(
    layout: Layout, working: Array, covariance: Array, rows: Index, models: tuple[str, ...]
) -> ItemErrors:
    """Return the standard errors in a reported covariance, NaN where a parameter is fixed."""
    count, most = rows.size, int(layout.steps.max())
    wide, single = np.full((2, count, most), np.nan), np.full((3, count), np.nan)
    tables = {"b": wide[0], "category_slopes": wide[1]}
    vectors = {"a": single[0], "c": single[1], "d": single[2]}
    variances = iter(np.diag(covariance))
    for place, row in enumerate(rows):
        for name, step, _ in _slots(models[place], int(layout.steps[row]), working[row]):
            variance = float(next(variances))
            error = np.sqrt(variance) if variance > 0.0 else np.nan
            if name in tables:
                tables[name][place, step] = error
            else:
                vectors[name][place] = error
    return ItemErrors(
        vectors["a"], tables["b"], vectors["c"], vectors["d"], tables["category_slopes"]
    )


def _slots(
    model: str, steps: int, values: Array
) -> Iterator[tuple[str, int, list[tuple[int, float]]]]:
    """Yield name, step and derivatives (working parameter, weight) of each reported parameter."""
    if model == "nominal":
        yield from (("category_slopes", step, [(step, 1.0)]) for step in range(steps))
        yield from (("b", step, [(steps + step, 1.0)]) for step in range(steps))
        return
    a = float(values[0])
    yield "a", 0, [(0, 1.0)]
    for step in range(steps):
        delta = float(values[1 + step])
        yield "b", step, [(0, delta / a**2), (1 + step, -1.0 / a)]
    for name in _ASYMPTOTES.get(model, ()) if FAMILY_OF[model] == "logistic" else ():
        place = 2 if name == "c" else 3
        share = 0.5 * (1.0 + np.tanh(0.5 * float(values[place])))
        yield name, 0, [(place, share * (1.0 - share))]
