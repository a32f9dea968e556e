"""Sparse matrices whose places stay while their values change: places found once, values summed by bincount."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from liangcai.measurement.arrays import Array, Index

_LARGEST_TABLE = 50_000_000


def dense_codes(codes: Index, limit: int) -> tuple[Index, Index]:
    """Return the distinct `codes` (each below `limit`) in rising order, and each code's place among them."""
    if limit > min(_LARGEST_TABLE, 64 * max(codes.size, 1024)):
        found, inverse = np.unique(codes, return_inverse=True)
        return found, inverse.reshape(codes.shape)
    present = np.zeros(limit, dtype=bool)
    present[codes.ravel()] = True
    found = np.flatnonzero(present)
    place = np.zeros(limit, dtype=np.int32)
    place[found] = np.arange(found.size, dtype=np.int32)
    return found, place[codes].astype(np.intp)


def totals(code: Index, values: Array, size: int) -> Array:
    """Return the sum of the `values` of each code from 0 to `size` − 1."""
    return np.asarray(np.bincount(code, weights=values, minlength=size), dtype=float)


@dataclass(frozen=True, slots=True, eq=False)
class SparseSums:
    """The places of a sparse matrix that is a sum of entries; `slot` says where each entry adds."""

    shape: tuple[int, int]
    slot: Index
    indices: Index
    indptr: Index

    @classmethod
    def of(cls, rows: Index, columns: Index, shape: tuple[int, int]) -> "SparseSums":
        """Return the places of entries at (`rows`, `columns`), which broadcast to one shape."""
        found, slot = dense_codes(rows * shape[1] + columns, shape[0] * shape[1])
        counts = np.bincount(found // shape[1], minlength=shape[0])
        small = np.int32
        return cls(
            shape,
            slot.ravel(),
            (found % shape[1]).astype(small),
            np.r_[0, np.cumsum(counts)].astype(small),
        )

    def sums(self, values: Array) -> Array:
        """Return the value at each place, in row order, from one value an entry."""
        return totals(self.slot, values.ravel(), self.indices.size)

    def matrix(self, sums: Array) -> sparse.csr_array:
        """Return the matrix that holds `sums` at its places."""
        return sparse.csr_array((sums, self.indices, self.indptr), shape=self.shape)


def scrambled(numbers: Index) -> npt.NDArray[np.uint64]:
    """Return well-mixed 64-bit numbers, the same for the same `numbers` (SplitMix; Steele et al., 2014)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
