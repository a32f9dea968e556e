"""Matching persons of different groups: sums of anchors, classes, outside abilities."""

import numpy as np
import pytest
from tests.measurement.fairness.conftest import graded, simulated

from liangcai.measurement.fairness.comparison import compare
from liangcai.measurement.fairness.mantel_haenszel import (
    mantel_haenszel,
)
from liangcai.measurement.fairness.matching import Matching, MatchingImpossible, matched_tables
from liangcai.measurement.responses.matrix import responses_of


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


def test_an_outside_variable_with_many_values_is_cut_into_a_hundred_classes() -> None:
    responses = simulated(persons=2000)
    theta = np.random.default_rng(1).normal(size=2000)
    theta[:7] = np.nan

    tables = matched_tables(responses, compare(responses, reference="r"), Matching(outside=theta))

    sizes = tables.counts[0].sum(axis=(0, 1))
    assert sizes.shape == (100,)
    assert (sizes.min(), sizes.max(), tables.left_out) == (19, 20, 7)
    assert (sizes @ tables.values[0]) / 1993 == pytest.approx(np.nanmean(theta))
    with pytest.raises(MatchingImpossible, match="shape"):
        mantel_haenszel(responses, reference="r", matching=Matching(outside=theta[:3]))
