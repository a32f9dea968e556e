"""Persons' scores (derivatives of the complete log-likelihood) by the parameters that are estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.design import Coding
from liangcai.measurement.calibration.families import Table
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.shards import Floats


@dataclass(frozen=True, slots=True)
class ParameterScores:
    """Scores by T parameters at the nodes: of category 0 (T × Q) and what category k adds (K × T × Q).

    `columns` (K × T) is the design column of category k of the parameter's item, −1 for none;
    `asked` (T) the column that says whether the item was asked.
    """

    base: Floats
    extra: Floats
    columns: Index
    asked: Index

    @property
    def count(self) -> int:
        """The number of parameters T."""
        return int(self.base.shape[0])

    def means(self, design: Floats, posterior: Floats, among: Index | None = None) -> Floats:
        """Return posterior mean scores (persons × parameters) by all parameters, or those `among` them."""
        own = np.arange(self.count) if among is None else among
        means = (posterior @ self.base[own].T) * design[:, self.asked[own]]
        for extra, columns in zip(self.extra, self.columns, strict=True):
            held = np.flatnonzero(columns[own] >= 0)
            chosen = own[held]
            means[:, held] += (posterior @ extra[chosen].T) * design[:, columns[chosen]]
        return means

    def with_latent(self, rows: Array, always: int) -> "ParameterScores":
        """Return the scores with those by latent values added; column `always` of the design is 1."""
        steps = self.extra.shape[0]
        return ParameterScores(
            np.concatenate([self.base, rows]),
            np.concatenate([self.extra, np.zeros((steps, *rows.shape))], axis=1),
            np.concatenate([self.columns, np.full((steps, rows.shape[0]), -1)], axis=1),
            np.concatenate([self.asked, np.full(rows.shape[0], always)]),
        )

    def of_precision(self, dtype: npt.DTypeLike) -> "ParameterScores":
        """Return the scores in this precision."""
        base, extra = self.base.astype(dtype), self.extra.astype(dtype)
        return ParameterScores(base, extra, self.columns, self.asked)


def parameter_scores(
    layout: Layout, coding: Coding, tables: Sequence[Table], track: Index
) -> ParameterScores:
    """Return the scores by the working parameters `track` (places in the flattened I × P table)."""
    rows, width = layout.offset.shape
    most, nodes = int(layout.steps.max()) + 1, tables[0].log_probability.shape[2]
    full = np.zeros((rows, most, width, nodes))
    for block, table in zip(layout.blocks, tables, strict=True):
        full[block.rows, : block.steps + 1, : block.width] = table.slopes
    row, place = track // width, track % width
    item = layout.items[row]
    columns = np.full((coding.item_count, most), -1, dtype=np.intp)
    columns[coding.owners, coding.categories] = np.arange(coding.owners.size)
    held = columns[item, 1:].T
    base = full[row, 0, place]
    extra = np.moveaxis(full[row, 1:, place] - base[:, None], 1, 0)
    asked = coding.owners.size + item if coding.asked else np.full(item.size, coding.width - 1)
    return ParameterScores(base, np.where(held[:, :, None] >= 0, extra, 0.0), held, asked)
