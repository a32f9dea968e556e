"""Eligibility held within ranges of ability (van der Linden & Veldkamp, 2007); pools are synthetic."""

import numpy as np
import pytest
from tests.measurement.adaptive.adaptive_banks import pool_3pl

from liangcai.measurement.adaptive.blueprint import Blueprint, counts_by, violations
from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.draws import seeds_from
from liangcai.measurement.adaptive.exposure import (
    Eligibility,
    ExposureInvalid,
    Lottery,
    Seen,
    eligibility_lottery,
    nothing_seen,
    seen_by_range,
)
from liangcai.measurement.adaptive.session import BarsMissing, begin, replay
from liangcai.measurement.adaptive.simulation import Simulation, simulate
from liangcai.measurement.adaptive.stopping import Length
from liangcai.measurement.arrays import Array

POOL = pool_3pl(200)
EDGES = (-0.5, 0.5)
PEOPLE = np.random.default_rng(0).normal(size=3000)


def rates_by_range(tests: Simulation, ability: Array, edges: tuple[float, ...]) -> Array:
    column, given = np.searchsorted(edges, ability), tests.given()
    return np.array([given[column == part].mean(axis=0) for part in range(len(edges) + 1)])


def test_eligibility_by_ability_holds_the_rate_where_the_plain_one_does_not() -> None:
    """A rate of 0.25 in ranges of about 900 persons (sd 0.014), the largest of 600 rates, gathered from 1."""
    held, plain = (
        rates_by_range(
            simulate(
                Design(POOL, Length(15), exposure=rule), theta=PEOPLE, rng=np.random.default_rng(1)
            ),
            PEOPLE,
            EDGES,
        )
        for rule in (Eligibility(0.25, wave=20, edges=EDGES), Eligibility(0.25, wave=20))
    )

    assert held.max() < 0.38
    assert plain.max() > 0.55


def test_persons_count_in_the_range_where_their_test_ended() -> None:
    """Two items, two ranges; item 1 is never eligible above 0 but was seen on the way there."""
    lottery = Lottery(np.array([[1.0, 1e-9], [1.0, 1.0]]), np.array([0.0]))
    administered = np.array([[True, False], [True, True], [False, True]])

    seen = seen_by_range(
        nothing_seen(2, ranges=2),
        lottery,
        seeds=seeds_from(np.random.default_rng(1), count=3),
        theta=np.array([-1.0, 0.5, 0.7]),
        administered=administered,
    )

    assert seen.persons == 3
    assert seen.eligible.tolist() == [[1.0, 0.0], [1.0, 2.0]]
    assert seen.administered.tolist() == [[1.0, 1.0], [0.0, 2.0]]


def test_the_lottery_has_the_published_chance_in_each_range() -> None:
    seen = Seen(30, np.array([[20.0, 10.0], [10.0, 8.0]]), np.array([[10.0, 0.0], [2.0, 8.0]]))

    found = eligibility_lottery(Eligibility(0.25, edges=(0.0,)), seen)

    np.testing.assert_allclose(found.keep, [[0.5, 1.0], [1.0, 0.25]])
    assert found.edges.tolist() == [0.0]


def test_one_range_is_plain_eligibility() -> None:
    seen = Seen(30, np.array([20.0, 10.0]), np.array([10.0, 0.0]))

    found = eligibility_lottery(Eligibility(0.25), seen)

    np.testing.assert_allclose(found.keep, [[0.5], [1.0]])
    assert not found.is_conditional


def test_a_live_session_under_the_lottery_is_that_of_the_simulation() -> None:
    """The first wave sees an open lottery; the session replays one of its persons."""
    rule = Eligibility(0.25, wave=20, edges=EDGES)
    tests = simulate(
        Design(POOL, Length(8), exposure=rule), theta=PEOPLE[:20], rng=np.random.default_rng(4)
    )
    seeds = seeds_from(np.random.default_rng(4), count=20)
    lottery = eligibility_lottery(rule, nothing_seen(200, ranges=3))

    session = replay(
        Design(POOL, Length(8), exposure=lottery), tests.scores[7].tolist(), seed=int(seeds[7])
    )

    assert session.standing.items[0].tolist() == tests.items[7].tolist()


def test_a_shadow_test_keeps_its_constraints_under_eligibility_by_ability() -> None:
    areas = [str(place % 3) for place in range(200)]
    blueprint = Blueprint(
        8, counts_by(areas, {"0": (2, 3), "1": (2, 3), "2": (2, 4)}, attribute="area")
    )
    rule = Eligibility(0.3, wave=20, edges=(0.0,))
    people = PEOPLE[:240]

    tests = simulate(
        Design(POOL, Length(8), exposure=rule, shadow=blueprint),
        theta=people,
        rng=np.random.default_rng(2),
    )

    assert not violations(blueprint, tests.given()).any()
    # From 1 in the first wave of 20 persons down to the rate.
    assert rates_by_range(tests, tests.theta, (0.0,)).max() < 0.5


def test_edges_that_do_not_rise_and_a_session_without_its_draw_are_refused() -> None:
    with pytest.raises(ExposureInvalid, match="rise"):
        Eligibility(0.3, edges=(1.0, 0.0))
    with pytest.raises(BarsMissing, match="barred"):
        begin(Design(POOL, Length(8), exposure=Eligibility(0.3, edges=(0.0,))), seed=1)
