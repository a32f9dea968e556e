import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from tests.measurement.adaptive.adaptive_banks import mixed_pool, pool_3pl

from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.estimation import Estimator, EstimatorInvalid, Kind
from liangcai.measurement.adaptive.item_pool import item_pool
from liangcai.measurement.adaptive.simulation import simulate_with
from liangcai.measurement.adaptive.stopping import Length
from liangcai.measurement.grid import even_grid
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of

# LSAT7 (Bock & Lieberman, 1970): 2PL parameters and person scores by R mirt 1.47, checked against a
# second program; tolerances EAP 1e-4, ML, MAP and WLE 1e-3, se 1 % (ML, MAP; WLE se differ by program).
LSAT7 = ItemParameters.from_json(
    [
        {"item": "1", "a": 0.987545904602628, "b": -1.87926012960112},
        {"item": "2", "a": 1.08083714467341, "b": -0.747540546818347},
        {"item": "3", "a": 1.70747766275309, "b": -1.05723561787015},
        {"item": "4", "a": 0.764989879113761, "b": -0.635302269089384},
        {"item": "5", "a": 0.73567272674837, "b": -2.52076436147673},
    ]
)
PATTERNS = ("00001", "01010", "01011", "10110", "11011")
SCORED: dict[Kind, tuple[list[float], list[float]]] = {
    "eap": (
        [-1.527258, -1.032822, -0.703437, -0.288994, -0.234991],
        [0.673627, 0.665445, 0.674804, 0.701564, 0.706017],
    ),
    "map": (
        [-1.494638, -1.039126, -0.736926, -0.351869, -0.301021],
        [0.649608, 0.636978, 0.647436, 0.680163, 0.685712],
    ),
    "ml": (
        [-3.124308, -1.791902, -1.246593, -0.632918, -0.549840],
        [1.382034, 0.909226, 0.830029, 0.865398, 0.880928],
    ),
    "wle": (
        [-2.599833, -1.627937, -1.210982, -0.745485, -0.684335],
        [],
    ),
}
# Fences this far off leave the likelihood as it is.
NO_FENCES = (-60.0, 60.0)


@pytest.mark.parametrize("kind", ["eap", "map", "ml", "wle"])
def test_estimates_are_those_of_the_reference_program_on_lsat7(kind: Kind) -> None:
    design = Design(item_pool(LSAT7), Length(5), estimator=Estimator(kind, fences=NO_FENCES))
    responses = responses_of([[int(x) for x in pattern] for pattern in PATTERNS])
    theta, se = SCORED[kind]

    tests = simulate_with(design, responses, rng=np.random.default_rng(0))

    np.testing.assert_allclose(tests.theta, theta, atol=1e-4 if kind == "eap" else 1e-3)
    if se:
        np.testing.assert_allclose(tests.se, se, rtol=0.01)


def likelihood(items: ItemParameters, scores: list[int], theta: float) -> float:
    curves = category_curves(items, np.array([theta])).probability
    return float(np.prod([curves[item, score, 0] for item, score in enumerate(scores)]))


patterns = st.lists(st.integers(0, 1), min_size=8, max_size=8)


@given(patterns)
@settings(max_examples=15, deadline=None)
def test_the_posterior_mean_is_the_integral_worked_out_by_quadrature(scores: list[int]) -> None:
    pool = mixed_pool(8)
    whole, first, second = (
        quad(
            lambda t, k=k: t**k * likelihood(pool.items, scores, t) * np.exp(-0.5 * t * t),
            -5.0,
            5.0,
            epsabs=1e-13,
        )[0]
        for k in (0, 1, 2)
    )

    tests = simulate_with(
        Design(pool, Length(8)),
        responses_of([scores], items=pool.items.names),
        rng=np.random.default_rng(0),
    )

    # The trapezoid rule cuts the prior's tails off at ±5: 6e-7 of its mass.
    assert tests.theta[0] == pytest.approx(first / whole, abs=2e-5)
    assert tests.se[0] == pytest.approx(np.sqrt(second / whole - (first / whole) ** 2), abs=2e-5)


