import numpy as np
import pytest

from liangcai.measurement.models.curves import category_curves, log_probabilities
from liangcai.measurement.models.items import ItemParameters, ItemParametersInvalid

RECORDS = [
    {"item": "p", "model": "2pl", "a": 1.3, "b": -0.4},
    {"item": "q", "model": "4pl", "a": 0.8, "b": 0.9, "c": 0.2, "d": 0.95},
    {"item": "r", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
    {"item": "s", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
    {"item": "t", "model": "nominal", "a": None, "b": [0.3, -0.2], "category_slopes": [0.7, 1.6]},
]
ITEMS = ItemParameters.from_json(RECORDS)
THETA = np.linspace(-4, 4, 33)


def test_the_probabilities_of_an_item_sum_to_one() -> None:
    total = category_curves(ITEMS, THETA).probability.sum(axis=1)

    np.testing.assert_allclose(total, 1.0, rtol=1e-14)


def test_the_derivatives_are_those_of_the_probabilities() -> None:
    step = 1e-5
    curves = category_curves(ITEMS, THETA)
    up, down = category_curves(ITEMS, THETA + step), category_curves(ITEMS, THETA - step)

    np.testing.assert_allclose(
        curves.slope, (up.probability - down.probability) / (2 * step), atol=1e-9
    )
    np.testing.assert_allclose(curves.bend, (up.slope - down.slope) / (2 * step), atol=1e-9)


def test_information_is_the_mean_curvature_of_the_log_probability() -> None:
    step = 1e-4
    curves = category_curves(ITEMS, THETA)
    log = [log_probabilities(ITEMS, THETA + shift) for shift in (-step, 0.0, step)]
    with np.errstate(invalid="ignore"):
        curvature = (log[0] - 2 * log[1] + log[2]) / step**2
    expected = -np.nansum(curves.probability * np.nan_to_num(curvature), axis=1)

    np.testing.assert_allclose(curves.information(), expected, atol=1e-6)


def test_a_category_that_an_item_does_not_have_is_impossible() -> None:
    assert np.all(category_curves(ITEMS, THETA).probability[0, 2:] == 0.0)


def test_far_abilities_give_neither_nan_nor_lost_digits() -> None:
    with np.errstate(all="raise", under="ignore"):
        curves = category_curves(ITEMS, np.array([-400.0, -30.0, 30.0, 400.0]))

    assert np.isfinite(curves.probability).all()
    rare = curves.probability[2, 0, 2]
    np.testing.assert_allclose(rare, np.exp(-1.7 * 31.0), rtol=1e-9)


def test_parameters_survive_their_json_form() -> None:
    assert ItemParameters.from_json(ITEMS.to_json()).to_json() == ITEMS.to_json()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"item": "x", "a": 1.0}, "'b'"),
        ({"item": "x", "a": 1.0, "b": "nan"}, "not finite"),
        ({"item": "x", "a": 1.0, "b": 0.0, "c": 0.9, "d": 0.8}, "c < d"),
        ({"item": "x", "model": "grm", "a": 1.0, "b": [0.0, -1.0]}, "must rise"),
    ],
)
def test_parameters_that_draw_no_curve_are_refused_by_name(record: dict, said: str) -> None:
    with pytest.raises(ItemParametersInvalid, match=f"item 'x'.*{said}"):
        ItemParameters.from_json([record])
