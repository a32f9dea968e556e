import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from liangcai.measurement.classification.compound import (
    CompoundClassification,
    CompoundRule,
    compound,
)
from liangcai.measurement.classification.cuts import LevelRule, chance_of_reaching
from liangcai.measurement.classification.normal_regions import both_above
from liangcai.measurement.classification.rudner import rudner
from liangcai.measurement.classification.tables import ClassificationInvalid
from liangcai.measurement.scales import score_of


def simulated(
    rule: CompoundRule, score: list[float], se: list[float], correlations: np.ndarray
) -> float:
    draws = np.random.default_rng(2).multivariate_normal(
        np.zeros(len(score)), correlations, 400_000
    )
    return float(rule.met_by(np.array(score) + np.array(se) * draws).mean())


def equal(parts: int, rho: float) -> np.ndarray:
    return np.eye(parts) * (1 - rho) + rho


def test_independent_parts_without_total_multiply() -> None:
    rule = CompoundRule(cuts=(50.0, 55.0, 60.0))

    found = compound([[52.0, 54.0, 66.0]], [[4.0, 3.0, 5.0]], rule=rule)

    expected = stats.norm.cdf([2 / 4, -1 / 3, 6 / 5]).prod()
    assert found.chance[0] == pytest.approx(expected, rel=1e-12)
    assert found.chance_error[0] == 0.0
    assert not found.passed[0]
    assert found.accuracy[0] == pytest.approx(1 - expected)


def test_a_single_part_is_rudners_classification() -> None:
    scores, se = np.array([48.0, 51.0, 57.0]), np.array([3.0, 2.0, 4.0])

    found = compound(scores[:, None], se[:, None], rule=CompoundRule(cuts=(50.0,)))

    plain = rudner(scores, se, cuts=[50.0])
    np.testing.assert_allclose(found.joint, plain.joint, atol=1e-14)
    np.testing.assert_allclose(found.agreement, plain.agreement, atol=1e-14)


def test_a_total_alone_is_one_normal_score() -> None:
    rule = CompoundRule(cuts=(-np.inf,) * 3, weights=(0.5, 0.3, 0.2), total=60.0)
    correlations = equal(3, 0.4)
    se, weights = np.array([4.0, 3.0, 5.0]), np.array(rule.weights)

    found = compound([[62.0, 58.0, 61.0]], se[None], rule=rule, correlations=correlations)

    sd = np.sqrt(weights * se @ correlations @ (weights * se))
    gap = weights @ np.array([62.0, 58.0, 61.0]) - 60
    assert found.chance[0] == pytest.approx(stats.norm.cdf(gap / sd), rel=1e-12)


@pytest.mark.parametrize("rho", [-0.95, -0.3, 0.0, 0.5, 0.99])
@pytest.mark.parametrize(("one", "other"), [(0.0, 0.0), (0.0, 1.2), (-0.7, 0.4), (2.0, 1.5)])
def test_two_correlated_parts_agree_with_scipys_bivariate_normal(
    one: float, other: float, rho: float
) -> None:
    reference = stats.multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf([-one, -other])

    found = both_above(np.array([one]), np.array([other]), correlation=rho)

    assert found[0] == pytest.approx(reference, abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.999999, 0.999999))
@example(-0.0, 5e-324, 0.999999)
@example(2e-313, 1e-313, -0.5)
def test_the_four_quadrants_add_up_to_one(one: float, other: float, rho: float) -> None:
    h, k = np.array([one]), np.array([other])

    total = both_above(h, k, correlation=rho) + both_above(-h, k, correlation=-rho)
    total = total + both_above(h, -k, correlation=-rho) + both_above(-h, -k, correlation=rho)

    assert total[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.7])
def test_two_parts_with_a_binding_total_are_exact(rho: float) -> None:
    rule = CompoundRule(cuts=(55.0, 55.0), weights=(0.4, 0.6), total=60.0)
    score, se = [58.0, 61.0], [4.0, 3.0]

    found = compound([score], [se], rule=rule, correlations=equal(2, rho))

    assert found.chance_error[0] == 0.0
    assert found.chance[0] == pytest.approx(simulated(rule, score, se, equal(2, rho)), abs=0.003)


@pytest.mark.parametrize(("rho", "total"), [(0.0, 61.0), (0.4, 61.0), (0.4, None), (-0.2, 62.0)])
def test_more_parts_are_sampled_with_an_honest_error(rho: float, total: float | None) -> None:
    rule = CompoundRule(cuts=(55.0,) * 4, weights=(0.1, 0.2, 0.3, 0.4), total=total)
    score, se = [58.0, 61.0, 66.0, 60.0], [4.0, 3.0, 6.0, 5.0]

    found, finer = (
        compound(
            [score],
            [se],
            rule=rule,
            correlations=equal(4, rho),
            rng=np.random.default_rng(1),
            points=points,
        )
        for points in (64, 4096)
    )

    assert 0.0 < finer.chance_error[0] < found.chance_error[0] < 0.005
    assert abs(found.chance[0] - finer.chance[0]) < 5 * found.chance_error[0]
    assert finer.chance[0] == pytest.approx(simulated(rule, score, se, equal(4, rho)), abs=0.003)


def test_sampled_and_exact_forms_agree_where_a_third_part_cannot_fail() -> None:
    rule = CompoundRule(cuts=(55.0, 55.0), weights=(0.5, 0.5), total=60.0)
    three = CompoundRule(cuts=(55.0, 55.0, 0.0), weights=(0.5, 0.5, 0.0), total=60.0)
    scores = np.random.default_rng(5).normal(59, 4, (40, 2))

    exact = compound(scores, np.full((40, 2), 3.0), rule=rule)
    sampled = compound(
        np.column_stack([scores, np.full(40, 500.0)]),
        np.full((40, 3), 3.0),
        rule=three,
        rng=np.random.default_rng(6),
        points=1024,
    )

    assert np.abs(sampled.chance - exact.chance).max() < 1e-4


