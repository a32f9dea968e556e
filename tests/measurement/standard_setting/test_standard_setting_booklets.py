import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.standard_setting.bookmark import (
    Booklet,
    LocationMissing,
    bookmark,
    ordered_item_booklet,
)
from liangcai.measurement.standard_setting.ebel import Ebel, ebel
from liangcai.measurement.standard_setting.panel import JudgementsInvalid

ITEMS = ItemParameters.from_json(
    [
        {"item": "hard", "a": 1.3, "b": 1.0},
        {"item": "easy", "a": 0.8, "b": -1.0},
        {"item": "guessed", "model": "3pl", "a": 1.1, "b": 0.2, "c": 0.2},
        {"item": "graded", "model": "grm", "a": 1.4, "b": [-0.5, 0.6]},
        {"item": "credit", "model": "gpcm", "a": 0.9, "b": [0.4, -0.2]},
    ]
)


def test_locations_are_the_closed_forms_of_logistic_and_graded_items() -> None:
    booklet = ordered_item_booklet(ITEMS)

    place = dict(
        zip(zip(booklet.items, booklet.points.tolist(), strict=True), booklet.location, strict=True)
    )
    odds = math.log(2)
    assert place["hard", 1] == pytest.approx(1.0 + odds / 1.3)
    assert place["easy", 1] == pytest.approx(-1.0 + odds / 0.8)
    share = (2 / 3 - 0.2) / 0.8
    assert place["guessed", 1] == pytest.approx(0.2 + math.log(share / (1 - share)) / 1.1)
    assert place["graded", 2] == pytest.approx(0.6 + odds / 1.4)


def test_each_page_is_reached_with_the_response_probability_and_pages_rise() -> None:
    booklet = ordered_item_booklet(ITEMS, response_probability=0.5)

    for item, point, location in zip(booklet.items, booklet.points, booklet.location, strict=True):
        row = ITEMS.positions([item])
        shares = category_curves(ITEMS.select(row), np.array([location])).probability[0, :, 0]
        assert shares[point:].sum() == pytest.approx(0.5, abs=1e-9)
    assert (np.diff(booklet.location) >= 0).all()
    assert booklet.location.size == ITEMS.steps.sum()


def test_without_guessing_the_location_is_that_of_knowing() -> None:
    known = ordered_item_booklet(ITEMS, guessing="removed")

    page = known.items.index("guessed")
    assert known.location[page] == pytest.approx(0.2 + math.log(2) / 1.1)


@settings(deadline=None, max_examples=15)
@given(st.floats(0.3, 0.85), st.floats(-2, 2), st.permutations(range(5)))
def test_a_shift_of_the_scale_shifts_every_page(
    probability: float, shift: float, order: list[int]
) -> None:
    records = ITEMS.select(order).to_json()
    for record in records:
        b = record["b"]
        record["b"] = [v + shift for v in b] if isinstance(b, list) else b + shift

    moved = ordered_item_booklet(
        ItemParameters.from_json(records), response_probability=probability
    )

    still = ordered_item_booklet(ITEMS, response_probability=probability)
    np.testing.assert_allclose(moved.location, still.location + shift, atol=1e-9)


def test_a_bookmark_cuts_at_the_page_before_it_midway_or_at_it() -> None:
    booklet = ordered_item_booklet(ITEMS)
    pages = [3, 4, 4]

    before = bookmark(booklet, pages)
    middle = bookmark(booklet, pages, at="midpoint")
    after = bookmark(booklet, pages, at="first-missed")

    assert before.cut == booklet.location[2]
    assert after.cut == booklet.location[3]
    assert middle.cut == pytest.approx(0.5 * (before.cut + after.cut))
    assert before.scale == "theta"


def test_the_mean_of_bookmarks_is_that_of_their_locations() -> None:
    booklet = ordered_item_booklet(ITEMS)

    found = bookmark(booklet, [2, 4, 6], summary="mean", judges=["a", "b", "c"])

    cuts = booklet.location[[0, 2, 4]]
    assert found.cut == pytest.approx(cuts.mean())
    assert found.standard_error == pytest.approx(cuts.std(ddof=1) / math.sqrt(3))


@pytest.mark.parametrize(
    ("pages", "options"),
    [
        ([1], {}),
        ([9], {}),
        ([8], {"at": "midpoint"}),
        ([0], {"at": "first-missed"}),
        ([2.5], {}),
        ([], {}),
        ([np.nan], {}),
        ([2], {"at": "somewhere"}),
    ],
)
def test_a_bookmark_outside_the_booklet_is_refused(
    pages: list[float], options: dict[str, object]
) -> None:
    with pytest.raises(JudgementsInvalid):
        bookmark(ordered_item_booklet(ITEMS), pages, **options)


def test_an_item_guessed_too_often_has_no_location() -> None:
    item = ItemParameters.from_json([{"item": "coin", "a": 1, "b": 0, "c": 0.7}])

    with pytest.raises(LocationMissing, match="coin"):
        ordered_item_booklet(item)
    assert ordered_item_booklet(item, guessing="removed").location.size == 1


def test_items_without_an_order_of_points_are_refused() -> None:
    falling = ItemParameters.from_json([{"item": "turned", "a": -1, "b": 0}])

    with pytest.raises(JudgementsInvalid, match="turned"):
        ordered_item_booklet(falling)
    with pytest.raises(JudgementsInvalid, match="between 0 and 1"):
        ordered_item_booklet(ITEMS, response_probability=1.0)


def test_a_booklet_reads_back_from_its_json_form() -> None:
    booklet = ordered_item_booklet(ITEMS)

    assert Booklet.from_json(booklet.to_json()).summary() == booklet.summary()


GRID = {"difficulties": ["easy", "hard"], "relevances": ["essential", "useful"]}
SHARES = [[0.9, 0.8], [0.6, 0.4]]


def test_ebels_cut_adds_the_shares_of_each_items_cell() -> None:
    difficulty, relevance = [[0, 0, 1, 1], [0, 1, 1, 1]], [[0, 1, 0, 1], [0, 0, 0, 1]]

    found = ebel(difficulty, relevance, shares=SHARES, **GRID)

    np.testing.assert_allclose(found.panel.judge_cuts, [2.7, 2.5])
    assert found.cut == pytest.approx(2.6)
    assert found.same_cell == pytest.approx(3 / 4)
    np.testing.assert_allclose(found.points, [[1.0, 0.5], [1.5, 1.0]])
    assert Ebel.from_json(found.to_json()).summary() == found.summary()


def test_ebels_judges_may_have_shares_of_their_own() -> None:
    own = np.array([SHARES, SHARES]) * [[[1.0]], [[0.5]]]

    found = ebel([[0, 1]] * 2, [[0, 1]] * 2, shares=own, highest=[2, 1], **GRID)

    np.testing.assert_allclose(found.panel.judge_cuts, [2.2, 1.1])


@pytest.mark.parametrize(
    ("difficulty", "relevance", "shares"),
    [
        ([[0, 2]], [[0, 0]], SHARES),
        ([[0, 1]], [[0]], SHARES),
        ([[0, 1]], [[0, 0]], [[1.2, 0], [0, 0]]),
        ([[0, 1]], [[0, 0]], [0.5, 0.5]),
        ([[0.5, 1]], [[0, 0]], SHARES),
        ([], [], SHARES),
    ],
)
def test_a_grid_that_does_not_fit_is_refused(
    difficulty: object, relevance: object, shares: object
) -> None:
    with pytest.raises(JudgementsInvalid):
        ebel(difficulty, relevance, shares=shares, **GRID)
