from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.adaptive.adaptive_banks import mixed_items, mixed_pool, pool_3pl

from liangcai.measurement.adaptive.answers import simulated_scores
from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.estimation import Estimator, Kind
from liangcai.measurement.adaptive.exposure import Eligibility
from liangcai.measurement.adaptive.report import ReportInvalid, SimulationReport, report
from liangcai.measurement.adaptive.simulation import (
    Simulation,
    SimulationInvalid,
    simulate,
    simulate_with,
)
from liangcai.measurement.adaptive.stopping import AnyOf, Length, Precision
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.responses.matrix import responses_of

POOL = pool_3pl(300)
FIXED = Design(POOL, Length(20))


@pytest.mark.parametrize("theta", [-1.3, 0.4])
def test_simulated_scores_come_as_often_as_the_curves_say(theta: float) -> None:
    items = mixed_items(8)
    chance = (np.arange(4000) + 0.5) / 4000

    for item in range(8):
        rows = np.full(4000, item)
        scores = simulated_scores(items, rows, np.full(4000, theta), chance)
        expected = category_curves(items, np.array([theta])).probability[item, :, 0]
        shares = np.bincount(scores, minlength=expected.size) / 4000
        np.testing.assert_allclose(shares, expected, atol=1 / 4000)


@pytest.mark.parametrize("kind", ["eap", "map", "ml", "wle"])
def test_ability_is_recovered_without_bias_in_the_middle(kind: Kind) -> None:
    """1,500 persons from N(0, 1), 20 items: EAP and MAP are unbiased over the prior, ML and WLE anywhere near 0."""
    theta = np.random.default_rng(0).normal(size=1500)
    if kind in {"ml", "wle"}:
        theta = 0.3 * theta
    tests = simulate(
        Design(POOL, Length(20), estimator=Estimator(kind)),
        theta=theta,
        rng=np.random.default_rng(11),
    )
    error = tests.theta - theta

    assert abs(error.mean()) < 4 * error.std() / np.sqrt(1500) + 0.01
    assert error.std() == pytest.approx(np.sqrt((tests.se**2).mean()), rel=0.12)
    assert 0.93 < (np.abs(error) < 1.96 * tests.se).mean() < 0.97


def test_longer_tests_are_more_precise() -> None:
    theta = np.random.default_rng(1).normal(size=400)
    rmse = [
        report(
            Design(POOL, Length(n)),
            simulate(Design(POOL, Length(n)), theta=theta, rng=np.random.default_rng(2)),
        ).overall_rmse
        for n in (5, 10, 20, 40)
    ]

    assert rmse == sorted(rmse, reverse=True)


@pytest.mark.parametrize(
    "design",
    [
        FIXED,
        Design(POOL, AnyOf((Precision(0.35), Length(30))), estimator=Estimator("map"), among=3),
        Design(POOL, Length(10), exposure=Eligibility(0.2, wave=300)),
    ],
)
def test_splitting_the_persons_over_workers_changes_nothing(design: Design) -> None:
    theta = np.random.default_rng(5).normal(size=1200)
    alone = simulate(design, theta=theta, rng=np.random.default_rng(9))

    with ThreadPoolExecutor(2) as threads:
        shared = simulate(design, theta=theta, rng=np.random.default_rng(9), executor=threads)

    assert shared.to_json() == alone.to_json()


def test_processes_give_what_one_process_gives() -> None:
    theta = np.linspace(-2, 2, 600)
    design = Design(pool_3pl(40), Length(6))
    alone = simulate(design, theta=theta, rng=np.random.default_rng(9))

    with ProcessPoolExecutor(2) as processes:
        shared = simulate(design, theta=theta, rng=np.random.default_rng(9), executor=processes)

    np.testing.assert_array_equal(shared.theta, alone.theta)
    np.testing.assert_array_equal(shared.items, alone.items)


def test_a_person_is_tested_alike_whoever_else_is() -> None:
    theta = np.random.default_rng(5).normal(size=700)

    all_of_them = simulate(FIXED, theta=theta, rng=np.random.default_rng(9))
    some = simulate(FIXED, theta=theta[:100], rng=np.random.default_rng(9))

    np.testing.assert_array_equal(some.items, all_of_them.items[:100])
    np.testing.assert_allclose(some.theta, all_of_them.theta[:100], atol=1e-12)