def test_graded_levels_and_compound_rules_give_one_chance() -> None:
    level = LevelRule((0, 1), (-0.2, 0.3), (0.5, 0.5), None, 0.0, 1.0)
    theta, se = np.array([[0.4, 0.1], [-1.0, 0.9]]), np.array([[0.3, 0.5], [0.4, 0.2]])

    reach = chance_of_reaching([level], theta, se, np.ones((2, 1), dtype=bool))
    found = compound(theta, se, rule=CompoundRule(cuts=level.thresholds))

    np.testing.assert_array_equal(found.chance, reach[:, 0])


def test_the_lattice_of_graded_levels_agrees_where_its_total_is_nearly_linear() -> None:
    """With a flat score map the total of scores is a total of abilities, slope · 24 points a logit."""
    slope, total = 0.01, 60.2
    level = LevelRule((0, 1), (-9.0, -9.0), (0.5, 0.5), total, 0.0, slope)
    needed = (total - float(score_of(0.0, location=0.0, slope=slope))) / (24.0 * slope)
    theta, se = np.array([[0.9, 1.1], [0.2, 0.7]]), np.full((2, 2), 0.5)

    reach = chance_of_reaching([level], theta, se, np.ones((2, 1), dtype=bool))
    rule = CompoundRule(cuts=level.thresholds, weights=level.weights, total=needed)

    np.testing.assert_allclose(compound(theta, se, rule=rule).chance, reach[:, 0], atol=0.003)


def test_a_total_met_exactly_passes_whatever_the_rounding_of_its_shares() -> None:
    rule = CompoundRule(cuts=(0.0,) * 3, weights=(0.3, 0.3, 0.4), total=0.7)

    found = compound(np.full((1, 3), 0.7), np.ones((1, 3)), rule=rule, rng=np.random.default_rng(1))

    assert found.passed[0]


def test_a_total_that_every_passing_person_reaches_changes_nothing() -> None:
    scores, se = [[56.0, 58.0, 57.0]], [[3.0, 3.0, 3.0]]

    free = compound(scores, se, rule=CompoundRule(cuts=(55.0,) * 3))
    idle = compound(
        scores, se, rule=CompoundRule(cuts=(55.0,) * 3, weights=(0.2, 0.3, 0.5), total=55.0)
    )

    assert idle.chance[0] == free.chance[0]


@settings(deadline=None, max_examples=30)
@given(st.floats(50, 65), st.floats(0, 5), st.permutations(range(3)), st.floats(0, 0.6))
def test_higher_scores_and_another_order_of_parts(
    first: float, rise: float, order: list[int], rho: float
) -> None:
    rule = CompoundRule(cuts=(55.0, 50.0, 52.0), weights=(0.5, 0.2, 0.3), total=58.0)
    turned = CompoundRule(
        cuts=tuple(rule.cuts[place] for place in order),
        weights=tuple(rule.weights[place] for place in order),
        total=58.0,
    )
    scores, se = np.array([[first, 60.0, 57.0]]), np.array([[3.0, 4.0, 5.0]])

    def chance(rule: CompoundRule, scores: np.ndarray, se: np.ndarray) -> float:
        rng = np.random.default_rng(3)
        return float(compound(scores, se, rule=rule, correlations=equal(3, rho), rng=rng).chance[0])

    plain = chance(rule, scores, se)
    assert chance(turned, scores[:, order], se[:, order]) == pytest.approx(plain, abs=0.003)
    assert chance(rule, scores + np.array([rise, 0.0, 0.0]), se) >= plain - 1e-3


def test_the_same_generator_gives_the_same_answer() -> None:
    rule = CompoundRule(cuts=(0.0,) * 3, weights=(1.0, 1.0, 1.0), total=1.0)

    one, two = (
        compound([[0.2, 0.5, 0.4]], [[1.0, 1.0, 1.0]], rule=rule, rng=np.random.default_rng(4))
        for _ in range(2)
    )

    assert one.chance[0] == two.chance[0]
    assert CompoundClassification.from_json(one.to_json()).summary() == one.summary()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": [[1.0, np.nan, 1.0]]}, "missing"),
        ({"scores": [[1.0, 1.0]]}, "3 parts"),
        ({"se": [[1.0, 0.0, 1.0]]}, "above 0"),
        ({"correlations": np.ones((3, 3))}, "positive definite"),
        ({"correlations": np.eye(2)}, "3 × 3"),
        ({"rng": None}, "pass rng"),
        ({"points": 100}, "power of 2"),
    ],
)
def test_what_the_rule_cannot_be_applied_to_is_refused(
    change: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {
        "scores": [[1.0, 1.0, 1.0]],
        "se": [[1.0, 1.0, 1.0]],
        "rule": CompoundRule(cuts=(0.0,) * 3, weights=(1.0, 1.0, 1.0), total=2.0),
        "rng": np.random.default_rng(0),
    } | change
    with pytest.raises(ClassificationInvalid, match=message):
        compound(arguments.pop("scores"), arguments.pop("se"), **arguments)


@pytest.mark.parametrize(
    "fields",
    [
        {"cuts": ()},
        {"cuts": (np.nan,)},
        {"cuts": (1.0,), "total": 3.0},
        {"cuts": (1.0, 1.0), "weights": (1.0, -1.0), "total": 3.0},
        {"cuts": (1.0, 1.0), "weights": (0.0, 0.0), "total": 3.0},
    ],
)
def test_a_rule_that_says_nothing_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ClassificationInvalid):
        CompoundRule(**fields)
