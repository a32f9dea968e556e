import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measurement.generalizability.test_generalizability_components import (
    BRENNAN_3,
    BRENNAN_4,
)

from liangcai.measurement.generalizability.components import variance_components
from liangcai.measurement.generalizability.decision import (
    DecisionStudy,
    TargetOutOfReach,
    cheapest_plan,
    decision_study,
)
from liangcai.measurement.generalizability.observations import observations_of
from liangcai.measurement.generalizability.plans import PlanInvalid

TASKS = variance_components("p x (r:t)", *observations_of(BRENNAN_4, "ptr"))
ITEMS = variance_components("p x i x o", *observations_of(BRENNAN_3, "pio"))


def test_coefficients_of_brennans_own_numbers_of_conditions() -> None:
    # Brennan (2001), sections 4.1 and 4.2: Eρ² .55 and Φ .46; .64 and .55 (two digits).
    tasks = decision_study(TASKS, {"t": 3, "r": 4})
    items = decision_study(ITEMS, {"i": 4, "o": 2})

    assert (tasks.relative[0], tasks.absolute[0]) == pytest.approx((0.55, 0.46), abs=6e-3)
    assert (items.relative[0], items.absolute[0]) == pytest.approx((0.64, 0.55), abs=6e-3)


def test_error_variances_by_hand() -> None:
    p, t, pt, rt, prt = TASKS.variance

    study = decision_study(TASKS, {"t": 6, "r": 2})

    assert study.relative_error[0] == pytest.approx(pt / 6 + prt / 12)
    assert study.absolute_error[0] == pytest.approx((t + pt) / 6 + (rt + prt) / 12)
    assert study.universe_variance[0] == p


def test_nesting_items_in_occasions_spreads_their_variance_over_more_of_them() -> None:
    # Brennan (2001, section 4.1.2): σ²(i:o) = σ²(i) + σ²(io), σ²(pi:o) = σ²(pi) + σ²(pio).
    _, i, o, pi, po, io, pio = ITEMS.variance

    nested = decision_study(ITEMS, {"i": 4, "o": 2}, design="p x (i:o)")

    assert nested.relative_error[0] == pytest.approx(po / 2 + (pi + pio) / 8)
    assert nested.absolute_error[0] == pytest.approx((o + po) / 2 + (i + io + pi + pio) / 8)


def test_a_fixed_facet_adds_its_interaction_to_the_universe_score() -> None:
    # Brennan (2001, section 4.4.2).
    p, _, o, pi, po, io, pio = ITEMS.variance

    fixed = decision_study(ITEMS, {"i": 4, "o": 2}, fixed=["i"])

    assert fixed.universe_variance[0] == pytest.approx(p + pi / 4)
    assert fixed.relative_error[0] == pytest.approx(po / 2 + pio / 8)
    assert fixed.absolute_error[0] == pytest.approx((o + po) / 2 + (io + pio) / 8)


def test_one_rater_facet_is_an_intraclass_correlation() -> None:
    # ICC(2,k), ICC(3,k) of Shrout & Fleiss (1979) are Φ and Eρ² of p × j.
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = variance_components("p x j", *observations_of(table, "pj"))

    study = decision_study(found, {"j": [1, 4]})

    assert study.absolute == pytest.approx([0.289763780, 0.620050548], abs=1e-8)
    assert study.relative == pytest.approx([0.714840715, 0.909315542], abs=1e-8)


def test_a_cut_far_from_the_mean_makes_scores_more_dependable() -> None:
    near = decision_study(TASKS, {"t": 3, "r": 4}, cut=TASKS.mean)
    far = decision_study(TASKS, {"t": 3, "r": 4}, cut=8.0)

    away = (8.0 - TASKS.mean) ** 2 - TASKS.mean_variance
    assert near.at_cut[0] == near.absolute[0]
    assert "not told apart" in near.findings[0]
    assert far.at_cut[0] == pytest.approx(
        (TASKS.variance[0] + away) / (TASKS.variance[0] + away + far.absolute_error[0])
    )


