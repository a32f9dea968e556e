"""Many-facet calibrations against a dense maximisation of the same likelihood, written apart from the package."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import minimize

from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.persons import person_measures
from liangcai.measurement.facets.ratings import Ratings, ratings_of

NODES, MASSES = np.polynomial.hermite_e.hermegauss(91)
MASSES = MASSES / MASSES.sum()


@dataclass(frozen=True)
class Table:
    """Synthetic ratings: person, rater, item, score, drawn from the model."""

    person: np.ndarray
    rater: np.ndarray
    item: np.ndarray
    score: np.ndarray

    def ratings(self, **more: object) -> Ratings:
        return ratings_of(self.person, {"rater": self.rater, "item": self.item}, self.score, **more)


def synthetic(
    seed: int, *, persons: int = 45, raters: int = 4, items: int = 3, steps: int = 3, each: int = 2
) -> Table:
    rng = np.random.default_rng(seed)
    theta = rng.normal(0.3, 1.2, persons)
    severity, difficulty = rng.normal(0, 0.7, raters), rng.normal(0, 0.5, items)
    step = np.linspace(-1.2, 1.2, steps) if steps > 1 else np.zeros(1)
    chosen = np.argsort(rng.random((persons, raters)), axis=1)[:, :each]
    person, rater, item = (
        np.repeat(np.arange(persons), each * items),
        np.repeat(chosen.ravel(), items),
        np.tile(np.arange(items), persons * each),
    )
    place = theta[person] - severity[rater] - difficulty[item]
    logits = np.cumsum(np.c_[np.zeros(place.size), place[:, None] - step], axis=1)
    chance = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    score = (rng.random(place.size)[:, None] > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return Table(person, rater, item, score)


def log_likelihood(
    table: Table, severity: np.ndarray, difficulty: np.ndarray, step: np.ndarray, population: tuple
) -> float:
    """Return the marginal log-likelihood by Gauss–Hermite sums; `step` has a row per item or one row."""
    mean, sd = (np.atleast_1d(part) for part in population)
    persons = table.person.max() + 1
    group = np.arange(persons) % mean.size
    theta = mean[group][:, None] + sd[group][:, None] * NODES
    place = theta[table.person] - (severity[table.rater] + difficulty[table.item])[:, None]
    row = table.item if step.shape[0] > 1 else np.zeros_like(table.item)
    gone = np.c_[np.zeros(step.shape[0]), np.cumsum(step, axis=1)][row]
    logits = np.arange(gone.shape[1]) * place[:, :, None] - gone[:, None, :]
    peak = logits.max(axis=2, keepdims=True)
    chosen = np.take_along_axis(logits, table.score[:, None, None], axis=2)[:, :, 0]
    log_chance = chosen - peak[:, :, 0] - np.log(np.exp(logits - peak).sum(axis=2))
    total = np.zeros((persons, NODES.size))
    np.add.at(total, table.person, log_chance)
    top = total.max(axis=1)
    return float(np.sum(top + np.log(np.exp(total - top[:, None]) @ MASSES)))


def centred(free: np.ndarray) -> np.ndarray:
    return np.r_[free, -free.sum()]


def maximise(objective: object, size: int) -> np.ndarray:
    start = np.zeros(size)
    found = minimize(objective, start, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    return np.asarray(found.x)


def numeric_covariance(objective: object, at: np.ndarray) -> np.ndarray:
    """Return the inverse of the numerical Hessian of a function to be minimised."""
    step, size = 1e-3, at.size
    shifts = step * np.eye(size)
    hessian = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            values = [
                objective(at + a * shifts[i] + b * shifts[j]) for a in (1, -1) for b in (1, -1)
            ]
            hessian[i, j] = (values[0] - values[1] - values[2] + values[3]) / (4 * step**2)
    return np.linalg.inv(hessian)


def unpacked_rating_scale(free: np.ndarray) -> tuple:
    return (
        centred(free[:3]),
        centred(free[3:5]),
        centred(free[5:7])[None],
        (free[7], np.exp(free[8])),
    )


def test_a_rating_scale_calibration_is_the_maximum_of_the_dense_likelihood() -> None:
    table = synthetic(3)

    def objective(free: np.ndarray) -> float:
        return -log_likelihood(table, *unpacked_rating_scale(free))

    best = maximise(objective, 9)
    severity, difficulty, step, (mean, sd) = unpacked_rating_scale(best)

    found = ManyFacet().fit(table.ratings())

    assert found.converged
    away = abs(found.log_likelihood + objective(best))
    assert away <= 1.5 * found.quadrature_error + 1e-8 < 1e-5
    np.testing.assert_allclose(found.measure, np.r_[severity, difficulty], atol=1e-5)
    np.testing.assert_allclose(found.steps, step, atol=1e-5)
    np.testing.assert_allclose(found.population_mean, mean, atol=1e-5)
    np.testing.assert_allclose(found.population_sd, sd, atol=1e-5)
    assert found.parameters == 9


def test_standard_errors_are_those_of_the_numerical_information() -> None:
    table = synthetic(4)

    def objective(free: np.ndarray) -> float:
        return -log_likelihood(table, *unpacked_rating_scale(free))

    found = ManyFacet().fit(table.ratings())
    at = np.r_[found.measure[:3], found.measure[4:6], found.steps[0, :2], found.population_mean]
    covariance = numeric_covariance(objective, np.r_[at, np.log(found.population_sd)])
    spread = np.zeros((11, 9))
    spread[[0, 1, 2, 3, 3, 3], [0, 1, 2, 0, 1, 2]] = [1, 1, 1, -1, -1, -1]
    spread[[4, 5, 6, 6], [3, 4, 3, 4]] = [1, 1, -1, -1]
    spread[[7, 8, 9, 9], [5, 6, 5, 6]] = [1, 1, -1, -1]
    spread[10, 7] = 1

    expected = np.sqrt(np.diag(spread @ covariance @ spread.T))

    np.testing.assert_allclose(found.standard_error, expected[:7], rtol=2e-3)
    np.testing.assert_allclose(found.step_error[0], expected[7:10], rtol=2e-3)
    np.testing.assert_allclose(found.mean_error, expected[10], rtol=2e-3)
    np.testing.assert_allclose(
        found.sd_error, np.sqrt(covariance[8, 8]) * found.population_sd, rtol=2e-3
    )


def test_a_partial_credit_calibration_is_the_maximum_of_the_dense_likelihood() -> None:
    table = synthetic(5, persons=55)

    def unpacked(free: np.ndarray) -> tuple:
        steps = np.stack([centred(free[5 + 2 * item : 7 + 2 * item]) for item in range(3)])
        return centred(free[:3]), centred(free[3:5]), steps, (free[11], np.exp(free[12]))

    best = maximise(lambda free: -log_likelihood(table, *unpacked(free)), 13)
    severity, difficulty, steps, _ = unpacked(best)

    found = ManyFacet(steps="item").fit(table.ratings())

    np.testing.assert_allclose(found.measure, np.r_[severity, difficulty], atol=1e-5)
    np.testing.assert_allclose(found.steps, steps, atol=2e-5)


def test_anchored_measures_stay_and_free_the_others_from_centring() -> None:
    table = synthetic(6)

    def unpacked(free: np.ndarray) -> tuple:
        severity = np.r_[free[0], 0.8, free[1:3]]
        return severity, centred(free[3:5]), centred(free[5:7])[None], (free[7], np.exp(free[8]))

    best = maximise(lambda free: -log_likelihood(table, *unpacked(free)), 9)
    severity, difficulty, _, (mean, _) = unpacked(best)

    found = ManyFacet(anchors={"rater": {"1": 0.8}}).fit(table.ratings())

    np.testing.assert_allclose(found.measure, np.r_[severity, difficulty], atol=1e-5)
    np.testing.assert_allclose(found.population_mean, mean, atol=1e-5)
    assert found.standard_error[1] == 0.0


def test_person_groups_have_means_and_spreads_of_their_own() -> None:
    table = synthetic(7)

    def unpacked(free: np.ndarray) -> tuple:
        population = (free[7:9], np.exp(free[9:11]))
        return centred(free[:3]), centred(free[3:5]), centred(free[5:7])[None], population

    best = maximise(lambda free: -log_likelihood(table, *unpacked(free)), 11)
    severity, difficulty, _, (mean, sd) = unpacked(best)

    found = ManyFacet().fit(table.ratings(groups=table.person % 2))

    np.testing.assert_allclose(found.measure, np.r_[severity, difficulty], atol=1e-5)
    np.testing.assert_allclose(found.population_mean, mean, atol=1e-5)
    np.testing.assert_allclose(found.population_sd, sd, atol=1e-5)


def test_a_weight_of_two_counts_as_two_equal_ratings() -> None:
    table = synthetic(8, persons=40)
    weight = 1.0 + (table.person % 3 == 0)
    twice = np.repeat(np.arange(table.score.size), weight.astype(int))
    doubled = Table(
        *(column[twice] for column in (table.person, table.rater, table.item, table.score))
    )

    weighted, repeated = (
        ManyFacet().fit(table.ratings(weights=weight)),
        ManyFacet().fit(doubled.ratings()),
    )

    np.testing.assert_allclose(weighted.measure, repeated.measure, atol=1e-7)
    np.testing.assert_allclose(weighted.standard_error, repeated.standard_error, rtol=1e-7)


def test_dichotomous_ratings_need_no_steps() -> None:
    table = synthetic(9, steps=1, persons=80)

    def unpacked(free: np.ndarray) -> tuple:
        return centred(free[:3]), centred(free[3:5]), np.zeros((1, 1)), (free[5], np.exp(free[6]))

    best = maximise(lambda free: -log_likelihood(table, *unpacked(free)), 7)

    found = ManyFacet().fit(table.ratings())

    np.testing.assert_allclose(
        found.measure, np.r_[unpacked(best)[0], unpacked(best)[1]], atol=1e-5
    )


def test_the_posterior_means_of_persons_are_those_of_the_dense_sums() -> None:
    table = synthetic(10)
    found = ManyFacet().fit(table.ratings())
    mean, sd = found.population_mean[0], found.population_sd[0]
    nodes = mean + sd * np.linspace(-7, 7, 801)
    place = nodes - (found.measure[:4][table.rater] + found.measure[4:][table.item])[:, None]
    gone = np.r_[0.0, np.cumsum(found.steps[0])]
    logits = np.arange(4) * place[:, :, None] - gone
    chance = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    own = np.log(np.take_along_axis(chance, table.score[:, None, None], axis=2)[:, :, 0])
    total = np.zeros((45, nodes.size))
    np.add.at(total, table.person, own)
    mass = np.exp(total - total.max(axis=1, keepdims=True) - 0.5 * ((nodes - mean) / sd) ** 2)
    mass /= mass.sum(axis=1, keepdims=True)

    persons = person_measures(found, table.ratings())

    np.testing.assert_allclose(persons.eap, mass @ nodes, atol=1e-6)
    np.testing.assert_allclose(
        persons.eap_error, np.sqrt(mass @ nodes**2 - (mass @ nodes) ** 2), atol=1e-6
    )


def conditional_log_likelihood(table: Table, severity: np.ndarray, difficulty: np.ndarray) -> float:
    """Return log P(scores | totals) of dichotomous ratings by elementary symmetric functions."""
    value = 0.0
    for person in range(table.person.max() + 1):
        own = table.person == person
        ease = -(severity[table.rater[own]] + difficulty[table.item[own]])
        symmetric = np.array([1.0])
        for one in np.exp(ease):
            symmetric = np.r_[symmetric, 0.0] + np.r_[0.0, symmetric] * one
        value += float(ease @ table.score[own]) - np.log(symmetric[table.score[own].sum()])
    return value


def test_joint_estimates_lie_near_the_conditional_maximum_where_uncorrected_ones_do_not() -> None:
    table = synthetic(11, persons=90, steps=1, each=2)

    def objective(free: np.ndarray) -> float:
        return -conditional_log_likelihood(table, centred(free[:3]), centred(free[3:]))

    best = maximise(objective, 5)
    conditional = np.r_[centred(best[:3]), centred(best[3:])]

    found: FacetCalibration = ManyFacet(estimation="joint").fit(table.ratings())

    # Six ratings a person: without the correction measures are 6/5 of the conditional ones.
    slope = float(found.measure @ conditional / (conditional @ conditional))
    assert slope == pytest.approx(1.0, abs=0.03)
    covariance = numeric_covariance(objective, best)
    np.testing.assert_allclose(
        found.standard_error[:3], np.sqrt(np.diag(covariance)[:3]), rtol=0.06
    )
