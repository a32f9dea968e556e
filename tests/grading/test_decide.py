import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.grading.tiny import (
    evidence,
    lab,
    response,
    self_rating,
    sitting,
    tiny_scheme,
    tiny_scheme_document,
    tiny_standard,
)

from liangcai.grading import (
    Decision,
    EvidenceMismatch,
    SchemeMismatch,
    decide,
    decide_batch,
    mean_accuracy,
)
from liangcai.kernel.canonical import content_hash

STANDARD = tiny_standard()
SCHEME = tiny_scheme()
RANK = {None: 0, "junior": 1, "senior": 2}


def decision_for(records: list[dict[str, object]], years: float | None = 5) -> Decision:
    return decide(STANDARD, evidence(records, years=years), SCHEME)


def test_strong_evidence_earns_the_highest_level() -> None:
    decision = decision_for(sitting(11, lab_score=88))

    assert (decision.state, decision.level) == ("graded", "senior")
    assert decision.next_level is None
    assert all(part.met for part in decision.components)


def test_a_level_needs_its_verified_facts() -> None:
    graded = decide(STANDARD, evidence(sitting(11, lab_score=88), years=2), SCHEME)
    unverified = decide(
        STANDARD, evidence(sitting(11, lab_score=88), years=5, verified=False), SCHEME
    )

    assert (graded.level, unverified.level) == ("junior", "junior")
    assert [gap.kind for gap in graded.missing_for_next] == ["eligibility"]


def test_too_little_evidence_gives_no_level_and_says_what_is_missing() -> None:
    decision = decision_for([response(0), lab(1)])

    assert (decision.state, decision.level) == ("not-enough-evidence", None)
    assert decision.probability_correct is None
    gaps = {(gap.kind, gap.code): gap.missing for gap in decision.missing_for_next}
    assert gaps["records", "exam"] == 1
    assert gaps["unit-share", "exam"] == pytest.approx(0.1667)
    assert decision.trace[-1].met is None


def test_enough_weak_evidence_meets_no_level() -> None:
    decision = decision_for(sitting(2, lab_score=20))

    assert (decision.state, decision.level) == ("no-level-met", None)
    assert decision.probability_correct is not None
    assert decision.components == decision.levels[0].components
    assert decision.smallest_margin is None


def test_evidence_for_a_higher_level_covers_the_lower_but_not_the_reverse() -> None:
    low = [response(n, level="junior") for n in range(6)] + [lab(n, level="junior") for n in (1, 2)]

    decision = decision_for(low)

    junior, senior = decision.levels
    assert junior.is_covered()
    assert [part.records for part in senior.components] == [0, 0]
    assert decision.level == "junior"


def test_scores_at_the_two_levels_are_one_ability_seen_from_two_cuts() -> None:
    junior, senior = decision_for(sitting(8)).levels

    for low, high in zip(junior.components, senior.components, strict=True):
        assert low.theta == high.theta
        odds = [part.score / (100 - part.score) for part in (low, high)]  # type: ignore[operator]
        assert odds[0] / odds[1] == pytest.approx(np.exp(1.0), rel=2e-3)


def test_one_lab_score_is_reported_as_it_was_given() -> None:
    records = [*[response(n) for n in range(6)], lab(1, score=70, se=8)]

    part = decision_for(records).levels[1].components[1]

    n = 0.24e4 / 8**2
    share = (70 / 100 * n + 0.5) / (n + 1)  # Warm's estimate of a proportion: half a trial each way
    assert part.score == pytest.approx(100 * share, abs=0.02)
    assert part.se == pytest.approx(100 * np.sqrt(share * (1 - share) / n), abs=0.02)


def test_a_claimed_precision_is_not_believed_below_the_schemes_floor() -> None:
    records = [response(n) for n in range(6)]

    bold = decision_for([*records, lab(1, score=70, se=0.5)])
    floor = decision_for([*records, lab(1, score=70, se=5)])

    assert bold.levels == floor.levels


def test_a_score_on_the_cut_meets_it() -> None:
    records = [*[response(n) for n in range(9)], lab(1, score=60, se=5), lab(2, score=60, se=5)]
    part = decision_for(records).levels[1].components[1]
    document = tiny_scheme_document()
    for rules in document["levels"]:
        rules["cuts"] = {"exam": 1, "lab": part.score}

    decision = decide(STANDARD, evidence(records, years=5), tiny_scheme(**document))

    assert decision.levels[1].components[1].met is True


def test_an_item_answered_twice_counts_once_the_earliest() -> None:
    again = response(0, score=1, id="again", date="2026-11-09")
    first = [response(0, score=0), *sitting(8)[1:]]

    twice = decision_for([*first, again])

    assert twice.levels == decision_for(first).levels
    assert [(part.record, part.reason) for part in twice.ignored] == [("again", "repeated-item")]


