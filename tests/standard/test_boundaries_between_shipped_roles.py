"""The shipped roles tell one story about their boundaries, whichever of two is asked."""

from itertools import combinations

import pytest

from liangcai.standard import Standard, load_standard, shipped_standards
from liangcai.standard.compare import compare_roles

STANDARDS = {code: load_standard(code) for code in shipped_standards()}
PAIRS = list(combinations(STANDARDS, 2))
SERIES = ("aigc-product-manager", "aigc-operations-manager", "aigc-practitioner")


def passed(giver: Standard, taker: Standard) -> set[tuple[str, str]]:
    """Return what one role says it gives to another and gets back, in both languages."""
    return {
        (
            f"{handoff.gives.zh} / {handoff.gives.en}",
            f"{handoff.receives.zh} / {handoff.receives.en}" if handoff.receives else "",
        )
        for handoff in giver.role.handoffs
        if handoff.to == taker.code
    }


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_one_role_gives_the_other_receives(one: str, other: str) -> None:
    ours = passed(STANDARDS[one], STANDARDS[other])
    theirs = passed(STANDARDS[other], STANDARDS[one])

    assert ours == {(received, given) for given, received in theirs}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_an_aspect_on_which_two_roles_differ_is_told_once(one: str, other: str) -> None:
    table = compare_roles(STANDARDS[one], STANDARDS[other])

    aspects = [row.aspect.zh for row in table.contrasts]
    assert len(aspects) == len(set(aspects))


@pytest.mark.parametrize("neighbour", SERIES)
def test_the_product_engineer_and_a_role_of_the_series_leave_work_to_each_other(
    neighbour: str,
) -> None:
    table = compare_roles(STANDARDS["llm-product-engineer"], STANDARDS[neighbour])

    assert table.left_to_other
    assert table.left_to_one
    assert table.handed_to_other


def test_the_note_speaks_of_no_role_but_the_engineer_and_the_trainer() -> None:
    """The compilation note draws the boundary with the trainer alone (section 八)."""
    engineer = STANDARDS["llm-product-engineer"].role

    told = [
        *((part.owner, part.code) for part in engineer.exclusions if part.origin == "note"),
        *((part.to, part.code) for part in engineer.handoffs if part.origin == "note"),
        *((part.role, part.aspect.zh) for part in engineer.contrasts if part.origin == "note"),
    ]
    assert {role for role, _ in told} == {"ai-trainer"}
