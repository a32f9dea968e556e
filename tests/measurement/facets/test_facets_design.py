import numpy as np
import pytest

from liangcai.measurement.facets.categories import ScoresVaryTooLittle
from liangcai.measurement.facets.connection import Connection, connection_of
from liangcai.measurement.facets.model import (
    DesignDisconnected,
    ManyFacet,
    ModelInvalid,
    RatingsTooFew,
)
from liangcai.measurement.facets.ratings import Ratings, RatingsInvalid, ratings_of
from liangcai.measurement.facets.setting import AnchorsInvalid
from liangcai.measurement.labels import LabelMissing


def drawing() -> np.random.Generator:
    """Return a fresh generator, so that no test depends on another."""
    return np.random.default_rng(20261124)


def two_islands() -> Ratings:
    """Synthetic: raters a, b see the first twenty persons, c, d the others; all use both items."""
    person = np.repeat(np.arange(40), 4)
    rater = np.where(person < 20, np.tile([0, 0, 1, 1], 40), np.tile([2, 2, 3, 3], 40))
    item = np.tile([0, 1], 80)
    score = np.clip(drawing().binomial(3, 0.3 + 0.01 * person) - (rater % 2), 0, 3)
    return ratings_of(person, {"rater": np.array(list("abcd"))[rater], "item": item}, score)


def test_raters_without_common_persons_are_refused_by_name_although_they_share_items() -> None:
    with pytest.raises(DesignDisconnected, match=r"'rater' falls into 2 parts.*'c', 'd'"):
        ManyFacet().fit(two_islands())


def test_a_torn_design_can_be_centred_part_by_part_and_says_so() -> None:
    found = ManyFacet(disconnected="subsets").fit(two_islands())

    assert found.converged
    assert not found.comparable
    assert found.part.tolist() == [0, 0, 1, 1, 0, 0]
    np.testing.assert_allclose([found.measure[:2].sum(), found.measure[2:4].sum()], 0.0, atol=1e-9)
    assert found.populations == ("all, part 1·1", "all, part 2·1")


def test_the_population_may_be_trusted_to_link_parts() -> None:
    found = ManyFacet(disconnected="population").fit(two_islands())

    assert found.comparable
    assert found.population_mean.shape == (1,)


def test_an_anchor_in_every_part_links_the_parts() -> None:
    found = ManyFacet(anchors={"rater": {"a": 0.0, "c": 0.4}}).fit(two_islands())

    assert found.comparable
    assert found.measures_of("rater")["c"] == 0.4


