"""The Bradley–Terry–Luce model: a measure of each script from who beat whom."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from scipy import sparse

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.comparison.errors import EXACT_UP_TO, inverse_of, measure_variances
from liangcai.measurement.comparison.judgements import Comparisons, ComparisonsInvalid, places_of
from liangcai.measurement.comparison.loglinear import (
    Categories,
    Estimate,
    EstimatesNotFound,
    comparison_categories,
    maximise,
)
from liangcai.measurement.comparison.misfit import judge_fit, outcome_moments, script_fit
from liangcai.measurement.comparison.scale import ComparisonScale, separation

Penalty = Literal["ridge", "firth", "none"]
Ties = Literal["half", "davidson"]
_NEARLY_FREE = 1e-4
_WIDE = 1e-8
_MOST_ROUNDS, _SETTLED = 500, 1e-8


class ComparisonsNotConnected(LiangcaiError):
    """The comparisons do not connect the scripts well enough for the estimate asked for."""

    code = "measurement.comparisons-not-connected"


def fit_comparisons(
    comparisons: Comparisons,
    *,
    penalty: Penalty = "ridge",
    prior_sd: float = 3.0,
    ties: Ties = "half",
    anchors: Mapping[str, float] | None = None,
    rng: np.random.Generator | None = None,
) -> ComparisonScale:
    """
    Return the Bradley–Terry–Luce scale: P(i beats j) = 1/(1 + exp(θ_j − θ_i)).

    `penalty` is `ridge` (posterior mode under θ ~ N(centre, prior_sd²), any number of scripts),
    `firth` (bias-reduced, up to 3,000 scripts) or `none` (maximum likelihood, likewise). Ties count
    as half a win each, or follow Davidson (1970) with a parameter of their own. `anchors` fix
    measures and with them origin and unit. With more than 3,000 scripts, standard errors come from
    128 draws if an `rng` is given (about 1 % off), else from a dense inverse (slow).

    Raises:
        ComparisonsInvalid: an option does not fit, or an anchor is no script.
        ComparisonsNotConnected: parts without link (firth, none), or no strong connection (none).
        EstimatesNotFound: the likelihood was not maximised.
    """
    _check(comparisons, penalty, prior_sd, ties, anchors)
    size = len(comparisons.scripts)
    fixed = np.zeros(size, dtype=bool)
    values = np.zeros(size)
    if anchors:
        place = places_of(np.array(comparisons.scripts), np.array(list(anchors), dtype=str))
        fixed[place], values[place] = True, list(anchors.values())
    findings = _connection(comparisons, penalty, fixed)
    table = comparison_categories(comparisons, fixed, values, ties=ties)
    penalties = np.full(size, prior_sd**-2 if penalty == "ridge" else 0.0)
    # The prior's centre (with anchors) and log ν are all but free.
    penalties = np.concatenate([penalties[~fixed], [_WIDE if fixed.any() else 1.0, _NEARLY_FREE]])
    ridge = sparse.csr_array(sparse.diags_array(penalties))
    start = np.zeros(penalties.size)
    floating = 0 if penalty == "ridge" or fixed.any() else size
    if penalty == "firth":
        estimate = _bias_reduced(table, ridge, start, size=int((~fixed).sum()), floating=floating)
    else:
        estimate = maximise(table, ridge, start, floating=floating)
    # Where nothing is anchored the common shift is known by definition: the prior's part goes.
    free = int((~fixed).sum())
    shift = prior_sd**2 / size if penalty == "ridge" and not fixed.any() else 0.0
    centre = np.zeros(ridge.shape[0])
    centre[free] = float(fixed.any())
    variances, exact = measure_variances(
        table, estimate, ridge, centre=centre, size=free, shift=shift, rng=rng
    )
    measures, errors = values.copy(), np.zeros(size)
    measures[~fixed] = _measures(estimate, free, anchored=bool(fixed.any()))
    errors[~fixed] = np.sqrt(variances)
    share, _value = table.probabilities(estimate.parameters)
    expected, variance = outcome_moments(share, table.starts)
    infit, outfit = script_fit(comparisons, expected, variance)
    return ComparisonScale(
        comparisons.scripts,
        measures,
        errors,
        comparisons.exposures(),
        comparisons.wins(),
        infit,
        outfit,
        fixed,
        judge_fit(comparisons, measures, expected, variance),
        separation(measures[~fixed], errors[~fixed]),
        float(estimate.parameters[-1]) if ties == "davidson" else float("nan"),
        estimate.log_likelihood,
        comparisons.count,
        exact,
        _METHODS[penalty] + (f", prior sd {prior_sd:g}" if penalty == "ridge" else ""),
        _SOURCES[penalty] + ("; ties: Davidson (1970)" if ties == "davidson" else ""),
        findings,
    )


def _measures(estimate: Estimate, size: int, *, anchored: bool) -> Array:
    free = estimate.parameters[:size]
    origin = -estimate.parameters[size] if anchored else free.mean()
    return np.asarray(free - origin, dtype=float)


def _check(
    comparisons: Comparisons,
    penalty: str,
    prior_sd: float,
    ties: str,
    anchors: Mapping[str, float] | None,
) -> None:
    if penalty not in {"ridge", "firth", "none"} or ties not in {"half", "davidson"}:
        raise ComparisonsInvalid(
            f"penalty {penalty!r} or ties {ties!r} is unknown: ridge, firth or none; half or davidson"
        )
    if not 0.0 < prior_sd < np.inf:
        raise ComparisonsInvalid(f"prior_sd {prior_sd} must be positive")
    if penalty != "ridge" and len(comparisons.scripts) > EXACT_UP_TO:
        raise ComparisonsInvalid(
            f"{penalty} takes up to {EXACT_UP_TO} scripts: use penalty='ridge'"
        )
    if penalty == "firth" and ties == "davidson":
        raise ComparisonsInvalid(
            "bias reduction is for two outcomes: ties='half' or penalty='ridge'"
        )
    if ties == "davidson" and not (comparisons.outcome == 0.5).any():
        raise ComparisonsInvalid("no comparison was tied: log ν would be −∞; use ties='half'")
    unknown = set(anchors or {}) - set(comparisons.scripts)
    if unknown or not np.isfinite(list((anchors or {}).values())).all():
        raise ComparisonsInvalid(f"anchors must be scripts with finite measures: {sorted(unknown)}")
    if anchors and len(anchors) == len(comparisons.scripts):
        raise ComparisonsInvalid("all scripts are anchors: nothing is left to estimate")


def _connection(comparisons: Comparisons, penalty: str, anchored: Flags) -> tuple[str, ...]:
    parts = int(comparisons.parts(anchored).max()) + 1
    strong = int(comparisons.strong_parts(anchored).max()) + 1
    if parts > 1 and penalty != "ridge":
        raise ComparisonsNotConnected(
            f"the scripts fall into {parts} parts without a comparison between them: add comparisons, "
            "or use penalty='ridge'"
        )
    if strong > 1 and penalty == "none":
        raise ComparisonsNotConnected(
            f"{strong} groups of scripts only won or only lost against the others: maximum likelihood "
            "is infinite; use penalty='firth' or 'ridge'"
        )
    found = []
    if parts > 1:
        found.append(f"{parts} unconnected parts: between them only the prior compares scripts")
    if strong > parts:
        found.append(
            f"{strong} groups of scripts only won or only lost against others: "
            "their distances are finite only by the penalty"
        )
    return tuple(found)


def _bias_reduced(
    table: Categories, ridge: sparse.csr_array, start: Array, *, size: int, floating: int
) -> Estimate:
    """Add half of each comparison's leverage to both outcomes until nothing moves (Firth, 1993)."""
    weights = table.totals(table.seen)
    # Leverages sum to the number of parameters; evenly spread they make a finite start.
    leverage = np.full(weights.size, size / weights.size)
    parameters = start
    for _ in range(_MOST_ROUNDS):
        seen = table.seen + 0.5 * leverage[table.owner]
        augmented = Categories(table.features, seen, table.offset, table.starts, table.owner)
        found = maximise(augmented, ridge, parameters, floating=floating).parameters
        moved, parameters = float(np.abs(found - parameters).max()), found
        share, value = table.probabilities(parameters)
        information = sparse.csr_array(table.information(share, weights) + ridge)
        if moved < _SETTLED:
            return Estimate(parameters, information, value, 0)
        difference = 2.0 * table.features[table.starts]
        spread = difference.multiply(difference @ inverse_of(information, size)).sum(axis=1)
        won = share[table.starts]
        leverage = weights * won * (1.0 - won) * np.asarray(spread, dtype=float)
    raise EstimatesNotFound(f"bias reduction did not settle within {_MOST_ROUNDS} rounds")


_METHODS = {
    "ridge": "Bradley–Terry–Luce model, penalised maximum likelihood",
    "firth": "Bradley–Terry–Luce model, bias-reduced maximum likelihood",
    "none": "Bradley–Terry–Luce model, maximum likelihood",
}
_SOURCES = {
    "ridge": "Bradley & Terry (1952); Luce (1959); Pollitt (2012)",
    "firth": "Bradley & Terry (1952); Firth (1993)",
    "none": "Bradley & Terry (1952); Ford (1957)",
}
