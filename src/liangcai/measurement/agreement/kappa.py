"""Kappa: Cohen's for two named raters, plain or weighted, and Fleiss' for exchangeable raters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from liangcai.measurement.agreement.coefficient import (
    Agreement,
    Bootstrap,
    Interval,
    Statistic,
    bootstrap_interval,
    jackknife,
)
from liangcai.measurement.agreement.ratings import (
    AgreementUndefined,
    CodedRatings,
    Patterns,
    RatingsInvalid,
    coded,
    complete_rows,
    patterns_of,
    two_columns,
)
from liangcai.measurement.agreement.weights import Scheme, agreement_weights, scheme_name
from liangcai.measurement.arrays import Array, Index

_RARE = 0.8


def cohen_kappa(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    weights: Scheme | npt.ArrayLike = "identity",
    categories: Sequence[object] | None = None,
    bootstrap: Bootstrap | None = None,
) -> Agreement:
    """
    Return Cohen's κ (1960) or weighted κ (1968) of two raters; quadratic weights make it QWK.

    Persons with a missing rating are left out. The standard error is that of Fleiss, Cohen &
    Everitt (1969). For texts with weights, name `categories` in their order.

    Raises:
        RatingsInvalid: the ratings or weights do not fit together.
        AgreementUndefined: chance agreement is 1, as when both raters use one and the same category.
    """
    table = coded(two_columns(first, second), categories=categories)
    codes = complete_rows(table.codes)
    matrix = agreement_weights(weights, table.values)
    patterns = patterns_of(codes, exchangeable=False)
    statistic = _cohen(patterns, matrix)
    held = CodedRatings(codes, table.categories, table.values, table.numeric)
    name = scheme_name(weights)
    return agreement_of(
        statistic,
        patterns,
        held,
        coefficient="Cohen's κ" if name == "identity" else f"weighted κ ({name})",
        method="chance-corrected agreement of two raters with their own base rates",
        source="Cohen (1960, 1968); standard error: Fleiss, Cohen & Everitt (1969)",
        bootstrap=bootstrap,
        standard_error=_large_sample_error(codes, matrix),
    )


def fleiss_kappa(
    ratings: npt.ArrayLike,
    *,
    weights: Scheme | npt.ArrayLike = "identity",
    categories: Sequence[object] | None = None,
    bootstrap: Bootstrap | None = None,
) -> Agreement:
    """
    Return Fleiss' κ (1971) of persons × raters, where any raters may have rated each person.

    Persons with fewer than two ratings tell base rates only (Gwet, 2014); with equal numbers of
    ratings this is Fleiss' formula. The standard error is the jackknife over persons.

    Raises:
        RatingsInvalid: the ratings do not fit together, or nobody was rated twice.
        AgreementUndefined: all ratings are equal.
    """
    table = coded(ratings, categories=categories)
    matrix = agreement_weights(weights, table.values)
    patterns = patterns_of(table.codes, exchangeable=True)
    name = scheme_name(weights)
    return agreement_of(
        _fleiss(patterns, matrix),
        patterns,
        table,
        coefficient="Fleiss' κ" if name == "identity" else f"Fleiss' κ ({name})",
        method="chance-corrected pairwise agreement of exchangeable raters",
        source="Fleiss (1971); unequal numbers of ratings: Gwet (2014)",
        bootstrap=bootstrap,
    )


def agreement_of(
    statistic: Statistic,
    patterns: Patterns,
    table: CodedRatings,
    *,
    coefficient: str,
    method: str,
    source: str,
    bootstrap: Bootstrap | None,
    standard_error: float | None = None,
) -> Agreement:
    """
    Return the result of a statistic, with error and interval.

    Raises:
        AgreementUndefined: chance agreement is 1.
    """
    (value,), (observed,), (expected,) = statistic(patterns.counts[None, :].astype(float))
    if not np.isfinite(value):
        used = np.unique(table.codes[table.codes >= 0])
        why = (
            f"all ratings are {table.categories[used[0]]!r}, so"
            if used.size == 1
            else "by the weights"
        )
        raise AgreementUndefined(
            f"{coefficient} does not exist: {why} agreement by chance is 1; "
            "report the exact agreement and the base rates instead"
        )
    error = jackknife(statistic, patterns)[0] if standard_error is None else standard_error
    interval = (
        None
        if bootstrap is None
        else bootstrap_interval(statistic, patterns, bootstrap, value=float(value))
    )
    return Agreement(
        coefficient,
        method,
        source,
        float(value),
        float(observed),
        float(expected),
        float(error),
        interval,
        patterns.persons,
        int((table.codes >= 0).sum()),
        table.categories,
        table.base_rates(),
        _findings(table, float(observed), float(value)) + _without_width(interval),
    )


def rating_counts(patterns: Patterns, categories: int) -> sparse.csr_array:
    """Return how often each pattern holds each category (P × K, sparse)."""
    rows, columns = np.nonzero(patterns.codes >= 0)
    return sparse.csr_array(
        (np.ones(rows.size), (rows, patterns.codes[rows, columns])),
        shape=(len(patterns.codes), categories),
    )


def pairwise_agreement(patterns: Patterns, matrix: Array) -> tuple[Array, Array]:
    """Return the weighted agreement among the ratings of each pattern (P), and which have a pair (P)."""
    counts = rating_counts(patterns, matrix.shape[0])
    totals = np.asarray(counts.sum(axis=1), dtype=float)
    agreeing = np.asarray(counts.multiply(counts @ matrix).sum(axis=1), dtype=float) - totals
    paired = (totals > 1).astype(float)
    if not paired.any():
        raise RatingsInvalid("nobody was rated twice: agreement cannot be seen")
    return agreeing / np.maximum(totals * (totals - 1.0), 1.0), paired


def corrected(observed: Array, expected: Array) -> tuple[Array, Array, Array]:
    """Return (observed − expected)/(1 − expected), NaN where chance agreement is 1, with both."""
    room = 1.0 - expected
    exists = room > 1e-12
    value = np.where(exists, (observed - expected) / np.where(exists, room, 1.0), np.nan)
    return value, observed, expected


def _cohen(patterns: Patterns, matrix: Array) -> Statistic:
    one, other = patterns.codes.T
    agreement = matrix[one, other]
    categories = np.eye(len(matrix))

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        total = weights.sum(axis=1)
        rows, columns = weights @ categories[one], weights @ categories[other]
        expected = np.einsum("bk,bk->b", rows @ matrix, columns) / total**2
        return corrected(weights @ agreement / total, expected)

    return statistic


def _fleiss(patterns: Patterns, matrix: Array) -> Statistic:
    counts = rating_counts(patterns, len(matrix))
    shares = sparse.diags_array(1.0 / np.maximum(counts.sum(axis=1), 1.0)) @ counts
    rated = (np.asarray(counts.sum(axis=1)) > 0).astype(float)
    agreement, paired = pairwise_agreement(patterns, matrix)

    def statistic(weights: Array) -> tuple[Array, Array, Array]:
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = (weights @ shares) / (weights @ rated)[:, None]
            observed = weights @ (agreement * paired) / (weights @ paired)
        return corrected(observed, np.einsum("bk,bk->b", rates @ matrix, rates))

    return statistic


def _large_sample_error(codes: Index, matrix: Array) -> float:
    count = len(matrix)
    table = np.bincount(codes[:, 0] * count + codes[:, 1], minlength=count**2)
    share = table.reshape(count, count) / len(codes)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float((share * matrix).sum()), float(rows @ matrix @ columns)
    if 1.0 - expected <= 1e-12 or len(codes) < 2:
        return float("nan")
    means = (matrix @ columns)[:, None] + (matrix.T @ rows)[None, :]
    spread = float((share * (matrix * (1 - expected) - means * (1 - observed)) ** 2).sum())
    centre = (observed * expected - 2 * expected + observed) ** 2
    return float(np.sqrt(max(spread - centre, 0.0) / len(codes)) / (1 - expected) ** 2)


def _findings(table: CodedRatings, observed: float, value: float) -> tuple[str, ...]:
    overall = np.bincount(table.codes[table.codes >= 0], minlength=len(table.categories))
    share = overall.max() / overall.sum()
    if share >= _RARE and observed - value > 0.2:
        name = table.categories[int(overall.argmax())]
        return (
            f"{share:.0%} of the ratings are {name!r}: with such base rates a coefficient corrected "
            "for chance is low even where raters seldom differ; read it beside the observed agreement",
        )
    return ()


def _without_width(interval: Interval | None) -> tuple[str, ...]:
    if interval is None or interval.lower < interval.upper:
        return ()
    return (
        "the interval has no width, since every resample gives the same value: that is too few "
        "persons or too little disagreement to tell the error, not certainty",
    )
