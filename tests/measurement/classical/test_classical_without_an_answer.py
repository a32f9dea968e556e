"""Classical analysis: questions that have no answer, and omissions however they are written."""

from collections.abc import Callable

import numpy as np
import pytest

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.classical.coefficients import ReliabilityUndefined
from liangcai.measurement.classical.conditional_error import (
    AbilityMissing,
    DegreeImpossible,
    ReliabilityOutOfRange,
    feldt_qualls_errors,
    keats_errors,
    model_errors,
)
from liangcai.measurement.classical.distractors import ChoicesInvalid, distractor_analysis
from liangcai.measurement.classical.items import MaximumTooLow, item_analysis
from liangcai.measurement.classical.one_factor import FactorNotFound, one_factor
from liangcai.measurement.classical.reliability import (
    TooFewReplications,
    bootstrap_reliability,
    feldt_interval,
    kr_21,
    reliability,
)
from liangcai.measurement.classical.split_halves import spearman_brown, split_halves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.responses.moments import MissingRuleUnknown
from liangcai.measurement.significance import LevelImpossible


def _synthetic(missing: float = 0.0) -> Responses:
    rng = np.random.default_rng(2)
    scores = (rng.random((60, 6)) < 0.5).astype(float)
    scores[rng.random(scores.shape) < missing] = np.nan
    return responses_of(scores)


ITEM = ItemParameters.from_json([{"item": "1", "model": "rasch", "a": 1.0, "b": 0.0}])
HOLED = _synthetic(0.1)
WHOLE = _synthetic()


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: reliability(HOLED, missing="listwise"), MissingRuleUnknown),  # type: ignore[arg-type]
        (lambda: reliability(WHOLE, confidence=95), LevelImpossible),
        (lambda: feldt_interval(0.8, persons=50, items=9, confidence=0.0), LevelImpossible),
        (lambda: feldt_interval(0.8, persons=50, items=1), ReliabilityUndefined),
        (lambda: kr_21(mean=12.0, variance=2.0, items=10), ReliabilityUndefined),
        (lambda: keats_errors(5, reliability=0.5, kr_21=float("nan")), ReliabilityOutOfRange),
        (lambda: feldt_qualls_errors(WHOLE, degree=-1), DegreeImpossible),
        (lambda: model_errors(ITEM, theta=np.array([0.0, np.nan])), AbilityMissing),
        (lambda: spearman_brown(0.5, factor=-1.0), ReliabilityUndefined),
        (lambda: spearman_brown(-0.9, factor=3.0), ReliabilityUndefined),
        (lambda: one_factor(np.eye(4), estimator="pca"), FactorNotFound),  # type: ignore[arg-type]
        (lambda: item_analysis(WHOLE, maximum=np.array([1, 1])), MaximumTooLow),
    ],
)
def test_questions_without_an_answer_are_refused(
    ask: Callable[[], object], error: type[LiangcaiError]
) -> None:
    with pytest.raises(error):
        ask()


def test_a_bootstrap_of_one_replication_is_refused() -> None:
    with pytest.raises(TooFewReplications):
        bootstrap_reliability(WHOLE, rng=np.random.default_rng(1), replications=1)


def test_a_replicate_in_which_a_pair_of_items_has_no_persons_does_not_count() -> None:
    few = responses_of(_synthetic(0.5).scores[:14])

    found = bootstrap_reliability(
        few, rng=np.random.default_rng(1), replications=40, missing="pairwise"
    )

    assert np.isfinite(found.standard_error).all()


def test_halves_that_are_opposite_have_no_stepped_up_reliability() -> None:
    found = split_halves(responses_of([[0, 4], [1, 2], [2, 0]]))

    np.testing.assert_allclose(found.correlation, -1.0)
    assert np.isnan(found.spearman_brown).all()
    assert np.isfinite(found.rulon).all()


@pytest.mark.parametrize("estimator", ["ml", "minres"])
@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_fewer_than_three_items_that_correlate_fix_no_loadings(
    estimator: str, shared: float
) -> None:
    # Any two loadings whose product is the one correlation fit as well.
    matrix = np.eye(4)
    matrix[0, 1] = matrix[1, 0] = shared

    with pytest.raises(FactorNotFound, match="fewer than three items"):
        one_factor(matrix, estimator=estimator)  # type: ignore[arg-type]


def test_an_omission_counts_as_one_however_it_is_written() -> None:
    texts = [["A", "B"], ["B", "A"], ["A", ""]]
    objects = [["A", "B"], ["B", "A"], ["A", None]]
    gaps = np.array([["A", "B"], ["B", "A"], ["A", np.nan]], dtype=object)

    found = [distractor_analysis(choices, key="AA").to_json() for choices in (texts, objects, gaps)]

    assert found[0] == found[1] == found[2]
    assert "omitted" in found[0]["option"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: distractor_analysis(np.array([[1.5, 2], [1, 2], [2, 1]]), key=[1, 2]),
        lambda: distractor_analysis(np.array([[np.inf, 2], [1, 2], [2, 1]]), key=[1, 2]),
        lambda: distractor_analysis([["A", "A"], ["B", "A"]], key="AA", weights=[1, np.nan]),
        lambda: distractor_analysis([["A", "A"], ["B", "A"]], key="AA", weights=[3, -1]),
        lambda: distractor_analysis([["A", "A"], ["B", "A"]], key="AA", weights=[0, 0]),
        lambda: distractor_analysis([["A", "A"], ["B", "A"]], key="AA", items=["x", "x"]),
    ],
)
def test_choices_that_cannot_be_counted_are_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ChoicesInvalid):
        ask()