def test_raters_who_each_saw_one_task_are_confounded_with_the_tasks() -> None:
    person = np.repeat(np.arange(30), 4)
    rater = np.tile([0, 1, 2, 3], 30)
    ratings = ratings_of(
        person, {"rater": rater, "task": rater // 2}, drawing().integers(0, 3, person.size)
    )

    connection = connection_of(ratings)

    assert not connection.is_connected
    assert connection.confounded.all()
    for disconnected in ("refuse", "population"):
        with pytest.raises(DesignDisconnected, match="cannot be told apart"):
            ManyFacet(disconnected=disconnected).fit(ratings)


def test_a_chain_of_raters_is_connected() -> None:
    person = np.repeat(np.arange(50), 2)
    rater = person + np.tile([0, 1], 50)
    ratings = ratings_of(person, {"rater": rater}, drawing().integers(0, 3, person.size))

    connection = connection_of(ratings)

    assert connection.is_connected
    assert connection.sentence() == "the design is connected"
    assert Connection.from_json(connection.to_json()).to_json() == connection.to_json()


def test_an_unused_category_is_taken_out_and_averages_keep_the_original_scores() -> None:
    full = two_islands()
    scores = np.where(full.scores == 2, 4, full.scores)
    held = ManyFacet(disconnected="subsets").fit(full)
    ratings = ratings_of(
        full.person,
        {"rater": full.elements[:, 0], "item": full.elements[:, 1]},
        np.where(scores == 3, 7, scores),
    )

    found = ManyFacet(disconnected="subsets").fit(ratings)

    np.testing.assert_allclose(found.measure, held.measure, atol=1e-9)
    np.testing.assert_array_equal(found.categories.scores, [[0, 1, 4, 7]])
    assert found.categories.collapsed() == (("all", 2), ("all", 3), ("all", 5), ("all", 6))
    assert found.observed_average.max() > held.observed_average.max()
    assert "2 (all)" in str(found.facts()["unused categories taken out"])


def test_a_rater_with_only_lowest_scores_gets_a_finite_measure_and_a_flag() -> None:
    person, rater = np.repeat(np.arange(60), 3), np.tile([0, 1, 2], 60)
    score = np.where(rater == 2, 0, drawing().integers(0, 4, person.size))

    found = ManyFacet().fit(ratings_of(person, {"rater": rater}, score))

    assert found.converged
    assert found.extreme.tolist() == [False, False, True]
    assert 3.0 < found.measure[2] < 8.0
    assert found.measure.argmax() == 2


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_a_spread_near_its_bound_is_reached_without_leaving_the_grid(seed: int) -> None:
    person, rater = np.repeat(np.arange(60), 3), np.tile([0, 1, 2], 60)
    score = np.where(rater == 2, 0, np.random.default_rng(seed).integers(0, 4, person.size))

    found = ManyFacet().fit(ratings_of(person, {"rater": rater}, score))

    assert found.converged
    assert found.iterations < 40
    assert found.quadrature_error < 1e-6


def test_a_single_rater_stands_at_the_origin_without_error() -> None:
    person, item = np.repeat(np.arange(40), 4), np.tile(np.arange(4), 40)
    score = drawing().binomial(2, 0.5, person.size)
    ratings = ratings_of(person, {"rater": np.zeros_like(person), "item": item}, score)

    found = ManyFacet().fit(ratings)

    assert found.measures_of("rater") == {"0": 0.0}
    assert found.standard_error[0] == pytest.approx(0.0, abs=1e-7)


def test_persons_who_do_not_differ_leave_the_spread_at_its_bound_and_the_report_says_so() -> None:
    person, item = np.repeat(np.arange(12), 2), np.tile([0, 1], 12)
    score = np.tile([0, 1, 1, 0], 6)

    found = ManyFacet().fit(ratings_of(person, {"item": item}, score))

    np.testing.assert_allclose(found.population_sd, 0.01)
    assert found.converged
    assert "lower bound" in found.ended


def test_too_few_iterations_are_never_called_converged() -> None:
    found = ManyFacet(disconnected="subsets", most_iterations=1).fit(two_islands())

    assert not found.converged
    assert "most_iterations=1" in str(found.facts()["converged"])


@pytest.mark.parametrize(
    ("score", "error", "said"),
    [
        ([2, 2, 2, 2], ScoresVaryTooLittle, "one score"),
        ([0, 1, np.nan, np.nan], RatingsTooFew, "give `sd`"),
        ([np.nan] * 4, RatingsInvalid, "no rating is left"),
        ([0.5, 1, 1, 0], RatingsInvalid, "row 1"),
        ([0, 1, 2, 5000], RatingsInvalid, "row 4"),
    ],
)
def test_ratings_that_cannot_be_calibrated_are_refused(
    score: list, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        ManyFacet().fit(ratings_of([0, 1, 0, 1], {"rater": [0, 0, 1, 1]}, score))


def test_one_rating_a_person_needs_a_known_spread() -> None:
    rater = np.tile([0, 1], 50)
    ratings = ratings_of(np.arange(100), {"rater": rater}, drawing().integers(0, 2, 100))

    found = ManyFacet(sd=1.0, disconnected="population").fit(ratings)

    assert found.converged
    assert found.population_sd[0] == 1.0
    with pytest.raises(RatingsTooFew):
        ManyFacet(disconnected="population").fit(ratings)


def test_a_single_rating_in_all_is_refused() -> None:
    with pytest.raises(ScoresVaryTooLittle):
        ManyFacet().fit(ratings_of([1], {"rater": [1]}, [3]))


def test_a_partial_credit_element_with_one_score_is_refused_by_name() -> None:
    item = np.tile(["x", "y"], 20)
    score = np.where(item == "x", drawing().integers(0, 3, 40), 1)

    with pytest.raises(ScoresVaryTooLittle, match="'y'"):
        ManyFacet(steps="item").fit(ratings_of(np.repeat(np.arange(20), 2), {"item": item}, score))


def test_joint_estimation_with_only_extreme_persons_is_refused() -> None:
    ratings = ratings_of([0, 0, 1, 1], {"rater": [0, 1, 0, 1]}, [0, 0, 1, 1])

    with pytest.raises(RatingsTooFew, match="every person"):
        ManyFacet(estimation="joint").fit(ratings)


@pytest.mark.parametrize(
    ("anchors", "error"),
    [
        ({"judge": {"a": 0.0}}, RatingsInvalid),
        ({"rater": {"z": 0.0}}, AnchorsInvalid),
        ({"rater": {"a": np.inf}}, AnchorsInvalid),
    ],
)
def test_anchors_that_name_nothing_are_refused(anchors: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        ManyFacet(anchors=anchors).fit(two_islands())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"facets": {}}, "at least one facet"),
        ({"facets": {"person": [0, 1]}}, "taken"),
        ({"facets": {"rater": [0]}}, "shape"),
        ({"weights": [1.0, -1.0]}, "weights"),
        ({"scores": ["a", "b"]}, "numbers"),
        ({"groups": ["x", "y"]}, "two groups"),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(change: dict, said: str) -> None:
    columns: dict = {"persons": [7, 7], "facets": {"rater": [0, 1]}, "scores": [0, 1], **change}

    with pytest.raises(RatingsInvalid, match=said):
        ratings_of(columns.pop("persons"), columns.pop("facets"), columns.pop("scores"), **columns)


@pytest.mark.parametrize(
    "options", [{"sd": 0.0}, {"sd": np.nan}, {"tolerance": 0.0}, {"most_iterations": 0}]
)
def test_impossible_options_are_refused(options: dict) -> None:
    with pytest.raises(ModelInvalid):
        ManyFacet(**options)


def test_an_unknown_option_is_refused_and_not_taken_for_another() -> None:
    with pytest.raises(ModelInvalid, match="estimation 'jml'"):
        ManyFacet(estimation="jml")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ModelInvalid, match="disconnected 'ignore'"):
        ManyFacet(disconnected="ignore")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ModelInvalid, match="knows no population"):
        ManyFacet(estimation="joint", sd=1.0)


