import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.adaptive.content import most_wanted
from liangcai.measurement.adaptive.criteria import (
    expected_information,
    expected_variance,
    one_of_the_best,
)
from liangcai.measurement.adaptive.stopping import StoppingRule
from liangcai.measurement.adaptive.tables import (
    Pool,
    averaged_over_members,
    graded,
    log_likelihoods,
    mean_and_se,
    right_or_wrong,
)
from liangcai.measurement.fractional.curves import curves_at
from liangcai.measurement.fractional.hierarchy import spread_kernel, standard_normal_log_density
from liangcai.measurement.fractional.observation import as_one_observation
from liangcai.measurement.grid import even_grid, normalise

GRID = even_grid(-5.0, 5.0, 101)
STANDARD_NORMAL = normalise(standard_normal_log_density(GRID)[None, :])[0]
RASCH = right_or_wrong(np.array([[1.0, b, 0.0] for b in (-2.0, -0.5, 0.0, 1.0)]), GRID.nodes)

slopes = st.floats(0.4, 2.5)
places = st.floats(-2.0, 2.0)


def numeric_information(pool: Pool) -> np.ndarray:
    probability = np.exp(pool.log_probability)
    slope = np.gradient(probability, GRID.step, axis=2)
    return (slope**2 / probability).sum(axis=1)


def test_a_rasch_question_tells_most_where_the_odds_are_even() -> None:
    assert GRID.nodes[RASCH.information.argmax(axis=1)] == pytest.approx([-2.0, -0.5, 0.0, 1.0])
    assert RASCH.information.max(axis=1) == pytest.approx(0.25)


def test_guessing_moves_the_most_telling_ability_above_the_difficulty() -> None:
    a, b, c = 1.0, 0.0, 0.25
    pool = right_or_wrong(np.array([[a, b, c]]), GRID.nodes)
    # Where a 3PL item tells most (Birnbaum, 1968): b + log((1 + sqrt(1 + 8c)) / 2) / a.
    best = b + np.log((1 + np.sqrt(1 + 8 * c)) / 2) / a

    assert GRID.nodes[pool.information[0].argmax()] == pytest.approx(best, abs=GRID.step)


@given(slopes, places, st.floats(0.0, 0.4))
@settings(max_examples=25, deadline=None)
def test_right_or_wrong_information_is_that_of_its_curves(a: float, b: float, c: float) -> None:
    pool = right_or_wrong(np.array([[a, b, c]]), GRID.nodes)

    assert pool.information[0, 5:-5] == pytest.approx(numeric_information(pool)[0, 5:-5], abs=0.03)


@given(slopes, places, st.lists(st.floats(0.2, 1.5), min_size=2, max_size=2))
@settings(max_examples=25, deadline=None)
def test_graded_categories_sum_to_one_and_inform_as_their_curves_do(
    a: float, first: float, steps: list[float]
) -> None:
    thresholds = np.array([[first, first + steps[0], first + sum(steps)]])
    pool = graded(np.array([a]), thresholds, GRID.nodes)

    assert np.exp(pool.log_probability).sum(axis=1) == pytest.approx(1.0)
    assert pool.information[0, 5:-5] == pytest.approx(numeric_information(pool)[0, 5:-5], abs=0.03)


def test_a_graded_question_with_one_threshold_is_a_two_parameter_question() -> None:
    two = graded(np.array([1.3]), np.array([[0.4]]), GRID.nodes)
    same = right_or_wrong(np.array([[1.3, 0.4, 0.0]]), GRID.nodes)

    assert two.log_probability == pytest.approx(same.log_probability)
    assert two.information == pytest.approx(same.information)


def test_partial_credit_lies_between_wrong_and_right() -> None:
    shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    rows = log_likelihoods(RASCH, np.array([2, 2, 2]), shares)

    means, _ = mean_and_se(GRID, normalise(rows + standard_normal_log_density(GRID)))

    assert means[0] < means[1] < means[2]
    assert means[1] == pytest.approx(0.0, abs=1e-9)


def test_the_mean_and_error_of_the_prior_are_those_of_the_reference_group() -> None:
    mean, se = mean_and_se(GRID, STANDARD_NORMAL[None, :])

    assert (mean[0], se[0]) == pytest.approx((0.0, 1.0), abs=1e-4)


def test_the_question_nearest_to_the_person_is_worth_most_by_either_criterion() -> None:
    for ability, best in ((-2.0, 0), (0.0, 2), (1.2, 3)):
        mass = normalise(-0.5 * ((GRID.nodes - ability) / 0.3)[None, :] ** 2)[0]

        assert int(expected_information(RASCH, mass).argmax()) == best
        assert int(expected_variance(RASCH, mass, GRID).argmin()) == best


def test_an_answer_is_expected_to_lower_the_variance_and_by_as_much_as_brute_force_says() -> None:
    expected = expected_variance(RASCH, STANDARD_NORMAL, GRID)[1]
    brute = 0.0
    for category in (0, 1):
        joint = np.exp(RASCH.log_probability[1, category]) * STANDARD_NORMAL
        _, se = mean_and_se(GRID, (joint / joint.sum())[None, :])
        brute += joint.sum() * float(se[0]) ** 2

    assert expected == pytest.approx(brute)
    assert expected < 1.0


