"""Points sought between two ends: halving, and Newton steps that cannot leave."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liangcai.measurement.arrays import Array, Flags
from liangcai.measurement.brackets import climbed, halved

_POINTS = st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=8).map(np.array)


@given(_POINTS)
def test_halving_finds_where_each_condition_ends(wanted: Array) -> None:
    def is_below(at: Array) -> Flags:
        return at < wanted

    found = halved(is_below, np.full(wanted.size, -5.0), np.full(wanted.size, 5.0), halvings=60)

    np.testing.assert_allclose(found, wanted, atol=1e-15)


@given(_POINTS)
def test_steps_end_on_the_tops_of_curves_whose_plain_newton_steps_run_away(top: Array) -> None:
    # −√(1 + (x − top)²) has bends so small far from the top that a plain step overshoots.
    at = np.full(top.size, 4.5)
    low, high = np.full(top.size, -5.0), np.full(top.size, 5.0)
    for _ in range(60):
        away = at - top
        root = np.sqrt(1.0 + away**2)
        at, low, high = climbed(at, gradient=-away / root, bend=-(root**-3), low=low, high=high)

        assert ((low <= at) & (at <= high)).all()

    np.testing.assert_allclose(at, top, atol=1e-12)


def test_a_bend_of_nothing_means_a_step_to_the_middle() -> None:
    at, low, high = climbed(
        np.zeros(1), gradient=np.ones(1), bend=np.zeros(1), low=np.array([-1.0]), high=np.ones(1)
    )

    assert (at[0], low[0], high[0]) == (0.5, 0.0, 1.0)
