"""Purification and p-values of many tests."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.measurement.fairness.conftest import simulated

from liangcai.measurement.fairness.mantel_haenszel import (
    mantel_haenszel,
)
from liangcai.measurement.fairness.matching import Matching
from liangcai.measurement.fairness.purification import Purification, purified
from liangcai.measurement.significance import adjusted


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_values_keep_their_order_and_never_fall(values: list[float]) -> None:
    p = np.array(values)
    order = np.argsort(p)

    for name in ("benjamini-hochberg", "holm"):
        raised = adjusted(p, name)  # type: ignore[arg-type]
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


def test_purification_finds_the_items_and_clears_the_rest() -> None:
    responses = simulated(persons=6000, items=20, dif={0: 1.2, 7: 1.2, 9: 1.2, 13: 1.2}, seed=21)

    result, rounds = purified(
        lambda anchors: mantel_haenszel(responses, reference="r", matching=Matching(anchors)),
        responses.items,
    )

    assert result.flagged_items() == ("1", "8", "10", "14")
    assert rounds.stop == "stable"
    assert set(rounds.anchors) == set(responses.items) - {"1", "8", "10", "14"}
    plain = mantel_haenszel(responses, reference="r")
    others = np.isin(np.array(responses.items), rounds.anchors)
    # Unpurified matching leans to the other side: clean items seem to favour the focal group.
    assert abs(result.delta[others].mean()) < abs(plain.delta[others].mean())


class Flagger:
    """A result that flags what it is told."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def flagged_items(self) -> tuple[str, ...]:
        return self.names


def test_a_cycle_of_flags_is_seen_and_its_items_are_no_anchors() -> None:
    items = tuple("abcdefgh")

    _, rounds = purified(
        lambda anchors: Flagger(("a",) if "a" in anchors else ("b",)), items, least_anchors=2
    )

    assert rounds.stop == "cycle"
    assert rounds.anchors == tuple("cdefgh")


def test_purification_stops_before_the_anchors_run_out() -> None:
    _, rounds = purified(lambda anchors: Flagger(tuple("abc")), tuple("abcde"), least_anchors=3)

    assert (rounds.stop, rounds.anchors) == ("too few anchors", tuple("abcde"))


def test_purification_without_flags_is_stable_at_once() -> None:
    _, rounds = purified(lambda anchors: Flagger(()), tuple("abcde"))

    assert (rounds.stop, rounds.anchors, len(rounds.history)) == ("stable", tuple("abcde"), 1)


def test_a_purification_reads_back_from_its_json_form() -> None:
    _, rounds = purified(lambda anchors: Flagger(("a",)), tuple("abcdefgh"))

    assert Purification.from_json(rounds.to_json()).summary() == rounds.summary()
    assert rounds.columns()["rounds flagged"] == [2, 0, 0, 0, 0, 0, 0, 0]
