from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.facets import errors_of_measures
from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.curvature import gauss_rule
from liangcai.measurement.facets.drift import Drift, drift
from liangcai.measurement.facets.effects import EffectRules, RaterEffects, rater_effects
from liangcai.measurement.facets.fit import Fit, element_fit, person_fit
from liangcai.measurement.facets.interaction import (
    Interaction,
    InteractionInvalid,
    interaction,
)
from liangcai.measurement.facets.marginal import ScaleTooLong
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.moments import probabilities_at
from liangcai.measurement.facets.persons import PersonMeasures, fair_scores, person_measures
from liangcai.measurement.facets.ratings import Ratings, RatingsInvalid, ratings_of
from liangcai.measurement.facets.separation import Separation, separation_of
from liangcai.measurement.facets.unexpected import UnexpectedRatings, unexpected_ratings


@dataclass(frozen=True)
class Rated:
    """Synthetic ratings in columns, drawn from the model with a twist per test."""

    person: np.ndarray
    rater: np.ndarray
    item: np.ndarray
    score: np.ndarray
    period: np.ndarray
    severity: np.ndarray

    def ratings(self) -> Ratings:
        return ratings_of(
            self.person,
            {"rater": self.rater, "item": self.item},
            self.score,
            groups=self.person % 2,
            periods=self.period,
        )


def rated(
    seed: int, *, persons: int = 250, raters: int = 8, items: int = 4, twist: object = None
) -> Rated:
    rng = np.random.default_rng(seed)
    theta, severity = rng.normal(0, 1.1, persons), rng.normal(0, 0.3, raters)
    person = np.repeat(np.arange(persons), 2 * items)
    chosen = np.argsort(rng.random((persons, raters)), axis=1)[:, :2]
    rater, item = np.repeat(chosen.ravel(), items), np.tile(np.arange(items), 2 * persons)
    period = (person * 3) // persons
    place = theta[person] - severity[rater] - np.linspace(-0.5, 0.5, items)[item]
    if twist is not None:
        place = twist(place, rater, item, period)
    chance = probabilities_at(
        place, np.array([[0.0, 1.2, 1.4, 0.4, -1.8]]), np.zeros(place.size, int)
    )
    score = (rng.random(place.size)[:, None] > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return Rated(person, rater, item, score, period, severity)


PLAIN = rated(1)
CALIBRATION = ManyFacet().fit(PLAIN.ratings())
JOINT = ManyFacet(estimation="joint").fit(PLAIN.ratings())


@pytest.mark.parametrize("calibration", [CALIBRATION, JOINT], ids=["marginal", "joint"])
def test_every_result_reads_back_from_its_json_form_and_prints(
    calibration: FacetCalibration,
) -> None:
    ratings = PLAIN.ratings()
    persons = person_measures(calibration, ratings)
    results: list = [
        calibration,
        persons,
        element_fit(calibration, ratings),
        person_fit(calibration, ratings),
        unexpected_ratings(calibration, ratings, at_least=2.0),
        separation_of(calibration, persons),
        interaction(calibration, ratings, between=("rater", "group")),
        drift(calibration, ratings, facet="rater"),
        rater_effects(calibration, ratings, facet="rater", rules=EffectRules(severity=0.1)),
    ]
    kinds = [FacetCalibration, PersonMeasures, Fit, Fit, UnexpectedRatings, Separation]
    kinds += [Interaction, Drift, RaterEffects]

    for kind, result in zip(kinds, results, strict=True):
        assert kind.from_json(result.to_json()).to_json() == result.to_json()
        assert len({len(column) for column in result.columns().values()}) == 1
        assert result.source in result.summary()


def test_a_calibration_read_back_scores_as_the_first_did() -> None:
    again = FacetCalibration.from_json(CALIBRATION.to_json())

    one, other = (
        person_measures(CALIBRATION, PLAIN.ratings()),
        person_measures(again, PLAIN.ratings()),
    )

    np.testing.assert_array_equal(one.wle, other.wle)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([None, "item", "rater"]))
