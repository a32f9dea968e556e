"""Model-based fairness: likelihood ratios with the package's calibration, test functioning."""

import math

import numpy as np
import pytest
from scipy.special import expit

from liangcai.measurement.calibration.models import Rasch, TwoParameter
from liangcai.measurement.fairness.calibrated_fit import calibrated_fit
from liangcai.measurement.fairness.likelihood_ratio import (
    FitsNotNested,
    LikelihoodRatioDif,
    likelihood_ratio_dif,
)
from liangcai.measurement.fairness.purification import purified
from liangcai.measurement.fairness.whole_test import (
    FunctioningDifference,
    ScalesDiffer,
    differential_test_functioning,
)
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, responses_of

Fit = tuple[float, int]


def simulated(*, shift: float, persons: int = 1000, items: int = 6, seed: int = 4) -> Responses:
    """Synthetic Rasch responses; item 2 is harder for the focal group, which is less able."""
    rng = np.random.default_rng(seed)
    group = np.arange(persons) % 2
    z = (rng.normal(size=persons) - 0.5 * group)[:, None] - np.linspace(-1, 1, items)
    z[:, 1] -= shift * group
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    return responses_of(scores, groups=np.array(["reference", "focal"])[group])


def test_impact_is_no_dif_and_dif_is_found() -> None:
    found = likelihood_ratio_dif(simulated(shift=0.9), calibrated_fit(Rasch()))

    assert (found.df == 1).all()
    assert found.p[1] == found.p.min()
    assert found.p[1] < 1e-4
    assert "2" in found.flagged_items()


def test_an_anchored_test_frees_what_is_no_anchor() -> None:
    responses = simulated(shift=0.9)

    result, rounds = purified(
        lambda anchors: likelihood_ratio_dif(
            responses, calibrated_fit(Rasch()), anchors=anchors, adjustment="holm"
        ),
        responses.items,
    )

    assert result.flagged_items() == ("2",)
    assert rounds.anchors == ("1", "3", "4", "5", "6")


def test_a_two_parameter_item_frees_slope_and_difficulty() -> None:
    responses = simulated(shift=0.9)

    both = likelihood_ratio_dif(responses, calibrated_fit(TwoParameter()), items=("2",))
    uniform = likelihood_ratio_dif(
        responses, calibrated_fit(TwoParameter(), freed=("difficulty",)), items=("2",)
    )

    assert (both.df[0], uniform.df[0]) == (2, 1)
    assert both.chi2[0] >= uniform.chi2[0] - 1e-3
    assert uniform.p[0] < 1e-4


def test_each_pair_of_models_is_fitted_once_and_compared() -> None:
    asked: list[tuple[str, ...]] = []

    def fit(responses: Responses, free_items: tuple[str, ...]) -> Fit:
        asked.append(free_items)
        return -100.0 + 3.0 * ("b" in free_items), 10 + 2 * len(free_items)

    responses = responses_of([[0, 1, 0], [1, 0, 1]], items=("a", "b", "c"), groups=["x", "y"])
    found = likelihood_ratio_dif(responses, fit, anchors=("a", "b"))

    assert found.chi2.tolist() == [0.0, 6.0, 0.0]
    assert found.p[1] == pytest.approx(math.exp(-3.0))  # the tail of χ² with 2 df is e^(−x/2)
    assert sorted(asked) == [(), ("a", "c"), ("b", "c"), ("c",)]


def test_a_larger_model_that_fits_worse_is_refused() -> None:
    responses = responses_of([[0, 1], [1, 0]], groups=["x", "y"])

    with pytest.raises(FitsNotNested, match="tighter tolerance"):
        likelihood_ratio_dif(responses, lambda r, free: (-100.0 - len(free), len(free)))
    with pytest.raises(FitsNotNested, match="0 more parameters"):
        likelihood_ratio_dif(responses, lambda r, free: (-100.0, 5))


def test_likelihood_ratios_equal_those_of_an_independent_program() -> None:
    """Synthetic 2PL data; expected: `multigroup_dif` of mirt 1.2.0 for Python, 61 nodes, tol 1e-7."""
    rng = np.random.default_rng(3)
    group = np.arange(1000) % 2
    theta = rng.normal(size=1000) - 0.4 * group
    slopes = np.exp(rng.normal(0.1, 0.3, 12))
    z = slopes * (theta[:, None] - np.linspace(-1.5, 1.5, 12))
    z[:, 3] -= 0.7 * group
    scores = (rng.random(z.shape) < expit(z)).astype(np.int8)
    responses = responses_of(scores, groups=np.array(["a", "b"])[group])

    found = likelihood_ratio_dif(
        responses, calibrated_fit(TwoParameter()), items=("1", "2", "4", "8")
    )

    # Both programs stop within 1e-4 of their maxima; a few digits of χ² are common.
    np.testing.assert_allclose(found.chi2, [2.858321, 0.426713, 26.303675, 0.932437], atol=1e-3)
    assert found.df.tolist() == [2, 2, 2, 2]


def _rasch(*b: float) -> ItemParameters:
    return ItemParameters.from_json(
        [
            {"item": str(place), "model": "rasch", "a": 1.0, "b": value}
            for place, value in enumerate(b)
        ]
    )


def test_opposite_differences_cancel_in_the_test_but_not_in_the_items() -> None:
    found = differential_test_functioning(_rasch(0.0, 0.0), _rasch(0.5, -0.5))

    assert found.signed[0] == pytest.approx(-found.signed[1])
    assert found.unsigned[0] == pytest.approx(abs(found.signed[0]))
    assert found.test_signed == pytest.approx(0.0, abs=1e-12)
    assert found.test_unsigned < 0.1 * found.unsigned.sum()


def test_the_mean_difference_is_the_integral_of_the_curves() -> None:
    found = differential_test_functioning(_rasch(0.0), _rasch(1.0), mean=0.3, deviation=0.8)

    theta = 0.3 + 0.8 * np.random.default_rng(1).normal(size=400_000)
    gap = expit(theta - 1.0) - expit(theta)
    # The mean of 400,000 draws of a quantity with deviation under 0.03 is known to 5e-5.
    assert found.test_signed == pytest.approx(float(gap.mean()), abs=2e-4)
    assert found.test_squared == pytest.approx(float((gap**2).mean()), abs=2e-4)
    # logistic(x − 1) − logistic(x) is lowest at x = ½, by symmetry; the nodes are 0.08 apart.
    assert found.largest_at == pytest.approx(0.5, abs=0.05)


def test_equal_items_have_no_differential_functioning() -> None:
    found = differential_test_functioning(_rasch(0.2, -1.0), _rasch(0.2, -1.0))

    assert (found.test_unsigned, found.largest) == (0.0, 0.0)


def test_different_items_are_refused() -> None:
    with pytest.raises(ScalesDiffer, match="same items"):
        differential_test_functioning(_rasch(0.0), _rasch(0.0, 1.0))
    with pytest.raises(ScalesDiffer, match="positive deviation"):
        differential_test_functioning(_rasch(0.0), _rasch(0.0), deviation=0.0)


def test_model_based_results_read_back_from_their_json_form() -> None:
    functioning = differential_test_functioning(_rasch(0.0), _rasch(0.3))
    responses = responses_of([[0, 1], [1, 0]], groups=["x", "y"])
    ratio = likelihood_ratio_dif(responses, lambda r, free: (0.0, len(free)))

    again = FunctioningDifference.from_json(functioning.to_json())
    assert again.summary() == functioning.summary()
    assert LikelihoodRatioDif.from_json(ratio.to_json()).summary() == ratio.summary()
