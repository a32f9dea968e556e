"""DIF of whole tests: matching, classes, flags, degenerate input, purification."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from liangcai.measurement.fairness.comparison import GroupsUnclear, compare
from liangcai.measurement.fairness.logistic import LogisticDif, logistic_dif
from liangcai.measurement.fairness.mantel_haenszel import (
    MantelHaenszelDif,
    NotDichotomous,
    OddsHomogeneity,
    ets_classes,
    mantel_haenszel,
    odds_homogeneity,
)
from liangcai.measurement.fairness.matching import Matching, MatchingImpossible, matched_tables
from liangcai.measurement.fairness.polytomous import (
    JointDif,
    PolytomousDif,
    joint_dif,
    polytomous_dif,
)
from liangcai.measurement.fairness.purification import Purification, purified
from liangcai.measurement.fairness.stratified import (
    FourCounts,
    common_odds,
)
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.scales import Array
from liangcai.measurement.significance import LevelImpossible, adjusted


def simulated(
    *, persons: int = 1200, items: int = 12, dif: dict[int, float] | None = None, seed: int = 7
) -> Responses:
    """Synthetic 2PL responses of a reference and a focal group; `dif` moves difficulties."""
    rng = np.random.default_rng(seed)
    group = np.arange(persons) % 2
    theta = rng.normal(size=persons) - 0.3 * group
    z = theta[:, None] - np.linspace(-1.5, 1.5, items)
    for item, shift in (dif or {}).items():
        z[:, item] -= shift * group
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    return responses_of(scores, groups=np.array(["r", "f"])[group])


def graded(*, persons: int = 1500, shift: float = 0.0, seed: int = 3) -> Responses:
    """Synthetic graded responses (0 to 3) of three groups; item 1 is harder for group f."""
    rng = np.random.default_rng(seed)
    group = np.arange(persons) % 3
    theta = rng.normal(size=(persons, 1, 1))
    cuts = np.linspace(-0.8, 0.8, 8)[:, None] + np.array([-1.0, 0.0, 1.0])
    moved = shift * ((group == 1)[:, None] & (np.arange(8) == 0))[:, :, None]
    scores = (rng.random((persons, 8))[:, :, None] < expit(1.3 * (theta - cuts - moved))).sum(2)
    return responses_of(scores, groups=np.array(["r", "f", "g"])[group])


@pytest.mark.parametrize("studied", ["included", "excluded"])
@pytest.mark.parametrize("anchors", [None, ("1", "2", "3", "4")])
def test_counts_by_matching_score_equal_counting_each_item_by_itself(
    studied: str, anchors: tuple[str, ...] | None
) -> None:
    responses = graded(persons=200)
    matching = Matching(anchors=anchors, studied=studied)  # type: ignore[arg-type]

    tables = matched_tables(responses, compare(responses, reference="r"), matching)

    chosen = np.isin(responses.items, anchors or responses.items)
    for item in range(responses.item_count):
        inside = chosen.copy()
        inside[item] = studied == "included"
        score = responses.scores[:, inside].sum(axis=1, dtype=int)
        for group, name in enumerate(("r", "f", "g")):
            members = responses.groups == responses.group_names.index(name)
            for category in range(4):
                hit = members & (responses.scores[:, item] == category)
                expected = np.bincount(score[hit], minlength=tables.counts.shape[3])
                np.testing.assert_array_equal(tables.counts[item, category, group], expected)


def test_thick_matching_makes_classes_of_about_equal_size() -> None:
    responses = simulated()

    tables = matched_tables(responses, compare(responses, reference="r"), Matching(classes=4))

    sizes = tables.counts.sum(axis=(1, 2))
    assert sizes.shape == (12, 4)
    assert (sizes.sum(axis=1) == 1200).all()
    assert (sizes > 150).all()
    assert (np.diff(tables.values, axis=1) > 0).all()


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


def test_persons_without_a_matching_score_are_counted_and_left_out() -> None:
    responses = simulated(persons=400)
    scores = responses.scores.copy()
    scores[:10, 3] = -1
    partly = responses_of(scores, groups=np.array(responses.group_names)[responses.groups])
    complete = partly.select_persons(np.arange(10, 400))

    found = mantel_haenszel(partly, reference="r")

    assert found.left_out == 10
    np.testing.assert_allclose(
        found.delta, mantel_haenszel(complete, reference="r").delta, rtol=1e-12
    )


def test_an_outside_ability_matches_where_nobody_answered_everything() -> None:
    responses = simulated(persons=2000, dif={5: 1.2}, seed=11)
    scores = responses.scores.copy()
    scores[np.arange(2000), np.arange(2000) % 12] = -1
    sparse = responses_of(scores, groups=np.array(responses.group_names)[responses.groups])
    rate = np.where(scores >= 0, scores, 0).sum(1) / 11 + 0.001 * np.linspace(0, 1, 2000)

    with pytest.raises(MatchingImpossible, match="outside ability"):
        mantel_haenszel(sparse, reference="r")
    found = mantel_haenszel(sparse, reference="r", matching=Matching(outside=rate))

    assert "6" in found.flagged_items()
    assert found.left_out == 0


def test_logistic_regression_equals_maximum_likelihood_person_by_person() -> None:
    """Independent values: scipy's general minimiser on the persons' own log-likelihood."""
    responses = simulated(persons=600, dif={3: 0.9})
    score = responses.scores.sum(axis=1).astype(float)
    matched = (score - score.mean()) / score.std()
    group = (responses.groups == responses.group_names.index("f")).astype(float)
    design = np.column_stack([np.ones(600), matched, group, matched * group])

    def loss(beta: Array, terms: int) -> float:
        line = design[:, :terms] @ beta
        return float(np.logaddexp(0, line).sum() - responses.scores[:, 3] @ line)

    fits = {k: minimize(loss, np.zeros(k), args=(k,), tol=1e-10) for k in (2, 3, 4)}
    found = logistic_dif(responses, reference="r")

    assert found.uniform_chi2[3] == pytest.approx(2 * (fits[2].fun - fits[3].fun), abs=1e-6)
    assert found.nonuniform_chi2[3] == pytest.approx(2 * (fits[3].fun - fits[4].fun), abs=1e-6)
    assert found.group[3] == pytest.approx(fits[3].x[2], abs=1e-4)
    assert found.interaction[3] == pytest.approx(fits[4].x[3], abs=1e-4)
    share = expit(design[:, :3] @ fits[3].x)
    spread = np.linalg.inv((design[:, :3].T * share * (1 - share)) @ design[:, :3])
    assert found.group_se[3] == pytest.approx(math.sqrt(spread[2, 2]), rel=1e-4)
    rate = float(responses.scores[:, 3].mean())
    null = 600 * (rate * math.log(rate) + (1 - rate) * math.log(1 - rate))
    r2 = [
        (1 - math.exp(2 * (null + fits[k].fun) / 600)) / (1 - math.exp(2 * null / 600))
        for k in (2, 4)
    ]
    assert found.r2_both[3] == pytest.approx(r2[1] - r2[0], abs=1e-7)


def test_the_cumulative_logit_equals_maximum_likelihood_person_by_person() -> None:
    """Independent values: scipy's general minimiser, thresholds as a rising chain."""
    responses = graded(persons=450, shift=0.6)
    chosen = responses.select_persons(responses.groups != responses.group_names.index("g"))
    score = chosen.scores.sum(axis=1).astype(float)
    matched = (score - score.mean()) / score.std()
    group = (chosen.groups == chosen.group_names.index("f")).astype(float)
    design = np.column_stack([matched, group])
    rows = np.arange(score.size)

    def loss(values: Array) -> float:
        cuts = np.cumsum(np.append(values[0], -np.exp(values[1:3])))
        reach = expit(cuts + (design @ values[3:])[:, None])
        edges = np.column_stack([np.ones(rows.size), reach, np.zeros(rows.size)])
        return float(-np.log(-np.diff(edges, axis=1)[rows, chosen.scores[:, 0]]).sum())

    best = minimize(loss, np.array([1.0, 0.0, 0.0, 1.0, 0.0]), tol=1e-9)
    found = logistic_dif(responses, reference="r", focal="f")

    assert found.group[0] == pytest.approx(best.x[4], abs=1e-3)
    assert found.group[0] < 0
    assert found.settled.all()