def test_the_order_of_rows_and_of_labels_changes_nothing(seed: int, steps: str | None) -> None:
    rng = np.random.default_rng(seed)
    held = rated(2, persons=60, raters=4, items=3)
    order, name = rng.permutation(held.score.size), rng.permutation(4)
    one = ManyFacet(steps=steps).fit(
        ratings_of(held.person, {"rater": held.rater, "item": held.item}, held.score)
    )

    other = ManyFacet(steps=steps).fit(
        ratings_of(
            -held.person[order],
            {"item": held.item[order], "rater": name[held.rater[order]]},
            held.score[order],
        )
    )

    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    given_first = np.array([one.measures_of("rater")[str(place)] for place in range(4)])
    given_other = np.array([other.measures_of("rater")[str(name[place])] for place in range(4)])
    np.testing.assert_allclose(given_other, given_first, atol=2e-6)
    first, second = one.rows_of("item"), other.rows_of("item")
    np.testing.assert_allclose(other.standard_error[second], one.standard_error[first], rtol=1e-4)


@settings(max_examples=10, deadline=None)
@given(st.floats(-3.0, 3.0))
def test_shifting_all_anchors_shifts_the_population_and_nothing_else(shift: float) -> None:
    held = rated(3, persons=60, raters=3, items=3)
    ratings = ratings_of(held.person, {"rater": held.rater, "item": held.item}, held.score)
    base = ManyFacet(anchors={"rater": {"0": 0.0, "1": 0.3}}).fit(ratings)

    moved = ManyFacet(anchors={"rater": {"0": shift, "1": 0.3 + shift}}).fit(ratings)

    np.testing.assert_allclose(moved.population_mean - base.population_mean, shift, atol=1e-5)
    np.testing.assert_allclose(moved.measure[:3] - base.measure[:3], shift, atol=1e-5)
    np.testing.assert_allclose(moved.measure[3:], base.measure[3:], atol=1e-5)


def test_higher_totals_on_the_same_ratings_earn_higher_measures_and_fair_averages() -> None:
    person, item = np.repeat(np.arange(13), 3), np.tile([0, 1, 2], 13)
    score = (np.arange(13)[:, None] + np.arange(3)) // 3
    ratings = ratings_of(person, {"rater": np.zeros_like(person), "item": item}, score.ravel())
    held = rated(4, items=3).ratings()
    scale = ManyFacet(anchors={"rater": {"0": 0.0}}).fit(held)

    found = person_measures(scale, _with_groups(ratings))

    for values in (found.eap, found.wle, found.fair_average):
        assert np.all(np.diff(values) > 0.0)
    assert found.extreme.tolist() == [True, *[False] * 11, True]
    assert np.isfinite(found.wle_error).all()


def _with_groups(ratings: Ratings) -> Ratings:
    codes = np.zeros(len(ratings.persons), dtype=np.intp)
    return Ratings(
        ratings.persons, ratings.facets, ratings.person, ratings.elements, ratings.scores,
        groups=codes, group_names=("0",),
    )  # fmt: skip


def test_the_weighted_likelihood_estimate_of_one_dichotomous_rating_is_known() -> None:
    rng = np.random.default_rng(5)
    person, item = np.repeat(np.arange(80), 2), np.tile([0, 1], 80)
    scale = ManyFacet().fit(ratings_of(person, {"item": item}, rng.integers(0, 2, 160)))

    found = person_measures(scale, ratings_of([1, 2], {"item": [0, 0]}, [0, 1]))

    # Warm's equation x − P + (1 − 2P)/2 = 0 gives P = 1/4 for 0 and 3/4 for 1.
    np.testing.assert_allclose(
        found.wle - scale.measures_of("item")["0"], [-np.log(3.0), np.log(3.0)], atol=1e-7
    )


def test_the_slope_of_the_fair_average_is_its_derivative() -> None:
    for scale in (CALIBRATION, ManyFacet(steps="item").fit(PLAIN.ratings())):
        theta, step = np.linspace(-3, 3, 13), 1e-5
        expected, slope = fair_scores(scale, theta)

        higher, lower = fair_scores(scale, theta + step)[0], fair_scores(scale, theta - step)[0]

        np.testing.assert_allclose(slope, (higher - lower) / (2 * step), atol=1e-8)
        assert np.all((expected > 0.0) & (expected < 4.0))