def test_known_answers_are_used_and_unanswered_items_never_chosen() -> None:
    pool = mixed_pool(20)
    rng = np.random.default_rng(4)
    scores = rng.integers(0, 2, size=(50, 20)).astype(float)
    scores[rng.random((50, 20)) < 0.5] = np.nan
    responses = responses_of(scores, items=pool.items.names)

    tests = simulate_with(Design(pool, Length(15)), responses, rng=np.random.default_rng(0))

    for person in range(50):
        asked = tests.items[person, : tests.length[person]]
        np.testing.assert_array_equal(tests.scores[person, : asked.size], scores[person, asked])
        assert asked.size == min(15, int(np.isfinite(scores[person]).sum()))
    assert np.isnan(tests.truth).all()


def test_a_person_who_answered_nothing_keeps_the_prior() -> None:
    pool = pool_3pl(3)
    responses = responses_of([[np.nan] * 3], items=pool.items.names)

    tests = simulate_with(Design(pool, Length(2)), responses, rng=np.random.default_rng(0))

    assert (tests.theta[0], tests.se[0], tests.length[0]) == (0.0, 1.0, 0)
    assert tests.reasons[tests.reason[0]] == "pool-exhausted"
    found = report(Design(pool, Length(2)), tests)
    assert found.exposure.max() == 0.0


def test_persons_and_answers_that_do_not_fit_are_refused() -> None:
    rng = np.random.default_rng(0)

    with pytest.raises(SimulationInvalid, match="one finite ability"):
        simulate(FIXED, theta=[], rng=rng)
    with pytest.raises(SimulationInvalid, match="one finite ability"):
        simulate(FIXED, theta=[np.nan], rng=rng)
    with pytest.raises(SimulationInvalid, match="as columns"):
        simulate_with(FIXED, responses_of([[1, 0]]), rng=rng)
    pool = pool_3pl(2)
    with pytest.raises(SimulationInvalid, match="'q1' has a score above"):
        simulate_with(
            Design(pool, Length(1)), responses_of([[1, 2]], items=pool.items.names), rng=rng
        )


@given(st.integers(2, 60), st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_exposure_and_overlap_are_those_counted_by_hand(
    persons: int, length: int, seed: int
) -> None:
    design = Design(pool_3pl(30), AnyOf((Precision(0.6), Length(length))), among=3)
    theta = np.random.default_rng(seed).normal(size=persons)
    tests = simulate(design, theta=theta, rng=np.random.default_rng(seed))

    found = report(design, tests)

    sets = [set(row[row >= 0].tolist()) for row in tests.items]
    pairs = [len(a & b) for n, a in enumerate(sets) for b in sets[:n]]
    mean = np.mean([len(one) for one in sets])
    assert found.exposure.sum() == pytest.approx(mean)
    assert found.overlap == pytest.approx(np.mean(pairs) / mean)
    assert found.chi_square == pytest.approx(
        sum((rate - mean / 30) ** 2 / (mean / 30) for rate in found.exposure)
    )
    # Chen, Ankenmann & Spray (2003): overlap from the variance of the rates, tests of one length.
    if np.unique(tests.length).size == 1:
        share, spread = mean / 30, found.exposure.var()
        identity = (persons * (spread / share + share) - 1.0) / (persons - 1.0)
        assert found.overlap == pytest.approx(identity)


def test_the_report_reads_back_and_says_how_tests_ended() -> None:
    theta = np.random.default_rng(1).normal(size=300)
    tests = simulate(FIXED, theta=theta, rng=np.random.default_rng(2))

    found = report(FIXED, tests, cuts=(0.0,))

    again = SimulationReport.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert Simulation.from_json(tests.to_json()).to_json() == tests.to_json()
    assert found.facts()["ended by length"] == 300
    assert found.persons.sum() == 300
    assert float(found.persons @ found.bias) / 300 == pytest.approx(found.overall_bias)
    assert "Wilson (1927)" in found.summary()
    assert tests.facts()["mean length"] == 20.0


def test_a_range_without_persons_has_no_bias() -> None:
    found = report(FIXED, simulate(FIXED, theta=[0.5], rng=np.random.default_rng(2)))

    assert found.persons.tolist() == [0, 0, 0, 1, 0, 0]
    assert np.isnan(found.bias[[0, 1, 2, 4, 5]]).all()
    assert np.isnan(found.overlap)


def test_a_report_on_another_pool_or_with_unordered_cuts_is_refused() -> None:
    tests = simulate(FIXED, theta=[0.0], rng=np.random.default_rng(2))

    with pytest.raises(ReportInvalid, match="another pool"):
        report(Design(pool_3pl(5), Length(2)), tests)
    with pytest.raises(ReportInvalid, match="cuts must be finite and rise"):
        report(FIXED, tests, cuts=(1.0, 0.0))