def test_crossing_curves_are_nonuniform_dif_that_mantel_haenszel_misses() -> None:
    rng = np.random.default_rng(5)  # synthetic
    group = np.arange(4000) % 2
    theta = rng.normal(size=4000)
    z = theta[:, None] - np.linspace(-1, 1, 15)
    z[:, 7] = np.where(group == 1, 0.3, 1.7) * theta
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    responses = responses_of(scores, groups=np.array(["r", "f"])[group])

    uniform = mantel_haenszel(responses, reference="r")
    regression = logistic_dif(responses, reference="r")
    trend = odds_homogeneity(responses, reference="r")

    assert "8" not in uniform.flagged_items()
    assert regression.nonuniform_p[7] < 1e-6
    assert regression.interaction[7] < 0
    assert trend.trend_p[7] < 1e-6


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


def test_an_item_that_separates_the_groups_has_a_likelihood_ratio_but_no_wald_test() -> None:
    rng = np.random.default_rng(2)  # synthetic
    group = np.arange(300) % 2
    scores = (rng.random((300, 6)) < 0.5).astype(np.int8)
    scores[:, 0] = 1 - group
    responses = responses_of(scores, groups=np.array(["r", "f"])[group])
    held = Matching(anchors=("2", "3", "4", "5", "6"), studied="excluded")

    regression = logistic_dif(responses, reference="r", matching=held)
    uniform = mantel_haenszel(responses, reference="r", matching=held)

    # Everybody's answer is known from the group: the gain is the whole deviance 2·300·ln 2,
    # less what the matching score explained before.
    assert 380 < regression.both_chi2[0] < 2 * 300 * math.log(2) + 1e-6
    assert math.isnan(regression.group[0])
    assert regression.flagged[0]
    assert uniform.delta[0] == -math.inf
    assert math.isnan(uniform.delta_se[0])
    assert uniform.flagged[0]


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


