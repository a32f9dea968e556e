"""Drift of common items: how far each has moved beside the link, and links that leave the movers out."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.fit.free_parameters import parameter_vector, slots
from liangcai.measurement.linking.criteria import (
    LinkMethod,
    LinkPlan,
    LinkUndefined,
    coefficients,
    curve_distances,
)
from liangcai.measurement.linking.link import Link, common_items, link_plan, made_link
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.results import Result

DriftRule = Literal["rmsd", "robust-z", "perpendicular", "wald"]
#: Beyond which value an item has drifted, by rule; for "wald" the p-value below which.
THRESHOLDS = {"rmsd": 0.1, "robust-z": 2.7, "perpendicular": 3.0, "wald": 0.01}
_NORMAL_QUARTILES = 0.7413


@dataclass(frozen=True, slots=True)
class AnchorDrift(Result):
    """
    Four views of each common item's drift, given one link.

    `shift` is the mean difficulty less its linked value (logits of the target). `robust_z` is shift
    less the median shift over 0.74 interquartile ranges. `perpendicular` is the distance of
    (linked, target) mean difficulty from their diagonal over the standard deviation of these
    distances. `rmsd` is the difference of curves as in `Link`. `wald`, `df` and `p` test all
    parameters but the asymptotes at once, if covariances were given (else NaN). `shift`, `robust_z`
    and `perpendicular` do not exist (NaN) for nominal items, ratios not where nothing varies.
    """

    title: ClassVar[str] = "Drift of common items"
    method = "robust z; perpendicular distance; weighted curve difference; Wald test"
    source = "Huynh & Meyer (2010); Angoff (1972); Raju, van der Linden & Fleer (1995); Lord (1980)"

    item: tuple[str, ...]
    shift: Array
    robust_z: Array
    perpendicular: Array
    rmsd: Array
    wald: Array
    df: Index
    p: Array

    def columns(self) -> dict[str, Any]:
        """Return each common item with its shift and the four statistics."""
        names = ("item", "shift", "robust_z", "perpendicular", "rmsd", "wald", "df", "p")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A common item left out: which, by what value, and the link that it was judged by."""

    item: str
    value: float
    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class StableLink(Result):
    """A link through the items that kept still, and the log of those dropped, in order."""

    title: ClassVar[str] = "Link through stable common items"
    source = "Candell & Drasgow (1988)"

    link: Link
    rule: str
    threshold: float
    dropped: tuple[Dropped, ...]
    exhausted: bool
    method: str

    def columns(self) -> dict[str, Any]:
        """Return the dropped items with value, and the slope and intercept that judged them."""
        return {
            "item": [one.item for one in self.dropped],
            "value": [one.value for one in self.dropped],
            "slope": [one.slope for one in self.dropped],
            "intercept": [one.intercept for one in self.dropped],
        }

    def facts(self) -> dict[str, Any]:
        """Return the final link, and whether dropping stopped only because too few items were left."""
        return {
            "slope": self.link.slope,
            "intercept": self.link.intercept,
            "kept": len(self.link.item),
            "dropped": len(self.dropped),
            "stopped for want of items": self.exhausted,
        }


def anchor_drift(
    source: ItemParameters,
    target: ItemParameters,
    link: Link,
    *,
    source_covariance: npt.ArrayLike | None = None,
    target_covariance: npt.ArrayLike | None = None,
) -> AnchorDrift:
    """
    Return how far each common item of `link` has moved beside it.

    Covariances are of `free_parameters.slots` of the whole calibration each (P × P).

    Raises:
        LinkUndefined: an item of the link is missing, or a covariance has another size.
    """
    here, there = common_items(source, target, link.item)
    covariances = None
    if source_covariance is not None and target_covariance is not None:
        covariances = (
            _of_items(source, source_covariance, link.item),
            _of_items(target, target_covariance, link.item),
        )
    plan = link_plan(here, method="stocking-lord")
    return _drift(here, there, plan, (link.slope, link.intercept), covariances)


def link_stable_anchors(
    source: ItemParameters,
    target: ItemParameters,
    *,
    rule: DriftRule = "rmsd",
    threshold: float | None = None,
    method: LinkMethod = "stocking-lord",
    least: int = 3,
    slope: float | None = None,
    source_covariance: npt.ArrayLike | None = None,
    target_covariance: npt.ArrayLike | None = None,
) -> StableLink:
    """
    Return a link from which the item that drifted most is dropped, again and again, until none is left.

    Thresholds by default: rmsd 0.1 of the highest score, |robust z| 2.7, perpendicular distance 3
    standard deviations, Wald p below 0.01 (which needs both covariances). At least `least` items stay.

    Raises:
        LinkUndefined: no link exists, the rule is unknown or lacks its covariances, the threshold is
            not positive, or nothing would have to stay.
    """
    if rule not in THRESHOLDS:
        raise LinkUndefined(f"no drift rule is called {rule!r}; use {', '.join(THRESHOLDS)}")
    if rule == "wald" and (source_covariance is None or target_covariance is None):
        raise LinkUndefined("the Wald rule needs the covariances of both calibrations")
    here, there = common_items(source, target, None)
    limit = THRESHOLDS[rule] if threshold is None else threshold
    if not limit > 0.0 or least < 1:
        raise LinkUndefined(
            f"a threshold of {limit:g} and at least {least} items: both must be positive"
        )
    plan = link_plan(here, method=method, slope=slope)
    kept, log = list(range(here.count)), list[Dropped]()
    while True:
        one, other = here.select(kept), there.select(kept)
        found = coefficients(one, other, plan)
        covariances = None
        if source_covariance is not None and target_covariance is not None:
            covariances = (
                _of_items(source, source_covariance, one.names),
                _of_items(target, target_covariance, one.names),
            )
        drift = _drift(one, other, plan, found, covariances)
        beyond, value = _judged(drift, rule, limit)
        stop = not beyond.any()
        if stop or len(kept) <= least:
            break
        worst = int(np.argmax(np.where(beyond, value, -np.inf)))
        reported = float(drift.p[worst] if rule == "wald" else value[worst])
        log.append(Dropped(one.names[worst], reported, *found))
        del kept[worst]
    return StableLink(
        link=made_link(here.select(kept), there.select(kept), plan),
        rule=rule,
        threshold=limit,
        dropped=tuple(log),
        exhausted=not stop,
        method=f"{method} link; items beyond {limit:g} by {rule} dropped one at a time",
    )


