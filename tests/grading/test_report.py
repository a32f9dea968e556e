"""Reports: what a person reads says what the record says, in both languages."""

import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from liangcai.grading import Decision, decide, load_scheme, profile_of, read_evidence
from liangcai.grading.gap import gap_to, next_level, ways_to_show
from liangcai.grading.report import Report, decision_report, profile_report
from liangcai.grading.report_words import _WORDS, Words
from liangcai.standard import Standard, load_standard

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("clear-intermediate", "borderline", "too-little")


@cache
def standard() -> Standard:
    return load_standard("llm-product-engineer")


@cache
def decision(name: str) -> Decision:
    evidence = read_evidence(EXAMPLES / name / "evidence.yaml")
    return decide(standard(), evidence, load_scheme("default", standard=standard()))


@cache
def report(name: str, language: str) -> Report:
    made = decision(name)
    return decision_report(
        made.as_record(), standard(), made.sources.scheme, language=language, name="某人"
    )


@cache
def own_profile(language: str, level: str | None = None) -> Report:
    evidence = read_evidence(EXAMPLES / "borderline" / "evidence.yaml")
    scheme = decision("borderline").sources.scheme
    rated = profile_of(standard(), evidence, scheme, kind="self")
    return profile_report(
        decision("borderline").profile,
        standard(),
        scheme,
        language=language,
        self_rated=rated,
        level=level,
        pilot=True,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_the_decisions_level_or_why_there_is_none(name: str, language: str) -> None:
    made, shown = decision(name), report(name, language)

    if made.level is None:
        assert shown.verdict == Words(language)(made.state)
    else:
        assert shown.verdict == standard().level(made.level).label.in_language(language)


@pytest.mark.parametrize("name", ["clear-intermediate", "borderline"])
def test_the_probability_is_said_in_numbers_of_people(name: str) -> None:
    chance = decision(name).probability_correct
    assert chance is not None
    right = min(99, max(1, round(100 * chance)))

    text = report(name, "en").sureness

    assert f"about {right} truly" in text
    assert f"about {100 - right} " in text
    assert f"{100 * chance:.1f} %" in text


def test_a_level_that_could_not_be_judged_is_not_denied() -> None:
    assert "No higher level was judged" in report("borderline", "en").sureness
    assert "更高等级" in report("borderline", "zh").reasons[-1].text
    assert [row[1] for row in report("borderline", "en").levels.rows] == [
        "yes",
        "yes",
        "not judged",
    ]
    assert {row[1] for row in report("too-little", "zh").levels.rows} == {"未评定"}


def test_what_is_missing_is_rounded_up_so_that_it_is_enough() -> None:
    record = decision("borderline").as_record()
    gap = {"kind": "component-score", "code": "exam", "missing": 0.03}
    share = {"kind": "unit-share", "code": "exam", "missing": 0.004}
    changed = {**record, "next_level": {"level": "senior", "missing": [gap, share]}}
    scheme = decision("borderline").sources.scheme

    changes = decision_report(changed, standard(), scheme, language="en").changes

    assert any("0.1 points more" in change for change in changes)
    assert any("on 1 % more" in change for change in changes)


def test_who_lacks_only_eligibility_is_not_told_that_ability_is_missing() -> None:
    record = decision("borderline").as_record()
    closed = [{**part, "open": False, "met": False} for part in record["levels"]]
    changed = {
        **record,
        "state": "no-level-met",
        "level": None,
        "levels": closed,
        "smallest_margin": None,
        "probability_correct": 1.0,
    }
    scheme = decision("borderline").sources.scheme

    text = decision_report(changed, standard(), scheme, language="en").sureness

    assert "says nothing about ability" in text


def test_only_an_unsure_result_is_called_borderline() -> None:
    words = Words("en")("borderline")

    assert words in report("borderline", "en").sureness
    assert words not in report("clear-intermediate", "en").sureness


def test_too_little_evidence_is_not_held_against_the_person() -> None:
    shown = report("too-little", "en")

    assert "says nothing against the person" in shown.sureness
    assert any("more records" in change for change in shown.changes)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_of_the_trace_is_a_reason(name: str) -> None:
    for language in ("zh", "en"):
        texts = [reason.text for reason in report(name, language).reasons]
        assert texts == [step.text.in_language(language) for step in decision(name).trace]


@pytest.mark.parametrize("name", NAMES)
def test_synthetic_people_derived_standards_and_pilot_schemes_are_labelled(name: str) -> None:
    for language in ("zh", "en"):
        shown = report(name, language)
        notices = " ".join(shown.notices)
        assert shown.banner == Words(language)("synthetic")
        assert standard().notice.in_language(language) in notices
        assert decision(name).sources.scheme.notice.in_language(language) in notices


def test_a_decision_names_the_hashes_it_rests_on() -> None:
    made = decision("borderline")

    digests = [digest for _name, digest in report("borderline", "zh").hashes]

    assert digests == [
        made.hash,
        made.evidence_hash,
        made.sources.standard_hash,
        made.sources.scheme_hash,
    ]


def test_components_show_score_error_and_cut() -> None:
    made = decision("borderline")

    rows = report("borderline", "en").components.rows

    for row, part in zip(rows, [p for p in made.components if p.weight], strict=True):
        assert part.score is not None
        assert part.se is not None
        assert row[2] == f"{part.score:.2f} ± {part.se:.1f}"
        assert row[3] == f"{part.cut:g}"


def test_there_is_one_chart_per_element_and_a_row_per_unit_in_its_table() -> None:
    shown = own_profile("en")

    assert [chart.code for chart in shown.charts] == [e.code for e in standard().elements]
    for chart in shown.charts:
        units = [unit.code for unit in standard().units_of(chart.code)]
        assert [row[0] for row in chart.table.rows] == units
        assert all(len(row) == len(chart.table.head) for row in chart.table.rows)
        root = ElementTree.fromstring(chart.svg)
        assert sum(node.get("class") == "row-label" for node in root.iter()) == len(units)


@pytest.mark.parametrize(
    ("language", "judged", "own"),
    [("zh", "不足以判断", "按你的自评"), ("en", "not enough", "your own")],
)
def test_a_self_assessment_alone_judges_no_level_but_tells_ones_own_rating(
    language: str, judged: str, own: str
) -> None:
    made = decision("too-little")
    evidence = read_evidence(EXAMPLES / "borderline" / "evidence.yaml")
    scheme = made.sources.scheme
    bare = evidence.model_copy(
        update={"records": tuple(part for part in evidence.records if part.kind == "self-rating")}
    )

    shown = profile_report(
        profile_of(standard(), bare, scheme),
        standard(),
        scheme,
        language=language,
        self_rated=profile_of(standard(), bare, scheme, kind="self"),
    )

    assert judged in shown.verdict
    assert own in shown.sureness


def test_self_ratings_are_drawn_apart_and_change_no_estimate() -> None:
    apart, alone = own_profile("en"), report("borderline", "en")

    hollow = sum(chart.svg.count('class="apart"') for chart in apart.charts)

    assert hollow > 0
    assert not any('class="apart"' in chart.svg for chart in alone.charts)
    for one, other in zip(apart.profile.rows, alone.profile.rows, strict=True):
        assert one[2:4] == other[2:4]


def test_a_profile_is_indicative_and_says_that_items_are_pilot_ones() -> None:
    for language in ("zh", "en"):
        words = Words(language)
        assert own_profile(language).notices[:2] == (words("indicative"), words("pilot"))


def test_every_unit_stands_in_one_way_to_the_level() -> None:
    for level in ("junior", "intermediate", "senior"):
        shown = own_profile("zh", level)
        listed = [code for group in shown.gaps for code, _title, _text in group.units]
        asked = [unit.code for unit in standard().units if unit.at_level(level)]
        assert sorted(listed) == sorted(asked)


def test_a_unit_without_enough_evidence_is_unknown_and_names_what_would_show_it() -> None:
    made = decision("too-little")
    gap = gap_to(made.profile, standard(), made.sources.scheme, "intermediate")

    for part in gap.units:
        measured = made.profile.unit(part.unit.code).state == "measured"
        assert (part.standing == "unknown") == (not measured)
        assert part.ways == ways_to_show(standard(), part.unit.code, "intermediate")
    assert gap.of("unknown")


def test_the_next_level_is_the_lowest_that_some_element_rather_misses() -> None:
    profile = decision("clear-intermediate").profile
    level = next_level(profile)
    place = profile.levels.index(level)

    assert any(part.meets[place] < 0.5 for part in profile.elements if part.records)
    for lower in range(place):
        assert all(part.meets[lower] >= 0.5 for part in profile.elements if part.records)


def test_every_sentence_is_there_in_both_languages_with_the_same_places() -> None:
    for key, (zh, en) in _WORDS.items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (zh, en)]
        assert zh, key
        assert en, key
        assert places[0] == places[1], key


def test_texts_of_a_standard_are_escaped_in_the_charts() -> None:
    record = standard().as_record()
    record["units"][0]["title"]["zh"] = "<script>x</script>&"
    hostile = Standard.model_validate(record)
    made = decision("borderline")

    shown = decision_report(made.as_record(), hostile, made.sources.scheme, language="zh")

    assert not any("<script" in chart.svg for chart in shown.charts)
    for chart in shown.charts:
        ElementTree.fromstring(chart.svg)
