from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.kernel.chance import draw


def test_a_draw_is_pinned_so_that_it_can_be_replayed_anywhere() -> None:
    assert draw(1, "a", 2) == 0.10173977785169441


@given(st.integers(0, 2**62), st.text(max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_draw_lies_between_nought_and_one_and_repeats(seed: int, name: str) -> None:
    assert 0.0 <= draw(seed, name) < 1.0
    assert draw(seed, name) == draw(seed, name)


def test_names_are_kept_apart() -> None:
    assert draw(1, "ab", "c") != draw(1, "a", "bc")


def test_draws_fill_the_interval_evenly() -> None:
    draws = [draw(3, n) for n in range(4000)]

    assert abs(sum(draws) / 4000 - 0.5) < 0.02
    assert sum(one < 0.1 for one in draws) in range(320, 480)
