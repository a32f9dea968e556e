"""Correlations of item scores: how far those of the sample lie from those that a model expects."""

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.scoring.likelihood import frequencies, row_blocks
from liangcai.measurement.scoring.prior import NormalPrior


def srmsr(items: ItemParameters, prior: NormalPrior, nodes: Array, responses: Responses) -> float:
    """Return the root mean squared difference of correlations; NaN where no pair has both."""
    share, probability = prior.masses(nodes)[0], category_curves(items, nodes).probability
    scores = np.arange(probability.shape[1], dtype=float)
    mean = np.einsum("k,jkq->jq", scores, probability)
    second = np.einsum("k,jkq->jq", scores**2, probability) @ share
    product = (mean * share) @ mean.T
    np.fill_diagonal(product, second)
    model = _correlations(product, mean @ share)
    total, cross = np.zeros(items.count), np.zeros_like(product)
    weights = frequencies(responses)
    for block in row_blocks(responses.person_count, items.count):
        weighted = responses.scores[block] * weights[block][:, None]
        total += weighted.sum(axis=0)
        cross += weighted.T @ responses.scores[block].astype(float)
    sample = _correlations(cross / weights.sum(), total / weights.sum())
    difference = (sample - model)[np.triu_indices(items.count, 1)]
    known = difference[np.isfinite(difference)]
    return float(np.sqrt(np.mean(known**2))) if known.size else float("nan")


def _correlations(product: Array, mean: Array) -> Array:
    covariance = product - np.outer(mean, mean)
    variance = np.diag(covariance).copy()
    variance[variance <= 1e-14] = np.nan
    return np.asarray(covariance / np.sqrt(np.outer(variance, variance)), dtype=float)
