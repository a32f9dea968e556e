import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.models.curves import expected_scores
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.scoring.summed import ExpectedScoreUnreachable
from liangcai.measurement.standard_setting.angoff import Angoff, angoff
from liangcai.measurement.standard_setting.judge_consistency import (
    JudgeConsistency,
    consistency_with_curves,
    consistency_with_p_values,
)
from liangcai.measurement.standard_setting.panel import JudgementsInvalid, PanelCut, panel_cut
from liangcai.measurement.standard_setting.rounds import Convergence, convergence
from liangcai.measurement.standard_setting.theta_cut import ThetaCut, theta_cut

TABLE = np.array([[0.6, 0.8, 0.4, 0.9], [0.5, 0.7, 0.5, 0.8], [0.7, 0.9, 0.3, 0.9]])
ITEMS = ItemParameters.from_json(
    [{"item": str(n), "a": 1.0 + 0.1 * n, "b": b} for n, b in enumerate([0.2, -0.6, 0.9, -1.2])]
)


def test_a_judges_cut_is_the_sum_of_shares_and_the_panels_their_mean() -> None:
    found = angoff(TABLE, judges=["Li", "Wang", "Zhao"])

    np.testing.assert_allclose(found.panel.judge_cuts, [2.7, 2.5, 2.8])
    assert found.cut == pytest.approx(8.0 / 3)
    assert found.standard_error == pytest.approx(np.std([2.7, 2.5, 2.8], ddof=1) / math.sqrt(3))
    np.testing.assert_allclose(found.panel.without, [2.65, 2.75, 2.6])


def test_percentages_and_points_say_the_same_as_shares() -> None:
    highest = [1.0, 2.0, 1.0, 3.0]

    by_share = angoff(TABLE, highest=highest)
    by_percent = angoff(100 * TABLE, judged="percent", highest=highest)
    by_points = angoff(TABLE * highest, judged="points", highest=highest)

    assert by_percent.cut == pytest.approx(by_share.cut)
    assert by_points.cut == pytest.approx(by_share.cut)


def test_yes_and_no_count_the_items_that_the_typical_person_gets() -> None:
    found = angoff([[1, 0, 1, 1], [1, 1, 0, 1]], judged="yes-no", highest=[1, 1, 2, 1])

    np.testing.assert_allclose(found.panel.judge_cuts, [4.0, 3.0])


def test_variance_components_are_those_of_the_two_way_analysis_of_variance() -> None:
    """Mean squares by hand from their definition; Brennan & Lockwood (1980) for the error."""
    judges, items = TABLE.shape
    by_judge, by_item, grand = TABLE.mean(axis=1), TABLE.mean(axis=0), TABLE.mean()
    ms_judge = items * ((by_judge - grand) ** 2).sum() / (judges - 1)
    ms_item = judges * ((by_item - grand) ** 2).sum() / (items - 1)
    residual = TABLE - by_judge[:, None] - by_item + grand
    ms_residual = (residual**2).sum() / ((judges - 1) * (items - 1))

    found = angoff(TABLE)

    judge = max((ms_judge - ms_residual) / items, 0.0)
    item = (ms_item - ms_residual) / judges
    assert found.judge_variance == pytest.approx(judge)
    assert found.item_variance == pytest.approx(item)
    assert found.judge_item_variance == pytest.approx(ms_residual)
    error = items * math.sqrt(judge / judges + item / items + ms_residual / (judges * items))
    assert found.error_with_items == pytest.approx(error)


def test_components_of_a_simulated_panel_are_recovered_with_judgements_missing() -> None:
    rng = np.random.default_rng(12)
    points = 50 + 3 * rng.normal(size=(200, 1)) + 5 * rng.normal(size=150)
    points = points + 4 * rng.normal(size=(200, 150))
    points[rng.random(points.shape) < 0.3] = np.nan

    found = angoff(points, judged="points", highest=100.0)

    assert math.sqrt(found.judge_variance) == pytest.approx(3, rel=0.15)
    assert math.sqrt(found.item_variance) == pytest.approx(5, rel=0.15)
    assert math.sqrt(found.judge_item_variance) == pytest.approx(4, rel=0.03)