def test_one_person_in_each_group_gives_no_test_and_no_error() -> None:
    responses = responses_of([[0, 1], [1, 0]], groups=["r", "f"])

    assert not mantel_haenszel(responses, reference="r").flagged.any()
    assert logistic_dif(responses, reference="r").jodoin_gierl == ("–", "–")
    assert np.isnan(odds_homogeneity(responses, reference="r").tarone).all()
    assert not polytomous_dif(responses, reference="r").flagged.any()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_values_keep_their_order_and_never_fall(values: list[float]) -> None:
    p = np.array(values)
    order = np.argsort(p)

    for name in ("benjamini-hochberg", "holm"):
        raised = adjusted(p, name)  # type: ignore[arg-type]
        assert (raised >= p - 1e-15).all()
        assert (np.diff(raised[order]) >= 0).all()
        assert (raised <= 1).all()


def test_benjamini_and_hochberg_reject_four_in_their_own_example() -> None:
    # Benjamini & Hochberg (1995), section 4.2: 15 tests; four rejected at 5 %, by Bonferroni three.
    p = np.array(
        [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
            0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
        ]
    )  # fmt: skip

    assert (adjusted(p, "benjamini-hochberg") <= 0.05).sum() == 4
    assert (adjusted(p, "holm") <= 0.05).sum() == 3
    assert np.isnan(adjusted(np.array([np.nan, 0.01]), "holm")).tolist() == [True, False]


def test_purification_finds_the_items_and_clears_the_rest() -> None:
    responses = simulated(persons=6000, items=20, dif={0: 1.2, 7: 1.2, 9: 1.2, 13: 1.2}, seed=21)

    result, rounds = purified(
        lambda anchors: mantel_haenszel(responses, reference="r", matching=Matching(anchors)),
        responses.items,
    )

    assert result.flagged_items() == ("1", "8", "10", "14")
    assert rounds.stop == "stable"
    assert set(rounds.anchors) == set(responses.items) - {"1", "8", "10", "14"}
    plain = mantel_haenszel(responses, reference="r")
    others = np.isin(np.array(responses.items), rounds.anchors)
    # Unpurified matching leans to the other side: clean items seem to favour the focal group.
    assert abs(result.delta[others].mean()) < abs(plain.delta[others].mean())


class Flagger:
    """A result that flags what it is told."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def flagged_items(self) -> tuple[str, ...]:
        return self.names


def test_a_cycle_of_flags_is_seen_and_its_items_are_no_anchors() -> None:
    items = tuple("abcdefgh")

    _, rounds = purified(
        lambda anchors: Flagger(("a",) if "a" in anchors else ("b",)), items, least_anchors=2
    )

    assert rounds.stop == "cycle"
    assert rounds.anchors == tuple("cdefgh")


def test_purification_stops_before_the_anchors_run_out() -> None:
    _, rounds = purified(lambda anchors: Flagger(tuple("abc")), tuple("abcde"), least_anchors=3)

    assert (rounds.stop, rounds.anchors) == ("too few anchors", tuple("abcde"))


def test_purification_without_flags_is_stable_at_once() -> None:
    _, rounds = purified(lambda anchors: Flagger(()), tuple("abcde"))

    assert (rounds.stop, rounds.anchors, len(rounds.history)) == ("stable", tuple("abcde"), 1)


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
        (purified(lambda anchors: Flagger(("a",)), tuple("abcdefgh"))[1], Purification),
    ],
)
def test_results_read_back_from_their_json_form(result: object, kind: type) -> None:
    again = kind.from_json(result.to_json())  # type: ignore[attr-defined]

    assert again.summary() == result.summary()  # type: ignore[attr-defined]
    assert len({len(values) for values in again.columns().values()}) == 1