def test_mean_squares_are_one_where_the_model_holds() -> None:
    fit = element_fit(CALIBRATION, PLAIN.ratings())
    persons = person_fit(CALIBRATION, PLAIN.ratings())

    assert np.mean(fit.infit) == pytest.approx(1.0, abs=0.02)
    assert np.mean(fit.outfit) == pytest.approx(1.0, abs=0.03)
    assert np.abs(fit.infit_z).max() < 4.0
    assert np.mean(persons.outfit) == pytest.approx(1.0, abs=0.08)


def test_joint_and_marginal_estimates_agree_within_their_errors() -> None:
    away = (JOINT.measure - CALIBRATION.measure) / CALIBRATION.standard_error

    assert np.abs(away).max() < 0.7
    assert np.isnan(JOINT.population_sd).all()
    assert JOINT.converged


def test_reliability_is_the_share_of_true_variance() -> None:
    found = separation_of(CALIBRATION, person_measures(CALIBRATION, PLAIN.ratings()))

    assert found.facet == ("rater", "item", "person")
    np.testing.assert_allclose(found.reliability, found.separation**2 / (1 + found.separation**2))
    np.testing.assert_allclose(found.true_sd**2 + found.root_mean_square_error**2, found.sd**2)


def test_a_bias_that_was_built_in_is_found_with_its_size() -> None:
    def twist(place: np.ndarray, rater: np.ndarray, item: np.ndarray, _: object) -> np.ndarray:
        return place - 1.2 * ((rater == 2) & (item == 1))

    held = rated(6, persons=500, twist=twist).ratings()
    scale = ManyFacet().fit(held)

    found = interaction(scale, held, between=("rater", "item"))

    worst = int(np.nanargmin(found.p_holm))
    assert (found.first[worst], found.second[worst]) == ("2", "1")
    # The main effects of rater 2 and item 1 take up 1/4 + 1/8 − 1/32 of the bias.
    assert found.bias[worst] == pytest.approx(1.2 * (1 - 0.25) * (1 - 0.125), abs=0.25)
    assert (found.p_holm < 0.01).sum() <= 3


def test_without_a_built_in_bias_pairs_are_seldom_significant() -> None:
    found = interaction(CALIBRATION, PLAIN.ratings(), between=("rater", "item"))

    assert (found.p_holm < 0.05).sum() == 0
    assert found.facts()["p"] > 0.001
    assert found.facts()["degrees of freedom"] == 32 - 7 - 3 - 1


def test_drift_that_was_built_in_is_found_as_a_trend() -> None:
    def twist(place: np.ndarray, rater: np.ndarray, _: object, period: np.ndarray) -> np.ndarray:
        return place - 0.6 * (period - 1) * (rater == 5)

    held = rated(7, persons=450, twist=twist).ratings()
    scale = ManyFacet().fit(held)

    found = drift(scale, held, facet="rater")

    assert found.p_holm.argmin() == 5
    assert found.trend[5] == pytest.approx(0.6, abs=0.2)
    assert (found.p_holm < 0.01).sum() == 1
    assert found.severity.shape == (8, 3)


def test_raters_drawn_to_the_middle_or_erratic_are_named() -> None:
    def twist(place: np.ndarray, rater: np.ndarray, item: np.ndarray, _: object) -> np.ndarray:
        noise = np.random.default_rng(9).normal(0, 2.5, place.size)
        flat = np.where(rater == 3, 0.35 * place, place)
        return np.where(rater == 1, flat + noise, np.where(rater == 6, flat + 1.5, flat))

    held = rated(8, persons=500, twist=twist).ratings()
    scale = ManyFacet().fit(held)

    found = rater_effects(scale, held, facet="rater")

    named = set(zip(found.rater, found.effect, strict=True))
    assert {("3", "central"), ("1", "erratic"), ("6", "lenient")} <= named
    assert {rater for rater, effect in named if effect in {"central", "erratic"}} <= {"1", "3"}


