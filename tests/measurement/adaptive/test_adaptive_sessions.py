import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.adaptive.adaptive_banks import mixed_pool, pool_3pl

from liangcai.measurement.adaptive.blueprint import Blueprint, counts_by
from liangcai.measurement.adaptive.content import content_shares, priority_index
from liangcai.measurement.adaptive.design import Design, DesignInvalid, Start
from liangcai.measurement.adaptive.draws import seeds_from, uniforms
from liangcai.measurement.adaptive.estimation import Estimator
from liangcai.measurement.adaptive.exposure import Eligibility, Lottery
from liangcai.measurement.adaptive.selection import (
    ExpectedVariance,
    KullbackLeibler,
    Progressive,
    stratified,
)
from liangcai.measurement.adaptive.session import (
    BarsMissing,
    ScoreImpossible,
    SeedImpossible,
    SessionOver,
    answer,
    begin,
    replay,
)
from liangcai.measurement.adaptive.simulation import simulate
from liangcai.measurement.adaptive.stopping import AnyOf, Length, Precision, Sprt, StopInvalid

POOL = pool_3pl(60)
MIXED = mixed_pool(40)
LABELS = ("x", "y", "z") * 20
LOTTERY = Lottery(np.full((60, 3), 0.6), np.array([-0.5, 0.5]))
DESIGNS = {
    "information": Design(POOL, Length(8)),
    "variable": Design(POOL, AnyOf((Precision(0.5), Length(15)))),
    "mixed": Design(MIXED, Length(8), selection=ExpectedVariance()),
    "divergence": Design(MIXED, Length(6), selection=KullbackLeibler()),
    "progressive": Design(POOL, Length(8), selection=Progressive(8), start=Start(-1.0, 1.0)),
    "randomesque": Design(POOL, Length(8), among=4, estimator=Estimator("wle")),
    "stratified": Design(POOL, Length(8), selection=stratified(POOL, strata=4, length=8)),
    "shares": Design(POOL, Length(8), content=content_shares(LABELS, {"x": 2, "y": 1, "z": 1})),
    "priority": Design(
        POOL,
        Length(8),
        content=priority_index(
            np.array([[label == name for label in LABELS] for name in "xyz"]),
            least=np.array([2, 2, 2]),
            most=np.array([4, 4, 4]),
        ),
    ),
    "lottery": Design(POOL, Length(8), exposure=Lottery(np.full((60, 1), 0.5), np.array([]))),
    "lottery by ability": Design(POOL, Length(8), exposure=LOTTERY, estimator=Estimator("map")),
    "shadow": Design(
        POOL,
        Length(8),
        shadow=Blueprint(8, counts_by(LABELS, dict.fromkeys("xyz", (2, 3)), attribute="area")),
    ),
}


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_a_live_session_asks_what_the_simulation_of_the_same_person_asked(design: Design) -> None:
    theta = np.linspace(-2.0, 2.0, 9)
    tests = simulate(design, theta=theta, rng=np.random.default_rng(3))
    seeds = seeds_from(np.random.default_rng(3), count=9)

    for person in range(9):
        scores = tests.scores[person, : tests.length[person]].tolist()
        session = replay(design, scores, seed=int(seeds[person]))

        asked = tests.items[person, : tests.length[person]]
        assert session.asked == tuple(design.pool.items.names[item] for item in asked)
        assert session.scores == tuple(scores)
        assert session.theta == pytest.approx(tests.theta[person], abs=1e-9)
        assert session.se == pytest.approx(tests.se[person], abs=1e-9)
        assert session.item is None
        assert session.reason == tests.reasons[tests.reason[person]]


@pytest.mark.parametrize("name", ["information", "progressive", "shadow"])
def test_a_session_is_a_value_and_an_answer_leaves_it_as_it_was(name: str) -> None:
    first = answer(begin(DESIGNS[name], seed=7), 1)
    item, theta = first.item, first.theta

    right, wrong, again = answer(first, 1), answer(first, 0), answer(first, 1)

    assert (first.item, first.theta, first.scores) == (item, theta, (1,))
    assert right.theta > wrong.theta
    assert (again.asked, again.item, again.theta) == (right.asked, right.item, right.theta)
    assert replay(DESIGNS[name], [1, 0], seed=7).item == wrong.item


