import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.likelihood import AbilityUndefined, SeveralAbilities
from liangcai.measurement.scoring.persons import ScoringInvalid, score
from liangcai.measurement.scoring.plausible import PlausibleValues, plausible_values
from liangcai.measurement.scoring.reliability import (
    Reliability,
    ReliabilityUndefined,
    empirical_reliability,
    marginal_reliability,
)
from liangcai.measurement.scoring.scale import ScaledScores, ScaleInvalid, ScoreScale
from liangcai.measurement.scoring.summed import (
    ExpectedScores,
    ExpectedScoreUnreachable,
    SummedScores,
    expected_score_table,
    summed_score_eap,
    theta_of_expected_score,
)
from liangcai.measurement.scoring.totals import total_distribution, totals_without_each

ITEMS = ItemParameters.from_json(
    [
        {"item": "p", "model": "2pl", "a": 1.3, "b": -0.4},
        {"item": "q", "model": "3pl", "a": 1.1, "b": 0.9, "c": 0.2},
        {"item": "r", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
        {"item": "s", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
    ]
)
THETA = np.linspace(-4.0, 4.0, 17)


def every_pattern() -> np.ndarray:
    return np.array(list(itertools.product(range(2), range(2), range(4), range(3))))


def test_the_recursion_adds_up_every_pattern() -> None:
    probability = category_curves(ITEMS, THETA).probability
    expected = np.zeros((8, THETA.size))
    for pattern in every_pattern():
        expected[pattern.sum()] += np.prod(
            [probability[item, value] for item, value in enumerate(pattern)], axis=0
        )

    np.testing.assert_allclose(total_distribution(ITEMS, THETA), expected, atol=1e-15)


def test_each_item_can_be_left_out_of_the_total() -> None:
    probability = category_curves(ITEMS, THETA).probability
    without = totals_without_each(probability, ITEMS.steps)

    for item in range(ITEMS.count):
        others = ITEMS.select([place for place in range(ITEMS.count) if place != item])
        np.testing.assert_allclose(without[item], total_distribution(others, THETA), atol=1e-15)


def test_the_summed_score_eap_is_the_mean_of_its_patterns_eaps() -> None:
    patterns = every_pattern()
    scores = score(responses_of(patterns, items=ITEMS.names), ITEMS, prior_mean=0.2, prior_sd=1.1)
    theta = np.linspace(-8, 8, 4001)
    prior = np.exp(-0.5 * ((theta - 0.2) / 1.1) ** 2)
    curves = category_curves(ITEMS, theta).probability
    weight = np.array(
        [
            (np.prod([curves[j, x] for j, x in enumerate(row)], axis=0) * prior).sum() / prior.sum()
            for row in patterns
        ]
    )
    total = patterns.sum(axis=1)
    expected = np.bincount(total, weight * scores.theta) / np.bincount(total, weight)

    table = summed_score_eap(ITEMS, prior_mean=0.2, prior_sd=1.1)

    np.testing.assert_allclose(table.theta, expected, atol=1e-6)
    np.testing.assert_allclose(table.probability, np.bincount(total, weight), atol=1e-8)
    assert table.probability.sum() == pytest.approx(1.0)
    assert SummedScores.from_json(table.to_json()).to_json() == table.to_json()


def test_under_the_rasch_model_the_summed_score_says_all() -> None:
    rasch = ItemParameters.from_json(
        [
            {"item": str(n), "model": "rasch", "a": 1.0, "b": b}
            for n, b in enumerate([-1, 0, 0.5, 2])
        ]
    )
    patterns = np.array(list(itertools.product(range(2), repeat=4)))
    scores = score(responses_of(patterns, items=rasch.names), rasch)

    table = summed_score_eap(rasch)

    np.testing.assert_allclose(table.theta[patterns.sum(axis=1)], scores.theta, atol=1e-7)
    np.testing.assert_allclose(table.se[patterns.sum(axis=1)], scores.se, atol=1e-7)


@given(st.lists(st.floats(-12.0, 12.0), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_the_ability_of_an_expected_score_leads_back_to_it(theta: list[float]) -> None:
    table = expected_score_table(ITEMS, theta)

    found = theta_of_expected_score(ITEMS, table.expected)

    np.testing.assert_allclose(
        expected_score_table(ITEMS, found).expected, table.expected, rtol=1e-12
    )
    assert ExpectedScores.from_json(table.to_json()).to_json() == table.to_json()


@pytest.mark.parametrize("expected", [0.0, 0.2, 7.0, 9.0])
def test_an_expected_score_below_chance_or_at_the_top_belongs_to_no_ability(
    expected: float,
) -> None:
    with pytest.raises(ExpectedScoreUnreachable, match=r"between 0\.2 and 7"):
        theta_of_expected_score(ITEMS, expected)


def test_plausible_values_have_the_moments_of_the_posterior() -> None:
    seen = responses_of(
        [[1, 0, 2, 1], [0, 0, 0, 0], [1, 1, 3, 2], [-1, -1, -1, -1]], items=ITEMS.names
    )
    scores = score(seen, ITEMS, prior_mean=0.5)

    drawn = plausible_values(
        seen, ITEMS, rng=np.random.default_rng(7), draws=20_000, prior_mean=0.5
    )

    # Monte Carlo: four standard errors of a mean and of a standard deviation of 20,000 draws.
    np.testing.assert_allclose(
        (drawn.values.mean(axis=1) - scores.theta) / scores.se, 0.0, atol=4 / np.sqrt(20_000)
    )
    np.testing.assert_allclose(
        drawn.values.std(axis=1) / scores.se, 1.0, atol=4 / np.sqrt(2 * 20_000)
    )


def nominal(*slopes: float) -> ItemParameters:
    record = {"item": "n", "model": "nominal", "a": None, "b": [0.0] * len(slopes)}
    return ItemParameters.from_json([{**record, "category_slopes": list(slopes)}])


def test_the_expected_score_of_a_nominal_item_leads_back_only_if_its_slopes_rise() -> None:
    rising, turning = nominal(0.7, 1.6), nominal(2.0, 1.0)

    expected = expected_score_table(rising, [-1.0, 0.5]).expected

    np.testing.assert_allclose(theta_of_expected_score(rising, expected), [-1.0, 0.5], atol=1e-9)
    with pytest.raises(ExpectedScoreUnreachable, match="rising slopes"):
        theta_of_expected_score(turning, 1.5)


def test_expected_scores_at_no_ability_do_not_exist() -> None:
    for theta in (np.nan, np.inf):
        with pytest.raises(AbilityUndefined, match="ability 2 of 2"):
            expected_score_table(ITEMS, [0.0, theta])


def test_totals_over_several_abilities_have_no_meaning() -> None:
    two = on(0, 0, 1, 1)

    for asked in (
        lambda: summed_score_eap(two),
        lambda: expected_score_table(two, [0.0]),
        lambda: theta_of_expected_score(two, 2.0),
        lambda: marginal_reliability(two),
    ):
        with pytest.raises(SeveralAbilities, match="2 abilities"):
            asked()


def test_groups_of_very_unequal_spread_get_plausible_values_of_their_own() -> None:
    same = responses_of([[1, 0, 2, 1]] * 2000, items=ITEMS.names, groups=["a", "b"] * 1000)

    drawn = plausible_values(
        same, ITEMS, rng=np.random.default_rng(3), prior_mean=[0.0, 0.0], prior_sd=[0.1, 5.0]
    )
    known = score(same, ITEMS, prior_mean=[0.0, 0.0], prior_sd=[0.1, 5.0])

    for group in (0, 1):
        own = drawn.values[group::2]
        assert own.mean() == pytest.approx(known.theta[group], abs=0.05 * known.se[group])
        assert own.std() == pytest.approx(known.se[group], rel=0.05)


class EvenGenerator:
    """Stands in for a generator: the m-th of n persons draws the same even share m/(n + 1)."""

    def random(self, shape: tuple[int, int]) -> np.ndarray:
        return np.tile((np.arange(shape[0])[:, None] + 1.0) / (shape[0] + 1.0), shape[1])


def test_plausible_values_are_quantiles_of_the_posterior() -> None:
    many = responses_of([[1, 0, 2, 1]] * 63, items=ITEMS.names)

    drawn = plausible_values(many, ITEMS, rng=EvenGenerator(), draws=1).values[:, 0]

    fine = np.linspace(-7.0, 7.0, 140_001)
    curves = category_curves(ITEMS, fine).probability
    density = np.exp(-0.5 * fine**2) * np.prod(
        [curves[j, x] for j, x in enumerate([1, 0, 2, 1])], 0
    )
    below = np.cumsum(density) / density.sum()
    np.testing.assert_allclose(np.interp(drawn, fine, below), np.arange(1, 64) / 64.0, atol=1e-4)


def test_plausible_values_depend_on_the_generator_alone() -> None:
    seen = responses_of([[1, 0, 2, 1], [0, 1, 0, 0]], items=ITEMS.names)
    one, other = (
        plausible_values(seen, ITEMS, rng=np.random.default_rng(3), draws=4) for _ in range(2)
    )

    assert one.to_json() == other.to_json()
    assert PlausibleValues.from_json(one.to_json()).to_json() == one.to_json()
    with pytest.raises(ScoringInvalid, match="one draw"):
        plausible_values(seen, ITEMS, rng=np.random.default_rng(3), draws=0)


def synthetic(persons: int) -> tuple[np.ndarray, object]:
    rng = np.random.default_rng(11)
    theta = rng.normal(size=persons)
    probability = category_curves(ITEMS, theta).probability
    below = np.cumsum(probability, axis=1)
    scores = (below < rng.random((ITEMS.count, 1, persons))).sum(axis=1).T
    return theta, responses_of(scores, items=ITEMS.names)


def test_the_reliability_of_posterior_means_is_their_squared_correlation_with_ability() -> None:
    theta, seen = synthetic(20_000)
    scores = score(seen, ITEMS)

    found = empirical_reliability(scores)

    # Sampling error of r² near 0.55 at N = 20,000 is about 0.005.
    assert found.reliability == pytest.approx(np.corrcoef(theta, scores.theta)[0, 1] ** 2, abs=0.02)
    assert Reliability.from_json(found.to_json()).to_json() == found.to_json()


def test_marginal_reliability_of_one_rasch_item_follows_its_integral() -> None:
    item = ItemParameters.from_json([{"item": "x", "model": "rasch", "a": 1.0, "b": 0.0}])
    theta = np.linspace(-9, 9, 100_001)
    p = 1.0 / (1.0 + np.exp(-theta))
    weight = np.exp(-0.5 * theta**2)
    expected = (weight * (p * (1 - p) / (p * (1 - p) + 1.0))).sum() / weight.sum()

    assert marginal_reliability(item).reliability == pytest.approx(expected, abs=1e-8)


def test_frequency_weights_count_as_persons() -> None:
    rows = [[1, 0, 2, 1], [0, 0, 1, 0], [1, 1, 1, 2]]
    repeated = responses_of(rows + [rows[0]] * 2, items=ITEMS.names)
    weighted = responses_of(rows, items=ITEMS.names, weights=[3, 1, 1])

    one = empirical_reliability(score(repeated, ITEMS), repeated)
    other = empirical_reliability(score(weighted, ITEMS), weighted)

    assert one.reliability == pytest.approx(other.reliability, rel=1e-12)


def test_reliability_of_equal_or_single_estimates_does_not_exist() -> None:
    for rows in ([[1, 0, 2, 1]], [[1, 0, 2, 1]] * 3):
        with pytest.raises(ReliabilityUndefined):
            empirical_reliability(score(responses_of(rows, items=ITEMS.names), ITEMS))


def test_reliability_needs_the_responses_that_were_scored_and_more_than_one_person() -> None:
    rows = [[1, 0, 2, 1], [0, 0, 1, 0], [1, 1, 3, 2]]
    scores = score(responses_of(rows, items=ITEMS.names), ITEMS)

    with pytest.raises(ReliabilityUndefined, match="1 persons responded and 3 were scored"):
        empirical_reliability(scores, responses_of(rows[:1]))
    with pytest.raises(ReliabilityUndefined, match="3 that stand for"):
        empirical_reliability(scores, responses_of(rows, weights=[0.1, 0.1, 0.1]))


def test_a_scale_states_its_origin_and_keeps_its_bounds() -> None:
    scale = ScoreScale(500.0, 100.0, "mean 500, sd 100 in the norm group", (200.0, 800.0), 10.0)
    scores = score(
        responses_of([[1, 0, 2, 1], [0, 0, 0, 0]], items=ITEMS.names),
        ITEMS,
        method="mle",
    )

    report = scale.report(scores)

    assert report.score[0] == pytest.approx(10 * np.round(50 + 10 * scores.theta[0]))
    assert report.score[1] == 200.0
    assert report.held.tolist() == [0, -1]
    assert report.se[0] == pytest.approx(100.0 * scores.se[0])
    assert scale.theta_of(scale.origin) == 0.0
    assert ScaledScores.from_json(report.to_json()).to_json() == report.to_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": 0.0},
        {"bounds": (1.0, 0.0)},
        {"rounding": 0.0},
        {"rounding": np.inf},
        {"origin": np.nan},
    ],
)
def test_a_scale_without_unit_order_or_step_is_refused(wrong: dict) -> None:
    with pytest.raises(ScaleInvalid):
        ScoreScale(**{"origin": 0.0, "unit": 1.0, "defined_by": "test", **wrong})


def on(*dimensions: int) -> ItemParameters:
    records = ITEMS.to_json()
    return ItemParameters.from_json(
        [{**record, "dimension": d} for record, d in zip(records, dimensions, strict=True)]
    )
