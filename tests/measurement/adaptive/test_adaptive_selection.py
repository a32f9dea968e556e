from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.adaptive.adaptive_banks import items_3pl, mixed_pool, pool_3pl

from liangcai.measurement.adaptive.content import (
    ContentInvalid,
    content_shares,
    priority_index,
)
from liangcai.measurement.adaptive.design import Design, DesignInvalid, Start, choose
from liangcai.measurement.adaptive.estimation import Estimator
from liangcai.measurement.adaptive.item_pool import ItemPool, PoolInvalid, item_pool
from liangcai.measurement.adaptive.selection import (
    CutInformation,
    ExpectedVariance,
    KullbackLeibler,
    MaximumInformation,
    NearestDifficulty,
    PosteriorInformation,
    Progressive,
    SelectionInvalid,
    stratified,
)
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.standing import Standing, advanced, unasked
from liangcai.measurement.adaptive.stopping import Length
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters, ItemParametersInvalid

POOL = mixed_pool(40)


def after(pool: ItemPool, answers: list[tuple[int, int]]) -> Standing:
    standing = unasked(pool, Estimator(), seeds=np.array([5], dtype=np.uint64), barred=None)
    for item, score in answers:
        standing = advanced(pool, Estimator(), standing, np.array([item]), np.array([score]))
    return standing


def brute_posterior(pool: ItemPool, answers: list[tuple[int, int]]) -> np.ndarray:
    mass = np.exp(-0.5 * pool.grid.nodes**2)
    curves = category_curves(pool.items, pool.grid.nodes).probability
    for item, score in answers:
        mass = mass * curves[item, score]
    return mass / mass.sum()


def brute_merit(rule: object, pool: ItemPool, answers: list[tuple[int, int]]) -> list[float]:
    """Every criterion item by item, from its definition."""
    nodes, mass = pool.grid.nodes, brute_posterior(pool, answers)
    theta = float(mass @ nodes)
    if isinstance(rule, CutInformation):
        theta = min(rule.cuts, key=lambda cut: abs(cut - theta))
    here = int(np.abs(nodes - theta).argmin())
    curves = category_curves(pool.items, nodes)
    worth = []
    for item in range(pool.count):
        p = curves.probability[item, : pool.highest[item] + 1]
        information = curves.information()[item]
        if isinstance(rule, MaximumInformation | CutInformation):
            worth.append(float(information[here]))
        elif isinstance(rule, PosteriorInformation):
            worth.append(sum(float(m * i) for m, i in zip(mass, information, strict=True)))
        elif isinstance(rule, KullbackLeibler):
            gap = [float(p[:, here] @ np.log(p[:, here] / p[:, q])) for q in range(nodes.size)]
            worth.append(float(mass @ gap))
        elif isinstance(rule, NearestDifficulty):
            worth.append(-abs(float(np.nanmean(pool.items.b[item])) - theta))
        else:
            left = 0.0
            for chance in p:
                after_answer = mass * chance / float(mass @ chance)
                mean = float(after_answer @ nodes)
                left += float(mass @ chance) * float(after_answer @ (nodes - mean) ** 2)
            worth.append(-left)
    return worth


