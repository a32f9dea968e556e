"""Findings on responses: every rule has an example that breaks it and nothing else."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liangcai.kernel.findings import RULES
from liangcai.measurement.responses.census import census_of
from liangcai.measurement.responses.check import check_responses
from liangcai.measurement.responses.matrix import Responses, ResponsesInvalid, responses_of

PAGE = Path(__file__).parents[3] / "docs" / "measurement" / "responses.md"


def sound(persons: int = 240, items: int = 4) -> list[list[int]]:
    """Synthetic scores 0, 1, 2 in which nothing is wrong."""
    scores: list[list[int]] = np.random.default_rng(7).integers(0, 3, (persons, items)).tolist()
    return scores


def changed(column: int, values: list[int]) -> Responses:
    scores = np.array(sound())
    scores[:, column] = np.resize(values, len(scores))
    return responses_of(scores)


def with_rows(*rows: list[int]) -> Responses:
    return responses_of([*sound(), *rows])


def halves() -> Responses:
    scores = np.array(sound())
    scores[:120, 2:] = -1
    scores[120:, :2] = -1
    return responses_of(scores)


def few() -> Responses:
    scores = np.array(sound())
    scores[29:, 1] = -1
    return responses_of(scores)


#: rule → responses that break it, and words of the message.
BROKEN: dict[str, tuple[Responses, str]] = {
    "responses.no-variance": (changed(1, [1]), "every score on item 2 is 1 (240 answers)"),
    "responses.unused-category": (changed(1, [0, 1, 3, 3, 1]), "nobody earned 2 on item 2"),
    "responses.item-unanswered": (changed(1, [-1]), "nobody answered item 2"),
    "responses.item-few": (few(), "item 2 has 29 answers"),
    "responses.person-unanswered": (
        with_rows([-1, -1, -1, -1]),
        "nothing answered by 1 person (241)",
    ),
    "responses.person-extreme": (with_rows([2, -1, 2, 2]), "only full scores"),
    "responses.disconnected": (halves(), "2 sets that no person links: 1, 2; 3, 4"),
    "responses.duplicate-item": (
        responses_of(np.array(sound())[:, [0, 1, 2, 1]]),
        "items 2 and 4 have the same scores",
    ),
    "responses.group-few": (
        responses_of(sound(), groups=["a"] * 99 + ["b"] * 141),
        "group a has 99 persons",
    ),
    "responses.weight-zero": (responses_of(sound(), weights=[0] + [1] * 239), "weight zero"),
    "responses.no-weight": (responses_of(sound(), weights=[0] * 240), "every weight is zero"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_finds_its_fault_and_nothing_else(rule: str) -> None:
    responses, words = BROKEN[rule]

    findings = check_responses(responses)
    extreme = {} if rule == "responses.person-extreme" else {"responses.person-extreme"}

    assert {finding.rule for finding in findings} - set(extreme) == {rule}
    finding = next(finding for finding in findings if finding.rule == rule)
    assert words in finding.message.en
    assert finding.message.zh
    assert finding.severity == RULES.rules[rule].severity


def test_a_score_above_the_declared_maximum_is_found_on_its_line() -> None:
    findings = check_responses(with_rows([0, 7, 1, 1]), maxima={"2": 2, "1": 2}, file="exam.csv")

    finding = next(one for one in findings if one.rule == "responses.impossible-score")

    assert (finding.severity, finding.file, finding.line) == ("error", "exam.csv", 242)
    assert "item 2 has at most 2; 1 scores are higher, up to 7" in finding.message.en


def test_every_rule_of_responses_has_an_example_here() -> None:
    rules = {rule for rule in RULES.rules if rule.startswith("responses.")}

    assert rules == {*BROKEN, "responses.impossible-score"}


def test_every_rule_of_responses_is_documented_with_its_severity() -> None:
    rows = dict(
        re.findall(r"^\| `(responses\.[a-z-]+)` \| (\w+) \|", PAGE.read_text("utf-8"), re.M)
    )

    assert rows == {
        rule.id: rule.severity for rule in RULES.rules.values() if rule.id.startswith("responses.")
    }


def test_sound_responses_have_no_findings_but_those_on_extreme_persons() -> None:
    assert {one.rule for one in check_responses(responses_of(sound()))} <= {
        "responses.person-extreme"
    }


def test_many_persons_with_one_fault_are_one_finding() -> None:
    findings = check_responses(with_rows(*[[-1, -1, -1, -1]] * 500))

    told = [one for one in findings if one.rule == "responses.person-unanswered"]

    assert len(told) == 1
    assert told[0].message.en.startswith("nothing answered by 500 persons (241, 242")
    assert told[0].message.en.endswith("…)")


@pytest.mark.parametrize("scores", [[[1]], [[-1]], [[-1, -1]], [[0], [0]]])
def test_the_smallest_responses_are_checked_without_failing(scores: list[list[int]]) -> None:
    assert check_responses(responses_of(scores))


def test_responses_without_persons_are_checked_without_failing() -> None:
    empty = Responses(np.empty((0, 2), dtype=np.int8), ("a", "b"))

    assert {one.rule for one in check_responses(empty)} == {"responses.item-unanswered"}


matrices = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-1, 2), min_size=width, max_size=width), min_size=1, max_size=15
    )
)


@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_persons_changes_no_count(scores: list[list[int]], chance: object) -> None:
    shuffled = list(scores)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = census_of(responses_of(scores)), census_of(responses_of(shuffled))

    assert np.array_equal(one.counts, other.counts)
    assert one.item_sets == other.item_sets
    assert one.duplicates == other.duplicates
    assert (one.zero.size, one.perfect.size) == (other.zero.size, other.perfect.size)


@given(matrices)
def test_items_are_connected_exactly_when_a_walk_over_persons_joins_them(
    scores: list[list[int]],
) -> None:
    asked = np.array(scores) >= 0
    reach = (asked.T.astype(int) @ asked.astype(int)) > 0
    for _ in range(asked.shape[1]):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    answered = np.flatnonzero(asked.any(axis=0)).tolist()
    walked = {tuple(np.flatnonzero(reach[item]).tolist()) for item in answered}

    assert set(census_of(responses_of(scores)).item_sets) == walked


def test_sets_that_a_late_person_links_are_one_set() -> None:
    scores = np.full((20_001, 4), -1)
    scores[:10_000, :2], scores[10_000:20_000, 2:] = 1, 1
    apart = census_of(responses_of(scores[:20_000]))
    scores[20_000, 1:3] = 1

    joined = census_of(responses_of(scores))

    assert apart.item_sets == ((0, 1), (2, 3))
    assert joined.item_sets == ((0, 1, 2, 3),)


def test_persons_count_by_their_weights() -> None:
    """Two rows of an item stand for sixty persons; a row of weight zero is no answer."""
    few = responses_of([[1, 0], [0, 1]], weights=[30.0, 30.0])
    with_nobody = responses_of([[1, 0, 1], [0, 1, -1], [1, 1, -1]], weights=[0.0, 40.0, 40.0])

    assert check_responses(few) == ()
    rules = [one.rule for one in check_responses(with_nobody)]
    assert "responses.item-unanswered" in rules
    assert "responses.weight-zero" in rules


def test_a_person_of_weight_zero_links_nothing() -> None:
    scores = np.repeat([[1, -1], [0, -1], [-1, 1], [-1, 0]], 40, axis=0)
    linked = np.vstack([scores, [[1, 1]]])
    weights = np.append(np.ones(len(scores)), 0.0)

    rules = [one.rule for one in check_responses(responses_of(linked, weights=weights))]

    assert "responses.disconnected" in rules
    assert "responses.disconnected" not in {
        one.rule for one in check_responses(responses_of(linked))
    }


def test_a_maximum_of_an_item_that_is_not_there_is_refused() -> None:
    with pytest.raises(ResponsesInvalid, match="maxima names q9"):
        check_responses(responses_of([[1, 0]]), maxima={"q9": 1})
