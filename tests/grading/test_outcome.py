"""What a decision says of itself: its outcome in words, and what would have changed it."""

from tests.grading.tiny import (
    evidence,
    lab,
    response,
    sitting,
    tiny_scheme,
    tiny_scheme_document,
    tiny_standard,
)

from liangcai.grading import Decision, decide

STANDARD, SCHEME = tiny_standard(), tiny_scheme()


def decision_for(records: list[dict[str, object]]) -> Decision:
    return decide(STANDARD, evidence(records, years=5), SCHEME)


def lab_score_of(decision: Decision, level: int) -> float:
    score = next(part.score for part in decision.levels[level].components if part.code == "lab")
    assert score is not None
    return score


def test_losing_more_than_the_smallest_margin_changes_the_result_and_losing_it_does_not() -> None:
    first = decision_for(sitting(11, lab_score=72))
    margin = first.smallest_margin
    assert first.level == "senior"
    assert margin is not None
    assert margin.code == "lab"

    for raw in range(720, 550, -1):
        lower = decision_for(sitting(11, lab_score=raw / 10))
        lost = round(lab_score_of(first, 1) - lab_score_of(lower, 1), 2)
        assert (lower.level == "senior") == (lost <= margin.points)


def test_gaining_what_is_missing_earns_the_next_level_and_less_does_not() -> None:
    first = decision_for(sitting(11, lab_score=50))
    (gap,) = [gap for gap in first.missing_for_next if gap.kind == "component-score"]
    assert (first.level, gap.code) == ("junior", "lab")
    assert gap.missing is not None

    for raw in range(500, 800, 2):
        higher = decision_for(sitting(11, lab_score=raw / 10))
        gained = round(lab_score_of(higher, 1) - lab_score_of(first, 1), 2)
        assert (higher.level == "senior") == (gained >= gap.missing)


def test_a_share_just_short_of_what_is_asked_does_not_look_like_enough() -> None:
    document = tiny_scheme_document()
    for rules in document["levels"]:
        rules["coverage"]["exam"]["min_unit_share"] = 0.667
    scheme = tiny_scheme(levels=document["levels"])

    decision = decide(STANDARD, evidence([response(0), response(1), lab(1)]), scheme)

    step = next(step for step in decision.trace if step.code == "coverage")
    assert step.met is False
    assert "66.6 %" in step.text.en
    assert "66.7 %" in step.text.en


def test_the_outcome_says_when_only_eligibility_was_missing() -> None:
    document = tiny_scheme_document()
    for rules in document["levels"]:
        rules["eligibility"] = document["levels"][1]["eligibility"]
    scheme = tiny_scheme(levels=document["levels"])

    decision = decide(STANDARD, evidence(sitting(11, lab_score=88), years=1), scheme)

    assert decision.state == "no-level-met"
    assert "says nothing about ability" in decision.trace[-1].text.en


def test_no_outcome_is_told_as_a_certainty() -> None:
    decision = decision_for(sitting(0, lab_score=0))

    assert decision.probability_correct is not None
    assert decision.probability_correct > 0.9994
    assert ">99.9 %" in decision.trace[-1].text.en
