"""The grid of a calibration: chosen from the test's information, and checked by halving its step.

Sums over an even grid are exact to about 2·exp(−2π²(s/h)²) where h is the step and s the posterior
standard deviation (Poisson's summation formula). A step of the smallest posterior standard
deviation that the test can reach, 1/√(1/σ² + information), leaves an error of 10⁻⁸.
"""

import math
from collections.abc import Sequence

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.families import Table
from liangcai.measurement.calibration.latent import Latent
from liangcai.measurement.calibration.layout import Layout
from liangcai.measurement.calibration.tables import row_tables

#: Standard deviations of each group that the grid covers on either side of the group's mean.
REACH = 6.0
_FEWEST, _MOST = 41, 2001
_LOOK = np.linspace(-6.0, 6.0, 121)


def grid_for(layout: Layout, working: Array, latent: Latent, *, coarseness: float = 1.0) -> Array:
    """Return the nodes for a test of these working parameters (an odd number of them)."""
    look = latent.mean.mean() + latent.sd.max() * _LOOK
    tables = row_tables(layout, working, look)
    by_row = row_information(layout, tables, working)
    peak = max(float(by_row[rows].sum(axis=0).max()) for rows in layout.of_group)
    step = coarseness / math.sqrt(1.0 / float(latent.sd.min()) ** 2 + peak)
    return even_nodes(latent, step=step)


def even_nodes(latent: Latent, *, step: float | None = None, count: int | None = None) -> Array:
    """Return evenly spaced nodes over the reach of all groups, by step or by number."""
    low = float((latent.mean - REACH * latent.sd).min())
    high = float((latent.mean + REACH * latent.sd).max())
    if count is None:
        wanted = math.ceil((high - low) / step) + 1 if step else _FEWEST
        count = min(max(wanted, _FEWEST), _MOST) | 1
    return np.linspace(low, high, count)


def suits(nodes: Array, latent: Latent) -> bool:
    """Whether the nodes reach the groups' tails and are no wider apart than their deviations."""
    if latent.histogram is not None:
        return True
    reach = 0.9 * REACH * latent.sd
    ends = nodes[0] <= (latent.mean - reach).min() and nodes[-1] >= (latent.mean + reach).max()
    return bool(ends and nodes[1] - nodes[0] <= 1.1 * latent.sd.min())


def halved(nodes: Array) -> Array:
    """Return the grid with a node between every two."""
    return np.linspace(nodes[0], nodes[-1], 2 * nodes.size - 1)


def row_information(layout: Layout, tables: Sequence[Table], working: Array) -> Array:
    """Return the Fisher information about ability of each row at the tables' nodes (I × Q)."""
    result = np.zeros((layout.items.size, tables[0].log_probability.shape[2]))
    for block, table in zip(layout.blocks, tables, strict=True):
        values = working[block.rows]
        if block.family == "nominal":
            rate = np.einsum(
                "np,nkpq->nkq", values[:, : block.steps], table.slopes[:, :, block.steps :]
            )
        else:
            part = table.slopes[:, :, 1 : 1 + block.steps].sum(axis=2)
            rate = values[:, 0, None, None] * part
        result[block.rows] = (np.exp(table.log_probability) * rate**2).sum(axis=1)
    return result
