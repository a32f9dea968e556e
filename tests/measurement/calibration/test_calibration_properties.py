import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.calibration.layout import ModelUnsuitable
from liangcai.measurement.calibration.models import (
    MODELS,
    FourParameter,
    GradedResponse,
    Mixed,
    Rasch,
    TwoParameter,
    UnknownModel,
    model_named,
)
from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal, Priors
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.fit.free_parameters import slots
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.results import ResultUnreadable

QUICK = Settings(standard_errors=False)


def two_parameter_responses(
    seed: int, persons: int, items: int, *, missing: float = 0.0, mean: float = 0.0
) -> Responses:
    """Synthetic responses under the two-parameter model."""
    rng = np.random.default_rng(seed)
    slopes, difficulties = np.exp(rng.normal(0.1, 0.2, items)), rng.normal(0, 1, items)
    theta = rng.normal(mean, 1, persons)
    chance = 1.0 / (1.0 + np.exp(-slopes * (theta[:, None] - difficulties)))
    scores = (rng.random(chance.shape) < chance).astype(np.int8)
    scores[rng.random(scores.shape) < missing] = -1
    return responses_of(scores)


@given(st.integers(0, 10_000))
@settings(max_examples=10)
def test_the_order_of_persons_and_items_changes_no_estimate(seed: int) -> None:
    responses = two_parameter_responses(seed, 300, 6, missing=0.1)
    rng = np.random.default_rng(seed)
    persons, items = rng.permutation(300), rng.permutation(6)

    one = TwoParameter().fit(responses, settings=QUICK)
    other = TwoParameter().fit(
        responses.select_persons(persons).select_items(items), settings=QUICK
    )

    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(other.items.a, one.items.a[items], atol=1e-3)


def test_a_frequency_is_as_good_as_repeated_rows() -> None:
    responses = two_parameter_responses(1, 200, 5)
    weights = np.random.default_rng(2).integers(1, 4, 200)
    weighted = responses_of(responses.scores, weights=weights)
    repeated = responses_of(np.repeat(responses.scores, weights, axis=0))

    one, other = TwoParameter().fit(weighted), TwoParameter().fit(repeated)

    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-7)
    assert one.standard_errors is not None
    assert other.standard_errors is not None
    np.testing.assert_allclose(one.standard_errors.a, other.standard_errors.a, rtol=1e-5)


def test_results_are_the_same_on_one_two_and_many_shards() -> None:
    responses = two_parameter_responses(3, 30_000, 12, missing=0.05)

    fits = [TwoParameter().fit(responses, settings=Settings(workers=n)) for n in (1, 2, 7)]

    for other in fits[1:]:
        np.testing.assert_allclose(other.items.a, fits[0].items.a, rtol=1e-9)
        np.testing.assert_allclose(other.items.b, fits[0].items.b, rtol=1e-9, atol=1e-9)
        assert other.log_likelihood == pytest.approx(fits[0].log_likelihood, rel=1e-12)
        assert other.standard_errors is not None
        assert fits[0].standard_errors is not None
        np.testing.assert_allclose(other.standard_errors.b, fits[0].standard_errors.b, rtol=1e-9)


def test_a_person_without_responses_adds_nothing() -> None:
    responses = two_parameter_responses(4, 300, 5)
    empty = np.full((20, 5), -1, dtype=np.int8)
    with_empty = responses_of(np.vstack([responses.scores, empty]))

    one = TwoParameter().fit(responses, settings=QUICK)
    other = TwoParameter().fit(with_empty, settings=QUICK)

    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(other.items.b, one.items.b, atol=1e-4)


def test_scores_that_start_at_one_count_from_their_lowest() -> None:
    scores = np.random.default_rng(6).integers(1, 4, size=(200, 3))

    one = GradedResponse().fit(responses_of(scores), settings=QUICK)
    other = GradedResponse().fit(responses_of(scores - 1), settings=QUICK)

    assert one.scores == ((1, 2, 3),) * 3
    np.testing.assert_allclose(one.items.b, other.items.b, atol=1e-9)


