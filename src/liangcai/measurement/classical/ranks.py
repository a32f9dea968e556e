"""Slices of the rank order: who belongs to the lowest 27 per cent, who to the second fifth."""

import numpy as np

from liangcai.measurement.arrays import Array


def slice_membership(score: Array, *, edges: Array, weights: Array | None = None) -> Array:
    """
    Return how much of each person (N × slices, weights included) lies in each slice of the rank order.

    `edges` are the shares of persons at which slices begin and end, rising from 0 to 1. Persons of
    one score share a place in the order, and where an edge cuts through them each is divided
    in the same proportion: the order of rows has no influence.
    """
    weight = np.ones(score.size) if weights is None else weights
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weight, minlength=values.size)
    top = np.cumsum(mass) / mass.sum()
    bottom = np.concatenate([[0.0], top[:-1]])
    overlap = np.minimum(top[:, None], edges[1:]) - np.maximum(bottom[:, None], edges[:-1])
    width = np.where(mass > 0.0, top - bottom, 1.0)
    share = np.maximum(overlap, 0.0) / width[:, None]
    return np.asarray(share[place] * weight[:, None], dtype=float)
