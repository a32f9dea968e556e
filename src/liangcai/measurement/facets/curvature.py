"""The curvature of the marginal and of the profile likelihood, as a sparse part less a sparse square.

The observed information is E(complete-data information | data) − Σ_persons cov(score | data)
(Louis, 1982). The first part couples only elements that rate together. In the second a person's
score is a smooth function of the one measure theta, so a few abscissae per person carry it:
while climbing its slope at the posterior mean times the posterior sd, for standard errors a Gauss
rule of the person's own posterior (Golub & Welsch, 1969).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.facets.design import Design, curvature_places
from liangcai.measurement.facets.moments import RatingCurves, survival
from liangcai.measurement.facets.sparse_sums import SparseSums

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """The matrix D − CᵀC over all parameters."""

    direct: sparse.csr_array
    known: sparse.csr_array

    def times(self, vector: Array) -> Array:
        """Return the product with a vector, or with each column of a matrix."""
        return np.asarray(self.direct @ vector - self.known.T @ (self.known @ vector), dtype=float)

    def diagonal(self) -> Array:
        """Return the diagonal, at least a thousandth of D's."""
        known = self.known
        squares = np.bincount(known.indices, weights=known.data**2, minlength=known.shape[1])
        direct = self.direct.diagonal()
        return np.asarray(np.maximum(direct - squares, 1e-3 * direct), dtype=float)

    def dense(self) -> Array:
        """Return the matrix itself."""
        return np.asarray(
            self.direct.toarray() - (self.known.T @ self.known).toarray(), dtype=float
        )


@dataclass(frozen=True, slots=True, eq=False)
class CurvaturePlaces:
    """Where the curvature of one design has entries: found once, filled often.

    A rating's information about its steps is cov(reached i, reached j), kept for i ≤ j (`first`,
    `second`); `adding` turns these into row sums, cov(reached i, category number).
    """

    design: Design
    pairs: SparseSums
    persons: SparseSums
    of_pattern: sparse.csc_array
    first: Index
    second: Index
    adding: Array

    @classmethod
    def of(cls, design: Design) -> "CurvaturePlaces":
        """Return the places for `design`."""
        count, steps = design.pattern.size, design.categories.steps
        first, second = np.triu_indices(steps)
        numbers = np.arange(steps)
        adding = (first[:, None] == numbers) | (second[:, None] == numbers)
        pairs, persons = curvature_places(design)
        of_pattern = sparse.csc_array(
            (np.ones(count), design.pattern, np.arange(count + 1)),
            shape=(design.places.shape[0], count),
        )
        return cls(design, pairs, persons, of_pattern, first, second, adding.astype(float))

    def covariances(self, reach: Array) -> Array:
        """Return cov(reached i, reached j), i ≤ j, of n ratings with P(≥ j) = `reach` (pairs × n)."""
        above = reach.T[self.second]
        return np.asarray(above - reach.T[self.first] * above, dtype=float)

    def slopes(self, covariances: Array) -> Array:
        """Return the derivatives by theta of the scores of the local parameters (F + K × n)."""
        return self._local(self.adding.T @ covariances)

    def scores(self, reach: Array) -> Array:
        """Return the scores of the local parameters (F + K × n), up to what theta does not change."""
        return self._local(reach.T)

    def _local(self, by_step: Array) -> Array:
        by_element = np.repeat(by_step.sum(axis=0, keepdims=True), self.design.places.shape[1], 0)
        return np.concatenate([by_element, by_step]) if self.design.has_steps else by_element

    def ratings_information(self, covariances: Array) -> sparse.csr_array:
        """Return the sum of all ratings' information from their (weighted) covariances."""
        sums = np.asarray(self.of_pattern @ np.ascontiguousarray(covariances.T), dtype=float)
        facets, size = self.design.places.shape[1], self.design.local.shape[1]
        by_step = sums @ self.adding
        table = np.empty((sums.shape[0], size, size))
        table[:, :facets, :facets] = by_step.sum(axis=1)[:, None, None]
        if self.design.has_steps:
            table[:, :facets, facets:] = by_step[:, None, :]
            table[:, facets:, :facets] = by_step[:, :, None]
            table[:, facets + self.first, facets + self.second] = sums
            table[:, facets + self.second, facets + self.first] = sums
        return self.pairs.matrix(self.pairs.sums(table))

    def person_row(self) -> Index:
        """Return the person of each entry of the persons' matrix."""
        return np.repeat(np.arange(self.design.persons), np.diff(self.persons.indptr))