def test_a_rater_with_one_score_is_named_constant() -> None:
    held = rated(10)
    score = np.where(held.rater == 4, 2, held.score)
    ratings = ratings_of(held.person, {"rater": held.rater, "item": held.item}, score)

    found = rater_effects(ManyFacet().fit(ratings), ratings, facet="rater")

    named = dict(zip(found.rater, zip(found.effect, found.value, strict=True), strict=True))
    assert ("4", "constant") in zip(found.rater, found.effect, strict=True)
    assert named["4"][1] == 2.0


def test_a_planted_slip_is_among_the_unexpected_ratings() -> None:
    held = rated(11)
    high = int(np.argmax(np.bincount(held.person, weights=held.score)))
    row = int(np.flatnonzero(held.person == high)[3])
    score = held.score.copy()
    score[row] = 0
    ratings = ratings_of(held.person, {"rater": held.rater, "item": held.item}, score)

    found = unexpected_ratings(ManyFacet().fit(ratings), ratings)

    place = found.row.tolist().index(row)
    assert found.person[place] == str(high)
    assert found.residual[place] < -3.0
    assert found.score[place] == 0 < found.expected[place]
    assert np.all(np.diff(np.abs(found.residual)) <= 0.0)


def test_the_point_correlation_does_not_exist_for_a_constant_rater() -> None:
    held = rated(12)
    score = np.where(held.rater == 0, 1, held.score)
    ratings = ratings_of(held.person, {"rater": held.rater, "item": held.item}, score)

    fit = element_fit(ManyFacet().fit(ratings), ratings)

    assert np.isnan(fit.correlation[0])
    assert np.all(fit.correlation[1:] > 0.2)


def test_estimated_variances_of_large_designs_agree_with_the_inverse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = rated(13, persons=400, raters=150).ratings()
    exact = ManyFacet(disconnected="population").fit(held)
    monkeypatch.setattr(errors_of_measures, "LARGEST_INVERSE", 10)

    estimated = ManyFacet(disconnected="population").fit(held)

    assert 0.0 < estimated.error_precision < 0.03
    assert "sign vectors" in estimated.error_method
    ratio = estimated.standard_error / exact.standard_error
    assert np.abs(ratio - 1.0).max() < 0.12
    assert np.sqrt(np.mean((ratio - 1.0) ** 2)) < 0.02


def test_a_gauss_rule_integrates_polynomials_as_the_posterior_does() -> None:
    nodes = np.linspace(-5, 5, 81)
    mass = np.exp(-0.5 * (nodes - np.array([[-0.5], [1.0]])) ** 2 - 0.2 * np.abs(nodes))
    mass /= mass.sum(axis=1, keepdims=True)

    points, masses = gauss_rule(mass, nodes, 5)

    for degree in range(10):
        expected = mass @ nodes**degree
        np.testing.assert_allclose(
            (masses * points**degree).sum(axis=1), expected, rtol=1e-9, atol=1e-9
        )


def test_a_scale_too_long_for_float64_is_refused() -> None:
    rng = np.random.default_rng(14)
    person = np.repeat(np.arange(200), 4)
    score = rng.integers(0, 151, person.size)

    with pytest.raises(ScaleTooLong, match="join neighbouring scores"):
        ManyFacet().fit(ratings_of(person, {"rater": np.tile(np.arange(4), 200)}, score))


def test_questions_that_the_ratings_cannot_answer_are_refused() -> None:
    held = rated(15, persons=30)
    ratings = ratings_of(held.person, {"rater": held.rater, "item": held.item}, held.score)
    scale = ManyFacet().fit(ratings)
    stranger = ratings_of([0], {"rater": ["nobody"], "item": [0]}, [1])

    with pytest.raises(InteractionInvalid, match="itself"):
        interaction(scale, ratings, between=("rater", "rater"))
    with pytest.raises(InteractionInvalid, match="groups"):
        interaction(scale, ratings, between=("rater", "group"))
    with pytest.raises(InteractionInvalid, match="periods"):
        drift(scale, ratings, facet="rater")
    with pytest.raises(RatingsInvalid, match="'nobody' was not calibrated"):
        person_measures(scale, stranger)
    with pytest.raises(RatingsInvalid, match="no facet is called 'task'"):
        rater_effects(scale, ratings, facet="task")
