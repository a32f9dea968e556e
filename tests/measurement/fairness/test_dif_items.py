"""DIF of whole tests: classes, flags, invariances, degenerate input, the null."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measurement.fairness.conftest import graded, simulated

from liangcai.measurement.arrays import Array
from liangcai.measurement.fairness.comparison import GroupsUnclear
from liangcai.measurement.fairness.dichotomous import NotDichotomous
from liangcai.measurement.fairness.logistic import LogisticDif, QuestionUnknown, logistic_dif
from liangcai.measurement.fairness.mantel_haenszel import (
    MantelHaenszelDif,
    ets_classes,
    mantel_haenszel,
)
from liangcai.measurement.fairness.matching import Matching, MatchingImpossible
from liangcai.measurement.fairness.odds_homogeneity import OddsHomogeneity, odds_homogeneity
from liangcai.measurement.fairness.polytomous import (
    JointDif,
    PolytomousDif,
    joint_dif,
    polytomous_dif,
)
from liangcai.measurement.fairness.stratified import (
    FourCounts,
    common_odds,
)
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.significance import AdjustmentUnknown, LevelImpossible


def test_an_item_of_the_screen_equals_the_strata_counted_by_hand() -> None:
    responses = simulated(dif={4: 1.0})
    score = responses.scores.sum(axis=1, dtype=int)
    focal = responses.groups == responses.group_names.index("f")
    right = responses.scores[:, 4] == 1
    counts = [
        np.bincount(score[members & answer], minlength=13).astype(float)
        for members in (~focal, focal)
        for answer in (right, ~right)
    ]
    odds = common_odds(FourCounts(*counts))

    found = mantel_haenszel(responses, reference="r")

    assert found.delta[4] == pytest.approx(-2.35 * math.log(float(odds.alpha)))
    assert found.delta_se[4] == pytest.approx(2.35 * float(odds.log_se))
    assert found.flagged_items() == ("5",)
    assert found.ets_class[4] == "C"
    assert found.low[4] < found.delta[4] < found.high[4] < 0


def test_the_classes_follow_the_ets_rule() -> None:
    delta = np.array([0.9, 1.2, 1.2, -1.6, -1.6, 2.5, -np.inf, np.nan])
    se = np.array([0.1, 0.9, 0.3, 0.5, 0.3, 0.5, np.nan, np.nan])
    p = np.array([0.001, 0.2, 0.001, 0.01, 0.001, 0.001, 0.001, np.nan])

    classes = ets_classes(delta, se, p)

    # −1.6 with error 0.5 is not significantly beyond 1 (z = 1.2 < 1.645): B, not C.
    assert classes == ("A", "A", "B", "B", "C", "C", "B", "–")


@given(st.permutations(range(6)), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_order_of_items_and_persons_does_not_matter(order: list[int], seed: int) -> None:
    responses = simulated(persons=300, items=6, dif={1: 0.8}, seed=seed)
    shuffled = responses.select_items(np.array(order)).select_persons(
        np.random.default_rng(seed).permutation(300)
    )

    here, there = (mantel_haenszel(r, reference="r") for r in (responses, shuffled))
    logistic = [logistic_dif(r, reference="r") for r in (responses, shuffled)]

    place = np.array(order)
    np.testing.assert_allclose(here.delta[place], there.delta, rtol=1e-10)
    np.testing.assert_allclose(here.p[place], there.p, rtol=1e-9)
    np.testing.assert_allclose(logistic[0].both_chi2[place], logistic[1].both_chi2, atol=1e-6)


def test_exchanging_reference_and_focal_group_turns_the_signs() -> None:
    responses = simulated(dif={2: 0.7})

    for screen in (mantel_haenszel, logistic_dif):
        here, there = screen(responses, reference="r"), screen(responses, reference="f")
        np.testing.assert_allclose(here.delta, -there.delta, atol=1e-6)
    np.testing.assert_allclose(
        polytomous_dif(responses, reference="r").mantel,
        polytomous_dif(responses, reference="f").mantel,
        rtol=1e-10,
    )


def test_weights_count_persons() -> None:
    responses = simulated(persons=400)
    doubled = responses_of(
        responses.scores,
        groups=np.array(responses.group_names)[responses.groups],
        weights=np.full(400, 2.0),
    )
    twice = responses.select_persons(np.tile(np.arange(400), 2))

    for screen in (mantel_haenszel, logistic_dif, polytomous_dif):
        one = screen(doubled, reference="r").columns()
        two = screen(twice, reference="r").columns()
        for name, values in one.items():
            if isinstance(values, np.ndarray) and values.dtype.kind == "f":
                np.testing.assert_allclose(values, two[name], rtol=1e-6, atol=1e-8)


def test_several_focal_groups_are_compared_in_pairs_and_at_once() -> None:
    responses = graded(shift=0.8)

    pairs = polytomous_dif(responses, reference="r", focal=("f", "g"), adjustment="holm")
    joint = joint_dif(responses, reference="r", adjustment="benjamini-hochberg")

    assert (pairs.item[:3], pairs.focal[:3]) == (("1", "1", "2"), ("f", "g", "f"))
    assert pairs.flagged[0]
    assert not pairs.flagged[1]
    assert pairs.psi_low[0] > 1
    assert pairs.smd[0] < 0
    assert "1" in joint.flagged_items()
    assert (joint.df == 6).all()


def test_an_item_without_variance_or_group_has_no_test_and_no_flag() -> None:
    responses = simulated(persons=400)
    scores = responses.scores.copy()
    scores[:, 0] = 1
    focal = responses.groups == responses.group_names.index("f")
    held = Matching(anchors=tuple(str(n) for n in range(3, 13)))
    scores[focal, 1] = -1
    degenerate = responses_of(scores, groups=np.array(responses.group_names)[responses.groups])

    uniform = mantel_haenszel(degenerate, reference="r", matching=held)
    regression = logistic_dif(degenerate, reference="r", matching=held)
    several = polytomous_dif(degenerate, reference="r", matching=held)

    assert uniform.ets_class[:2] == ("–", "–")
    assert regression.jodoin_gierl[:2] == ("–", "–")
    assert several.effect_class[:2] == ("–", "–")
    for result in (uniform, regression, several):
        assert not result.flagged[:2].any()
        assert np.isfinite(result.columns()["p_adjusted"][2:]).all()


def test_small_groups_are_marked() -> None:
    assert mantel_haenszel(simulated(persons=398), reference="r").small.all()
    assert not mantel_haenszel(simulated(persons=600), reference="r").small.any()


def test_scores_above_one_are_refused_by_the_dichotomous_method() -> None:
    with pytest.raises(NotDichotomous, match="polytomous_dif"):
        mantel_haenszel(graded(persons=60), reference="r")


def test_unclear_groups_levels_and_anchors_are_refused() -> None:
    responses = simulated(persons=40)

    with pytest.raises(GroupsUnclear, match="'x'"):
        mantel_haenszel(responses, reference="x")
    with pytest.raises(GroupsUnclear, match="all different"):
        mantel_haenszel(responses, reference="r", focal="r")
    with pytest.raises(GroupsUnclear, match="no groups"):
        mantel_haenszel(responses_of(responses.scores), reference="r")
    with pytest.raises(LevelImpossible):
        mantel_haenszel(responses, reference="r", level=5.0)
    with pytest.raises(MatchingImpossible, match="99"):
        mantel_haenszel(responses, reference="r", matching=Matching(anchors=("99",)))
    with pytest.raises(MatchingImpossible, match="2 classes"):
        mantel_haenszel(responses, reference="r", matching=Matching(classes=1))


def test_names_that_mean_nothing_here_are_refused() -> None:
    responses = simulated(persons=40)

    with pytest.raises(QuestionUnknown, match="'uniforn'"):
        logistic_dif(responses, reference="r", question="uniforn")  # type: ignore[arg-type]
    with pytest.raises(AdjustmentUnknown, match="'fdr'"):
        mantel_haenszel(responses, reference="r", adjustment="fdr")  # type: ignore[arg-type]
    with pytest.raises(MatchingImpossible, match="'without'"):
        mantel_haenszel(responses, reference="r", matching=Matching(studied="without"))  # type: ignore[arg-type]


@pytest.mark.parametrize("items", [0, 1, 3])
def test_a_test_without_items_or_right_answers_has_no_flags(items: int) -> None:
    empty = responses_of(np.zeros((4, items), dtype=np.int8), groups=["r", "r", "f", "f"])

    for screen in (mantel_haenszel, logistic_dif, polytomous_dif, joint_dif, odds_homogeneity):
        assert screen(empty, reference="r").flagged_items() == ()


def test_one_person_in_each_group_gives_no_test_and_no_error() -> None:
    responses = responses_of([[0, 1], [1, 0]], groups=["r", "f"])

    assert not mantel_haenszel(responses, reference="r").flagged.any()
    assert logistic_dif(responses, reference="r").jodoin_gierl == ("–", "–")
    assert np.isnan(odds_homogeneity(responses, reference="r").tarone).all()
    assert not polytomous_dif(responses, reference="r").flagged.any()


def test_under_no_dif_about_one_in_twenty_tests_rejects() -> None:
    p: dict[str, list[Array]] = {"mh": [], "uniform": [], "both": [], "mantel": [], "trend": []}
    for seed in range(40):
        responses = simulated(persons=1000, items=20, seed=seed)
        p["mh"].append(mantel_haenszel(responses, reference="r").p)
        regression = logistic_dif(responses, reference="r")
        p["uniform"].append(regression.uniform_p)
        p["both"].append(regression.both_p)
        p["mantel"].append(polytomous_dif(responses, reference="r").mantel_p)
        p["trend"].append(odds_homogeneity(responses, reference="r").trend_p)

    rates = {name: float((np.concatenate(values) <= 0.05).mean()) for name, values in p.items()}

    # 800 tests: a rate of 5 % is known to 0.8 percentage points; three of those, and the
    # continuity correction makes Mantel–Haenszel a little conservative.
    for name, rate in rates.items():
        assert 0.02 <= rate <= 0.075, (name, rate)


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (mantel_haenszel(simulated(), reference="r"), MantelHaenszelDif),
        (odds_homogeneity(simulated(), reference="r"), OddsHomogeneity),
        (logistic_dif(simulated(), reference="r"), LogisticDif),
        (polytomous_dif(graded(), reference="r"), PolytomousDif),
        (joint_dif(graded(), reference="r"), JointDif),
    ],
)
def test_results_read_back_from_their_json_form(result: object, kind: type) -> None:
    again = kind.from_json(result.to_json())  # type: ignore[attr-defined]

    assert again.summary() == result.summary()  # type: ignore[attr-defined]
    assert len({len(values) for values in again.columns().values()}) == 1