def test_anchors_stay_fixed_and_place_the_new_items_on_their_scale() -> None:
    old = two_parameter_responses(7, 4000, 12)
    bank = TwoParameter().fit(old, settings=QUICK).items
    new = two_parameter_responses(7, 4000, 12, mean=0.7)

    calibration = TwoParameter().fit(new, anchors=bank.select(range(8)))

    np.testing.assert_array_equal(calibration.items.a[:8], bank.a[:8])
    np.testing.assert_allclose(calibration.items.b[:8], bank.b[:8], rtol=1e-12)
    np.testing.assert_allclose(calibration.items.b[8:], bank.b[8:], atol=0.25)
    assert calibration.groups[0].mean == pytest.approx(0.7, abs=0.12)
    assert calibration.groups[0].mean_se is not None


def test_all_items_may_be_anchors() -> None:
    bank = TwoParameter().fit(two_parameter_responses(8, 500, 6), settings=QUICK).items

    calibration = TwoParameter().fit(two_parameter_responses(8, 500, 6, mean=1.0), anchors=bank)

    assert calibration.converged
    assert calibration.parameters == 2


def test_groups_have_means_and_spreads_of_their_own() -> None:
    low, high = two_parameter_responses(9, 3000, 15), two_parameter_responses(9, 3000, 15, mean=0.8)
    both = responses_of(np.vstack([low.scores, high.scores]), groups=["a"] * 3000 + ["b"] * 3000)

    calibration = TwoParameter().fit(both)

    first, second = calibration.groups
    assert (first.mean, first.sd, first.mean_se) == (0.0, 1.0, None)
    assert second.mean == pytest.approx(0.8, abs=0.1)
    assert second.sd == pytest.approx(1.0, abs=0.1)
    assert calibration.group_items == ()


def test_relabelled_groups_give_the_same_fit() -> None:
    scores = np.vstack(
        [two_parameter_responses(10, 500, 6).scores, two_parameter_responses(11, 500, 6).scores]
    )
    one = TwoParameter().fit(responses_of(scores, groups=["a"] * 500 + ["b"] * 500), settings=QUICK)
    other = TwoParameter().fit(
        responses_of(scores, groups=["z"] * 500 + ["y"] * 500), reference="z", settings=QUICK
    )

    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(one.items.b, other.items.b, atol=1e-3)


def test_an_item_freed_by_group_never_lowers_the_likelihood_and_shows_its_difference() -> None:
    rng = np.random.default_rng(12)
    theta = rng.normal(size=4000)
    group = np.repeat(["a", "b"], 2000)
    difficulty = np.tile(np.linspace(-1, 1, 6), (4000, 1))
    difficulty[2000:, 2] += 0.8
    scores = rng.random((4000, 6)) < 1.0 / (1.0 + np.exp(-(theta[:, None] - difficulty)))
    responses = responses_of(scores.astype(np.int8), groups=group)

    equal = TwoParameter().fit(responses, settings=QUICK)
    uniform = TwoParameter().fit(responses, free_by_group={"3": {"difficulty"}}, settings=QUICK)
    both = TwoParameter().fit(
        responses, free_by_group={"3": {"slope", "difficulty"}}, settings=QUICK
    )

    assert both.log_likelihood >= uniform.log_likelihood - 1e-6 > equal.log_likelihood + 30
    assert (uniform.parameters, both.parameters) == (equal.parameters + 1, equal.parameters + 2)
    reference, focal = uniform.group_items
    assert focal.b[2, 0] - reference.b[2, 0] == pytest.approx(0.8, abs=0.25)
    # Uniform: the intercepts differ and the slope is the same in both groups.
    assert reference.a[2] == pytest.approx(focal.a[2], rel=1e-9)


def test_an_empirical_histogram_has_mean_zero_and_spread_one_and_finds_a_skewed_density() -> None:
    rng = np.random.default_rng(13)
    theta = (rng.exponential(size=5000) - 1.0)[:, None]
    b = np.linspace(-1.5, 2.0, 25)
    scores = (rng.random((5000, 25)) < 1.0 / (1.0 + np.exp(-1.5 * (theta - b)))).astype(np.int8)
    responses = responses_of(scores)

    normal = TwoParameter().fit(responses, settings=QUICK)
    free = TwoParameter().fit(
        responses, settings=Settings(standard_errors=False, latent="histogram")
    )

    assert free.converged
    assert free.log_likelihood > normal.log_likelihood + 20
    assert free.groups[0].mean == pytest.approx(0.0, abs=1e-6)
    assert free.groups[0].sd == pytest.approx(1.0, abs=1e-6)
    assert np.abs(free.items.b[:, 0] - b).mean() < np.abs(normal.items.b[:, 0] - b).mean()


