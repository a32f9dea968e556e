"""Against other programs: R mirt 1.47 (161 nodes on [−6, 6], 10⁻⁹), partly checked with ltm 1.2-0.

Tolerances: log-likelihood 1e-3, parameters 2e-3, standard errors 1 %.
"""

import numpy as np
import pytest

from liangcai.measurement.calibration.models import (
    ModelOfItems,
    OneParameter,
    Rasch,
    ThreeParameter,
    TwoParameter,
)
from liangcai.measurement.calibration.priors import Normal, Priors
from liangcai.measurement.responses.matrix import Responses


@pytest.mark.parametrize(
    ("model", "log_likelihood"),
    [(Rasch(), -2664.900891), (OneParameter(), -2664.900891), (TwoParameter(), -2658.805114)],
)
def test_the_log_likelihood_of_lsat7_is_the_published_one(
    lsat7: Responses, model: ModelOfItems, log_likelihood: float
) -> None:
    calibration = model.fit(lsat7)

    assert calibration.converged
    assert calibration.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)


def test_two_parameter_estimates_and_errors_of_lsat7_are_those_of_the_reference(
    lsat7: Responses,
) -> None:
    calibration = TwoParameter().fit(lsat7)
    errors = calibration.standard_errors

    assert errors is not None
    np.testing.assert_allclose(
        calibration.items.a, [0.987546, 1.080837, 1.707478, 0.764990, 0.735673], atol=2e-3
    )
    np.testing.assert_allclose(
        calibration.items.b[:, 0],
        [-1.879260, -0.747541, -1.057236, -0.635302, -2.520764],
        atol=2e-3,
    )
    np.testing.assert_allclose(
        errors.a, [0.177195, 0.168764, 0.321077, 0.134120, 0.151134], rtol=1e-2
    )
    np.testing.assert_allclose(
        errors.b[:, 0], [0.263967, 0.109251, 0.115359, 0.130120, 0.446254], rtol=1e-2
    )


def test_the_rasch_model_of_lsat7_estimates_the_spread_of_abilities(lsat7: Responses) -> None:
    calibration = Rasch().fit(lsat7)

    assert calibration.groups[0].sd ** 2 == pytest.approx(1.0226468, abs=1e-3)
    assert calibration.items.b[0, 0] == pytest.approx(-1.8682604, abs=2e-3)
    assert calibration.standard_errors is not None
    assert calibration.standard_errors.b[0, 0] == pytest.approx(0.1004291, rel=1e-2)


def test_a_prior_of_the_lower_asymptote_gives_the_reference_s_posterior_mode(
    lsat7: Responses,
) -> None:
    calibration = ThreeParameter(Priors(lower=Normal(-1.1, 2.0))).fit(lsat7)

    assert calibration.log_likelihood == pytest.approx(-2658.674868, abs=1e-3)
    assert calibration.log_posterior == pytest.approx(-2667.00819, abs=1e-3)
