from dataclasses import replace

import numpy as np
import pytest
from tests.measurement.adaptive.adaptive_banks import mixed_pool, pool_3pl

from liangcai.measurement.adaptive.design import Design
from liangcai.measurement.adaptive.estimation import Estimator
from liangcai.measurement.adaptive.report import report
from liangcai.measurement.adaptive.selection import CutInformation
from liangcai.measurement.adaptive.session import begin, replay
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import (
    AllOf,
    AnyOf,
    Glr,
    InformationFloor,
    Interval,
    Length,
    Precision,
    Sprt,
    StopInvalid,
    StoppingRule,
)
from liangcai.measurement.models.curves import category_curves

POOL = pool_3pl(200)


def test_precision_stops_as_soon_as_the_error_is_small_enough() -> None:
    design = Design(POOL, Precision(0.4))
    tests = simulate(design, theta=np.linspace(-1.5, 1.5, 30), rng=np.random.default_rng(1))

    assert (tests.se <= 0.4).all()
    for person in range(5):
        scores = tests.scores[person, : tests.length[person] - 1].tolist()
        assert np.array(replay(design, scores, seed=0).se) > 0.4


def test_the_combined_rule_is_precision_between_two_lengths() -> None:
    rule = StoppingRule(target_se=0.5, fewest=6, most=9)
    same = AnyOf((Length(9), AllOf((Length(6), Precision(0.5)))))
    theta = np.linspace(-3, 3, 40)

    one = simulate(Design(POOL, rule), theta=theta, rng=np.random.default_rng(1))
    other = simulate(Design(POOL, same), theta=theta, rng=np.random.default_rng(1))

    np.testing.assert_array_equal(one.items, other.items)
    assert set(one.length) <= {6, 7, 8, 9}
    assert np.unique(one.length).size > 1


def test_the_first_rule_that_is_met_is_the_reason() -> None:
    rule = AnyOf((Length(3), Precision(10.0), InformationFloor(0.0)))

    session = begin(Design(POOL, rule), seed=0)

    assert (session.item, session.reason) == (None, "precision")


def test_a_test_ends_where_no_item_has_enough_information() -> None:
    floor = 0.3
    tests = simulate(
        Design(POOL, InformationFloor(floor)), theta=np.zeros(20), rng=np.random.default_rng(1)
    )
    left = ~tests.given()
    worth = POOL.by_node[POOL.node_of(tests.theta)]

    assert (np.where(left, worth, 0.0).max(axis=1) < floor).all()
    assert set(tests.reason) == {0}


def test_an_interval_off_the_cut_settles_it() -> None:
    design = Design(POOL, AnyOf((Interval((0.0,), level=0.9), Length(40))))
    tests = simulate(design, theta=np.array([-2.0, 0.0, 2.0] * 30), rng=np.random.default_rng(1))
    settled = tests.reason == 0

    assert (np.abs(tests.theta[settled]) > 1.6448 * tests.se[settled]).all()
    assert tests.length[1::3].mean() > 2 * tests.length[::3].mean()


def test_a_likelihood_ratio_is_that_of_the_two_hypotheses() -> None:
    pool = mixed_pool(12)
    design = Design(pool, Length(12))
    rule = Sprt((-0.31, 0.77), indifference=0.23)
    session = replay(design, [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1], seed=0)
    items, scores = session.standing.items[0], session.standing.scores[0]

    ratios = rule.ratios(pool, design.estimator, session.standing)[0]

    for cut, ratio in zip(rule.cuts, ratios, strict=True):
        curves = category_curves(pool.items, np.array([cut - 0.23, cut + 0.23])).probability
        low, high = np.log(curves[items, scores]).sum(axis=0)
        assert ratio == pytest.approx(high - low, abs=1e-8)


def test_a_generalised_ratio_compares_the_best_of_either_side() -> None:
    design = Design(POOL, Length(15))
    session = replay(design, [1] * 9 + [0] * 6, seed=0)
    items, scores = session.standing.items[0], session.standing.scores[0]
    fine = np.linspace(-5, 5, 20001)
    height = np.log(category_curves(POOL.items.select(items), fine).probability)
    height = height[np.arange(15), scores].sum(axis=0)

    for cut in (-1.0, 0.4, 2.0):
        rule = Glr((cut,), indifference=0.2)
        ratio = rule.ratios(POOL, design.estimator, session.standing)[0, 0]
        best = height[fine >= cut + 0.2].max() - height[fine <= cut - 0.2].max()
        assert ratio == pytest.approx(best, abs=2e-3)  # the peak is looked for at the nodes


