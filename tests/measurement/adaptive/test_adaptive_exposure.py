import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.adaptive.adaptive_banks import pool_3pl

from liangcai.measurement.adaptive.design import Design, DesignInvalid
from liangcai.measurement.adaptive.draws import seeds_from
from liangcai.measurement.adaptive.exposure import (
    Eligibility,
    ExposureInvalid,
    Lottery,
    MaximumRate,
    Seen,
    barred_items,
    nothing_seen,
    seen_after,
)
from liangcai.measurement.adaptive.lotteries import ExposureParameters, sympson_hetter
from liangcai.measurement.adaptive.report import report
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import Length

POOL = pool_3pl(200)
DESIGN = Design(POOL, Length(15))
PEOPLE = np.random.default_rng(0).normal(size=2000)


def largest(design: Design, *, seed: int = 8) -> float:
    tests = simulate(design, theta=PEOPLE, rng=np.random.default_rng(seed))
    return float(report(design, tests).exposure.max())


def test_an_open_pool_overuses_its_best_items() -> None:
    assert largest(DESIGN) == 1.0


def test_sympson_hetter_reaches_its_target_rate_with_people_it_has_not_seen() -> None:
    found = sympson_hetter(DESIGN, rate=0.25, theta=PEOPLE, rng=np.random.default_rng(1), rounds=15)
    design = Design(POOL, Length(15), exposure=found.lottery)

    # The rate of one item has sd 0.0097 in 2,000 persons, in calibration and again here.
    assert largest(design) < 0.25 + 4 * 0.0097 * np.sqrt(2)
    assert found.largest[0] == 1.0
    assert (found.keep[found.exposure.max(axis=1) < 0.1] > 0.9).mean() > 0.9


def test_a_lottery_by_ability_protects_items_in_each_range() -> None:
    edges = (-0.5, 0.5)
    plain = sympson_hetter(DESIGN, rate=0.3, theta=PEOPLE, rng=np.random.default_rng(1), rounds=12)
    ranged = sympson_hetter(
        DESIGN, rate=0.3, theta=PEOPLE, rng=np.random.default_rng(1), rounds=12, edges=edges
    )
    column = np.searchsorted(edges, PEOPLE)
    worst = []
    for found in (plain, ranged):
        design = Design(POOL, Length(15), exposure=found.lottery)
        seen = simulate(design, theta=PEOPLE, rng=np.random.default_rng(2)).given()
        worst.append(max(float(seen[column == part].mean(axis=0).max()) for part in range(3)))

    assert worst[1] < worst[0]
    assert worst[1] < 0.3 + 0.12
    assert ranged.keep.shape == (200, 3)


def test_exposure_parameters_read_back() -> None:
    found = sympson_hetter(
        DESIGN, rate=0.4, theta=PEOPLE[:200], rng=np.random.default_rng(1), rounds=2
    )

    again = ExposureParameters.from_json(found.to_json())

    assert again.to_json() == found.to_json()
    assert list(again.columns()) == ["item", "keep", "exposure"]
    assert again.facts()["target rate"] == 0.4


@pytest.mark.parametrize("rule", [Eligibility(0.25), MaximumRate(0.25)])
def test_control_by_what_was_seen_holds_the_rate(rule: Eligibility | MaximumRate) -> None:
    """Each wave of 50 can overshoot: 12.5 of 50 with sd 3, averaged over the waves."""
    design = Design(POOL, Length(15), exposure=rule)

    assert largest(design) < 0.25 + 0.07


def test_control_costs_precision_and_spreads_use() -> None:
    reports = []
    for exposure in (None, Eligibility(0.2)):
        design = Design(POOL, Length(15), exposure=exposure)
        tests = simulate(design, theta=PEOPLE, rng=np.random.default_rng(5))
        reports.append(report(design, tests))

    assert reports[0].overall_rmse < reports[1].overall_rmse < 1.25 * reports[0].overall_rmse
    assert reports[1].overlap < reports[0].overlap
    assert reports[1].chi_square < reports[0].chi_square


def test_what_was_seen_adds_up_over_waves() -> None:
    barred = np.array([[True, False, False], [True, False, True]])
    given_items = np.array([[False, True, False], [True, True, False]])

    seen = seen_after(nothing_seen(3), barred=barred, administered=given_items)
    seen = seen_after(seen, barred=barred[:1], administered=given_items[:1])

    assert seen.persons == 3
    # A bar that was lifted counts as eligible.
    assert seen.eligible.tolist() == [1.0, 3.0, 2.0]
    assert seen.administered.tolist() == [1.0, 3.0, 0.0]


@given(st.integers(1, 40), st.integers(0, 40), st.floats(0.05, 1.0))
@settings(max_examples=25, deadline=None)
def test_eligibility_is_drawn_with_the_published_chance(
    eligible: int, administered: int, rate: float
) -> None:
    """van der Linden & Veldkamp (2004): min(1, rate · eligible / administered), 1 for an unused item."""
    administered = min(administered, eligible)
    seen = Seen(40, np.array([float(eligible)]), np.array([float(administered)]))
    chance = min(1.0, rate * eligible / administered) if administered else 1.0

    drawn = barred_items(Eligibility(rate), seen, seeds_from(np.random.default_rng(3), count=4000))

    assert drawn.mean() == pytest.approx(1.0 - chance, abs=0.04)


def test_a_maximum_rate_bars_exactly_what_reached_it() -> None:
    seen = Seen(10, np.full(4, 10.0), np.array([0.0, 2.0, 3.0, 9.0]))

    barred = barred_items(MaximumRate(0.3), seen, np.zeros(2, dtype=np.uint64))

    assert barred.tolist() == [[False, False, True, True]] * 2


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Eligibility(0.0), "not 0.0"),
        (lambda: MaximumRate(1.5), "not 1.5"),
        (lambda: Eligibility(0.3, wave=0), "at least one person"),
        (lambda: Lottery(np.zeros((3, 1)), np.array([])), "above 0"),
        (lambda: Lottery(np.ones((3, 1)), np.array([0.0])), "a column"),
        (
            lambda: sympson_hetter(
                DESIGN, rate=0.05, theta=PEOPLE[:50], rng=np.random.default_rng(0)
            ),
            "cannot fill tests of 15",
        ),
        (
            lambda: sympson_hetter(
                DESIGN, rate=0.5, theta=PEOPLE[:50], rng=np.random.default_rng(0), edges=(9.0,)
            ),
            "hold somebody",
        ),
    ],
)
def test_an_impossible_rate_is_refused(make: object, said: str) -> None:
    with pytest.raises(ExposureInvalid, match=said):
        make()


def test_a_lottery_of_another_pool_is_refused() -> None:
    with pytest.raises(DesignInvalid, match="lottery is for 3 items, the pool has 200"):
        Design(POOL, Length(2), exposure=Lottery(np.ones((3, 1)), np.array([])))
