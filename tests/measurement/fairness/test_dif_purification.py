"""Purification and p-values of many tests."""

import numpy as np
from tests.measurement.fairness.conftest import simulated

from liangcai.measurement.fairness.mantel_haenszel import (
    mantel_haenszel,
)
from liangcai.measurement.fairness.matching import Matching
from liangcai.measurement.fairness.purification import Purification, purified


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
