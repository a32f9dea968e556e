import itertools
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.adaptive.adaptive_banks import mixed_pool, pool_3pl

from liangcai.measurement.adaptive import linear
from liangcai.measurement.adaptive.blueprint import (
    Blueprint,
    BlueprintInvalid,
    Constraint,
    Count,
    Enemies,
    ItemSet,
    Required,
    SetCount,
    Total,
    counts_by,
    rows_of,
    violations,
)
from liangcai.measurement.adaptive.content import content_shares
from liangcai.measurement.adaptive.design import Design, DesignInvalid
from liangcai.measurement.adaptive.exposure import Eligibility, Lottery
from liangcai.measurement.adaptive.linear import SolverMissing
from liangcai.measurement.adaptive.report import report
from liangcai.measurement.adaptive.selection import ExpectedVariance
from liangcai.measurement.adaptive.session import begin
from liangcai.measurement.adaptive.shadow import ConstraintsConflict, ShadowTest
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import Length, Precision

NONE = np.array([], dtype=np.intp)


def meets(blueprint: Blueprint, test: frozenset[int]) -> bool:
    """Whether a test meets the blueprint, straight from what each constraint says."""
    inside = {one.name: len(test & set(one.items)) for one in blueprint.sets}
    for one in blueprint.constraints:
        if isinstance(one, Total):
            amount = sum(one.values[item] for item in test)
            fine = one.least - 1e-9 <= amount <= one.most + 1e-9
        elif isinstance(one, SetCount):
            fine = one.least <= sum(inside[name] > 0 for name in one.sets) <= one.most
        else:
            count = len(test & set(one.items))
            if isinstance(one, Enemies):
                fine = count <= 1
            elif isinstance(one, Required):
                fine = count == len(one.items)
            elif isinstance(one, ItemSet):
                fine = count == 0 or one.least <= count <= one.most
            else:
                fine = one.least <= count <= one.most
        if not fine:
            return False
    return len(test) == blueprint.length


def random_blueprint(rng: np.random.Generator, *, items: int, length: int) -> Blueprint:
    def some(count: int) -> tuple[int, ...]:
        return tuple(rng.choice(items, count, replace=False).tolist())

    words = rng.integers(5, 40, items).astype(float)
    middle = float(words.mean() * length)
    constraints: list[Constraint] = [
        *counts_by(
            [str(label) for label in rng.integers(0, 2, items)],
            {"0": (1, length - 1), "1": (1, length - 1)},
            attribute="area",
        ),
        Total("words", tuple(words), middle - 15, middle + 15),
        Enemies("enemies", some(2)),
        Count("few", some(4), 0, 2),
    ]
    if rng.random() < 0.5:
        constraints.append(Required("required", some(1)))
    first, second = np.array_split(rng.permutation(items)[:6], 2)
    constraints += [
        ItemSet("one text", tuple(first.tolist()), 2, 3),
        ItemSet("other text", tuple(second.tolist()), 1, 2),
        SetCount("texts", ("one text", "other text"), int(rng.integers(0, 2)), 1),
    ]
    return Blueprint(length, tuple(constraints), gap=0.0)


def best_by_hand(blueprint: Blueprint, worth: np.ndarray, asked: tuple[int, ...]) -> float | None:
    tests = map(frozenset, itertools.combinations(range(worth.size), blueprint.length))
    fits = [test for test in tests if set(asked) <= test and meets(blueprint, test)]
    return max((float(worth[list(test)].sum()) for test in fits), default=None)


@pytest.mark.parametrize("seed", range(25))
def test_a_shadow_test_is_the_best_of_all_tests_that_meet_the_constraints(seed: int) -> None:
    rng = np.random.default_rng(seed)
    blueprint, worth = random_blueprint(rng, items=13, length=5), rng.random(13)
    best = best_by_hand(blueprint, worth, ())
    shadow = ShadowTest(blueprint, 13)
    if best is None:
        with pytest.raises(ConstraintsConflict):
            shadow.best_test(worth, asked=NONE, barred=None)
        return

    test = shadow.best_test(worth, asked=NONE, barred=None)

    assert worth[test].sum() == pytest.approx(best, abs=1e-5)
    assert meets(blueprint, frozenset(np.flatnonzero(test).tolist()))
    # One step on, with another worth and an item fixed, from the last basis.
    first, worth = int(np.flatnonzero(test)[0]), rng.random(13)
    test = shadow.best_test(worth, asked=np.array([first]), barred=None)
    assert test[first]
    assert worth[test].sum() == pytest.approx(best_by_hand(blueprint, worth, (first,)), abs=1e-5)


def test_the_integer_solver_finds_what_branching_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    found, handed_over = [], 0
    for most in (linear._MOST_BRANCHES, -1):
        monkeypatch.setattr(linear, "_MOST_BRANCHES", most)
        for seed in range(8):
            rng = np.random.default_rng(seed)
            blueprint, worth = random_blueprint(rng, items=40, length=8), rng.random(40)
            shadow = ShadowTest(blueprint, 40)
            found.append(worth[shadow.best_test(worth, asked=NONE, barred=None)].sum())
            handed_over += shadow.effort.integer

    assert found[:8] == pytest.approx(found[8:], abs=1e-5)
    assert handed_over > 0


