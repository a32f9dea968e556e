import array_api_strict
import numpy as np
import pytest

from liangcai.measurement.calibration.device import calibrate_on_device
from liangcai.measurement.calibration.models import GradedResponse, TwoParameter
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.responses.matrix import ResponsesInvalid, responses_of


def scores(seed: int, persons: int, items: int, top: int) -> np.ndarray:
    """Synthetic scores with missing ones."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(persons, 1, 1))
    cuts = np.linspace(-1, 1, top) + rng.normal(0, 0.5, (items, 1))
    found = (rng.random((persons, items, 1)) < 1 / (1 + np.exp(-1.3 * (theta - cuts)))).sum(axis=2)
    found[rng.random(found.shape) < 0.05] = -1
    return found.astype(np.int8)


@pytest.mark.parametrize(("model", "top"), [(TwoParameter(), 1), (GradedResponse(), 3)])
def test_arrays_of_the_standard_give_what_numpy_gives(model: TwoParameter, top: int) -> None:
    matrix = scores(1, 900, 7, top)

    here = model.fit(responses_of(matrix))
    there = calibrate_on_device(model, array_api_strict.asarray(matrix))

    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(there.items.a, here.items.a, rtol=1e-7)
    np.testing.assert_allclose(there.items.b, here.items.b, rtol=1e-7, atol=1e-7)
    assert there.standard_errors is not None
    assert here.standard_errors is not None
    np.testing.assert_allclose(there.standard_errors.b, here.standard_errors.b, rtol=1e-6)
    assert there.audit.responses_sha256 == here.audit.responses_sha256


def test_a_large_matrix_starts_on_a_sample_on_a_device_too() -> None:
    matrix = scores(2, 40_000, 12, 1)

    calibration = calibrate_on_device(
        TwoParameter(), array_api_strict.asarray(matrix), settings=Settings(standard_errors=False)
    )

    assert calibration.converged
    assert calibration.audit.settings["precision"].startswith("single")


def test_scores_that_are_no_int8_matrix_are_refused() -> None:
    with pytest.raises(ResponsesInvalid, match="int8"):
        calibrate_on_device(TwoParameter(), array_api_strict.asarray([[0.0, 1.0]]))
