from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grading.self_assessment_walk import (
    Answerer,
    always,
    bank,
    plan_for,
    simulated,
    walk,
)

from liangcai.grading.evidence import EvidenceFile, ItemResponse, Person, SelfRating
from liangcai.grading.self_assessment import Answer, SelfAssessmentResult, finish
from liangcai.grading.self_assessment_standing import read_answers, standing
from liangcai.measurement.adaptive.tables import mean_and_se

PERSON = Person(id="synthetic-1", synthetic=True)


def result_of(person: Answerer, *, most: int = 200) -> SelfAssessmentResult:
    _, answers = walk(plan_for(), person, most=most)
    return finish(plan_for(), answers, person=PERSON)


def test_the_result_is_indicative_and_never_mixes_what_is_said_with_what_was_tested() -> None:
    result = result_of(always("led", right=False))

    assert result.indicative
    assert result.self_rated.unit("JN5").estimate > 0.5
    assert result.tested.element("JN").estimate < 0.0


def test_what_a_person_says_of_themselves_leaves_no_trace_in_the_tested_profile() -> None:
    _, answers = walk(plan_for(), simulated(0.0, seed=8))
    statements = {statement.code for statement in plan_for().statements}
    items_only = [answer for answer in answers if answer.question not in statements]

    whole = finish(plan_for(), answers, person=PERSON)
    tested = finish(plan_for(), items_only, person=PERSON)

    assert whole.tested == tested.tested


def test_records_are_evidence_that_reads_back_and_bear_the_plan() -> None:
    result = result_of(simulated(0.0, seed=8))

    again = EvidenceFile.model_validate(result.evidence.as_record())

    assert again.hash == result.evidence.hash
    assert all(plan_for().hash in record.source for record in again.records)
    assert all(record.synthetic for record in again.records)
    assert len({record.id for record in again.records}) == len(again.records)


def test_there_is_a_self_rating_for_each_rated_unit_and_a_response_for_each_item() -> None:
    result = result_of(simulated(0.0, seed=8))

    ratings = [record for record in result.evidence.records if isinstance(record, SelfRating)]
    responses = [record for record in result.evidence.records if isinstance(record, ItemResponse)]

    assert {record.units[0] for record in ratings} == set(plan_for().compiled.units)
    assert len(responses) == result.items
    for record in responses:
        item = bank().item(record.item)
        assert (record.b, record.max_score) == (item.prior.difficulty, len(item.correct_keys))
        assert record.options == len(item.options)


def test_the_profile_of_the_records_is_the_one_the_questions_were_chosen_by() -> None:
    plan = plan_for()
    _, answers = walk(plan, simulated(0.4, seed=9))
    statements, items = read_answers(plan, answers)
    result = finish(plan, answers, person=PERSON)

    tested, _ = mean_and_se(
        plan.compiled.grid, standing(plan, plan.item_pool, plan.item_unit, items).elements
    )
    rated, se = mean_and_se(
        plan.compiled.grid,
        standing(plan, plan.statement_pool, plan.statement_unit, statements).units,
    )

    assert [part.estimate for part in result.tested.elements] == pytest.approx(tested, abs=0.002)
    assert [part.estimate for part in result.self_rated.units] == pytest.approx(rated, abs=0.12)
    assert [part.se for part in result.self_rated.units] == pytest.approx(se, abs=0.06)


def test_a_unit_that_nothing_tested_names_the_components_and_methods_that_could() -> None:
    result = result_of(simulated(0.0, seed=8))

    tested = {
        record.units[0] for record in result.evidence.records if isinstance(record, ItemResponse)
    }
    missing = {part.unit: part for part in result.missing}

    assert set(missing) == set(plan_for().compiled.units) - tested
    assert [way.component for way in missing["SJ6"].ways] == ["portfolio", "defence"]
    assert "业绩材料" in missing["SJ6"].text.zh
    assert "Portfolio of work" in missing["SJ6"].text.en


def test_a_unit_without_an_evaluation_component_says_so() -> None:
    plan = plan_for()
    bare = plan.standard.model_copy(update={"evaluation": ()})
    changed = replace(plan, compiled=replace(plan.compiled, standard=bare))

    result = finish(changed, [], person=PERSON)

    assert all(not part.ways for part in result.missing)
    assert "no evaluation component" in result.missing[0].text.en


def test_a_person_who_stops_at_once_gets_an_empty_profile_and_every_unit_to_show() -> None:
    result = finish(plan_for(), [], person=PERSON)

    assert (result.statements, result.items, result.seconds) == (0, 0, 0)
    assert result.evidence.records == ()
    assert len(result.missing) == 24
    assert {part.state for part in result.tested.units} == {"not-enough-evidence"}


def test_stopping_early_keeps_what_was_answered() -> None:
    result = result_of(simulated(0.0, seed=8), most=10)

    assert (result.statements, result.items) == (10, 0)
    assert result.seconds == 150


def test_the_tested_ability_follows_the_true_one() -> None:
    def mean_estimate(theta: float) -> float:
        results = [result_of(simulated(theta, seed=seed)) for seed in range(6)]
        return fmean(part.tested.element("ZS").estimate for part in results)

    assert mean_estimate(-1.5) < mean_estimate(0.0) < mean_estimate(1.5)


@given(st.permutations(range(30)))
@settings(max_examples=5, deadline=None)
def test_the_order_in_which_answers_are_stored_does_not_change_the_result(order: list[int]) -> None:
    _, answers = walk(plan_for(), simulated(0.0, seed=8), most=30)
    shuffled: list[Answer] = [answers[place] for place in order]

    one = finish(plan_for(), answers, person=PERSON)
    other = finish(plan_for(), shuffled, person=PERSON)

    assert one.self_rated == other.self_rated
    assert one.evidence.hash == other.evidence.hash


def test_partial_credit_is_recorded_in_whole_marks() -> None:
    plan = plan_for()
    item = next(item for item in plan.items if item.kind == "multiple-choice")
    one_right = tuple(sorted(item.correct_keys)[:1])

    result = finish(plan, [Answer(item.code, one_right)], person=PERSON)

    (record,) = result.evidence.records
    assert isinstance(record, ItemResponse)
    assert (record.score, record.max_score) == (1, len(item.correct_keys))
