"""The multiple-group fits of likelihood-ratio DIF, made by this package's calibration."""

from collections.abc import Collection
from dataclasses import replace

from liangcai.measurement.calibration.models import DEFAULTS, ModelOfItems
from liangcai.measurement.fairness.likelihood_ratio import FitsNotNested, MultipleGroupFit
from liangcai.measurement.responses.matrix import Responses

_SLOPE_AND_DIFFICULTY = ("slope", "difficulty")


def calibrated_fit(
    model: ModelOfItems,
    *,
    freed: Collection[str] = _SLOPE_AND_DIFFICULTY,
    tolerance: float = 1e-6,
) -> MultipleGroupFit:
    """
    Return the fit that calibration makes with `model`, for `likelihood_ratio_dif`.

    `freed` names what may differ between groups ("slope", "difficulty", "asymptote");
    ("difficulty",) tests uniform DIF alone. Latent means and deviations of all groups but the
    first are free. `tolerance`: log-likelihood that a fit may leave to be gained.

    Raises:
        FitsNotNested: when called, if a calibration does not converge.
    """
    settings = replace(DEFAULTS, standard_errors=False, tolerance=tolerance)

    def fit(responses: Responses, free_items: tuple[str, ...]) -> tuple[float, int]:
        found = model.fit(
            responses, free_by_group=dict.fromkeys(free_items, freed), settings=settings
        )
        if not found.converged:
            reasons = "; ".join(found.certificate.reasons)
            raise FitsNotNested(
                f"with {', '.join(free_items) or 'no item'} free the fit stopped: {reasons}"
            )
        return found.log_likelihood, found.parameters

    return fit
