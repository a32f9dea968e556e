"""Expected counts: how often each score is given at each ability, by everybody's posterior."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.scoring.likelihood import (
    frequencies,
    group_codes,
    matched,
    require_one_ability,
    row_blocks,
    tables_at,
)
from liangcai.measurement.scoring.prior import normal_prior, verified_grid


class FitUndefined(LiangcaiError):
    """A fit statistic has nothing to stand on: no responses, no complete case, too few items or persons."""

    code = "measurement.fit-undefined"


@dataclass(frozen=True, slots=True)
class ExpectedCounts:
    """Counts n (J × K × Q) of persons by score and ability, and the abilities; sums are numbers of responses."""

    nodes: Array
    counts: Array


def expected_counts(
    responses: Responses,
    items: ItemParameters,
    *,
    prior_mean: float | Sequence[float] = 0.0,
    prior_sd: float | Sequence[float] = 1.0,
) -> ExpectedCounts:
    """
    Return the posterior-weighted counts of every score at every node, in two matrix products a block.

    Raises:
        ItemsUnmatched: an item that was answered has no parameters, or not that score.
        PriorInvalid: a prior is not finite, not positive, or not one per group.
        SeveralAbilities: the items measure several dimensions.
    """
    chosen = matched(responses, items)
    require_one_ability(chosen)
    prior = normal_prior(prior_mean, prior_sd, groups=len(responses.group_names))
    nodes = verified_grid(responses, chosen, prior=prior).grid.nodes
    tables, log_prior = tables_at(chosen, nodes), prior.log_density(nodes)
    codes, weights = group_codes(responses), frequencies(responses)
    categories = int(chosen.steps.max(initial=0)) + 1
    counts = np.zeros((chosen.count, categories, nodes.size))
    for block in row_blocks(responses.person_count, max(nodes.size, chosen.count)):
        scores = responses.scores[block]
        mass = tables.log_likelihood(scores) + log_prior[codes[block]]
        mass -= mass.max(axis=1, keepdims=True)
        np.exp(mass, out=mass)
        mass *= (weights[block] / mass.sum(axis=1))[:, None]
        answered = (scores >= 0).astype(float)
        counts[:, 0] += mass.sum(axis=0) if answered.all() else answered.T @ mass
        for score, columns in enumerate(tables.holders, 1):
            counts[columns, score] += (scores[:, columns] == score).astype(float).T @ mass
    counts[:, 0] = np.maximum(counts[:, 0] - counts[:, 1:].sum(axis=1), 0.0)
    return ExpectedCounts(nodes, counts)
