"""Where the sampling error of a conversion comes from: smoothed, moved and redrawn frequency tables."""

from collections.abc import Callable, Sequence

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.equating.designs import Design
from liangcai.measurement.equating.presmoothing import (
    Degrees,
    DegreesInvalid,
    fit_table,
    polynomial_basis,
    smoothing_directions,
)


def _bases(design: Design, smoothing: Sequence[Degrees]) -> list[Array]:
    if len(smoothing) != len(design.tables):
        raise DegreesInvalid(
            f"{len(smoothing)} sets of degrees for the {len(design.tables)} tables of "
            f"{type(design).__name__}"
        )
    cells = design.possible()
    return [polynomial_basis(cell, degree) for cell, degree in zip(cells, smoothing, strict=True)]


def smoother(design: Design, smoothing: Sequence[Degrees] | None) -> Callable[[Design], Design]:
    """
    Return the function that smooths designs of this shape, or leaves them alone without degrees.

    Raises:
        DegreesInvalid: there is not one set of degrees a table, or they do not fit it.
    """
    if smoothing is None:
        return lambda observed: observed
    bases, cells = _bases(design, smoothing), design.possible()

    def smooth(observed: Design) -> Design:
        tables = []
        for table, cell, basis in zip(observed.tables, cells, bases, strict=True):
            fitted = np.zeros_like(table)
            fitted[cell] = fit_table(table[cell], basis)
            tables.append(fitted)
        return design.with_tables(tables)

    return smooth


def sampling_directions(
    design: Design, fitted: Design, place: int, smoothing: Sequence[Degrees] | None
) -> Sequence[Array]:
    """Return changes of one table (frequencies) whose outer products sum to its sampling covariance."""
    table = fitted.tables[place]
    persons = table.sum()
    if smoothing is not None:
        cells = design.possible()[place]
        basis = polynomial_basis(cells, smoothing[place])
        changes = []
        for direction in smoothing_directions(design.tables[place][cells], table[cells], basis):
            change = np.zeros_like(table)
            change[cells] = direction * persons
            changes.append(change)
        return changes
    changes = []
    for cell in np.argwhere(table > 0.0):
        root = np.sqrt(table[tuple(cell)])
        change = -table * (root / persons)
        change[tuple(cell)] += root
        changes.append(change)
    return changes


def moved(design: Design, place: int, table: Array) -> Design:
    """Return the design with another table at `place`, no frequency below 0."""
    tables = list(design.tables)
    tables[place] = np.maximum(table, 0.0)
    return design.with_tables(tables)


def drawn_table(table: Array, rng: np.random.Generator) -> Array:
    """Return as many persons as the table counts, drawn from its shares."""
    share = (table / table.sum()).ravel()
    counts = rng.multinomial(round(float(table.sum())), share / share.sum())
    return counts.reshape(table.shape).astype(float)