@given(st.integers(1, 30), st.integers(1, 30))
def test_more_conditions_never_make_scores_less_dependable(tasks: int, raters: int) -> None:
    study = decision_study(TASKS, {"t": [tasks, tasks + 1], "r": [raters, raters + 1]})

    assert (study.absolute[1:] >= study.absolute[0]).all()
    assert (study.relative >= study.absolute).all()


def test_the_cheapest_plan_is_the_cheapest_of_all_that_reach_the_target() -> None:
    numbers = {"t": range(1, 31), "r": range(1, 5)}
    costs = {"t": 10.0, "t x r": 3.0}

    plan = cheapest_plan(TASKS, numbers, target=0.7, costs=costs)

    whole = decision_study(TASKS, numbers, costs=costs)
    assert plan.absolute[0] >= 0.7
    assert plan.cost[0] == whole.cost[whole.absolute >= 0.7].min()
    assert plan.cost[0] == 10 * plan.numbers[0, plan.facets.index("t")] + 3 * plan.numbers[0].prod()


def test_a_target_out_of_reach_says_how_far_the_grid_reaches() -> None:
    with pytest.raises(TargetOutOfReach, match=r"best of the grid reaches 0\.4"):
        cheapest_plan(TASKS, {"t": [1, 2, 3], "r": [1, 4]}, target=0.9, costs={"t": 1.0})


def test_standard_errors_of_coefficients_match_their_spread_over_data_sets() -> None:
    # Synthetic p × r: 60 persons, 20 raters, 400 data sets; delta method within 15 %.
    rng = np.random.default_rng(1)
    values, errors = [], []
    for _ in range(400):
        table = (
            rng.normal(size=(60, 1)) + 0.5 * rng.normal(size=(1, 20)) + rng.normal(size=(60, 20))
        )
        found = variance_components("p x r", *observations_of(table, "pr"))
        study = decision_study(found, {"r": 3})
        values.append(study.relative[0])
        errors.append(study.relative_standard_error[0])

    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)


def test_pupils_in_schools_bring_the_variance_of_both() -> None:
    rng = np.random.default_rng(2)
    table = rng.normal(size=(8, 1, 1)) + rng.normal(size=(8, 10, 1)) + rng.normal(size=(8, 10, 4))
    found = variance_components("(p:s) x i", *observations_of(table, "spi"))
    values = dict(zip(found.effects, found.variance, strict=True))

    study = decision_study(found, {"i": 4}, object_of_measurement="p")

    assert study.universe_variance[0] == pytest.approx(values["s"] + values["p:s"])
    assert study.relative_error[0] == pytest.approx((values["s×i"] + values["p×i:s"]) / 4)


@pytest.mark.parametrize(
    ("numbers", "options"),
    [
        ({"t": 3}, {}),
        ({"t": 3, "r": 0}, {}),
        ({"t": 3, "r": 1.5}, {}),
        ({"t": 3, "r": 4, "q": 2}, {}),
        ({"t": 3, "r": 4}, {"design": "p x r x t"}),
        ({"t": 3, "r": 4}, {"fixed": ["p"]}),
        ({"t": 3, "r": 4}, {"costs": {"p": 1.0}}),
        ({"t": 3, "r": 4}, {"object_of_measurement": "q"}),
    ],
)
def test_a_plan_that_does_not_fit_the_design_is_refused(numbers, options) -> None:
    with pytest.raises(PlanInvalid):
        decision_study(TASKS, numbers, **options)


def test_a_decision_study_reads_back_from_its_json_form() -> None:
    study = decision_study(TASKS, {"t": [1, 3], "r": [2, 4]}, cut=5.0, costs={"t": 1.0})

    assert DecisionStudy.from_json(study.to_json()).to_json() == study.to_json()
    assert len(study.to_frame()) == 4


@pytest.mark.parametrize(
    ("numbers", "options"),
    [
        ({"t": float("inf"), "r": 1}, {}),
        ({"t": "three", "r": 1}, {}),
        ({"t": 1, "r": 1}, {"cut": float("nan")}),
        ({"t": 1, "r": 1}, {"cut": float("inf")}),
        ({"t": 1, "r": 1}, {"costs": {"t": float("inf")}}),
    ],
)
def test_a_plan_that_no_number_can_describe_is_refused(numbers, options) -> None:
    with pytest.raises(PlanInvalid):
        decision_study(TASKS, numbers, **options)