def slope_curvature(
    places: CurvaturePlaces, vector: Array, *, theta: Array, sd: Array
) -> Curvature:
    """Return the curvature with each person's score taken as linear in theta about `theta` (N)."""
    design = places.design
    curves = RatingCurves.of(design, vector)
    covariances = np.empty((places.first.size, design.person.size))
    slopes = np.empty((design.local.shape[1], design.person.size))
    for rows in curves.blocks():
        held = places.covariances(survival(curves.probabilities(theta, rows)))
        held *= design.weight[rows]
        covariances[:, rows] = held
        slopes[:, rows] = places.slopes(held)
    centre, spread = _population(design, vector)
    z = (theta - centre) / spread
    sums = places.persons.sums(np.concatenate([slopes.ravel(), 1.0 / spread**2, 2.0 * z / spread]))
    known = places.persons.matrix(sums * sd[places.person_row()])
    # The quadratic part of the score for the spread has variance 2(sd/spread)⁴ of its own, which
    # leaves 2(z² + (sd/spread)²) − 2(sd/spread)⁴ for it.
    ratio = (sd / spread) ** 2
    prior_part = _prior_information(design, vector, theta=theta, square=z**2 + ratio - ratio**2)
    return Curvature(places.ratings_information(covariances) + prior_part, known)


def posterior_curvature(
    places: CurvaturePlaces, vector: Array, *, points: Array, masses: Array
) -> Curvature:
    """Return the curvature integrated over persons' abscissae `points` with `masses` (N × m each)."""
    design = places.design
    curves = RatingCurves.of(design, vector)
    centre, spread = _population(design, vector)
    covariances = np.zeros((places.first.size, design.person.size))
    scores = []
    for theta, mass in zip(points.T, masses.T, strict=True):
        values = np.empty((design.local.shape[1], design.person.size))
        for rows in curves.blocks():
            reach = survival(curves.probabilities(theta, rows))
            weight = design.weight[rows]
            covariances[:, rows] += mass[design.person[rows]] * weight * places.covariances(reach)
            values[:, rows] = weight * places.scores(reach)
        z = (theta - centre) / spread
        scores.append(places.persons.sums(np.concatenate([values.ravel(), z / spread, z * z])))
    shares = masses.T[:, places.person_row()]
    mean = np.einsum("me,me->e", shares, np.stack(scores))
    known = sparse.vstack(
        [
            places.persons.matrix(np.sqrt(share) * (score - mean))
            for share, score in zip(shares, scores, strict=True)
        ],
        format="csr",
    )
    theta = np.einsum("nm,nm->n", points, masses)
    z = (points - centre[:, None]) / spread[:, None]
    square = np.einsum("nm,nm->n", z**2, masses)
    prior_part = _prior_information(design, vector, theta=theta, square=square)
    return Curvature(places.ratings_information(covariances) + prior_part, known)


def gauss_rule(mass: Array, nodes: Array, count: int) -> tuple[Array, Array]:
    """
    Return `count` abscissae and masses per person that integrate polynomials as the posterior does.

    `mass` (N × Q) are posteriors on `nodes`; degrees up to 2·count − 1 are exact
    (Golub & Welsch, 1969).
    """
    mean = mass @ nodes
    distance = nodes - mean[:, None]
    sd = np.sqrt(np.einsum("nq,nq,nq->n", mass, distance, distance))
    # A grid too coarse for a posterior leaves it on one node or two.
    sd = np.maximum(sd, _SMALLEST * (nodes[1] - nodes[0]))
    distance /= sd[:, None]
    jacobi = np.zeros((mass.shape[0], count, count))
    before, here = np.zeros_like(mass), np.ones_like(mass)
    root = np.zeros(mass.shape[0])
    for degree in range(count):
        alpha = np.einsum("nq,nq,nq,nq->n", mass, here, here, distance)
        jacobi[:, degree, degree] = alpha
        if degree:
            jacobi[:, degree, degree - 1] = jacobi[:, degree - 1, degree] = root
        ahead = (distance - alpha[:, None]) * here - root[:, None] * before
        root = np.sqrt(np.einsum("nq,nq,nq->n", mass, ahead, ahead))
        # On fewer than `count` nodes the polynomials end: abscissae beyond them get no mass.
        root = np.where(root > _SMALLEST, root, 0.0)
        before, here = (
            here,
            ahead * np.where(root > 0.0, 1.0 / np.maximum(root, _SMALLEST), 0.0)[:, None],
        )
    values, vectors = np.linalg.eigh(jacobi)
    return np.asarray(mean[:, None] + sd[:, None] * values), np.asarray(vectors[:, 0, :] ** 2)


def _population(design: Design, vector: Array) -> tuple[Array, Array]:
    """Return the population mean and standard deviation of each person (N)."""
    layout = design.layout
    return (
        layout.population_means(vector)[design.mean_of],
        layout.spreads_of(vector)[design.spread_of],
    )


def _prior_information(
    design: Design, vector: Array, *, theta: Array, square: Array
) -> sparse.csr_array:
    """Return the information of the population about itself; `square` is the posterior mean of z²."""
    layout = design.layout
    centre, spread = _population(design, vector)
    cross = 2.0 * (theta - centre) / spread**2
    mean, sd = layout.mean_start + design.mean_of, layout.spread_start + design.spread_of
    values = np.concatenate([1.0 / spread**2, cross, cross, 2.0 * square])
    rows, columns = np.concatenate([mean, mean, sd, sd]), np.concatenate([mean, sd, mean, sd])
    return sparse.coo_array((values, (rows, columns)), shape=(layout.size,) * 2).tocsr()
