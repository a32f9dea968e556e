"""Draws that depend on nothing but a seed and on what is drawn.

Every number is a hash of a person's seed and of its place (what for, which step, which item), in
the manner of counter-based generators (Salmon, Moraes, Dror & Shaw, 2011) with the mixing function
of SplitMix64 (Steele, Lea & Flood, 2014). Splitting the persons over processes changes no draw,
and a live session draws what a simulation of the same seed drew.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Array, Index

Seeds = npt.NDArray[np.uint64]
Purpose = Literal["answer", "choice", "lottery", "start", "worth"]

_PURPOSES: dict[Purpose, int] = {"answer": 1, "choice": 2, "lottery": 3, "start": 4, "worth": 5}
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(shift) for shift in (30, 27, 31, 11))


def seeds_from(rng: np.random.Generator, *, count: int) -> Seeds:
    """Return a seed for each of `count` persons."""
    return rng.integers(0, 2**64, size=count, dtype=np.uint64)


def uniforms(seeds: Seeds, purpose: Purpose, *places: int | Index) -> Array:
    """Return numbers in [0, 1), one for each seed and place; places broadcast against the seeds."""
    state = seeds
    for place in (_PURPOSES[purpose], *places):
        counter = np.atleast_1d(np.asarray(place)).astype(np.uint64)
        state = _mixed(state + (counter + np.uint64(1)) * _GOLDEN)
    return np.asarray((state >> _S11) * 2.0**-53, dtype=float)


def _mixed(state: Seeds) -> Seeds:
    state = (state ^ (state >> _S30)) * _FIRST
    state = (state ^ (state >> _S27)) * _SECOND
    return np.asarray(state ^ (state >> _S31), dtype=np.uint64)
