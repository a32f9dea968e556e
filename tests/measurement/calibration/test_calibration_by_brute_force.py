"""Against the same likelihood, maximised and differentiated without any of the calibration's code."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.models import (
    GeneralizedPartialCredit,
    GradedResponse,
    ModelOfItems,
    Nominal,
    PartialCredit,
    RatingScale,
)
from liangcai.measurement.models.curves import log_probabilities
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, responses_of

NODES = np.linspace(-8.0, 8.0, 201)
NAMES = ("p", "q", "r")


def synthetic(seed: int = 5, persons: int = 300) -> Responses:
    """Synthetic graded responses to three items, two of four categories and one of three."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=persons)
    scores = []
    for slope, thresholds in ((1.2, (-1.0, 0.2, 1.1)), (1.8, (-0.6, 0.3, 0.9)), (0.9, (-0.8, 0.7))):
        reach = 1.0 / (1.0 + np.exp(-slope * (theta[:, None] - np.array(thresholds))))
        scores.append((rng.random(persons)[:, None] < reach).sum(axis=1))
    return responses_of(np.array(scores).T, items=NAMES)


def log_likelihood(responses: Responses, items: ItemParameters, sd: float = 1.0) -> float:
    prior = -0.5 * (NODES / sd) ** 2
    prior -= np.log(np.exp(prior).sum())
    table = log_probabilities(items, NODES)
    persons = sum(table[j, responses.scores[:, j]] for j in range(items.count))
    return float(np.logaddexp.reduce(persons + prior, axis=1).sum())


def graded(x: Array, model: str) -> tuple[ItemParameters, float]:
    rows, place = [], 0
    for name, steps in zip(NAMES, (3, 3, 2), strict=True):
        b = x[place + 1 : place + 1 + steps]
        rows.append({"item": name, "model": model, "a": x[place], "b": list(b)})
        place += 1 + steps
    return ItemParameters.from_json(rows), 1.0


def unit_slopes(x: Array, _: str) -> tuple[ItemParameters, float]:
    parts = np.split(x[:-1], [3, 6])
    rows = [
        {"item": name, "model": "pcm", "a": 1.0, "b": list(b)}
        for name, b in zip(NAMES, parts, strict=True)
    ]
    return ItemParameters.from_json(rows), float(np.exp(x[-1]))


def free_values(items: ItemParameters, *, slopes: bool) -> Array:
    parts = []
    for row in range(items.count):
        parts += [[items.a[row]]] if slopes else []
        parts.append(items.b[row, : items.steps[row]])
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("model", "build", "slopes"),
    [
        (GradedResponse(), graded, True),
        (GeneralizedPartialCredit(), graded, True),
        (PartialCredit(), unit_slopes, False),
    ],
)
def test_estimates_maximise_the_likelihood_and_errors_are_its_curvature(
    model: ModelOfItems, build: Callable[[Array, str], tuple[ItemParameters, float]], slopes: bool
) -> None:
    responses = synthetic()
    calibration = model.fit(responses)
    start = free_values(calibration.items, slopes=slopes)
    if not slopes:
        start = np.append(start, np.log(calibration.groups[0].sd))

    def loss(x: Array) -> float:
        items, sd = build(x, model.name)
        return -log_likelihood(responses, items, sd)

    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-4})
    covariance = np.linalg.inv(_hessian(loss, start))

    assert calibration.converged
    assert calibration.log_likelihood == pytest.approx(-loss(start), abs=1e-5)
    assert best.fun >= -calibration.log_likelihood - 1e-5
    assert calibration.standard_errors is not None
    errors = np.sqrt(np.diag(covariance))
    b_errors = calibration.standard_errors.b
    found = b_errors[~np.isnan(b_errors)]
    place = [i for i in range(start.size - (not slopes)) if not slopes or i not in {0, 4, 8}]
    np.testing.assert_allclose(found, errors[place], rtol=2e-3)


def test_the_rating_scale_model_has_the_likelihood_of_its_definition() -> None:
    rng = np.random.default_rng(8)
    scores = rng.integers(0, 4, size=(200, 4))
    responses = responses_of(scores)
    calibration = RatingScale().fit(responses)

    def loss(x: Array) -> float:
        steps = np.append(x[4:6], -x[4:6].sum())
        rows = [
            {"item": str(j), "model": "pcm", "a": 1.0, "b": list(x[j] + steps)} for j in range(4)
        ]
        return -log_likelihood(responses, ItemParameters.from_json(rows), float(np.exp(x[6])))

    start = np.zeros(7)
    best = minimize(loss, start, method="BFGS")

    assert calibration.log_likelihood == pytest.approx(-best.fun, abs=1e-3)
    steps = calibration.items.b - calibration.items.b.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(steps, np.tile(steps[0], (4, 1)), atol=1e-9)


def test_the_nominal_model_reaches_the_likelihood_of_a_direct_search() -> None:
    responses = synthetic(persons=500)
    calibration = Nominal().fit(responses)
    assert calibration.converged

    def loss(x: Array) -> float:
        rows, place = [], 0
        for name, steps in zip(NAMES, (3, 3, 2), strict=True):
            slopes, b = x[place : place + steps], x[place + steps : place + 2 * steps]
            place += 2 * steps
            row = {"item": name, "model": "nominal", "b": list(b), "category_slopes": list(slopes)}
            rows.append(row)
        return -log_likelihood(responses, ItemParameters.from_json(rows))

    items = calibration.items
    start = np.concatenate(
        [
            np.concatenate([items.category_slopes[row, :steps], items.b[row, :steps]])
            for row, steps in enumerate(items.steps)
        ]
    )
    best = minimize(loss, start, method="BFGS", options={"gtol": 1e-4})

    assert calibration.log_likelihood == pytest.approx(-loss(start), abs=1e-5)
    assert best.fun >= -calibration.log_likelihood - 1e-5


def _hessian(loss: Callable[[Array], float], at: Array) -> Array:
    step, size = 2e-4, at.size
    table = np.zeros((size, size))
    unit = step * np.eye(size)
    for one in range(size):
        for other in range(one + 1):
            value = loss(at + unit[one] + unit[other]) - loss(at + unit[one] - unit[other])
            value += loss(at - unit[one] - unit[other]) - loss(at - unit[one] + unit[other])
            table[one, other] = table[other, one] = value / (4.0 * step**2)
    return table
