"""A whole calibration on another scale: items, errors and latent densities moved by a link."""

from dataclasses import replace

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.calibration.result import Calibration, ItemErrors, LatentGroup
from liangcai.measurement.fit.free_parameters import slots
from liangcai.measurement.linking.link import Link
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.items import ItemParameters


def calibration_moved(calibration: Calibration, link: Link, *, to: str) -> Calibration:
    """
    Return the calibration on the scale that `link` leads to; `to` names it in the method.

    Every probability stays what it was. The link counts as known: its own error (`item_link_error`)
    is not in the errors. Of a nominal item's intercepts the errors are known only where the
    calibration holds its covariance (NaN otherwise).

    Raises:
        TransformationInvalid: the link's slope is not positive.
    """
    turn = link.transformation
    covariance = calibration.covariance
    if covariance is not None:
        change = _change(calibration.items, turn)
        covariance = change @ covariance @ change.T
    return replace(
        calibration,
        items=turn.items(calibration.items),
        group_items=tuple(turn.items(items) for items in calibration.group_items),
        standard_errors=_errors(calibration, turn, covariance),
        covariance=covariance,
        groups=tuple(_density(one, turn) for one in calibration.groups),
        method=f"{calibration.method}; brought to the scale of {to} by {link.method}",
        source=f"{calibration.source}; {link.source}",
    )


def _errors(
    calibration: Calibration, turn: Transformation, covariance: Array | None
) -> ItemErrors | None:
    errors, items = calibration.standard_errors, calibration.items
    if errors is None:
        return None
    nominal = np.array([model == "nominal" for model in items.models], dtype=bool)
    b = np.where(nominal[:, None], np.nan, turn.slope * errors.b)
    if covariance is not None:
        spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        for place, slot in enumerate(slots(items)):
            if slot.name == "b" and nominal[slot.item]:
                b[slot.item, slot.step] = spread[place]
    return replace(
        errors,
        a=errors.a / turn.slope,
        b=b,
        category_slopes=errors.category_slopes / turn.slope,
    )


def _change(items: ItemParameters, turn: Transformation) -> Array:
    """Return the derivatives of the moved parameters by the old ones, in the order of `slots`."""
    listed = slots(items)
    place = {(slot.item, slot.name, slot.step): n for n, slot in enumerate(listed)}
    change = np.eye(len(listed))
    for n, slot in enumerate(listed):
        nominal = items.models[slot.item] == "nominal"
        if slot.name in {"a", "category_slopes"}:
            change[n, n] = 1.0 / turn.slope
        elif slot.name == "b" and not nominal:
            change[n, n] = turn.slope
        elif slot.name == "b":
            change[n, place[slot.item, "category_slopes", slot.step]] = -turn.intercept / turn.slope
    return change


def _density(group: LatentGroup, turn: Transformation) -> LatentGroup:
    return replace(
        group,
        mean=turn.slope * group.mean + turn.intercept,
        sd=turn.slope * group.sd,
        mean_se=None if group.mean_se is None else turn.slope * group.mean_se,
        sd_se=None if group.sd_se is None else turn.slope * group.sd_se,
    )