def test_a_missing_judgement_is_filled_by_judge_and_item_not_by_the_judges_mean() -> None:
    additive = np.add.outer([0.0, 0.1, -0.1], [0.3, 0.5, 0.8])
    holes = additive.copy()
    holes[1, 2] = np.nan

    found = angoff(holes)

    np.testing.assert_allclose(found.panel.judge_cuts, additive.sum(axis=1))
    np.testing.assert_array_equal(found.judged, [3, 3, 2])


@settings(deadline=None, max_examples=40)
@given(
    st.permutations(range(3)), st.permutations(range(4)), st.sets(st.integers(0, 11), max_size=3)
)
def test_the_order_of_judges_and_items_changes_nothing(
    judges: list[int], items: list[int], missing: set[int]
) -> None:
    table = TABLE.copy()
    table.flat[list(missing)] = np.nan
    if np.isnan(table).all(axis=0).any():
        return

    one, other = angoff(table), angoff(table[judges][:, items])

    assert other.cut == pytest.approx(one.cut)
    assert other.standard_error == pytest.approx(one.standard_error)
    assert other.error_with_items == pytest.approx(one.error_with_items)


def test_the_trimmed_mean_and_the_median_resist_one_judge() -> None:
    cuts = [50.0, 51, 52, 53, 54, 55, 56, 57, 58, 95]

    mean, trimmed, median = (panel_cut(cuts, summary=s) for s in ("mean", "trimmed", "median"))

    assert mean.cut == pytest.approx(58.1)
    assert trimmed.cut == pytest.approx(54.5)
    assert median.cut == pytest.approx(54.5)
    assert trimmed.standard_error < mean.standard_error
    assert mean.columns()["influence"].argmax() == 9


def test_the_medians_error_is_the_exact_bootstrap_for_an_odd_number_of_judges() -> None:
    cuts = np.array([3.0, 4.5, 5.0, 8.0, 9.0])
    every = np.stack(np.meshgrid(*[cuts] * 5)).reshape(5, -1)

    found = panel_cut(cuts, summary="median")

    assert found.standard_error == pytest.approx(np.median(every, axis=0).std(), rel=1e-12)


def test_standard_errors_cover_the_cut_of_all_judges() -> None:
    rng = np.random.default_rng(7)
    panels = [panel_cut(rng.normal(60, 5, 12)) for _ in range(400)]

    inside = [p.interval()[0] <= 60 <= p.interval()[1] for p in panels]

    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_a_single_judge_has_a_cut_and_no_error() -> None:
    found = angoff([[0.5, 0.7]])

    assert found.cut == pytest.approx(1.2)
    assert math.isnan(found.standard_error)
    assert math.isnan(found.error_with_items)


def test_results_read_back_from_their_json_form() -> None:
    found = angoff(TABLE)

    again = Angoff.from_json(found.to_json())

    assert again.summary() == found.summary()
    assert PanelCut.from_json(found.panel.to_json()).facts() == found.panel.facts()
    on_theta = theta_cut(ITEMS, cut=2.0, standard_error=0.3)
    assert ThetaCut.from_json(on_theta.to_json()) == on_theta
    judges = consistency_with_curves(found, ITEMS)
    assert JudgeConsistency.from_json(judges.to_json()).summary() == judges.summary()


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ([[0.5, 1.2]], {}, "judge 1, item 2: 1.2"),
        ([[50.0, 101.0]], {"judged": "percent"}, "percent"),
        ([[0.5, 1.0]], {"judged": "yes-no"}, "yes-no"),
        ([[0.5, 3.0]], {"judged": "points", "highest": [1, 2]}, "points"),
        ([[0.5], [np.nan]], {}, "judge 2 has no judgement"),
        ([[0.5, np.nan], [0.4, np.nan]], {}, "item 2 has no judgement"),
        ([[0.5, np.nan], [np.nan, 0.4]], {}, "share no judge"),
        ([], {}, "judges × items"),
        ([[0.5, 0.5]], {"judges": ["a", "b"]}, "1 judges"),
        ([[0.5, 0.5]], {"highest": 0.0}, "above 0"),
        ([[0.5, 0.5]], {"summary": "mode"}, "summary"),
    ],
)
def test_judgements_that_do_not_fit_are_refused_by_place(
    table: list[list[float]], options: dict[str, object], message: str
) -> None:
    with pytest.raises(JudgementsInvalid, match=message):
        angoff(table, **options)