@pytest.mark.parametrize("seed", range(12))
def test_every_constraint_is_met_in_every_completed_test(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    pool = mixed_pool(40, seed=seed)
    blueprint = replace(random_blueprint(rng, items=40, length=8), gap=0.005)
    design = Design(pool, Length(8), shadow=blueprint)

    tests = simulate(design, theta=np.linspace(-2.5, 2.5, 12), rng=rng)

    assert all(meets(blueprint, frozenset(row.tolist())) for row in tests.items)
    assert report(design, tests).violations == 0
    assert tests.solved == 12 * 8


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_violations_are_counted_as_the_constraints_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    blueprint = random_blueprint(rng, items=13, length=5)
    tests = np.array([rng.permutation(13) < rng.integers(4, 7) for _ in range(20)])

    broken = violations(blueprint, tests)

    fine = [meets(blueprint, frozenset(np.flatnonzero(test).tolist())) for test in tests]
    assert (broken == 0).tolist() == fine


def test_items_of_a_set_follow_one_another() -> None:
    pool = pool_3pl(60)
    texts = tuple(ItemSet(f"text {n}", tuple(range(5 * n, 5 * n + 5)), 3, 4) for n in range(8))
    blueprint = Blueprint(12, (*texts, SetCount("texts", tuple(one.name for one in texts), 2, 3)))

    tests = simulate(
        Design(pool, Length(12), shadow=blueprint),
        theta=np.linspace(-2, 2, 10),
        rng=np.random.default_rng(0),
    )

    owner = np.where(tests.items < 40, tests.items // 5, 100 + tests.items)
    for row in owner.tolist():
        runs = [key for key, _ in itertools.groupby(row)]
        assert len(runs) == len(set(runs))


def test_without_constraints_the_shadow_test_is_plain_maximum_information() -> None:
    pool, theta = pool_3pl(80), np.linspace(-2, 2, 6)
    plain = simulate(Design(pool, Length(10)), theta=theta, rng=np.random.default_rng(1))

    shadow = simulate(
        Design(pool, Length(10), shadow=Blueprint(10)), theta=theta, rng=np.random.default_rng(1)
    )

    np.testing.assert_array_equal(shadow.items, plain.items)


def test_a_person_does_not_depend_on_who_was_tested_before() -> None:
    pool = pool_3pl(60)
    blueprint = random_blueprint(np.random.default_rng(102), items=60, length=8)
    design = Design(pool, Length(8), shadow=replace(blueprint, gap=0.01))
    theta = np.linspace(-2, 2, 8)

    both = simulate(design, theta=theta, rng=np.random.default_rng(0))
    first = simulate(design, theta=theta[:3], rng=np.random.default_rng(0))

    np.testing.assert_array_equal(both.items[:3], first.items)


def test_exposure_control_bends_to_the_constraints() -> None:
    pool = pool_3pl(40)
    blueprint = Blueprint(6, (Required("anchors", (0, 1)),))

    for exposure in (Eligibility(0.3, wave=10), Lottery(np.full((40, 1), 0.3), np.array([]))):
        design = Design(pool, Length(6), shadow=blueprint, exposure=exposure)
        tests = simulate(design, theta=np.zeros(60), rng=np.random.default_rng(3))
        found = report(design, tests)
        assert found.violations == 0
        assert found.exposure[:2].tolist() == [1.0, 1.0]
        assert np.sort(found.exposure)[-3] < 0.8


def test_a_conflict_names_what_would_have_to_give_way() -> None:
    blueprint = Blueprint(
        6,
        (
            Count("algebra", tuple(range(10)), 4, 6),
            Count("geometry", tuple(range(10, 20)), 4, 6),
            Count("easy", tuple(range(0, 20, 2)), 0, 6),
        ),
    )
    design = Design(pool_3pl(20), Length(6), shadow=blueprint)

    with pytest.raises(ConstraintsConflict, match="give way") as caught:
        begin(design, seed=0)

    missed = dict(re.findall(r"'(\w+)' by (\d+)", str(caught.value)))
    assert set(missed) <= {"algebra", "geometry"}
    assert sum(map(int, missed.values())) == 2


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        ((Count("x", (0, 9)),), "outside 0 … 8"),
        ((Count("x", (1, 1)),), "twice"),
        ((Count("x", (1,), 2, 1),), "at least 2 and at most 1"),
        ((Count("x", (1,)), Count("x", (2,))), r"\['x'\]"),
        ((Total("x", (1.0,)),), "each of 9 items"),
        ((SetCount("x", ("text",)),), r"do not exist: \['text'\]"),
    ],
)
def test_a_constraint_on_what_does_not_exist_is_refused(
    constraints: tuple[Constraint, ...], said: str
) -> None:
    with pytest.raises(BlueprintInvalid, match=said):
        rows_of(Blueprint(3, constraints), items=9)


def test_a_test_longer_than_the_pool_is_refused() -> None:
    with pytest.raises(BlueprintInvalid, match="10 items from a pool of 9"):
        rows_of(Blueprint(10), items=9)


def test_a_shadow_test_allows_no_second_way_to_end_or_balance() -> None:
    pool = pool_3pl(9)

    with pytest.raises(DesignInvalid, match=r"stop at Length\(3\)"):
        Design(pool, Precision(0.3), shadow=Blueprint(3))
    with pytest.raises(DesignInvalid, match="into the blueprint"):
        Design(pool, Length(3), shadow=Blueprint(3), content=content_shares(("x",) * 9, {"x": 1.0}))
    with pytest.raises(DesignInvalid, match="no worth"):
        Design(pool, Length(3), shadow=Blueprint(3), selection=ExpectedVariance())


def test_a_missing_solver_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)

    with pytest.raises(SolverMissing, match=r"liangcai\[assembly\]"):
        ShadowTest(Blueprint(2), 5)
