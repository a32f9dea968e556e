"""Gwet's AC1 and AC2: agreement corrected for a chance that stays small when one category prevails."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from liangcai.measurement.agreement.coefficient import Agreement, Bootstrap, Statistic
from liangcai.measurement.agreement.kappa import (
    agreement_of,
    corrected,
    pairwise_agreement,
    rating_counts,
)
from liangcai.measurement.agreement.ratings import (
    AgreementUndefined,
    Patterns,
    coded,
    patterns_of,
)
from liangcai.measurement.agreement.weights import Scheme, agreement_weights, scheme_name
from liangcai.measurement.arrays import Array


def gwet_agreement(
    ratings: npt.ArrayLike,
    *,
    weights: Scheme | npt.ArrayLike = "identity",
    categories: Sequence[object] | None = None,
    bootstrap: Bootstrap | None = None,
) -> Agreement:
    """
    Return Gwet's AC1, or AC2 with weights (Gwet, 2008, 2014), of persons × raters with gaps.

    The standard error is the jackknife over persons. Name `categories` when not all of them occur:
    chance agreement depends on how many there are.

    Raises:
        RatingsInvalid: the ratings do not fit together, or nobody was rated twice.
        AgreementUndefined: there is only one category.
    """
    table = coded(ratings, categories=categories)
    if len(table.categories) < 2:
        raise AgreementUndefined(
            f"only the category {table.categories[0]!r} is known: name all that raters could have used"
        )
    matrix = agreement_weights(weights, table.values)
    patterns = patterns_of(table.codes, exchangeable=True)
    plain = scheme_name(weights) == "identity"
    return agreement_of(
        _gwet(patterns, matrix),
        patterns,
        table,
        coefficient="Gwet's AC1" if plain else f"Gwet's AC2 ({scheme_name(weights)})",
        method="pairwise agreement corrected for random rating of hard cases",
        source="Gwet (2008, 2014)",
        bootstrap=bootstrap,
    )


def _gwet(patterns: Patterns, matrix: Array) -> Statistic:
    counts = rating_counts(patterns, len(matrix))
    shares = sparse.diags_array(1.0 / np.maximum(counts.sum(axis=1), 1.0)) @ counts
    rated = (np.asarray(counts.sum(axis=1)) > 0).astype(float)
    agreement, paired = pairwise_agreement(patterns, matrix)
    scale = matrix.sum() / (len(matrix) * (len(matrix) - 1.0))

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = (weights @ shares) / (weights @ rated)[:, None]
            observed = weights @ (agreement * paired) / (weights @ paired)
        return corrected(observed, scale * (rates * (1.0 - rates)).sum(axis=1))

    return statistic
