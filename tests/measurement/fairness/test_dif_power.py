"""Power of Mantel–Haenszel: closed form against simulation, monotone, invertible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

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
from liangcai.measurement.fairness.stratified import FourCounts, common_odds
from liangcai.measurement.significance import tail


def test_without_an_effect_the_power_tends_to_the_level_from_below() -> None:
    few, many = (
        dif_power(reference_count=count, focal_count=count, delta=0.0, level=0.01).power[0]
        for count in (100, 10**9)
    )

    # The continuity correction, which the test itself uses, makes small samples conservative.
    assert few < many < 0.01
    assert many == pytest.approx(0.01, abs=1e-4)


@given(st.floats(0.1, 30), st.integers(50, 5000), st.floats(-2, 2), st.floats(0, 1.5))
def test_power_rises_with_the_effect_and_with_persons(
    delta: float, persons: int, difficulty: float, impact: float
) -> None:
    item = StudiedItem(difficulty=difficulty, impact=impact)

    def power(count: float, effect: float) -> float:
        found = dif_power(reference_count=count, focal_count=count, delta=effect, item=item)
        return float(found.power[0])

    assert power(persons, delta) <= power(2 * persons, delta) + 1e-12
    assert power(persons, 0.5 * delta) <= power(persons, delta) + 0.002
    assert 0.0 < power(persons, delta) <= 1.0


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
    # 250 replications know a rate near 0.7 to 0.03; matching by a score costs a little: the closed
    # form is an upper bound.
    assert simulated.rejected[0] <= 0.09
    assert simulated.rejected[1] == pytest.approx(float(closed.power[0]), abs=0.09)
    assert simulated.rejected[1] <= closed.power[0] + 0.06
    assert simulated.mean_delta[1] == pytest.approx(1.0, abs=0.1)
    assert simulated.low[1] < simulated.rejected[1] < simulated.high[1]


def test_the_power_is_that_of_the_corrected_test_in_groups_of_unequal_size() -> None:
    # 4,000 synthetic samples of 500 and 50 persons in 21 exact strata; the rate is known to 0.008.
    rng = np.random.default_rng(8)
    ability = np.linspace(-2.5, 2.5, 21)
    weight = np.exp(-0.5 * ability**2)
    weight /= weight.sum()
    reference, focal = (rng.multinomial(count, weight, size=4_000) for count in (500, 50))
    right = rng.binomial(reference, expit(ability))
    focal_right = rng.binomial(focal, expit(ability - 2.0 / 2.35))
    odds = common_odds(
        FourCounts(
            *(
                np.asarray(n, float)
                for n in (right, reference - right, focal_right, focal - focal_right)
            )
        )
    )

    rejected = float((tail(odds.chi2_corrected, 1.0) <= 0.05).mean())

    closed = dif_power(reference_count=500, focal_count=50, delta=-2.0)
    assert closed.power[0] == pytest.approx(rejected, abs=0.03)


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
        dif_power(reference_count=np.nan, focal_count=10, delta=1.0)
    with pytest.raises(PowerUndefined, match="finite"):
        dif_power(reference_count=9, focal_count=9, delta=1.0, item=StudiedItem(slope=np.inf))
    with pytest.raises(PowerUndefined, match="answers alike"):
        focal_count_for(delta=1.0, item=StudiedItem(difficulty=800.0))
    with pytest.raises(PowerUndefined, match="too small"):
        focal_count_for(delta=1e-300)
    with pytest.raises(PowerUndefined, match="4 difficulties"):
        simulated_power(
            SimulatedTest(np.ones(5), np.zeros(4), 5, 5), 1.0, rng=np.random.default_rng(1)
        )
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
