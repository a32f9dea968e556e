"""The problem of several dimensions: which columns each has, and what its counts are."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.calibration.em import Problem
from liangcai.measurement.calibration.joint_grid import DimensionColumns
from liangcai.measurement.calibration.shards import Executor


@dataclass(frozen=True, slots=True)
class JointProblem:
    """The problem, where its blocks are, and which of the dimensions each item measures."""

    problem: Problem
    executor: Executor
    dimension: Index  # of each item
    count: int

    def columns(self) -> list[Index]:
        """Return the design's columns of each dimension (without the last, which says 1)."""
        coding = self.problem.coding
        owners = coding.owners
        if coding.asked:
            owners = np.concatenate([owners, np.arange(coding.item_count)])
        return [np.flatnonzero(self.dimension[owners] == d) for d in range(self.count)]

    def parts(self, log: Array) -> tuple[DimensionColumns, ...]:
        """Return the values of each dimension's columns; the last column carries what all share."""
        coding = self.problem.coding
        rows = self.problem.layout.of_group[0]
        base = log[rows, 0]
        values = log[rows[coding.owners], coding.categories] - base[coding.owners]
        if coding.asked:
            values = np.concatenate([values, base])
        found = []
        for d, columns in enumerate(self.columns()):
            constant = np.zeros((1, log.shape[2]))
            if not coding.asked:
                constant[0] = base[self.dimension == d].sum(axis=0)
            last = np.append(columns, coding.width - 1)
            found.append(DimensionColumns(last, np.concatenate([values[columns], constant])))
        return tuple(found)

    def expected(self, counts: Array, persons: Array, most: int) -> Array:
        """Return the expected counts of each row's categories (I × K × Q)."""
        coding = self.problem.coding
        rows = self.problem.layout.of_group[0]
        table = np.zeros((rows.size, most, counts.shape[1]))
        width = coding.owners.size
        table[rows[coding.owners], coding.categories] = counts[:width]
        rest = counts[width:-1].copy() if coding.asked else persons[self.dimension].copy()
        np.subtract.at(rest, coding.owners, counts[:width])
        table[rows, 0] = rest
        return table