def test_rounds_show_judges_moving_together() -> None:
    first = angoff(TABLE, judges=["Li", "Wang", "Zhao"]).panel
    second = angoff(0.5 * TABLE + 0.5 * TABLE.mean(axis=0), judges=["Li", "Wang", "Zhao"]).panel

    found = convergence([first, second])

    assert found.spread[1] == pytest.approx(0.5 * found.spread[0])
    assert found.cut[1] == pytest.approx(found.cut[0])
    assert found.correlation[1] == pytest.approx(1.0)
    assert found.moved[1] == pytest.approx(0.5 * np.abs(first.judge_cuts - first.cut).mean())
    assert Convergence.from_json(found.to_json()).summary() == found.summary()


def test_rounds_without_a_common_judge_are_refused() -> None:
    one, two = (panel_cut([1.0, 2.0], judges=names) for names in (["a", "b"], ["c", "d"]))

    with pytest.raises(JudgementsInvalid, match="rounds 1 and 2"):
        convergence([one, two])
    with pytest.raises(JudgementsInvalid, match="two rounds"):
        convergence([one])


def test_a_judge_who_follows_the_item_curves_is_wholly_consistent() -> None:
    theta = np.array([-0.3, 0.4])

    found = consistency_with_curves(angoff(expected_scores(ITEMS, theta).T), ITEMS)

    np.testing.assert_allclose(found.theta, theta, atol=1e-9)
    np.testing.assert_allclose(found.index, 1.0, atol=1e-9)
    np.testing.assert_allclose(found.error, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.correlation, 1.0, atol=1e-9)


def test_a_judge_who_turns_difficulty_round_is_not() -> None:
    easy_first = expected_scores(ITEMS, np.array([0.1])).T
    turned = np.sort(easy_first)[:, np.argsort(np.argsort(-easy_first[0]))]

    found = consistency_with_curves(angoff(np.vstack([easy_first, turned])), ITEMS)

    assert found.index[1] < found.index[0]
    assert found.correlation[1] < 0 < found.correlation[0]


def test_p_values_are_matched_but_for_the_judges_level() -> None:
    p_values = np.array([0.55, 0.7, 0.4, 0.8])

    found = consistency_with_p_values(angoff([p_values - 0.1, [0.5] * 4]), p_values)

    assert found.correlation[0] == pytest.approx(1.0)
    assert found.error[0] == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(found.correlation[1])
    assert found.error[1] == pytest.approx(p_values.std())


def test_consistency_asks_for_the_judged_items() -> None:
    with pytest.raises(JudgementsInvalid, match="p-values"):
        consistency_with_p_values(angoff(TABLE), [0.5, 0.5])
    with pytest.raises(JudgementsInvalid, match="those judged"):
        consistency_with_curves(angoff(TABLE[:, :2]), ITEMS)


def test_a_raw_cut_goes_through_the_test_characteristic_curve() -> None:
    found = theta_cut(ITEMS, cut=2.5, standard_error=0.2)

    ends = theta_cut(ITEMS, cut=2.5 + 1e-5).theta, theta_cut(ITEMS, cut=2.5 - 1e-5).theta
    assert expected_scores(ITEMS, np.array([found.theta])).sum() == pytest.approx(2.5)
    assert found.standard_error == pytest.approx(0.2 * (ends[0] - ends[1]) / 2e-5, rel=1e-5)


def test_a_raw_cut_that_guessing_alone_earns_has_no_ability() -> None:
    guessed = ItemParameters.from_json([{"item": "1", "a": 1, "b": 0, "c": 0.25}])

    with pytest.raises(ExpectedScoreUnreachable):
        theta_cut(guessed, cut=0.2)