@given(patterns, st.sampled_from(["map", "ml"]))
@settings(max_examples=25, deadline=None)
def test_the_mode_is_the_highest_point_found_by_search(scores: list[int], kind: Kind) -> None:
    pool = mixed_pool(8)
    estimator = Estimator(kind)

    def depth(theta: float) -> float:
        extra = -0.5 * theta**2
        if kind == "ml":
            extra = -np.logaddexp(0, -3 * (theta + 3.5)) - np.logaddexp(0, 3 * (theta - 3.5))
        return -np.log(likelihood(pool.items, scores, theta)) - extra

    tests = simulate_with(
        Design(pool, Length(8), estimator=estimator),
        responses_of([scores], items=pool.items.names),
        rng=np.random.default_rng(0),
    )
    theta = float(tests.theta[0])
    near = minimize_scalar(depth, bounds=(theta - 0.06, theta + 0.06), method="bounded")
    lowest = min(depth(float(t)) for t in np.linspace(-4.9, 4.9, 393))

    assert theta == pytest.approx(near.x, abs=2e-3)
    assert depth(theta) <= lowest + 1e-6


@pytest.mark.parametrize("kind", ["eap", "map", "ml", "wle"])
def test_nothing_and_everything_right_have_finite_estimates_in_order(kind: Kind) -> None:
    pool = pool_3pl(12)
    responses = responses_of([[0] * 12, [1] * 12], items=pool.items.names)

    tests = simulate_with(
        Design(pool, Length(12), estimator=Estimator(kind)), responses, rng=np.random.default_rng(0)
    )

    assert np.isfinite(tests.theta).all()
    assert np.isfinite(tests.se).all()
    assert tests.theta[0] < -0.5 < 0.5 < tests.theta[1]


def test_fences_hold_likelihood_estimates_of_perfect_patterns_near_them() -> None:
    pool = pool_3pl(20)
    design = Design(pool, Length(20), estimator=Estimator("ml", fences=(-3.0, 3.0)))
    responses = responses_of([[1] * 20], items=pool.items.names)

    tests = simulate_with(design, responses, rng=np.random.default_rng(0))

    assert 2.4 < tests.theta[0] < 3.6


@given(st.floats(-2.0, 2.0))
@settings(max_examples=10, deadline=None)
def test_moving_the_scale_moves_the_estimate_with_it(shift: float) -> None:
    base = [{"item": str(n), "a": 1.2, "b": 0.4 * n - 1.4} for n in range(8)]
    moved = [record | {"b": record["b"] + shift} for record in base]
    found = []
    for records, mean in ((base, 0.0), (moved, shift)):
        pool = item_pool(ItemParameters.from_json(records), grid=even_grid(mean - 6, mean + 6, 161))
        design = Design(pool, Length(8), estimator=Estimator(mean=mean))
        responses = responses_of([[1, 1, 0, 1, 0, 1, 0, 0]], items=pool.items.names)
        found.append(simulate_with(design, responses, rng=np.random.default_rng(0)))

    assert found[1].theta[0] - found[0].theta[0] == pytest.approx(shift, abs=1e-9)
    assert found[1].se[0] == pytest.approx(found[0].se[0], abs=1e-9)


@given(patterns, st.integers(0, 7))
@settings(max_examples=25, deadline=None)
def test_a_right_answer_more_never_lowers_the_estimate(scores: list[int], turned: int) -> None:
    pool = pool_3pl(8)
    better = [1 if place == turned else score for place, score in enumerate(scores)]
    responses = responses_of([scores, better], items=pool.items.names)

    tests = simulate_with(Design(pool, Length(8)), responses, rng=np.random.default_rng(0))

    assert tests.theta[0] <= tests.theta[1] + 1e-12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kind": "mode"}, "'mode'"),
        ({"sd": 0.0}, "above 0"),
        ({"fences": (1.0, 1.0)}, "below the upper"),
    ],
)
def test_an_estimator_that_makes_no_sense_is_refused(arguments: dict, said: str) -> None:
    with pytest.raises(EstimatorInvalid, match=said):
        Estimator(**arguments)