def test_ratings_of_nobody_by_nobody_are_refused() -> None:
    with pytest.raises(LabelMissing, match="persons: row 3"):
        ratings_of(["a", "a", None, "b"], {"rater": list("cdcd")}, [1, 0, 1, 0])
    with pytest.raises(LabelMissing, match="rater: row 1"):
        ratings_of(["a", "b"], {"rater": [np.nan, 1.0]}, [1, 0])
    with pytest.raises(RatingsInvalid, match="weights must be numbers"):
        ratings_of(["a"], {"rater": ["b"]}, [1], weights=["once"])


def test_a_row_without_a_score_needs_no_rater() -> None:
    found = ratings_of(["a", "b"], {"rater": ["c", None]}, [1, np.nan])

    assert found.facets[0].elements == ("c",)


def test_persons_far_apart_are_integrated_to_the_end() -> None:
    # Synthetic. Posteriors of extreme totals are skewed: their tails need a wider grid.
    rng = np.random.default_rng(1)
    person, rater = np.repeat(np.arange(120), 8), np.tile(np.arange(8), 120)
    place = 7.0 * rng.normal(size=120)[person] - 0.2 * (rater - 3.5)
    score = (place[:, None] + rng.logistic(size=(960, 1)) > np.array([-1.0, 0.0, 1.0])).sum(axis=1)

    found = ManyFacet().fit(ratings_of(person, {"rater": rater}, score))

    assert found.converged
    assert found.quadrature_error < 1e-4


def test_posteriors_narrower_than_any_grid_are_reported_and_not_believed() -> None:
    rng = np.random.default_rng(2)
    person, rater = np.repeat(np.arange(8), 3), np.tile(np.arange(3), 8)
    score = rng.integers(0, 3, 24)

    found = ManyFacet(most_iterations=30).fit(
        ratings_of(person, {"rater": rater}, score, weights=np.full(24, 1e8))
    )

    assert not found.converged
    assert found.ended