def _judged(drift: AnchorDrift, rule: DriftRule, limit: float) -> tuple[Flags, Array]:
    if rule == "wald":
        strength = np.where(np.isnan(drift.p), 0.0, drift.wald / np.maximum(drift.df, 1))
        return np.asarray(drift.p < limit, dtype=bool), strength
    named = {"rmsd": drift.rmsd, "robust-z": drift.robust_z, "perpendicular": drift.perpendicular}
    value = np.nan_to_num(np.abs(named[rule]), nan=0.0)
    return np.asarray(value > limit, dtype=bool), value


def _drift(
    here: ItemParameters,
    there: ItemParameters,
    plan: LinkPlan,
    found: tuple[float, float],
    covariances: tuple[list[Array], list[Array]] | None,
) -> AnchorDrift:
    linked = Transformation(*found).items(here)
    nominal = np.array([model == "nominal" for model in here.models], dtype=bool)
    before, after = (_mean_steps(items, nominal) for items in (linked, there))
    shift = after - before
    known = shift[~np.isnan(shift)]
    centre = float(np.median(known)) if known.size else float("nan")
    quartiles = np.subtract(*np.percentile(known, [75, 25])) if known.size else float("nan")
    distance = shift / np.sqrt(2.0)
    spread = float(np.std(distance[~np.isnan(distance)])) if known.size else float("nan")
    rmsd, _ = curve_distances(here, there, plan, *found)
    wald, df, p = _wald(linked, there, found, covariances)
    return AnchorDrift(
        item=here.names,
        shift=shift,
        robust_z=_ratio(shift - centre, _NORMAL_QUARTILES * quartiles),
        perpendicular=_ratio(distance, spread),
        rmsd=rmsd,
        wald=wald,
        df=df,
        p=p,
    )


def _ratio(value: Array, unit: float) -> Array:
    # Below rounding error a spread is none, and the ratio would be noise over noise.
    return value / unit if unit > 1e-10 else np.full(value.shape, np.nan)


def _mean_steps(items: ItemParameters, nominal: Flags) -> Array:
    mean = np.where(np.isnan(items.b), 0.0, items.b).sum(axis=1) / items.steps
    return np.where(nominal, np.nan, mean)


def _wald(
    linked: ItemParameters,
    there: ItemParameters,
    found: tuple[float, float],
    covariances: tuple[list[Array], list[Array]] | None,
) -> tuple[Array, Index, Array]:
    value, df = np.full(linked.count, np.nan), np.zeros(linked.count, dtype=np.intp)
    if covariances is None:
        return value, df, np.full(linked.count, np.nan)
    slope, intercept = found
    for place in range(linked.count):
        one, other = linked.select([place]), there.select([place])
        listed = slots(one)
        turn = np.diag([_unit_change(slot.name, slope) for slot in listed])
        if one.models[0] == "nominal":
            half = len(listed) // 2
            turn[half:, :half] = -intercept / slope * np.eye(half)
        spread = turn @ covariances[0][place] @ turn.T + covariances[1][place]
        kept = [n for n, slot in enumerate(listed) if slot.name not in {"c", "d"}]
        gap = (parameter_vector(other) - parameter_vector(one))[kept]
        spread = spread[np.ix_(kept, kept)]
        value[place] = float(gap @ np.linalg.pinv(spread, hermitian=True) @ gap)
        df[place] = int(np.linalg.matrix_rank(spread, hermitian=True))
    p = np.where(df > 0, chi2.sf(value, np.maximum(df, 1)), np.nan)
    return np.where(df > 0, value, np.nan), df, p


def _unit_change(name: str, slope: float) -> float:
    return {"a": 1.0 / slope, "category_slopes": 1.0 / slope}.get(name, slope)


def _of_items(
    items: ItemParameters, covariance: npt.ArrayLike, names: tuple[str, ...]
) -> list[Array]:
    listed, given = slots(items), np.asarray(covariance, dtype=float)
    if given.shape != (len(listed), len(listed)):
        raise LinkUndefined(
            f"a covariance of {len(listed)} parameters needs that many rows and columns, not {given.shape}"
        )
    rows = items.positions(names)
    places = [[n for n, slot in enumerate(listed) if slot.item == row] for row in rows]
    return [given[np.ix_(own, own)] for own in places]
