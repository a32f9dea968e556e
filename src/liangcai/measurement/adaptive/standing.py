"""Where N persons stand after the same number of answers: what selection and stopping look at."""

from dataclasses import dataclass

import numpy as np

from liangcai.measurement.adaptive.draws import Seeds
from liangcai.measurement.adaptive.estimation import (
    Estimator,
    mass_of,
    mean_and_sd,
    peak_estimate,
)
from liangcai.measurement.adaptive.item_pool import ItemPool
from liangcai.measurement.arrays import Array, Flags, Index


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """N persons after n answers each.

    `log_posterior` (N × Q) includes the estimator's prior; `closed` (N × J) flags items that were
    asked or that the person may not see; `items` and `scores` are N × n in the order asked; `theta`
    and `se` are the present estimate; `barred` are the items closed from the start (N × J, or None).
    """

    log_posterior: Array
    closed: Flags
    items: Index
    scores: Index
    seeds: Seeds
    theta: Array
    se: Array
    barred: Flags | None

    @property
    def asked(self) -> int:
        """How many items each person has answered."""
        return int(self.items.shape[1])

    @property
    def size(self) -> int:
        """The number of persons N."""
        return int(self.theta.size)

    def rows(self, kept: Index) -> "Standing":
        """Return the standing of the persons of `kept`."""
        return Standing(
            self.log_posterior[kept],
            self.closed[kept],
            self.items[kept],
            self.scores[kept],
            self.seeds[kept],
            self.theta[kept],
            self.se[kept],
            None if self.barred is None else self.barred[kept],
        )

    def mass(self) -> Array:
        """Return the posterior (N × Q), each row summing to 1."""
        mass = mass_of(self.log_posterior)
        return np.asarray(mass / mass.sum(axis=1, keepdims=True), dtype=float)

    def log_likelihood(self, pool: ItemPool, estimator: Estimator) -> Array:
        """Return the log-likelihood of the answers at the nodes (N × Q)."""
        return np.asarray(self.log_posterior - estimator.log_prior(pool.grid), dtype=float)


def unasked(
    pool: ItemPool, estimator: Estimator, *, seeds: Seeds, barred: Flags | None
) -> Standing:
    """Return the standing before the first item; `barred` flags what a person may not see (N × J)."""
    count = seeds.size
    closed = np.zeros((count, pool.count), dtype=bool) if barred is None else barred.copy()
    nothing = np.zeros((count, 0), dtype=np.intp)
    return Standing(
        log_posterior=np.tile(estimator.log_prior(pool.grid), (count, 1)),
        closed=closed,
        items=nothing,
        scores=nothing,
        seeds=seeds,
        theta=np.full(count, estimator.mean),
        se=np.full(count, estimator.sd),
        barred=barred,
    )


def advanced(
    pool: ItemPool, estimator: Estimator, before: Standing, items: Index, scores: Index
) -> Standing:
    """Return the standing after each person's score on an item of their own.

    Takes over the arrays of `before` in place: whoever still needs them passes a `copied` one.
    """
    rows = np.arange(items.size)
    before.closed[rows, items] = True
    log_posterior = before.log_posterior
    log_posterior += pool.tables.log_probability[items, scores]
    asked = np.concatenate([before.items, items[:, None]], axis=1)
    if estimator.kind == "eap":
        theta, se = mean_and_sd(mass_of(log_posterior), pool.powers)
    else:
        theta, se = peak_estimate(pool, estimator, log_posterior, asked)
    return Standing(
        log_posterior=log_posterior,
        closed=before.closed,
        items=asked,
        scores=np.concatenate([before.scores, scores[:, None]], axis=1),
        seeds=before.seeds,
        theta=theta,
        se=se,
        barred=before.barred,
    )


def copied(standing: Standing) -> Standing:
    """Return a standing that `advanced` may take over."""
    return Standing(
        standing.log_posterior.copy(),
        standing.closed.copy(),
        standing.items,
        standing.scores,
        standing.seeds,
        standing.theta,
        standing.se,
        standing.barred,
    )
