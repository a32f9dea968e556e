"""A small sample of `benchmarks/self_assessment.py`: how well invented people are measured."""

from functools import cache

import numpy as np
from tests.grading.self_assessment_walk import plan_for, simulated, walk

from liangcai.grading.evidence import Person
from liangcai.grading.self_assessment import finish
from liangcai.kernel.chance import draw

PERSON = Person(id="synthetic", synthetic=True)
PEOPLE = 40


@cache
def sample() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return truth, estimate, interval ends and adaptive/random errors of the ZS and JN scales."""
    plan = plan_for(budget_seconds=1500, statement_share=0.4)
    truth, estimates, intervals, random = [], [], [], []
    for number in range(PEOPLE):
        theta = 3.0 * (number + 0.5) / PEOPLE - 1.5
        person = simulated(theta, seed=number)
        _, answers = walk(plan, person)
        result = finish(plan, answers, person=PERSON)
        order = sorted(plan.items, key=lambda item: draw(number, "random test", item.code))
        others = [person(plan, item.code) for item in order[: result.items]]
        drawn = finish(plan, others, person=PERSON)
        for element in ("ZS", "JN"):
            truth.append(theta)
            estimates.append(result.tested.element(element).estimate)
            intervals.append(result.tested.element(element).interval)
            random.append(drawn.tested.element(element).estimate)
    return np.array(truth), np.array(estimates), np.array(intervals), np.array(random)


def test_the_intervals_hold_the_true_ability_about_as_often_as_they_say() -> None:
    truth, _, intervals, _ = sample()

    held = np.mean((intervals[:, 0] <= truth) & (truth <= intervals[:, 1]))

    # 80 draws at 0.8 have a standard deviation of 0.045; a uniform truth adds shrinkage at its ends.
    assert 0.66 <= held <= 0.94


def test_errors_are_as_large_as_a_short_test_allows_and_without_direction() -> None:
    truth, estimates, _, _ = sample()

    error = estimates - truth

    assert abs(error.mean()) < 0.25
    assert np.sqrt(np.mean(error**2)) < 0.85


def test_choosing_items_beats_drawing_them() -> None:
    truth, estimates, _, random = sample()

    assert np.corrcoef(truth, estimates)[0, 1] > 0.65
    assert np.mean((estimates - truth) ** 2) < 1.1 * np.mean((random - truth) ** 2)