@pytest.mark.parametrize("theta", [-0.3, 0.3])
def test_a_sequential_test_keeps_its_error_rates(theta: float) -> None:
    """Persons at either hypothesis: errors of at most 5 % (Wald, 1947), seen in 1,500, sd 0.6 %."""
    rule = AnyOf((Sprt((0.0,), indifference=0.3), Length(200)))
    design = Design(POOL, rule, selection=CutInformation((0.0,)))

    tests = simulate(design, theta=np.full(1500, theta), rng=np.random.default_rng(2))

    found = report(design, tests, cuts=(0.0,))
    assert found.accuracy is not None
    assert 0.0 < 1.0 - found.accuracy < 0.05 + 3 * 0.006
    assert found.facts()["ended by sprt"] > 1350


def test_a_generalised_ratio_settles_a_cut_no_later_than_the_plain_one() -> None:
    theta = np.linspace(-2, 2, 200)
    lengths = []
    for rule in (Glr((0.0,), indifference=0.3), Sprt((0.0,), indifference=0.3)):
        design = Design(POOL, AnyOf((rule, Length(100))), selection=CutInformation((0.0,)))
        tests = simulate(design, theta=theta, rng=np.random.default_rng(2))
        lengths.append(tests.length)

    assert (lengths[0] <= lengths[1]).all()
    assert lengths[0].mean() < 0.8 * lengths[1].mean()


def test_a_sequential_test_is_short_far_from_the_cut_and_long_near_it() -> None:
    design = Design(POOL, AnyOf((Sprt((0.0,)), Length(100))), selection=CutInformation((0.0,)))
    lengths = [
        simulate(design, theta=np.full(200, theta), rng=np.random.default_rng(3)).length.mean()
        for theta in (0.0, 0.5, 1.0, 2.0)
    ]

    assert lengths == sorted(lengths, reverse=True)


def test_two_cuts_are_settled_only_together() -> None:
    design = Design(POOL, Sprt((-0.5, 0.8), indifference=0.3))
    tests = simulate(design, theta=np.linspace(-2, 2, 40), rng=np.random.default_rng(3))
    found = replace(design, stop=Sprt((-0.5, 0.8), indifference=0.3))

    summary = report(found, tests, cuts=(-0.5, 0.8))

    assert summary.accuracy is not None
    assert summary.accuracy > 0.7
    assert summary.accuracy_low < summary.accuracy < summary.accuracy_high


def test_an_answer_changes_the_ratio_at_every_cut_in_the_same_direction() -> None:
    design, rule = Design(POOL, Length(9)), Sprt((-1.0, 0.0, 1.0))
    right = replay(design, [1, 0, 1], seed=0)
    wrong = replay(design, [1, 0, 0], seed=0)

    gap = rule.ratios(POOL, Estimator(), right.standing) - rule.ratios(
        POOL, Estimator(), wrong.standing
    )

    assert (gap > 0.0).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Sprt(()), "must be one"),
        (lambda: Sprt((1.0, 0.0)), "finite and rise"),
        (lambda: Sprt((np.nan,)), "finite and rise"),
        (lambda: Interval((np.inf,)), "finite and rise"),
        (lambda: Sprt((0.0,), indifference=np.inf), "finite and above 0"),
        (lambda: Length(0), "at least one item"),
        (lambda: Precision(np.nan), "above 0"),
        (lambda: StoppingRule(target_se=-1.0, fewest=1, most=2), "above 0"),
        (lambda: InformationFloor(np.nan), "at least 0"),
        (lambda: Glr((0.0,), indifference=0.0), "above 0"),
        (lambda: Sprt((0.0,), false_pass=0.6), "between 0 and 0.5"),
        (lambda: Interval((0.0,), level=1.0), "between 0 and 1"),
        (lambda: AnyOf(()), "at least one rule"),
    ],
)
def test_an_impossible_stopping_rule_is_refused(make: object, said: str) -> None:
    with pytest.raises(StopInvalid, match=said):
        make()
