"""What changed between two editions, whom it touches and what version it deserves."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standard.tiny import indicator, standards, text, tiny_record, tiny_standard

from liangcai.standard import Standard, load_standard
from liangcai.standard.diff import StandardDiff, diff_standards
from liangcai.standard.wording import Segment, segments, similarity


def after(change: Any, version: str = "1.2.3") -> StandardDiff:
    """Return the diff from the tiny standard to the tiny standard with a change."""
    record = copy.deepcopy(tiny_record())
    change(record)
    record["version"] = version
    return diff_standards(tiny_standard(), Standard.model_validate(record))


def only(diff: StandardDiff) -> Any:
    (change,) = diff.changes
    return change


def test_a_standard_does_not_differ_from_itself() -> None:
    diff = diff_standards(tiny_standard(), tiny_standard())

    assert diff.changes == ()
    assert (diff.bump, diff.honoured) == ("none", True)


def test_a_reworded_indicator_deserves_a_minor_version_and_shows_its_words() -> None:
    diff = after(
        lambda r: r["units"][0]["indicators"][0]["text"].update(zh="应能按给定图谱辨认茶类")
    )

    change = only(diff)
    assert (change.part, change.code, change.kind) == ("indicator", "A1-1-1", "reworded")
    assert change.wording.zh == (
        Segment("same", "应能按给定图谱"),
        Segment("removed", "指出"),
        Segment("added", "辨认"),
        Segment("same", "茶类"),
    )
    assert change.wording.en == ()
    assert (diff.bump, diff.least_version, diff.honoured) == ("minor", "1.3.0", False)
    assert (diff.affected_levels, diff.affected_units) == (("low",), ("A1",))


def test_english_is_compared_word_by_word() -> None:
    assert segments("Shall name kinds", "Shall describe kinds") == (
        Segment("same", "Shall "),
        Segment("removed", "name"),
        Segment("added", "describe"),
        Segment("same", " kinds"),
    )


def test_a_new_translation_deserves_a_patch_and_affects_no_level() -> None:
    diff = after(lambda r: r["units"][1]["indicators"][0]["text"].update(en="Shall brew"), "1.2.4")

    assert only(diff).kind == "translated"
    assert (diff.bump, diff.honoured) == ("patch", True)
    assert diff.affected_levels == ()


def test_a_note_deserves_a_patch() -> None:
    diff = after(lambda r: r["units"][0]["indicators"][0].update(note=text("注", "Note")))

    assert only(diff).bump == "patch"


@pytest.mark.parametrize(
    ("change", "kind", "levels"),
    [
        (lambda r: r["units"][1]["indicators"].pop(), "removed", ("low",)),
        (
            lambda r: r["units"][1]["indicators"].append(indicator("B1-2-1", "high", "新", "New")),
            "added",
            ("high",),
        ),
        (
            lambda r: r["units"][1]["indicators"][0].update(level="high"),
            "moved",
            ("low", "high"),
        ),
        (
            lambda r: r["units"][1]["indicators"][0].update(provision="may"),
            "re-evaluated",
            ("low",),
        ),
    ],
)
def test_a_change_of_requirement_deserves_a_major_version(
    change: Any, kind: str, levels: tuple[str, ...]
) -> None:
    diff = after(change, "1.9.0")

    found = next(diff.of(part="indicator"))
    assert found.kind == kind
    assert (diff.bump, diff.least_version, diff.honoured) == ("major", "2.0.0", False)
    assert (diff.affected_levels, diff.affected_units) == (levels, ("B1",))


def test_an_indicator_that_goes_to_another_unit_has_moved() -> None:
    def move(record: dict[str, Any]) -> None:
        record["units"][1]["indicators"].append(record["units"][0]["indicators"].pop(0))

    diff = after(move)

    change = only(diff)
    assert (change.kind, change.field, change.old, change.new) == ("moved", "unit", "A1", "B1")
    assert diff.affected_units == ("A1", "B1")
    assert diff.in_unit("A1") == diff.in_unit("B1") == (change,)


def test_the_same_words_under_a_new_code_have_moved_and_are_not_removed_and_added() -> None:
    diff = after(lambda r: r["units"][1]["indicators"][0].update(code="B1-2-9", level="high"))

    assert [(c.kind, c.field, c.code) for c in diff.changes] == [
        ("moved", "code", "B1-2-9"),
        ("moved", "level", "B1-2-9"),
    ]


def test_a_unit_that_changes_its_element_has_moved() -> None:
    diff = after(lambda r: r["units"][1].update(element="A"), "2.0.0")

    change = only(diff)
    assert (change.kind, change.field, diff.honoured) == ("moved", "element", True)


def test_new_evidence_or_methods_are_a_re_evaluation() -> None:
    diff = after(lambda r: r["units"][1]["indicators"][0].update(methods=["exam", "lab"]))

    change = only(diff)
    assert (change.kind, change.old, change.new) == ("re-evaluated", ["lab"], ["exam", "lab"])
    assert diff.bump == "minor"


def test_weights_are_compared_by_level_and_element() -> None:
    diff = after(lambda r: r["weight_profiles"][0]["weights"].update(low={"A": 40, "B": 60}))

    assert [(c.code, c.kind, c.old, c.new) for c in diff.changes] == [
        ("even/low/A", "reweighted", 50, 40),
        ("even/low/B", "reweighted", 50, 60),
    ]
    assert (diff.bump, diff.affected_levels) == ("major", ("low",))


def test_an_element_named_at_its_unnamed_weight_weighs_the_same() -> None:
    diff = after(lambda r: r["weight_profiles"][0]["weights"].update(high={"A": 0, "B": 100}))

    assert (only(diff).field, diff.bump) == ("named", "patch")


@pytest.mark.parametrize(
    ("change", "part", "bump"),
    [
        (lambda r: r["terms"][0].update(definition=text("茶水", "Tea")), "term", "minor"),
        (lambda r: r["terms"].clear(), "term", "minor"),
        (lambda r: r["role"]["duties"].append({**r["role"]["duties"][0], "code": "D2"}),
         "duty", "minor"),
        (lambda r: r["role"]["exclusions"][0].update(owner="tea-maker"), "exclusion", "minor"),
        (lambda r: r["role"]["handoffs"].clear(), "handoff", "minor"),
        (lambda r: r["role"]["contrasts"].clear(), "contrast", "minor"),
        (lambda r: r["role"].update(definition=text("评茶的人", "Who tastes")), "role", "minor"),
        (lambda r: r["crosswalks"][0]["relations"].pop(), "relation", "patch"),
        (lambda r: r["evaluation"][0].update(units=["B1"]), "evaluation", "minor"),
        (lambda r: r["training"][0].update(hours={"low": 9}), "training", "minor"),
        (lambda r: r["levels"][1].update(rank=3), "level", "major"),
        (lambda r: r["elements"].append({**r["elements"][0], "code": "C"}), "element", "major"),
        (lambda r: r.update(status="published"), "identity", "patch"),
        (lambda r: r.update(title=text("新名", "New name")), "identity", "minor"),
        (lambda r: r["units"].reverse(), "unit", "patch"),
    ],
)  # fmt: skip
def test_every_part_of_a_standard_is_compared(change: Any, part: str, bump: str) -> None:
    diff = after(change)

    assert part in {change.part for change in diff.changes}
    assert diff.bump == bump


def test_before_version_one_a_major_change_raises_the_second_number() -> None:
    old = tiny_standard(version="0.4.2")
    record = tiny_record() | {"version": "0.5.0"}
    record["units"] = record["units"][:1]

    diff = diff_standards(old, Standard.model_validate(record))

    assert (diff.bump, diff.least_version, diff.honoured) == ("major", "0.5.0", True)


def test_a_version_that_goes_backwards_is_not_honoured() -> None:
    assert not diff_standards(tiny_standard(), tiny_standard(version="1.2.2")).honoured


def test_the_record_is_json() -> None:
    record = after(lambda r: r["units"].pop()).as_record()

    assert json.loads(json.dumps(record)) == record


def test_a_shipped_standard_does_not_differ_from_itself() -> None:
    standard = load_standard("llm-product-engineer")

    assert diff_standards(standard, standard).changes == ()


@settings(deadline=None, max_examples=60)
@given(standards(), standards())
def test_no_change_means_equal_content_apart_from_the_version(old: Standard, new: Standard) -> None:
    diff = diff_standards(old, new)

    same = old.model_copy(update={"version": new.version}).as_record() == new.as_record()
    assert (not diff.changes) == same


@settings(deadline=None, max_examples=40)
@given(standards(), standards())
def test_what_one_way_adds_the_other_way_removes(one: Standard, other: Standard) -> None:
    there, back = diff_standards(one, other), diff_standards(other, one)

    if one.language == other.language:
        assert {(c.part, c.code) for c in there.of(kind="added")} == {
            (c.part, c.code) for c in back.of(kind="removed")
        }
    assert set(there.affected_units) <= {unit.code for s in (one, other) for unit in s.units}


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_segments_rebuild_both_wordings(old: str, new: str) -> None:
    row = segments(old, new)

    assert "".join(part.text for part in row if part.kind != "added") == old
    assert "".join(part.text for part in row if part.kind != "removed") == new


def test_a_very_long_text_is_replaced_whole() -> None:
    assert segments("字" * 3000, "词") == (Segment("removed", "字" * 3000), Segment("added", "词"))


def test_a_long_text_that_repeats_itself_is_replaced_whole() -> None:
    """Matching it token by token took half a minute: what repeats is no landmark."""
    old, new = "的了" * 500, "了的的" * 333

    assert segments(old, new) == (Segment("removed", old), Segment("added", new))


def test_one_word_of_a_long_text_is_found() -> None:
    words = [f"word{number}" for number in range(300)]
    old, new = " ".join(words), " ".join([*words[:150], "other", *words[151:]])

    changed = [part for part in segments(old, new) if part.kind != "same"]

    assert changed == [Segment("removed", "word150"), Segment("added", "other")]


def test_texts_without_words_are_not_alike() -> None:
    empty = tiny_standard().title.model_copy(update={"zh": "", "en": ""})

    assert similarity(empty, empty) == 0
