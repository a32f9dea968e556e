"""Comparisons and rubric ratings on one scale: pairs tell differences, ratings tell places."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.sparse import csgraph

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.comparison.adjusted import Observed, maximise_adjusted
from liangcai.measurement.comparison.errors import EXACT_UP_TO, measure_variances
from liangcai.measurement.comparison.joint_scale import JointScale
from liangcai.measurement.comparison.judgements import Comparisons, ComparisonsInvalid
from liangcai.measurement.comparison.loglinear import (
    Categories,
    Estimate,
    comparison_categories,
    maximise,
    solved,
)
from liangcai.measurement.comparison.misfit import (
    judge_fit,
    mean_squares,
    outcome_moments,
)
from liangcai.measurement.comparison.ratings import RatedCategories, RubricRatings
from liangcai.measurement.comparison.scale import separation

#: Precision of the priors of severities and steps (sd 10 logits): it sets their mean, little else.
_WEAK = 0.01
_FREE = 1e-8
_REACH = 3.0


def fit_joint(
    comparisons: Comparisons,
    ratings: RubricRatings,
    *,
    steps: Mapping[str, Sequence[float]] | None = None,
    severities: Mapping[str, float] | None = None,
    slope: float | None = 1.0,
    prior_sd: float = 3.0,
    rng: np.random.Generator | None = None,
) -> JointScale:
    """
    Return one scale of all scripts compared or rated.

    A comparison follows P(i beats j) = logistic(slope·(θ_i − θ_j)), a tie counting as half a win;
    a rating log P_k/P_{k−1} = θ_i − severity − step_k of its criterion. `steps` and `severities`
    that are given stay fixed (a rubric scale known from calibration); others are estimated. With
    `slope=None` the slope and the spread of the scripts, `prior_sd` at first, are estimated between
    1/20 and 20 by approximate marginal likelihood (up to 3,000 scripts). The centre of the
    scripts is free, their spread has the prior `prior_sd`. Severities and steps are adjusted for the
    few ratings that each script's measure rests on. More than 3,000 scripts: give an `rng`, as for
    `fit_comparisons`; severities and steps are then not adjusted and somewhat too far apart.

    Raises:
        ComparisonsInvalid: scripts differ between both, a step or severity does not fit, or an
            option is out of range.
        EstimatesNotFound: the likelihood was not maximised.
    """
    if comparisons.scripts != ratings.scripts:
        raise ComparisonsInvalid("comparisons and ratings must name the same scripts in one order")
    if not 0.0 < prior_sd < np.inf or (slope is not None and not 0.0 < slope < np.inf):
        raise ComparisonsInvalid("prior_sd and slope must be positive")
    if slope is None and len(comparisons.scripts) > EXACT_UP_TO:
        raise ComparisonsInvalid(f"a slope is estimated from up to {EXACT_UP_TO} scripts: give one")
    rated = ratings.categories(steps or {}, severities or {})
    chosen, spread = _profiled(comparisons, rated, prior_sd) if slope is None else (slope, prior_sd)
    ridge = _ridge(len(comparisons.scripts), rated.free, spread)
    table = _stacked(comparisons, rated.table, chosen)
    estimate = maximise(table, ridge, np.zeros(ridge.shape[0]))
    if len(comparisons.scripts) <= EXACT_UP_TO:
        observed = _observed(comparisons, ratings, rated.table, chosen)
        estimate = maximise_adjusted(
            table, ridge, estimate, observed, scripts=len(comparisons.scripts)
        )
    size, count = len(comparisons.scripts), len(ratings.raters)
    # Severities, and steps, that are all free have mean 0: the scripts move by what they give up.
    groups = [slice(0, count), slice(count, rated.known.size)]
    centred = [group for group in groups if rated.free[group].all()]
    centre = np.zeros(ridge.shape[0])
    centre[size] = 1.0
    for group in centred:
        centre[size + 2 :][group] -= 1.0 / rated.known[group].size
    variances, exact = measure_variances(
        table, estimate, ridge, centre=centre, size=size, shift=0.0, rng=rng
    )
    measures = estimate.parameters[:size] + float(centre @ estimate.parameters)
    values, errors = _others(estimate, size, rated, centred)
    share, _value = table.probabilities(estimate.parameters)
    split = 2 * comparisons.count
    expected, variance = outcome_moments(share[:split], table.starts[: comparisons.count])
    infit, outfit = _rater_fit(ratings, rated.table, share[split:])
    return JointScale(
        comparisons.scripts,
        measures,
        np.sqrt(variances),
        comparisons.exposures(),
        np.bincount(ratings.script, minlength=size).astype(np.intp),
        ratings.raters,
        values[:count],
        errors[:count],
        infit,
        outfit,
        rated.step_criteria,
        values[count:],
        errors[count:],
        judge_fit(comparisons, chosen * measures, expected, variance),
        chosen,
        separation(measures, np.sqrt(variances)),
        estimate.log_likelihood,
        exact,
        _findings(comparisons, ratings, rated, given=bool(severities), slope=chosen),
    )


def _observed(
    comparisons: Comparisons, ratings: RubricRatings, rated: Categories, slope: float
) -> Observed:
    number = np.arange(rated.owner.size) - rated.starts[rated.owner]
    return Observed(
        np.concatenate([comparisons.first, ratings.script]),
        np.concatenate([comparisons.second, ratings.script]),
        np.repeat([slope, 1.0], [comparisons.count, ratings.script.size]),
        np.concatenate([np.tile([1.0, 0.0], comparisons.count), number]),
    )


def _ridge(size: int, free: Flags, prior_sd: float) -> sparse.csr_array:
    others = np.where(free, _WEAK, 1.0)
    # The tie parameter of comparisons is not used here; a penalty keeps it at 0.
    return sparse.csr_array(
        sparse.diags_array(np.concatenate([np.full(size, prior_sd**-2), [_FREE, 1.0], others]))
    )


def _stacked(comparisons: Comparisons, rated: Categories, slope: float) -> Categories:
    size = len(comparisons.scripts)
    nobody = np.zeros(size, dtype=bool)
    pairs = comparison_categories(comparisons, nobody, np.zeros(size), slope=slope)
    width = rated.features.shape[1] - pairs.features.shape[1]
    padded = sparse.hstack(
        [pairs.features, sparse.csr_array((pairs.features.shape[0], width))], format="csr"
    )
    return Categories(
        sparse.csr_array(sparse.vstack([padded, rated.features], format="csr")),
        np.concatenate([pairs.seen, rated.seen]),
        np.concatenate([pairs.offset, rated.offset]),
        np.concatenate([pairs.starts, rated.starts + pairs.seen.size]),
        np.concatenate([pairs.owner, rated.owner + pairs.starts.size]),
    )


def _profiled(
    comparisons: Comparisons, rated: RatedCategories, prior_sd: float
) -> tuple[float, float]:
    """Slope and spread of the scripts that maximise Laplace's approximation of the marginal likelihood.

    The spread must be free too: a prior wider than the scripts would pass for a flatter slope.
    """
    size = len(comparisons.scripts)
    start = np.zeros(size + 2 + rated.free.size)

    def minus(logs: Array) -> float:
        nonlocal start
        slope, spread = np.exp(np.clip(logs, -_REACH, _REACH))
        ridge = _ridge(size, rated.free, float(spread))
        found = maximise(_stacked(comparisons, rated.table, float(slope)), ridge, start)
        start = found.parameters
        depth = float(np.linalg.slogdet(found.information.toarray())[1])
        penalty = float(start @ (ridge @ start)) + 2.0 * size * float(np.log(spread))
        return -found.log_likelihood + 0.5 * (penalty + depth)

    found = minimize(
        minus,
        np.array([0.0, np.log(prior_sd)]),
        method="Nelder-Mead",
        options={"xatol": 1e-3, "fatol": 1e-4},
    )
    slope, spread = np.exp(np.clip(found.x, -_REACH, _REACH))
    return float(slope), float(spread)


def _others(
    estimate: Estimate, size: int, rated: RatedCategories, centred: list[slice]
) -> tuple[Array, Array]:
    """Severities and steps with their standard errors, 0 for those given."""
    places = size + 2 + np.flatnonzero(rated.free)
    units = np.zeros((estimate.parameters.size, places.size))
    units[places, np.arange(places.size)] = 1.0
    inverse = solved(estimate.information, units)[places] if places.size else np.zeros((0, 0))
    values = rated.known.copy()
    values[rated.free] = estimate.parameters[places]
    covariance = np.zeros((values.size, values.size))
    covariance[np.ix_(rated.free, rated.free)] = inverse
    for group in centred:
        values[group] -= values[group].mean()
        covariance[group] -= covariance[group].mean(axis=0)
        covariance[:, group] -= covariance[:, group].mean(axis=1, keepdims=True)
    return values, np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _rater_fit(ratings: RubricRatings, table: Categories, share: Array) -> tuple[Array, Array]:
    score = np.arange(share.size) - table.starts[table.owner]
    expected = table.totals(share * score)
    variance = table.totals(share * score**2) - expected**2
    return mean_squares(
        ratings.rater,
        ratings.score - expected,
        variance,
        np.ones(score[table.starts].size),
        len(ratings.raters),
    )


def _findings(
    comparisons: Comparisons,
    ratings: RubricRatings,
    rated: RatedCategories,
    *,
    given: bool,
    slope: float,
) -> tuple[str, ...]:
    size, raters = len(ratings.scripts), len(ratings.raters)
    counts = comparisons.weights > 0.0
    one = np.concatenate([comparisons.first[counts], ratings.script])
    other = np.concatenate([comparisons.second[counts], size + ratings.rater])
    graph = sparse.csr_array((np.ones(one.size), (one, other)), shape=(size + raters,) * 2)
    parts = csgraph.connected_components(graph, directed=False)[0]
    found = []
    if parts > 1 and not given:
        found.append(
            f"{parts} unconnected parts of scripts and raters: between them only the prior compares"
        )
    if size > EXACT_UP_TO and rated.free.any():
        found.append(
            f"with more than {EXACT_UP_TO} scripts severities and steps are not adjusted: with few "
            "ratings a script they lie too far apart"
        )
    if abs(np.log(slope)) > _REACH - 1e-3:
        found.append(
            f"the slope {slope:.3g} lies at the end of its range: comparisons and ratings do not tell it"
        )
    found += [f"no rating reached {text}: its step rests on the prior" for text in rated.unseen]
    return tuple(found)