def test_members_that_scatter_blur_what_a_question_says_of_their_group() -> None:
    kernel = spread_kernel(GRID, 0.8)
    blurred = averaged_over_members(RASCH, kernel, GRID)
    middle = slice(25, 76)

    assert np.exp(blurred.log_probability).sum(axis=1) == pytest.approx(1.0)
    assert (blurred.information.max(axis=1) < RASCH.information.max(axis=1)).all()
    assert int(blurred.information[2, middle].argmax()) == 25


def test_the_area_that_lags_most_comes_next() -> None:
    open_areas = np.array([True, True, True])

    assert most_wanted(np.full(3, 1 / 3), np.array([2, 1, 2]), open_areas).tolist() == [1]
    assert most_wanted(np.full(3, 1 / 3), np.array([1, 1, 1]), open_areas).tolist() == [0, 1, 2]
    assert most_wanted(np.array([0.6, 0.2, 0.2]), np.array([1, 1, 0]), open_areas).tolist() == [0]


def test_an_area_with_nothing_left_is_passed_over() -> None:
    open_areas = np.array([True, False, True])

    assert most_wanted(np.full(3, 1 / 3), np.array([2, 0, 1]), open_areas).tolist() == [2]


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
@settings(max_examples=30, deadline=None)
def test_areas_end_up_with_their_shares(weights: list[int]) -> None:
    shares = np.array(weights) / sum(weights)
    asked = np.zeros(len(weights), dtype=np.intp)
    for _ in range(60):
        asked[most_wanted(shares, asked, np.ones(len(weights), dtype=bool))[0]] += 1

    assert (np.abs(asked - 60 * shares) <= len(weights) - 1).all()


def test_one_of_the_best_is_drawn_and_nothing_worse() -> None:
    merit = np.array([0.1, 0.9, 0.5, 0.8])

    drawn = {one_of_the_best(merit, among=3, chance=chance) for chance in (0.0, 0.5, 0.99)}

    assert drawn == {1, 3, 2}
    assert one_of_the_best(merit, among=1, chance=0.99) == 1
    assert one_of_the_best(merit[:1], among=5, chance=0.99) == 0


def test_the_last_bit_of_a_processor_does_not_decide_between_equals() -> None:
    assert one_of_the_best(np.array([0.3, 0.1 + 0.2]), among=1, chance=0.0) == 0


@pytest.mark.parametrize(
    ("se", "asked", "met"), [(0.3, 2, False), (0.3, 3, True), (0.6, 9, False), (0.6, 10, True)]
)
def test_a_test_stops_on_precision_after_the_fewest_or_at_the_most(
    se: float, asked: int, met: bool
) -> None:
    assert StoppingRule(target_se=0.4, fewest=3, most=10).is_met(se=se, asked=asked) is met


def test_picking_the_best_question_beats_picking_any() -> None:
    difficulties = np.linspace(-2.5, 2.5, 60)
    pool = right_or_wrong(
        np.column_stack([np.full(60, 1.5), difficulties, np.zeros(60)]), GRID.nodes
    )
    rng = np.random.default_rng(20261123)
    errors = {"adaptive": [], "any": []}
    for theta in np.repeat([-2.0, 2.0], 25):
        right = rng.random(60) < 1 / (1 + np.exp(-1.5 * (theta - difficulties)))
        for way, found in errors.items():
            mass, left = STANDARD_NORMAL, list(range(60))
            for _ in range(10):
                merit = -expected_variance(pool, mass, GRID)[left]
                place = int(merit.argmax()) if way == "adaptive" else int(rng.integers(len(left)))
                question = left.pop(place)
                mass = mass * np.exp(pool.log_probability[question, int(right[question])])
                mass = mass / mass.sum()
            found.append(float(mass @ GRID.nodes) - theta)

    rmse = {way: float(np.sqrt(np.mean(np.square(found)))) for way, found in errors.items()}

    assert rmse["adaptive"] < rmse["any"]


CURVE = curves_at(np.array([[1.0, 0.3, 0.0]]), GRID.nodes)


@given(st.floats(0.0, 1.0), st.floats(0.2, 8.0))
@settings(max_examples=30, deadline=None)
def test_one_observation_told_as_one_observation_is_itself(share: float, trials: float) -> None:
    told = trials * (CURVE.log_miss[0] + share * CURVE.log_odds[0])

    found = as_one_observation(told, STANDARD_NORMAL, CURVE)

    assert (found.share, found.trials) == pytest.approx((share, trials), abs=1e-6)
    assert found.misfit == pytest.approx(0.0, abs=1e-9)


def test_a_top_answer_is_told_as_a_full_score_and_never_as_more() -> None:
    pool = graded(np.array([1.5]), np.array([[-0.7, 0.3, 1.3]]), GRID.nodes)
    likelihood = pool.log_probability[0, 3]
    mass = normalise((likelihood + standard_normal_log_density(GRID))[None, :])[0]

    found = as_one_observation(likelihood, mass, CURVE)

    assert found.share == 1.0
    assert 1.0 < found.trials < 5.0


def test_answers_that_say_nothing_count_as_no_trials() -> None:
    found = as_one_observation(np.zeros(GRID.nodes.size), STANDARD_NORMAL, CURVE)

    assert (found.share, found.trials) == (0.5, 0.0)
