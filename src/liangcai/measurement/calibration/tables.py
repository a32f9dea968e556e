"""Tables of all rows of parameters at the nodes, and the values of the design's columns from them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.design import Coding
from liangcai.measurement.calibration.estep import Counts
from liangcai.measurement.calibration.families import TABLES, Table
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.shards import Floats


def row_tables(layout: Layout, working: Array, nodes: Array) -> list[Table]:
    """Return the table of each block of rows."""
    return [
        TABLES[block.family](working[block.rows, : block.width], nodes) for block in layout.blocks
    ]


def log_probabilities(layout: Layout, tables: Sequence[Table], nodes: int) -> Array:
    """Return log P of all rows (I × K × Q), 0 where a row has no such category."""
    most = 1 + max(block.steps for block in layout.blocks)
    full = np.zeros((layout.items.size, most, nodes))
    for block, table in zip(layout.blocks, tables, strict=True):
        full[block.rows, : block.steps + 1] = table.log_probability
    return full


def column_values(
    layout: Layout,
    coding: Coding,
    log_probability: Array,
    log_masses: Array,
    dtype: npt.DTypeLike,
) -> list[Floats]:
    """Return each group's values of the design's columns at the nodes (columns × nodes)."""
    values = []
    for group, prior in enumerate(log_masses):
        rows = layout.of_group[group]
        base = log_probability[rows, 0]
        part = log_probability[rows[coding.owners], coding.categories] - base[coding.owners]
        asked = [base] if coding.asked else []
        last = prior if coding.asked else prior + base.sum(axis=0)
        values.append(np.concatenate([part, *asked, last[None]]).astype(dtype))
    return values


def expected_categories(
    layout: Layout, coding: Coding, counts: Sequence[Counts], most: int
) -> tuple[Array, Array]:
    """Return expected counts of each row's categories (I × K × Q) and of the groups' persons (G × Q)."""
    nodes = counts[0].expected.shape[1]
    expected = np.zeros((layout.items.size, most, nodes))
    persons = np.zeros((len(counts), nodes))
    width = coding.owners.size
    for group, part in enumerate(counts):
        rows = layout.of_group[group]
        persons[group] = part.expected[-1]
        expected[rows[coding.owners], coding.categories] += part.expected[:width]
        asked = part.expected[width:-1] if coding.asked else persons[group][None]
        rest = np.broadcast_to(asked, (coding.item_count, nodes)).copy()
        np.subtract.at(rest, coding.owners, part.expected[:width])
        expected[rows, 0] += rest
    return expected, persons
