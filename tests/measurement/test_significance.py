"""P-values adjusted because there are many."""

from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.significance import Adjustment, adjusted


def test_holm_multiplies_by_how_many_are_left_and_counts_no_missing_test() -> None:
    found = adjusted(np.array([0.01, np.nan, 0.04, 0.03]), "holm")

    np.testing.assert_allclose(found, [0.03, np.nan, 0.06, 0.06])


def test_the_false_discovery_rate_follows_the_step_up_rule() -> None:
    found = adjusted(np.array([0.01, 0.04, 0.03, np.nan, 0.5]), "benjamini-hochberg")

    np.testing.assert_allclose(found, [0.04, 0.16 / 3, 0.16 / 3, np.nan, 0.5], rtol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_values_keep_their_order_and_never_fall(values: list[float]) -> None:
    p = np.array(values)
    order = np.argsort(p)

    for name in get_args(Adjustment):
        raised = adjusted(p, name)
        assert (raised >= p - 1e-15).all()
        assert (np.diff(raised[order]) >= 0).all()
        assert (raised <= 1).all()


def test_benjamini_and_hochberg_reject_four_in_their_own_example() -> None:
    # Benjamini & Hochberg (1995), section 4.2: 15 tests; four rejected at 5 %, by Bonferroni three.
    p = np.array(
        [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
            0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
        ]
    )  # fmt: skip

    assert (adjusted(p, "benjamini-hochberg") <= 0.05).sum() == 4
    assert (adjusted(p, "holm") <= 0.05).sum() == 3
    assert np.isnan(adjusted(np.array([np.nan, 0.01]), "holm")).tolist() == [True, False]
