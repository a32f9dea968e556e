"""Power of Mantel–Haenszel: closed form against simulation, monotone, invertible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.fairness.power import (
    DifPower,
    PowerUndefined,
    StudiedItem,
    dif_power,
    focal_count_for,
)
from liangcai.measurement.fairness.power_simulation import (
    SimulatedPower,
    SimulatedTest,
    simulated_power,
)


def test_without_an_effect_the_power_is_the_level() -> None:
    found = dif_power(reference_count=500, focal_count=300, delta=0.0, level=0.01)

    assert found.power[0] == pytest.approx(0.01, rel=1e-9)


@given(st.floats(0.1, 3), st.integers(50, 5000), st.floats(-2, 2), st.floats(0, 1.5))
def test_power_rises_with_the_effect_and_with_persons(
    delta: float, persons: int, difficulty: float, impact: float
) -> None:
    item = StudiedItem(difficulty=difficulty, impact=impact)

    def power(count: float, effect: float) -> float:
        found = dif_power(reference_count=count, focal_count=count, delta=effect, item=item)
        return float(found.power[0])

    assert power(persons, delta) <= power(2 * persons, delta) + 1e-12
    assert 0.05 - 1e-9 <= power(persons, delta) <= 1.0


@pytest.mark.parametrize("delta", [-1.5, 1.0])
def test_the_sample_size_is_the_smallest_that_reaches_the_power(delta: float) -> None:
    focal = focal_count_for(delta=delta, power=0.9, reference_per_focal=3.0)

    reached = [
        float(dif_power(reference_count=3.0 * n, focal_count=n, delta=delta).power[0])
        for n in (focal - 1, focal)
    ]

    assert reached[0] < 0.9 <= reached[1]


def test_the_closed_form_agrees_with_simulation_on_a_long_test() -> None:
    rng = np.random.default_rng(31)
    test = SimulatedTest(np.ones(40), np.append(0.0, rng.normal(size=39)), 400, 400)

    simulated = simulated_power(test, np.array([0.0, 1.0]), rng=rng, replications=250)

    closed = dif_power(reference_count=400, focal_count=400, delta=1.0)
    # 250 replications know a rate near 0.7 to 0.03; the corrected χ² and matching by a score
    # cost a little more: the closed form is an upper bound.
    assert simulated.rejected[0] <= 0.09
    assert simulated.rejected[1] == pytest.approx(float(closed.power[0]), abs=0.1)
    assert simulated.rejected[1] <= closed.power[0] + 0.06
    assert simulated.mean_delta[1] == pytest.approx(1.0, abs=0.1)
    assert simulated.low[1] < simulated.rejected[1] < simulated.high[1]


def test_the_same_seed_gives_the_same_simulation() -> None:
    test = SimulatedTest(np.ones(5), np.zeros(5), 30, 30)

    runs = [
        simulated_power(test, 1.0, rng=np.random.default_rng(1), replications=5).summary()
        for _ in range(2)
    ]

    assert runs[0] == runs[1]


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(PowerUndefined):
        dif_power(reference_count=0, focal_count=10, delta=1.0)
    with pytest.raises(PowerUndefined):
        focal_count_for(delta=0.0)
    with pytest.raises(PowerUndefined):
        focal_count_for(delta=1.0, power=0.01)
    with pytest.raises(PowerUndefined):
        simulated_power(
            SimulatedTest(np.ones(1), np.zeros(1), 5, 5), 1.0, rng=np.random.default_rng(1)
        )


def test_power_results_read_back_from_their_json_form() -> None:
    closed = dif_power(reference_count=100, focal_count=50, delta=np.array([0.5, 1.0]))
    test = SimulatedTest(np.ones(5), np.zeros(5), 30, 30)
    drawn = simulated_power(test, 1.0, rng=np.random.default_rng(1), replications=3)

    assert DifPower.from_json(closed.to_json()).summary() == closed.summary()
    assert SimulatedPower.from_json(drawn.to_json()).summary() == drawn.summary()