def test_a_run_that_is_cut_short_does_not_say_that_it_converged() -> None:
    calibration = TwoParameter().fit(
        two_parameter_responses(14, 500, 10), settings=Settings(max_iterations=2)
    )

    assert not calibration.converged
    assert "iterations" in calibration.certificate.reasons[0]
    assert "converged: no" in calibration.summary()


def test_too_few_points_are_reported_as_a_quadrature_error() -> None:
    responses = two_parameter_responses(15, 2000, 60)

    coarse = TwoParameter().fit(responses, settings=Settings(points=11, standard_errors=False))
    chosen = TwoParameter().fit(responses, settings=QUICK)

    assert not coarse.converged
    assert coarse.certificate.quadrature_error > 1.0
    assert chosen.certificate.quadrature_error < 0.01


def test_an_unidentified_model_is_not_called_converged() -> None:
    calibration = FourParameter().fit(two_parameter_responses(16, 120, 4))

    assert not calibration.converged or calibration.certificate.maximum


@pytest.mark.parametrize(
    "priors",
    [
        Priors(slope=LogNormal(0.0, 0.5)),
        Priors(difficulty=Normal(0.0, 1.0)),
        Priors(slope=LogNormal(0.0, 0.3), difficulty=Normal(0.0, 2.0)),
    ],
)
def test_a_prior_draws_the_estimates_towards_its_centre(priors: Priors) -> None:
    responses = two_parameter_responses(17, 150, 8)

    free, drawn = TwoParameter().fit(responses), TwoParameter(priors).fit(responses)

    assert drawn.log_likelihood < free.log_likelihood
    if priors.slope is not None:
        assert np.log(drawn.items.a).std() < np.log(free.items.a).std()
    else:
        assert np.abs(drawn.items.b).max() < np.abs(free.items.b).max()


def test_asymptotes_with_priors_are_recovered_about() -> None:
    rng = np.random.default_rng(18)
    theta = rng.normal(size=(6000, 1))
    b = np.linspace(-1.5, 1.5, 20)
    chance = 0.2 + 0.8 / (1.0 + np.exp(-1.4 * (theta - b)))
    responses = responses_of((rng.random(chance.shape) < chance).astype(np.int8))

    calibration = model_named("3pl", priors=Priors(lower=Beta(5.0, 17.0))).fit(responses)

    assert calibration.converged
    assert calibration.items.c.mean() == pytest.approx(0.2, abs=0.04)


def test_a_calibration_reads_back_from_its_json_form() -> None:
    scores = np.random.default_rng(19).integers(0, 3, size=(300, 4))
    scores[:, 0] = np.minimum(scores[:, 0], 1)
    calibration = Mixed(models={"1": "2pl"}, default="grm").fit(responses_of(scores))
    again = Calibration.from_json(calibration.to_json())

    assert again.to_json() == calibration.to_json()
    assert again.certificate == calibration.certificate
    record = calibration.to_json()["items"]
    assert isinstance(record[0]["b"], float)
    assert isinstance(record[1]["b"], list)
    assert set(record[1]["se"]) == {"a", "b"}


def test_a_json_form_that_is_no_calibration_is_refused() -> None:
    with pytest.raises(ResultUnreadable):
        Calibration.from_json({"items": []})


def test_items_without_variance_and_models_that_do_not_fit_are_refused_by_name() -> None:
    flat = responses_of([[0, 1, 0], [1, 1, 2], [0, 1, 1]], items=("x", "y", "z"))

    with pytest.raises(ModelUnsuitable, match="y"):
        Rasch().fit(flat)
    with pytest.raises(ModelUnsuitable, match="'z' has 3 score categories"):
        Rasch().fit(flat.select_items(np.array([0, 2])))
    with pytest.raises(UnknownModel, match="5pl"):
        model_named("5pl")
    with pytest.raises(ModelUnsuitable, match="free_by_group"):
        Rasch().fit(flat.select_items(np.array([0])), free_by_group={"x": {"colour"}})


def test_one_item_and_few_persons_give_finite_estimates_or_an_honest_no() -> None:
    one_item = Rasch().fit(responses_of([[0], [1], [1], [0]]))
    two_persons = TwoParameter().fit(responses_of([[0, 1], [1, 0]]))

    for calibration in (one_item, two_persons):
        assert np.isfinite(calibration.log_likelihood)
        assert np.isfinite(calibration.items.b).all()
        assert calibration.converged or calibration.certificate.reasons