RULES = [
    MaximumInformation(),
    CutInformation((-0.8, 0.9)),
    PosteriorInformation(),
    KullbackLeibler(),
    ExpectedVariance(),
]
histories = st.lists(
    st.tuples(st.integers(0, 39), st.integers(0, 1)), max_size=6, unique_by=lambda x: x[0]
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@given(answers=histories)
@settings(max_examples=8, deadline=None)
def test_each_criterion_is_its_definition_worked_out_item_by_item(
    rule: object, answers: list[tuple[int, int]]
) -> None:
    standing = after(POOL, answers)

    merit = rule.merit(POOL, standing, standing.theta)[0]

    np.testing.assert_allclose(merit, brute_merit(rule, POOL, answers), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(
    "rule", [*RULES, NearestDifficulty()], ids=lambda rule: type(rule).__name__
)
@given(answers=histories)
@settings(max_examples=8, deadline=None)
def test_the_chosen_item_is_the_best_one_not_yet_asked(
    rule: object, answers: list[tuple[int, int]]
) -> None:
    pool = pool_3pl(40)
    standing = after(pool, answers)
    merit = np.array(brute_merit(rule, pool, answers))
    merit[[item for item, _ in answers]] = -np.inf

    chosen = int(choose(Design(pool, Length(9), selection=rule), standing)[0])

    assert merit[chosen] == pytest.approx(merit.max(), abs=1e-9)
    assert chosen not in {item for item, _ in answers}


def test_scanning_the_ranking_finds_what_weighing_every_item_finds() -> None:
    """700 items: the ranking holds 512, so that late choices must go beyond it."""
    design = Design(pool_3pl(700), Length(600))
    weighed = replace(design, content=priority_index(np.zeros((1, 700), bool), least=[0], most=[0]))
    theta = np.array([-1.0, 0.3])

    one = simulate(design, theta=theta, rng=np.random.default_rng(4))
    other = simulate(weighed, theta=theta, rng=np.random.default_rng(4))

    np.testing.assert_array_equal(one.items, other.items)
    assert (np.sort(one.items, axis=1)[:, 1:] > np.sort(one.items, axis=1)[:, :-1]).all()


def test_the_order_of_the_items_in_the_pool_decides_nothing() -> None:
    items = items_3pl(60)
    turned = items.select(np.random.default_rng(3).permutation(60))
    standing = [after(item_pool(one), []) for one in (items, turned)]

    names = [
        one.names[int(choose(Design(item_pool(one), Length(1), selection=rule), at)[0])]
        for one, at in zip((items, turned), standing, strict=True)
        for rule in (MaximumInformation(), ExpectedVariance(), KullbackLeibler())
    ]

    assert names[:3] == names[3:]


def test_one_of_the_best_is_drawn_evenly_and_nothing_worse() -> None:
    pool = pool_3pl(50)
    design = Design(pool, Length(1), among=4)

    first = simulate(design, theta=np.zeros(4000), rng=np.random.default_rng(1)).items[:, 0]

    best = set(np.argsort(-pool.by_node[80], kind="stable")[:4].tolist())
    counts = np.bincount(first, minlength=50)
    assert set(np.flatnonzero(counts).tolist()) == best
    # Binomial(4000, 1/4): sd 27.4, five of them.
    assert np.abs(counts[list(best)] - 1000).max() < 137


def test_the_progressive_rule_begins_at_random_and_ends_with_information() -> None:
    pool = pool_3pl(30)
    rule = Progressive(5)
    seeds = np.arange(3000, dtype=np.uint64)
    start = unasked(pool, Estimator(), seeds=seeds, barred=None)

    first = choose(Design(pool, Length(5), selection=rule), start)
    end = after(pool, [(0, 1), (1, 0), (2, 1), (3, 1), (4, 0)])

    assert np.bincount(first, minlength=30).min() > 50  # 100 expected, sd 9.8
    np.testing.assert_array_equal(
        rule.merit(pool, end, end.theta), MaximumInformation().merit(pool, end, end.theta)
    )


def test_the_first_item_is_aimed_within_the_given_range() -> None:
    pool = pool_3pl(200)
    design = Design(pool, Length(1), selection=NearestDifficulty(), start=Start(-0.5, 0.5))

    first = simulate(design, theta=np.zeros(300), rng=np.random.default_rng(0)).items[:, 0]

    nearest = np.abs(pool.difficulty[first])
    assert nearest.max() < 0.55
    assert np.unique(first).size > 20
    fixed = simulate(
        replace(design, start=Start(1.0, 1.0)), theta=np.zeros(3), rng=np.random.default_rng(0)
    )
    assert set(fixed.items[:, 0]) == {int(np.abs(pool.difficulty - 1.0).argmin())}


def test_strata_rise_in_discrimination_and_span_the_same_difficulties() -> None:
    pool = pool_3pl(120)
    rule = stratified(pool, strata=4, length=20)

    slopes = [pool.discrimination[rule.stratum == s].mean() for s in range(4)]
    places = [pool.difficulty[rule.stratum == s].mean() for s in range(4)]

    assert np.bincount(rule.stratum).tolist() == [30, 30, 30, 30]
    assert slopes == sorted(slopes)
    assert np.ptp(places) < 0.1
    assert rule.ends == (5, 10, 15, 20)


def test_a_stratified_test_takes_its_share_from_each_stratum_in_turn() -> None:
    pool = pool_3pl(80)
    rule = stratified(pool, strata=3, length=12)
    design = Design(pool, Length(12), selection=rule)

    tests = simulate(design, theta=np.linspace(-1, 1, 20), rng=np.random.default_rng(6))

    assert (rule.stratum[tests.items] == np.repeat([0, 1, 2], 4)).all()


def test_an_empty_stratum_gives_way_to_its_neighbour() -> None:
    pool = pool_3pl(6)
    design = Design(pool, Length(6), selection=stratified(pool, strata=2, length=6))

    tests = simulate(design, theta=np.zeros(3), rng=np.random.default_rng(0))

    assert (np.sort(tests.items, axis=1) == np.arange(6)).all()


def test_the_strata_of_another_pool_are_refused() -> None:
    with pytest.raises(DesignInvalid, match="stratification is for 8 items, the pool has 9"):
        Design(pool_3pl(9), Length(4), selection=stratified(pool_3pl(8), strata=2, length=4))


@pytest.mark.parametrize("strata", [0, 9])
def test_strata_that_do_not_fit_are_refused(strata: int) -> None:
    with pytest.raises(SelectionInvalid, match=f"{strata} strata"):
        stratified(pool_3pl(8), strata=strata, length=20)


def test_content_shares_are_approached_in_every_test() -> None:
    area = tuple(np.random.default_rng(2).choice(["x", "y", "z"], 90, p=[0.6, 0.3, 0.1]))
    content = content_shares(area, {"x": 2, "y": 2, "z": 1})
    design = Design(pool_3pl(90), Length(20), content=content)

    tests = simulate(design, theta=np.linspace(-2, 2, 40), rng=np.random.default_rng(0))

    counts = [(np.array(area)[tests.items] == name).sum(axis=1) for name in "xyz"]
    np.testing.assert_array_equal(counts, np.repeat([[8], [8], [4]], 40, axis=1))


def test_an_area_that_runs_out_gives_way_to_the_others() -> None:
    content = content_shares(("x",) * 28 + ("z",) * 2, {"x": 1, "z": 1})
    design = Design(pool_3pl(30), Length(12), content=content)

    tests = simulate(design, theta=np.zeros(5), rng=np.random.default_rng(0))

    assert ((tests.items >= 28).sum(axis=1) == 2).all()


def test_the_priority_index_meets_bounds_that_leave_room() -> None:
    rng = np.random.default_rng(8)
    members = np.array([rng.random(150) < share for share in (0.5, 0.3, 0.2)])
    content = priority_index(members, least=np.array([4, 4, 4]), most=np.array([9, 8, 8]))
    design = Design(pool_3pl(150), Length(16), content=content)

    tests = simulate(design, theta=np.linspace(-2, 2, 40), rng=np.random.default_rng(0))

    counts = tests.given().astype(int) @ members.T
    assert (counts >= 4).all()
    assert (counts <= [9, 8, 8]).all()


def test_content_that_does_not_fit_the_pool_is_refused() -> None:
    with pytest.raises(ContentInvalid, match=r"without share \['y'\]"):
        content_shares(("x", "y"), {"x": 1.0})
    with pytest.raises(ContentInvalid, match="constraint 0"):
        priority_index(np.ones((1, 3), bool), least=np.array([2]), most=np.array([1]))
    with pytest.raises(DesignInvalid, match="content is for 2 items, the pool has 30"):
        Design(pool_3pl(30), Length(2), content=content_shares(("x", "y"), {"x": 1, "y": 1}))
    with pytest.raises(DesignInvalid, match="no worth to multiply"):
        Design(
            pool_3pl(3),
            Length(2),
            selection=ExpectedVariance(),
            content=priority_index(np.ones((1, 3), bool), least=[0], most=[2]),
        )


def test_a_pool_is_of_one_ability_and_names_each_item_once() -> None:
    one = {"item": "p", "a": 1.0, "b": 0.0}

    with pytest.raises(PoolInvalid, match="at least one"):
        item_pool(ItemParameters.from_json([]))
    with pytest.raises(PoolInvalid, match="'p'"):
        item_pool(ItemParameters.from_json([one, one]))
    with pytest.raises(PoolInvalid, match="several abilities"):
        item_pool(ItemParameters.from_json([one, one | {"item": "q", "dimension": 1}]))
    with pytest.raises(ItemParametersInvalid):
        pool_3pl(3).items.positions(["nobody"])