def test_what_nobody_supervised_never_counts_towards_a_decision() -> None:
    alone = [record | {"conditions": "self-administered"} for record in sitting(8)]

    unsupervised = decision_for(alone)

    assert unsupervised.state == "not-enough-evidence"
    assert {part.reason for part in unsupervised.ignored} == {"self-administered"}


def test_an_answer_given_alone_does_not_hide_the_supervised_one() -> None:
    practice = response(0, score=0, id="practice", date="2020-01-01")

    decision = decision_for([*sitting(8), practice | {"conditions": "self-administered"}])

    assert decision.levels == decision_for(sitting(8)).levels
    assert [part.reason for part in decision.ignored] == ["self-administered"]


def test_feedback_never_counts_towards_a_decision() -> None:
    rating = lab(3, score=100) | {"kind": "rating", "id": "f", "units": ["B1"]}
    del rating["lab"]

    with_feedback = decision_for([*sitting(8), rating])

    assert with_feedback.levels == decision_for(sitting(8)).levels
    assert with_feedback.profile == decision_for(sitting(8)).profile
    assert with_feedback.ignored[0].reason == "not-certifying"


def test_self_ratings_change_nothing_that_is_tested() -> None:
    plain, praised = (
        decision_for(sitting(8)),
        decision_for([*sitting(8), self_rating("A1"), self_rating("B2")]),
    )

    assert (praised.levels, praised.profile, praised.level) == (
        plain.levels,
        plain.profile,
        plain.level,
    )


def test_the_probability_is_the_product_of_the_components() -> None:
    decision = decision_for(sitting(9, lab_score=80))

    chance = 1.0
    for part in decision.levels[1].components:
        chance *= stats.norm.cdf((part.theta - 0.5) / part.theta_se)  # type: ignore[operator]
    assert decision.level == "senior"
    assert decision.probability_correct == pytest.approx(chance, abs=2e-3)
    assert decision.levels[1].accuracy == pytest.approx(chance, abs=2e-3)
    assert decision.levels[1].consistency == pytest.approx(chance**2 + (1 - chance) ** 2, abs=4e-3)


@pytest.mark.parametrize("rule", ["conjunctive", "compensatory", "conjunctive-and-compensatory"])
def test_the_probability_agrees_with_monte_carlo_under_every_rule(rule: str) -> None:
    document = tiny_scheme_document(rule=rule)
    for rules in document["levels"]:
        rules["total"] = 66
    scheme = tiny_scheme(**document)
    decision = decide(STANDARD, evidence(sitting(8, lab_score=66), years=5), scheme)
    parts = decision.levels[0].components
    theta, se = (
        np.array([getattr(part, name) for part in parts]) for name in ("theta", "theta_se")
    )
    draws = theta + se * np.random.default_rng(11).normal(size=(400_000, 2))
    met = []
    for location in (-0.5, 0.5):
        scores = 100 / (1 + np.exp(-(draws - location) - np.log(1.5)))
        each = (scores >= 60).all(axis=1) | (rule == "compensatory")
        total = (scores @ [0.4, 0.6] >= 66) | (rule == "conjunctive")
        met.append(each & total)
    truth = np.where(met[1], 2, np.where(met[0], 1, 0))

    expected = (truth == RANK[decision.level]).mean()

    assert decision.probability_correct == pytest.approx(expected, abs=0.004)


def test_a_compensatory_rule_lets_a_strong_component_carry_a_weak_one() -> None:
    records = sitting(4, lab_score=90)
    compensating = decide(STANDARD, evidence(records, years=5), tiny_scheme(rule="compensatory"))

    assert compensating.level is not None
    assert [part.met for part in compensating.components] == [None, None]
    assert RANK[decision_for(records).level] < RANK[compensating.level]


def test_a_batch_decides_as_one_by_one() -> None:
    people = [evidence(sitting(right, lab_score=40 + 4 * right), years=4) for right in range(13)]

    batch = decide_batch(STANDARD, people * 6, SCHEME)

    assert batch[:13] == tuple(decide(STANDARD, person, SCHEME) for person in people)
    assert batch[13:26] == batch[:13]


def test_the_order_of_the_records_makes_no_difference() -> None:
    records = sitting(7)

    forwards, backwards = decision_for(records), decision_for(records[::-1])

    assert forwards.hash == backwards.hash
    assert forwards.as_record() == backwards.as_record()


def test_another_score_gives_another_hash() -> None:
    assert decision_for(sitting(7)).hash != decision_for(sitting(8)).hash