def test_the_audit_record_names_data_model_and_version(lsat7: Responses) -> None:
    calibration = TwoParameter().fit(lsat7, settings=QUICK)

    assert calibration.audit.responses_sha256 == lsat7.sha256()
    assert calibration.audit.model == "2pl"
    assert calibration.audit.version
    assert calibration.audit.settings["precision"] == "double"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_covariance_is_ordered_as_the_parameters_are_listed(name: str) -> None:
    rng = np.random.default_rng(20)
    top = 2 if name in {"rasch", "1pl", "2pl", "3pl", "4pl"} else 4
    theta = rng.normal(size=(800, 1))
    scores = np.clip(np.round(theta + rng.normal(size=(800, 5)) + top / 2), 0, top - 1)
    priors = Priors(LogNormal(0.0, 0.5), lower=Beta(5.0, 17.0), upper=Beta(17.0, 5.0))
    calibration = model_named(name, priors=priors).fit(responses_of(scores))

    assert calibration.covariance is not None
    assert calibration.standard_errors is not None
    listed = slots(calibration.items)
    errors = [
        np.atleast_1d(getattr(calibration.standard_errors, slot.name)[slot.item])[slot.step]
        for slot in listed
    ]
    variances = np.diag(calibration.covariance)
    assert variances.size == len(listed)
    np.testing.assert_allclose(np.nan_to_num(errors), np.sqrt(variances), rtol=1e-9)
    np.testing.assert_allclose(calibration.covariance, calibration.covariance.T, atol=1e-12)


def test_a_richer_model_never_has_a_lower_likelihood_where_it_says_that_it_converged(
    lsat7: Responses,
) -> None:
    for responses in (lsat7, *(two_parameter_responses(seed, 200, 5) for seed in range(8))):
        fits = [model_named(name).fit(responses, settings=QUICK) for name in ("1pl", "2pl", "3pl")]

        for poorer, richer in itertools.pairwise(fits):
            assert not richer.converged or (richer.log_likelihood >= poorer.log_likelihood - 1e-6)


def test_the_three_parameter_model_of_lsat7_reaches_its_maximum_without_priors(
    lsat7: Responses,
) -> None:
    # Found by direct search (BFGS) of the same marginal likelihood.
    calibration = model_named("3pl").fit(lsat7)

    assert calibration.log_likelihood == pytest.approx(-2658.0543, abs=2e-3)


def test_a_slope_that_items_share_has_one_prior() -> None:
    responses = two_parameter_responses(21, 300, 10)
    prior = LogNormal(0.0, 0.5)
    calibration = model_named("1pl", priors=Priors(slope=prior)).fit(responses, settings=QUICK)

    once = float(prior.at(calibration.items.a[:1])[0][0])
    assert calibration.log_posterior - calibration.log_likelihood == pytest.approx(once, rel=1e-9)


def test_the_free_masses_of_groups_are_counted_and_the_reference_has_the_scale() -> None:
    both = np.vstack([two_parameter_responses(9, 900, 8, mean=mean).scores for mean in (0.0, 0.6)])
    responses = responses_of(both, groups=["a"] * 900 + ["b"] * 900)
    free = Settings(standard_errors=False, latent="histogram", points=41)

    calibration = TwoParameter().fit(responses, reference="b", settings=free)

    assert calibration.parameters == 2 * 8 + 2 * 41 - 2 - 2
    assert calibration.groups[1].mean == pytest.approx(0.0, abs=1e-9)
    assert calibration.groups[1].sd == pytest.approx(1.0, abs=1e-9)


def test_a_model_for_an_item_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelUnsuitable, match="'typo'"):
        Mixed(models={"typo": "grm"}).fit(two_parameter_responses(1, 50, 3))


def test_a_spread_that_one_item_cannot_show_and_two_slopes_of_two_items_have_no_maximum() -> None:
    one = Rasch().fit(responses_of(np.repeat([[0], [1]], 500, axis=0)))
    two = TwoParameter().fit(two_parameter_responses(22, 1000, 2))

    for calibration in (one, two):
        assert not calibration.converged
        assert calibration.certificate.maximum is False
        assert calibration.standard_errors is None
        assert "no unique maximum" in calibration.certificate.reasons[-1]
