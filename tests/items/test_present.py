from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.items.bank_builder import item

from liangcai.items import option_order, paragraphs, plain_parts

ITEM = item()


def test_bold_is_the_only_markup() -> None:
    assert plain_parts("下列哪项**不**正确 <b>x</b>？") == (
        ("下列哪项", False),
        ("不", True),
        ("正确 <b>x</b>？", False),
    )


def test_marks_that_do_not_pair_up_are_shown_as_they_are() -> None:
    assert plain_parts("2 ** 3 = 8") == (("2 ** 3 = 8", False),)


def test_blank_lines_part_paragraphs() -> None:
    assert paragraphs("一\n二\n\n\n**三**\n") == ((("一\n二", False),), (("三", True),))


def test_no_text_has_no_paragraphs() -> None:
    assert paragraphs(" \n\n ") == ()


@given(st.text(alphabet="甲a *\n<&", max_size=30))
@settings(max_examples=80, deadline=None)
def test_parts_lose_nothing_but_the_marks(text: str) -> None:
    joined = "".join(part for part, _ in plain_parts(text))

    assert joined.replace("*", "") == text.replace("*", "")


@given(st.integers(0, 2**40))
@settings(max_examples=40, deadline=None)
def test_the_same_seed_shows_the_same_order_of_the_same_options(seed: int) -> None:
    order = option_order(ITEM, seed=seed)

    assert order == option_order(ITEM, seed=seed)
    assert sorted(option.key for option in order) == ["A", "B", "C", "D"]


def test_the_order_is_pinned_so_that_an_old_sitting_can_be_replayed() -> None:
    assert [option.key for option in option_order(ITEM, seed=7)] == ["B", "C", "D", "A"]


def test_every_option_comes_first_about_equally_often() -> None:
    first = Counter(option_order(ITEM, seed=seed)[0].key for seed in range(2000))

    assert set(first) == set("ABCD")
    assert all(abs(count - 500) < 100 for count in first.values())


def test_another_item_of_the_same_sitting_is_shuffled_another_way() -> None:
    orders = {
        tuple(option.key for option in option_order(item(f"JN5-I{n:02}"), seed=1))
        for n in range(20)
    }

    assert len(orders) > 5
