"""Conformance of a response model: a third party's must pass what ours pass.

A model is made anew for each check by a function without arguments, and has
`fit(responses, *, settings) -> Calibration`. Each check raises `NotConforming` that says what was
asked, what was found, and why it matters; all data are simulated from fixed seeds.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Index
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.responses.matrix import Responses, responses_of

_PERSONS = 600
_LOOK = np.linspace(-4.0, 4.0, 41)
_QUICK = Settings(standard_errors=False)


class NotConforming(LiangcaiError):
    """A model did not do what every model must."""

    code = "testing.not-conforming"


class Model(Protocol):
    """What can be fitted."""

    def fit(self, responses: Responses, *, settings: Settings = ...) -> Calibration:
        """Return the calibration of these responses."""


Make = Callable[[], Model]


def simulated(
    categories: int, *, persons: int = _PERSONS, items: int = 8, seed: int = 1
) -> Responses:
    """Return synthetic responses to items of so many score categories, a twentieth of them missing."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(persons, 1, 1))
    steps = np.zeros((1, 1)) if categories == 2 else np.linspace(-0.8, 0.8, categories - 1)[None]
    cuts = np.linspace(-1.2, 1.2, items)[:, None] + steps
    reach = 1.0 / (1.0 + np.exp(-1.3 * (theta - cuts)))
    scores = (rng.random((persons, items, 1)) < reach).sum(axis=2)
    scores[rng.random(scores.shape) < 0.05] = -1
    return responses_of(scores)


def probabilities_are_proper(make: Make, categories: int) -> None:
    """Check that every item's category probabilities are in [0, 1] and sum to 1."""
    curves = category_curves(make().fit(simulated(categories), settings=_QUICK).items, _LOOK)
    share = curves.probability
    _require(
        bool(np.isfinite(share).all() and (share >= 0.0).all()),
        "category probabilities must be finite and at least 0",
    )
    _require(
        bool(np.allclose(share.sum(axis=1), 1.0, atol=1e-9)),
        "the probabilities of an item's categories must sum to 1 at every ability",
    )


def order_changes_nothing(make: Make, categories: int) -> None:
    """Check that neither the persons' nor the items' order bears on the curves."""
    responses = simulated(categories)
    rng = np.random.default_rng(2)
    persons, items = rng.permutation(responses.person_count), rng.permutation(8)
    one = make().fit(responses, settings=_QUICK)
    other = make().fit(responses.select_persons(persons).select_items(items), settings=_QUICK)
    _same(one, other, "the order of persons and items", items)


def frequencies_stand_for_rows(make: Make, categories: int) -> None:
    """Check that a person with frequency two counts as two persons."""
    responses = simulated(categories, persons=300)
    twice = responses_of(np.vstack([responses.scores, responses.scores]))
    weighted = responses_of(responses.scores, weights=np.full(300, 2.0))
    one = make().fit(twice, settings=_QUICK)
    _same(one, make().fit(weighted, settings=_QUICK), "writing frequencies or repeating rows")


def the_same_call_gives_the_same_answer(make: Make, categories: int) -> None:
    """Check that fitting twice gives the same bits."""
    one, other = (make().fit(simulated(categories)).to_json() for _ in range(2))
    _require(one == other, "fitting the same responses twice must give the same result")


def a_short_run_is_not_called_converged(make: Make, categories: int) -> None:
    """Check that a run of one iteration does not claim convergence."""
    calibration = make().fit(
        simulated(categories), settings=Settings(max_iterations=1, standard_errors=False)
    )
    _require(
        not calibration.converged and bool(calibration.certificate.reasons),
        "a run cut off after one iteration must not say that it converged, and must say why",
    )


def curves_are_recovered(make: Make, categories: int) -> None:
    """Check that the expected scores are near those of the curves that made the data."""
    responses = simulated(categories, persons=6000, seed=3)
    calibration = make().fit(responses, settings=_QUICK)
    group = calibration.groups[0]  # where slopes are fixed, the spread of abilities is not 1
    found = category_curves(calibration.items, group.mean + group.sd * _LOOK).expected_score()
    steps = np.zeros((1, 1)) if categories == 2 else np.linspace(-0.8, 0.8, categories - 1)[None]
    cuts = np.linspace(-1.2, 1.2, 8)[:, None] + steps
    truth = (1.0 / (1.0 + np.exp(-1.3 * (_LOOK[:, None, None] - cuts)))).sum(axis=2).T
    inner = np.abs(_LOOK) <= 2.0
    gap = float(np.abs(found - truth)[:, inner].mean()) / (categories - 1)
    _require(
        gap < 0.04,
        f"expected scores must follow the data: they are off by {gap:.3f} of the top score on average",
    )


def items_without_variance_are_refused(make: Make, categories: int) -> None:
    """Check that an item on which all score alike is a typed error, not a number."""
    scores = simulated(categories).scores.copy()
    scores[:, 3] = 1
    try:
        make().fit(responses_of(scores), settings=_QUICK)
    except LiangcaiError:
        return
    raise NotConforming("an item on which everybody has the same score must be refused")


def the_result_reads_back(make: Make, categories: int) -> None:
    """Check that the JSON form of the result is the whole result."""
    calibration = make().fit(simulated(categories))
    again = Calibration.from_json(calibration.to_json())
    _require(again.to_json() == calibration.to_json(), "the JSON form must read back to the same")
    _require(
        bool(calibration.method and calibration.source and calibration.audit.responses_sha256),
        "a result must name its method, its source and the hash of its responses",
    )


#: Every check, in the order in which a failure is easiest to understand.
CHECKS: tuple[Callable[[Make, int], None], ...] = (
    items_without_variance_are_refused,
    probabilities_are_proper,
    the_result_reads_back,
    the_same_call_gives_the_same_answer,
    a_short_run_is_not_called_converged,
    order_changes_nothing,
    frequencies_stand_for_rows,
    curves_are_recovered,
)


def check_model(make: Make, *, categories: int) -> None:
    """
    Run every check on the model that `make` returns, with items of so many score categories.

    Raises:
        NotConforming: the first check that failed, and why.
    """
    for check in CHECKS:
        check(make, categories)


def _same(one: Calibration, other: Calibration, what: str, items: Index | None = None) -> None:
    left = category_curves(one.items, _LOOK).expected_score()
    right = category_curves(other.items, _LOOK).expected_score()
    left = left if items is None else left[items]
    gap = float(np.abs(left - right).max())
    _require(gap < 1e-3, f"{what} must not matter: expected scores differ by up to {gap:.2g}")


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise NotConforming(sentence)