def test_evidence_for_another_standard_is_refused() -> None:
    other = evidence(sitting(7)).model_copy(update={"standard": "other"})

    with pytest.raises(EvidenceMismatch, match="other"):
        decide(STANDARD, other, SCHEME)
    with pytest.raises(EvidenceMismatch, match="A9"):
        decide(STANDARD, evidence([response(1, units=["A9"])]), SCHEME)
    with pytest.raises(SchemeMismatch):
        decide(STANDARD, evidence([]), tiny_scheme(standard="other"))


def test_nothing_at_all_is_not_enough_evidence() -> None:
    decision = decide(STANDARD, evidence([]), SCHEME)

    assert decision.state == "not-enough-evidence"
    assert {part.basis for part in decision.profile.units} == {"none"}


def test_the_record_keeps_the_contract() -> None:
    record = decision_for(sitting(8)).as_record()

    assert {
        "person",
        "level",
        "probability_correct",
        "components",
        "profile",
        "trace",
        "hash",
    } <= set(record)
    assert list(record["components"][0])[:5] == ["code", "score", "se", "cut", "met"]
    assert {"unit", "estimate", "se", "interval", "state"} <= set(record["profile"][0])
    assert {"code", "zh", "en", "met", "values"} == set(record["trace"][0])
    assert record["standard"]["notice"] == {"zh": "推导", "en": "derived"}
    assert record["synthetic"] is True
    assert content_hash(record).startswith("sha256:")


def test_every_step_of_the_trace_speaks_both_languages() -> None:
    for records in (sitting(11), sitting(2, lab_score=20), [response(1)], []):
        for step in decision_for(records).trace:
            assert step.text.zh
            assert step.text.en
            assert "{" not in step.text.zh + step.text.en
            assert "None" not in step.text.zh + step.text.en


def test_a_group_has_a_mean_accuracy_at_each_cut() -> None:
    people = [evidence(sitting(right), years=4) for right in range(3, 12)]

    found = {
        (cut.level, cut.component): cut
        for cut in mean_accuracy(decide_batch(STANDARD, people, SCHEME))
    }

    assert set(found) == {
        (level, part) for level in ("junior", "senior") for part in (None, "exam", "lab")
    }
    for cut in found.values():
        assert cut.people == 9
        assert 0.5 <= cut.consistency <= cut.accuracy <= 1.0


people = st.lists(st.integers(0, 1), min_size=6, max_size=14)


@settings(deadline=None, max_examples=40)
@given(people, st.lists(st.floats(0, 100), min_size=2, max_size=4), st.data())
def test_raising_any_score_never_lowers_a_component_or_the_level(
    answers: list[int], labs: list[float], data: st.DataObject
) -> None:
    records = [response(n, score=score, options=4) for n, score in enumerate(answers)]
    records += [lab(n, score=score) for n, score in enumerate(labs)]
    which = data.draw(st.integers(0, len(records) - 1))
    top = 1 if which < len(answers) else 100
    raised = [dict(record) for record in records]
    raised[which]["score"] += data.draw(st.floats(0, 1)) * (top - raised[which]["score"])

    before, after = decision_for(records), decision_for(raised)

    assert RANK[after.level] >= RANK[before.level]
    for low, high in zip(before.levels, after.levels, strict=True):
        for was, now in zip(low.components, high.components, strict=True):
            assert now.score >= was.score  # type: ignore[operator]


@settings(deadline=None, max_examples=40)
@given(people, st.floats(0, 100), st.permutations(range(6)))
def test_every_number_is_in_its_range_and_blind_to_order(
    answers: list[int], score: float, order: list[int]
) -> None:
    records = [response(n, score=value) for n, value in enumerate(answers)] + [lab(1, score=score)]
    shuffled = [records[n] for n in order] + records[6:]

    decision = decision_for(records)

    assert decision.hash == decision_for(shuffled).hash
    chances = [decision.probability_correct or 0.0]
    for level in decision.levels:
        chances += [value for value in (level.chance, level.accuracy, level.consistency) if value]
    chances += [chance for part in decision.profile.units for chance in part.meets]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    for part in decision.profile.units:
        assert part.interval[0] <= part.estimate <= part.interval[1]
        assert list(part.meets) == sorted(part.meets, reverse=True)


def test_the_garbage_collector_is_left_as_it_was_found_even_after_an_error() -> None:
    stranger = evidence([lab(1)]).model_copy(update={"standard": "another-one"})

    decide_batch(STANDARD, [evidence([lab(1)])], SCHEME)
    assert gc.isenabled()
    with pytest.raises(EvidenceMismatch):
        decide_batch(STANDARD, [stranger], SCHEME)
    assert gc.isenabled()
    gc.disable()
    try:
        decide_batch(STANDARD, [evidence([lab(1)])], SCHEME)
        assert not gc.isenabled()
    finally:
        gc.enable()
