import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from liangcai.measurement.classification.rudner import from_reliability, rudner
from liangcai.measurement.classification.tables import ClassificationInvalid
from liangcai.measurement.standard_setting.consequences import Consequences, consequences
from liangcai.measurement.standard_setting.hofstee import CompromiseMissing, Hofstee, hofstee
from liangcai.measurement.standard_setting.panel import JudgementsInvalid

SCORES = np.random.default_rng(14).normal(60, 10, 500)
ANSWERS = {
    "lowest_cut": [50.0, 54.0],
    "highest_cut": [66.0, 62.0],
    "lowest_failure_rate": [0.05, 0.1],
    "highest_failure_rate": [0.6, 0.5],
}


def test_the_middle_row_is_the_cut_itself() -> None:
    found = consequences(SCORES, cut=58.0, cut_error=1.5)

    np.testing.assert_allclose(found.cuts, [55, 56.5, 58, 59.5, 61])
    np.testing.assert_allclose(
        found.pass_rate, [np.greater_equal(SCORES, c).mean() for c in found.cuts]
    )
    assert np.isnan(found.accuracy).all()


def test_intervals_are_those_of_wilson_as_scipy_computes_them() -> None:
    found = consequences(SCORES, cut=58.0)

    passed = int((SCORES >= 58).sum())
    reference = stats.binomtest(passed, 500).proportion_ci(0.95, method="wilson")
    assert (found.low[2], found.high[2]) == pytest.approx(reference)


def test_accuracy_and_consistency_are_those_of_the_classification_methods() -> None:
    se = np.random.default_rng(1).uniform(2, 5, 500)

    by_errors = consequences(SCORES, cut=58.0, cut_error=2.0, standard_errors=se)
    by_reliability = consequences(SCORES, cut=58.0, cut_error=2.0, reliability=0.85)

    for place, cut in enumerate(by_errors.cuts):
        one = rudner(SCORES, se, cuts=[cut])
        other = from_reliability(SCORES, cuts=[cut], reliability=0.85)
        assert by_errors.accuracy[place] == pytest.approx(one.accuracy)
        assert by_errors.consistency[place] == pytest.approx(one.consistency)
        assert by_reliability.accuracy[place] == pytest.approx(other.accuracy)
        assert by_reliability.consistency[place] == pytest.approx(other.consistency)


def test_groups_add_up_to_the_whole() -> None:
    groups = np.where(np.arange(500) % 3 == 0, "north", "south")

    found = consequences(SCORES, cut=58.0, groups=groups)

    assert found.groups is not None
    assert found.groups.groups == ("north", "south")
    whole = (found.groups.persons @ found.groups.pass_rate) / 500
    assert whole == pytest.approx(found.pass_rate[2])
    assert Consequences.from_json(found.to_json()).summary() == found.summary()


def test_weights_stand_for_equal_persons() -> None:
    one = consequences([1.0, 2.0, 3.0], cut=2.0, weights=[1, 2, 3], standard_errors=1.0)
    other = consequences(np.repeat([1.0, 2.0, 3.0], [1, 2, 3]), cut=2.0, standard_errors=1.0)

    np.testing.assert_allclose(one.pass_rate, other.pass_rate)
    np.testing.assert_allclose(one.accuracy, other.accuracy)


@settings(deadline=None, max_examples=40)
@given(st.floats(30, 90), st.floats(0, 5), st.floats(0.2, 0.98))
def test_a_higher_cut_passes_fewer_and_shares_are_probabilities(
    cut: float, error: float, reliability: float
) -> None:
    found = consequences(SCORES, cut=cut, cut_error=error, reliability=reliability)

    assert (np.diff(found.pass_rate) <= 1e-12).all()
    assert ((found.low <= found.pass_rate) & (found.pass_rate <= found.high)).all()
    assert ((found.accuracy >= 0) & (found.accuracy <= 1 + 1e-12)).all()


def test_everybody_or_nobody_passing_still_has_an_interval() -> None:
    found = consequences([70.0] * 10, cut=60.0, standard_errors=2.0)

    assert found.pass_rate[2] == 1.0
    assert found.low[2] == pytest.approx(1 / (1 + stats.norm.ppf(0.975) ** 2 / 10))
    assert found.high[2] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"cut": math.nan}, JudgementsInvalid),
        ({"cut": 1.0, "cut_error": -1.0}, JudgementsInvalid),
        ({"cut": 1.0, "standard_errors": 0.0}, JudgementsInvalid),
        ({"cut": 1.0, "standard_errors": 1.0, "reliability": 0.5}, JudgementsInvalid),
        ({"cut": 1.0, "groups": ["a"]}, JudgementsInvalid),
        ({"cut": 1.0, "reliability": 1.5}, ClassificationInvalid),
        ({"cut": 1.0, "weights": [0.0, 0.0]}, ClassificationInvalid),
        ({"cut": 1.0, "groups": ["a", "b"], "weights": [0.0, 1.0]}, JudgementsInvalid),
    ],
)
def test_what_has_no_consequences_is_refused(
    options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        consequences([1.0, 2.0], **options)


def test_nobody_and_missing_scores_are_refused() -> None:
    with pytest.raises(ClassificationInvalid):
        consequences([], cut=1.0)
    with pytest.raises(JudgementsInvalid):
        consequences([math.nan], cut=1.0)


def test_hofstees_cut_lies_on_the_diagonal_and_on_the_failure_curve() -> None:
    scores = np.arange(40.0, 80.0)

    found = hofstee(scores, **ANSWERS)

    diagonal = 0.55 - (0.55 - 0.075) * (found.cut - 52) / (64 - 52)
    assert diagonal == pytest.approx((found.cut - 40) / 40)
    assert found.failure_rate == (scores < found.cut).mean()
    assert Hofstee.from_json(found.to_json()).summary() == found.summary()


def test_hofstees_error_is_the_jackknife_over_judges() -> None:
    scores = np.arange(40.0, 80.0)
    answers = {name: np.array([*values, values[0]]) for name, values in ANSWERS.items()}

    found = hofstee(scores, **answers)

    rest = [
        hofstee(scores, **{name: np.delete(v, judge) for name, v in answers.items()}).cut
        for judge in range(3)
    ]
    assert found.standard_error == pytest.approx(math.sqrt(2 * np.var(rest)))
    assert math.isnan(hofstee(scores, **{n: v[:1] for n, v in answers.items()}).standard_error)


@pytest.mark.parametrize(("shift", "side"), [(-30.0, "more persons"), (30.0, "fewer persons")])
def test_scores_beside_the_diagonal_leave_no_compromise(shift: float, side: str) -> None:
    with pytest.raises(CompromiseMissing, match=side):
        hofstee(np.arange(40.0, 80.0) + shift, **ANSWERS)


@pytest.mark.parametrize(
    "change",
    [
        {"lowest_cut": [70.0, 54.0]},
        {"lowest_cut": [50.0]},
        {"highest_failure_rate": [1.5, 0.5]},
        {"lowest_failure_rate": [math.nan, 0.1]},
    ],
)
def test_answers_that_contradict_themselves_are_refused(change: dict[str, list[float]]) -> None:
    with pytest.raises(JudgementsInvalid):
        hofstee(np.arange(40.0, 80.0), **(ANSWERS | change))