def test_a_session_says_what_is_next_and_why_it_ended() -> None:
    session = begin(Design(pool_3pl(5), Length(2)), seed=0)

    assert session.item in session.design.pool.items.names
    assert (session.asked, session.scores, session.reason) == ((), (), None)
    assert (session.theta, session.se) == (0.0, 1.0)
    done = replay(session.design, [1, 1], seed=0)
    assert (done.item, done.reason, len(done.asked)) == (None, "length", 2)
    with pytest.raises(SessionOver, match=r"\(length\) after 2"):
        answer(done, 1)


def test_a_pool_of_one_item_is_a_test_of_one_item() -> None:
    session = replay(Design(pool_3pl(1), Length(3)), [1], seed=0)

    assert (session.item, session.reason) == (None, "pool-exhausted")
    assert session.theta > 0.0


@pytest.mark.parametrize("score", [-1, 2])
def test_a_score_that_the_item_does_not_have_is_refused(score: int) -> None:
    with pytest.raises(ScoreImpossible, match=f"from 0 to 1, not {score}"):
        answer(begin(DESIGNS["information"], seed=0), score)


def test_exposure_that_depends_on_others_needs_the_drawn_bars() -> None:
    design = Design(POOL, Length(3), exposure=Eligibility(0.3))
    barred = np.ones(60, dtype=bool)
    barred[[4, 9, 30]] = False

    with pytest.raises(BarsMissing, match="Eligibility"):
        begin(design, seed=1)
    session = replay(design, [1, 0, 1], seed=1, barred=barred)
    assert set(session.asked) == {"q4", "q9", "q30"}


def test_bars_are_lifted_when_nothing_else_is_left() -> None:
    barred = np.ones(60, dtype=bool)
    barred[[4, 9]] = False

    session = replay(Design(POOL, Length(4)), [1, 0, 1, 1], seed=1, barred=barred)

    assert set(session.asked[:2]) == {"q4", "q9"}
    assert len(set(session.asked)) == 4
    assert session.reason == "length"


@given(st.integers(0, 2**64 - 1), st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_a_draw_depends_on_its_place_alone(seed: int, place: int) -> None:
    seeds = np.array([seed], dtype=np.uint64)

    many = uniforms(seeds[:, None], "worth", 3, np.arange(place, place + 4)[None, :])

    assert many[0, 2] == uniforms(seeds, "worth", 3, place + 2)[0]
    assert ((many >= 0.0) & (many < 1.0)).all()


def test_draws_are_even_and_unrelated_between_persons_items_and_purposes() -> None:
    seeds = np.arange(400, dtype=np.uint64)
    table = uniforms(seeds[:, None], "lottery", np.arange(500)[None, :])

    counts = np.bincount((table.ravel() * 20).astype(int), minlength=20)

    # 200,000 draws: each of 20 cells 10,000 ± 97; χ² of 19 degrees of freedom, 0.9999 quantile 54.
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 54.0
    near = [table[:-1, :], table[1:, :]], [table[:, :-1], table[:, 1:]]
    other = uniforms(seeds[:, None], "answer", np.arange(500)[None, :])
    for one, two in (*near, (table, other)):
        # A correlation of 200,000 independent pairs has sd 0.0022.
        assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.011


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(SeedImpossible, match="from 0 to 2⁶⁴"):
        begin(DESIGNS["information"], seed=seed)


def test_bars_of_another_pool_are_refused() -> None:
    with pytest.raises(BarsMissing, match="60 flags"):
        begin(DESIGNS["information"], seed=0, barred=np.zeros(3, dtype=bool))


def test_a_prior_or_a_cut_off_the_grid_is_refused() -> None:
    with pytest.raises(DesignInvalid, match="grid from -5 to 5"):
        Design(POOL, Length(3), estimator=Estimator(mean=9.0))
    with pytest.raises(DesignInvalid, match=r"in steps of 0\.0625"):
        Design(POOL, Length(3), estimator=Estimator(sd=0.01))
    with pytest.raises(StopInvalid, match="within the grid"):
        begin(Design(POOL, Sprt((4.9,))), seed=0)
