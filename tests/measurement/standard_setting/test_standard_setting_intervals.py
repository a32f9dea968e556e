"""Intervals hold what they promise, and input that cannot be judged is refused; all data synthetic."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.standard_setting.angoff import angoff
from liangcai.measurement.standard_setting.body_of_work import body_of_work
from liangcai.measurement.standard_setting.bookmark import bookmark, ordered_item_booklet
from liangcai.measurement.standard_setting.borderline import (
    borderline_group,
    borderline_regression,
)
from liangcai.measurement.standard_setting.consequences import consequences
from liangcai.measurement.standard_setting.ebel import ebel
from liangcai.measurement.standard_setting.groups import contrasting_groups
from liangcai.measurement.standard_setting.hofstee import hofstee
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, Summary, panel_cut
from liangcai.measurement.standard_setting.theta_cut import theta_cut

ITEMS = ItemParameters.from_json([{"item": "1", "a": 1.0, "b": 0.0}, {"item": "2", "a": 1, "b": 1}])
SCORES = np.random.default_rng(1).normal(size=60)
MASTERS = (SCORES + np.random.default_rng(2).normal(size=60)) > 0.0


@pytest.mark.parametrize("judges", [5, 12])
@pytest.mark.parametrize("summary", ["mean", "median", "trimmed"])
def test_a_panels_interval_covers_the_cut_of_all_judges(judges: int, summary: Summary) -> None:
    """1,000 panels: 95 %, sd 0.7 %; a median of five, whose error is rough, may cover more."""
    rng = np.random.default_rng(judges)
    panels = [panel_cut(rng.normal(size=judges), summary=summary) for _ in range(1000)]

    inside = np.mean([low <= 0.0 <= high for low, high in (one.interval() for one in panels)])

    assert 0.93 < inside < (0.99 if summary == "median" else 0.97)


def test_a_small_panels_interval_is_students() -> None:
    found = panel_cut([10.0, 12.0, 13.0, 13.5])

    reference = stats.t.interval(0.95, 3, loc=found.cut, scale=stats.sem([10.0, 12.0, 13.0, 13.5]))
    assert found.interval() == pytest.approx(reference)
    assert found.degrees_of_freedom == 3
    assert panel_cut(np.arange(20.0), summary="trimmed").degrees_of_freedom == 15
    assert all(map(math.isnan, panel_cut([10.0]).interval()))


def test_an_examinations_error_counts_that_the_same_persons_sit_every_station() -> None:
    """400 examinations, residuals of a person correlated 0.4, a tenth absent: 95 %, sd 1.1 %."""
    rng = np.random.default_rng(4)
    covered, independent = [], []
    for _ in range(400):
        ability = 0.7 * rng.normal(size=(40, 1))
        grades = np.clip(np.round(2 + ability + rng.normal(size=(40, 6))), 0, 4)
        residual = math.sqrt(0.4) * rng.normal(size=(40, 1)) + math.sqrt(0.6) * rng.normal(
            size=(40, 6)
        )
        scores = 40 + 8 * grades + 5 * residual
        scores[rng.random(scores.shape) < 0.1] = np.nan
        found = borderline_regression(scores, grades, borderline=1.0)
        low, high = found.facts()["95 % interval"]
        covered.append(low <= 48.0 <= high)
        narrow = math.sqrt((found.station_errors**2).sum()) / 6
        independent.append(abs(found.cut - 48.0) <= 2.0 * narrow)

    assert 0.92 < np.mean(covered) < 0.98
    assert np.mean(independent) < 0.88


def test_a_filled_judgement_stays_within_the_items_points() -> None:
    """The additive fit puts judge 1 at 1.9 points of an item of one point: no judge could say so."""
    found = angoff([[1.0, np.nan], [0.0, 1.0], [0.1, 0.9]])

    assert found.points[0, 1] == 1.0
    assert found.panel.judge_cuts[0] == 2.0


def test_the_error_with_items_is_that_of_a_mean_alone() -> None:
    table = np.random.default_rng(3).random((5, 8))

    assert angoff(table).error_with_items > 0.0
    assert math.isnan(angoff(table, summary="median").error_with_items)


@pytest.mark.parametrize("curve", ["logistic", "normal", "kernel"])
def test_a_distant_origin_of_the_scale_costs_no_digit(curve: str) -> None:
    near = contrasting_groups(SCORES, MASTERS, curve=curve)
    far = contrasting_groups(1e8 + SCORES, MASTERS, curve=curve)

    assert far.cut - 1e8 == pytest.approx(near.cut, abs=1e-5)
    assert far.standard_error == pytest.approx(near.standard_error, rel=1e-5)


def test_no_compromise_lies_above_the_highest_score() -> None:
    """Everybody fails above it: the rate jumps there past what the judges accept."""
    answers = {"lowest_failure_rate": [0.1], "highest_failure_rate": [0.5]}

    found = hofstee([7.0] * 10, lowest_cut=[5.0], highest_cut=[9.0], **answers)

    assert (found.cut, found.failure_rate) == (7.0, 0.0)


NAN_MASTERS = np.where(np.arange(60) < 3, np.nan, MASTERS.astype(float))
CELLS = [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: angoff([["a", "b"]]), "must be numbers"),
        (lambda: angoff([[0.1, 0.2], [0.1]]), "must be numbers"),
        (lambda: angoff([[0.1, 0.2]], highest=[1.0, 2.0, 3.0]), "or 2"),
        (lambda: angoff([[0.1, 0.2]], items=["a", "a"]), "different names"),
        (lambda: panel_cut(["a"]), "must be numbers"),
        (lambda: contrasting_groups(SCORES, NAN_MASTERS), "neither a master"),
        (lambda: contrasting_groups(SCORES, 2.0 * MASTERS), "neither a master"),
        (lambda: contrasting_groups(SCORES, ["no", "yes"] * 30), "must be numbers"),
        (lambda: borderline_group(["a", "b"]), "must be numbers"),
        (lambda: borderline_regression([1, 2, 3, np.inf], [1, 2, 3, 4], borderline=2), "finite"),
        (
            lambda: borderline_regression(
                np.ones((4, 2)), np.ones((4, 2)), borderline=2, stations=["a", "a"]
            ),
            "different names",
        ),
        (lambda: body_of_work([1, 2], [[np.nan, np.nan]], categories="ab"), "sorted no work"),
        (lambda: body_of_work([1, 2], [["a", "b"]], categories="ab"), "must be numbers"),
        (lambda: consequences([1, 2], cut=1, groups=["a", None]), "no group label"),
        (lambda: consequences([1, 2], cut=1, groups=[1.0, np.nan]), "no group label"),
        (lambda: theta_cut(ITEMS, cut=1.0, standard_error=-1.0), "at least 0"),
        (
            lambda: ordered_item_booklet(ITEMS.select(np.array([], dtype=np.intp))),
            "at least one item",
        ),
        (lambda: ordered_item_booklet(ITEMS, guessing="lost"), "kept or removed"),
        (lambda: bookmark(ordered_item_booklet(ITEMS), ["a"]), "must be numbers"),
        (
            lambda: ebel(
                CELLS,
                CELLS,
                shares=[[0.2, 0.5], [0.5, 0.5]],
                difficulties="ab",
                relevances="cd",
                highest=[1.0, 2.0, 3.0],
            ),
            "or 2",
        ),
    ],
)
def test_what_is_no_judgement_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(JudgementsInvalid, match=said):
        make()
