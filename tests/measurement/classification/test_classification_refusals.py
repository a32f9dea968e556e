"""Input that describes no classification is refused by name; extreme input has a correct answer."""

from collections.abc import Callable

import numpy as np
import pytest

from liangcai.measurement.classification.compound import CompoundRule, compound
from liangcai.measurement.classification.lee import lee
from liangcai.measurement.classification.rudner import rudner
from liangcai.measurement.classification.strong_true_score import hanson_brennan, livingston_lewis
from liangcai.measurement.classification.tables import ClassificationInvalid
from liangcai.measurement.models.items import ItemParameters

#: Synthetic number-correct scores with binomial errors: KR-21 is their whole reliability.
BINOMIAL = np.random.default_rng(1).binomial(40, np.random.default_rng(2).beta(6, 4, 1000))


def test_weights_and_distances_beyond_all_numbers_still_classify() -> None:
    heavy = rudner([1.0, 0.0], [1.0, 1.0], cuts=0.0, weights=[1e308, 1e308])
    far = rudner([1e300, 1.0], [1e-300, 1.0], cuts=0.0)

    assert heavy.accuracy == rudner([1.0, 0.0], [1.0, 1.0], cuts=0.0).accuracy
    assert far.conditional.accuracy[0] == 1.0


def test_the_two_term_model_says_how_much_probability_lies_below_zero() -> None:
    plain = hanson_brennan(BINOMIAL, cuts=24, items=40)
    two_term = hanson_brennan(BINOMIAL, cuts=24, items=40, reliability=0.85)

    assert "negative probability" not in plain.parameters
    assert 0.0 < two_term.parameters["negative probability"] < 0.001


def test_a_reliability_that_no_two_term_errors_have_is_refused() -> None:
    with pytest.raises(ClassificationInvalid, match="probability below 0"):
        hanson_brennan(BINOMIAL, cuts=24, items=40, reliability=0.97)


ONE = ItemParameters.from_json([{"item": "1", "a": 1.0, "b": 0.0}])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: rudner(["a"], [1.0], cuts=0.0), "scores must be numbers"),
        (lambda: rudner([0.0], ["a"], cuts=0.0), "errors must be numbers"),
        (lambda: rudner([0.0], [1.0], cuts="a"), "cuts must be numbers"),
        (lambda: rudner([0.0], [1.0], cuts=0.0, weights=["a"]), "weights must be numbers"),
        (lambda: lee(ONE, cuts=1.0, theta=[[0.0], [1.0, 2.0]]), "scores must be numbers"),
        (lambda: CompoundRule((1.0, 2.0), (np.nan, 1.0), 3.0), "weights must be finite"),
        (lambda: CompoundRule((1.0, 2.0), (np.inf, 1.0), 3.0), "weights must be finite"),
        (lambda: CompoundRule((1.0, 2.0), (1.0,)), "a weight for each part"),
        (lambda: compound([["a"]], [[1.0]], rule=CompoundRule((1.0,))), "must be numbers"),
        (
            lambda: livingston_lewis(
                BINOMIAL, cuts=24, reliability=0.8, highest=40, true_model="three"
            ),
            "not 'three'",
        ),
        (
            lambda: livingston_lewis(
                BINOMIAL, cuts=24, reliability=0.8, highest=40, margins="seen"
            ),
            "not 'seen'",
        ),
        (lambda: hanson_brennan(BINOMIAL, cuts=24, items=40.5), "not 40.5"),
    ],
)
def test_what_describes_no_classification_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ClassificationInvalid, match=said):
        make()
