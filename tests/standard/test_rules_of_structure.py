"""Codes, levels, references, weights, evaluation, training, history and translation hold together."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standard.minimal import minimal_record, minimal_standard, write_minimal

from liangcai.kernel.findings import Finding
from liangcai.standard import check_standard
from liangcai.standard.rules.evaluation import check_evidence
from liangcai.standard.rules.identity import check_history
from liangcai.standard.rules.references import check_references
from liangcai.standard.rules.structure import check_ranks, check_units
from liangcai.standard.rules.texts import placed_texts, short
from liangcai.standard.rules.training import check_training
from liangcai.standard.rules.translation import check_translation
from liangcai.standard.rules.weighting import check_weights
from liangcai.standard.source import StandardSource

NOWHERE = StandardSource(Path())


def levels(*ranks: int) -> list[dict[str, Any]]:
    label = {"zh": "级", "en": "Level"}
    return [
        {"code": f"L{n}", "rank": rank, "label": label, "origin": "proposal"}
        for n, rank in enumerate(ranks, start=1)
    ]


def unit_at(*at: str) -> dict[str, Any]:
    unit = dict(minimal_record()["units"][0])
    first = unit["indicators"][0]
    unit["indicators"] = [
        {**first, "code": f"E1-{n}", "level": level} for n, level in enumerate(at)
    ]
    return unit


def weights_of(
    *elements: str, unnamed: dict[str, float], **by_level: dict[str, float]
) -> list[str]:
    title = {"zh": "权重", "en": "Weights"}
    profile = {
        "code": "p",
        "title": title,
        "origin": "proposal",
        "authority": title,
        "weights": by_level,
        "unnamed": {code: {"weight": value, "note": title} for code, value in unnamed.items()},
    }
    parts = [{"code": code, "title": title, "origin": "proposal"} for code in elements]
    standard = minimal_standard(elements=parts, weight_profiles=[profile])
    return [finding.rule for finding in check_weights(standard, NOWHERE)]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=8))
def test_ranks_pass_exactly_when_they_count_from_one(ranks: list[int]) -> None:
    standard = minimal_standard(levels=levels(*ranks))

    findings = list(check_ranks(standard, NOWHERE))

    assert (findings == []) == (sorted(ranks) == list(range(1, len(ranks) + 1)))


@pytest.mark.parametrize(
    ("at", "missing"),
    [
        (("L1", "L2", "L3"), []),
        (("L2", "L3"), []),
        (("L1",), []),
        (("L1", "L3"), ["L2"]),
        (("L1", "L5"), ["L2", "L3", "L4"]),
        (("L5", "L2", "L4"), ["L3"]),
    ],
)
def test_a_unit_leaves_out_no_level_between_its_own(
    at: tuple[str, ...], missing: list[str]
) -> None:
    standard = minimal_standard(levels=levels(1, 2, 3, 4, 5), units=[unit_at(*at)])

    findings = list(check_units(standard, NOWHERE))

    assert [finding.rule for finding in findings] == ["unit.level-gap"] * len(missing)
    assert all(code in f.message.zh for code, f in zip(missing, findings, strict=True))


def test_levels_numbered_downwards_in_their_labels_are_ranked_upwards() -> None:
    down = [{**level, "code": f"G{5 - n}"} for n, level in enumerate(levels(1, 2, 3, 4, 5))]
    standard = minimal_standard(levels=down, units=[unit_at("G5", "G4", "G3", "G2", "G1")])

    assert list(check_ranks(standard, NOWHERE)) == []
    assert list(check_units(standard, NOWHERE)) == []


def test_a_dangling_code_is_told_with_those_that_exist() -> None:
    unit = {**minimal_record()["units"][0], "element": "X"}

    [found] = check_references(minimal_standard(units=[unit]), NOWHERE)

    assert (found.rule, found.quote) == ("unit.unknown-element", "X")
    assert "E" in found.message.en.split("known: ")[1]


@pytest.mark.parametrize(
    ("scope", "code", "known"),
    [
        ("units", "E1", True),
        ("levels", "junior", True),
        ("elements", "E", True),
        ("terms", "T01", True),
        ("roles", "minimal", True),
        ("roles", "D1", True),
        ("units", "E", False),
        ("terms", "E1", False),
        ("roles", "E1", False),
    ],
)
def test_a_crosswalk_starts_from_a_code_of_its_scope(scope: str, code: str, known: bool) -> None:
    crosswalk = {
        "code": "c",
        "target": "t",
        "title": {"zh": "对照", "en": "Crosswalk"},
        "scope": scope,
        "relations": [{"from": code, "relation": "close", "to": "1"}],
    }

    findings = list(check_references(minimal_standard(crosswalks=[crosswalk]), NOWHERE))

    assert [f.rule for f in findings] == ([] if known else ["crosswalk.unknown-code"])


def test_weights_that_sum_to_a_hundred_pass() -> None:
    both = {"A": 33.335, "B": 66.665}

    assert weights_of("A", "B", unnamed={}, junior=both, senior={"A": 0.004, "B": 100}) == []


def test_an_unnamed_element_counts_with_what_it_weighs() -> None:
    some, all_ = {"A": 90.0}, {"A": 100.0}

    assert weights_of("A", "B", unnamed={"B": 10}, junior=some, senior=some) == []
    assert weights_of("A", "B", unnamed={"B": 10}, junior=all_, senior=some) == ["weights.sum"]
    assert weights_of("A", "B", unnamed={}, junior=all_, senior={"A": 1, "B": 99}) == [
        "weights.unnamed-element"
    ]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=5))
def test_a_level_passes_exactly_when_its_weights_sum_to_a_hundred(shares: list[int]) -> None:
    named = {f"A{n}": float(share) for n, share in enumerate(shares)}

    rules = weights_of(*named, unnamed={}, junior=named, senior=named)

    assert (rules == []) == (sum(shares) == 100)


def training(requires: dict[str, list[str]]) -> list[Finding]:
    rows = [
        {"unit": unit, "requires": some, "origin": "proposal"} for unit, some in requires.items()
    ]
    units = [{**minimal_record()["units"][0], "code": unit} for unit in requires]
    return list(check_training(minimal_standard(training=rows, units=units), NOWHERE))


def test_units_that_require_each_other_are_told_with_the_circle() -> None:
    [found] = training({"A": ["B"], "B": ["C"], "C": ["A"], "D": ["A"]})

    assert found.rule == "training.cycle"
    assert "A → B → C → A" in found.message.en


def test_a_unit_that_requires_itself_is_a_circle() -> None:
    assert [finding.rule for finding in training({"A": ["A"]})] == ["training.cycle"]


def test_a_path_of_any_length_is_walked() -> None:
    chain = {f"U{n}": [f"U{n + 1}"] for n in range(3000)}

    assert training({**chain, "U3000": []}) == []
    assert [f.rule for f in training({**chain, "U3000": ["U0"]})] == ["training.cycle"]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_a_circle_is_told_exactly_when_units_cannot_be_put_in_order(
    edges: list[tuple[int, int]],
) -> None:
    requires = {f"U{n}": [f"U{b}" for a, b in edges if a == n] for n in range(7)}

    left = dict(requires)
    while ready := [u for u, some in left.items() if not set(some) & set(left)]:
        for unit in ready:
            del left[unit]

    assert bool(training(requires)) == bool(left)


@pytest.mark.parametrize(
    ("entries", "rules"),
    [
        ([("0.1.0", "2026-01-01"), ("0.2.0", "2026-02-01")], []),
        ([("0.2.0", "2026-02-01"), ("0.1.0", "2026-01-01")], []),
        ([("0.9.0", "2026-01-01"), ("0.10.0", "2026-01-01"), ("0.2.0", "2026-01-02")], None),
        ([("0.1.0", "2026-02-01"), ("0.2.0", "2026-01-01")], ["history.order"]),
        ([("0.2.0", "2026-01-01"), ("0.2.0", "2026-01-01")], ["history.order"]),
        ([("0.2.0", "2026-13-01")], ["standard.date"]),
        ([("0.1.0", "2026-01-01")], ["history.version-missing"]),
        ([], ["history.version-missing"]),
    ],
)
def test_the_history_runs_one_way_up_to_this_version(
    entries: list[tuple[str, str]], rules: list[str] | None
) -> None:
    changes = {"zh": "变更", "en": "Changes"}
    history = [{"version": v, "date": d, "changes": changes} for v, d in entries]

    found = [
        f.rule for f in check_history(minimal_standard(history=history, version="0.2.0"), NOWHERE)
    ]

    assert found == rules if rules is not None else "history.order" in found


@pytest.mark.parametrize(
    ("methods", "evidence", "rules"),
    [
        (["lab"], ["lab-result"], []),
        (["lab"], ["test-response"], ["indicator.method-without-evidence"]),
        (["exam"], ["test-response"], ["indicator.method-not-offered"]),
        ([], ["lab-result"], ["indicator.no-method"]),
        (["lab"], [], ["indicator.no-evidence"]),
        ([], [], ["indicator.no-evidence", "indicator.no-method"]),
    ],
)
def test_an_indicator_is_shown_by_something_and_judged_by_a_method_on_offer(
    methods: list[str], evidence: list[str], rules: list[str]
) -> None:
    unit = minimal_record()["units"][0]
    unit["indicators"] = [{**unit["indicators"][0], "methods": methods, "evidence": evidence}]

    found = [finding.rule for finding in check_evidence(minimal_standard(units=[unit]), NOWHERE)]

    assert found == rules


@pytest.mark.parametrize(
    ("zh", "en", "rules"),
    [
        ("萃取", "Extraction", []),
        ("SFIA 9", "SFIA 9", []),
        ("RAG", "RAG", []),
        ("萃取", "", ["translation.no-english"]),
        ("", "Extraction", ["translation.no-chinese"]),
        ("", "", ["text.empty"]),
        (" ", "\n", ["text.empty"]),
        ("萃取", "萃取", ["translation.same"]),
        ("Make coffee by a recipe", "Make coffee by a recipe", ["translation.same"]),
        ("萃取", "Extraction 萃取", ["translation.chinese-in-english"]),
        ("萃取，记录", "Extract，record", ["translation.chinese-in-english"]),
        ("萃取", "Extraction (萃取)", []),
        ("“桥梁”", "the “桥梁” role after 《编制说明》", []),
        ("萃取", "Extraction – “dial in”", []),
    ],
)
def test_a_text_stands_in_both_languages_each_in_its_script(
    zh: str, en: str, rules: list[str]
) -> None:
    unit = {**minimal_record()["units"][0], "title": {"zh": zh, "en": en}}

    found = [finding.rule for finding in check_translation(minimal_standard(units=[unit]), NOWHERE)]

    assert found == rules


def _chinese_only(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _chinese_only(inner) for key, inner in value.items() if key != "en"}
    return [_chinese_only(inner) for inner in value] if isinstance(value, list) else value


def test_a_standard_in_chinese_only_is_told_so_once(tmp_path: Path) -> None:
    folder = write_minimal(tmp_path, **_chinese_only(minimal_record()))

    _, findings = check_standard(folder)

    assert [(f.rule, f.severity) for f in findings] == [("translation.one-language", "note")]


def test_every_text_is_walked_with_its_place() -> None:
    texts = dict(placed_texts(minimal_standard()))

    assert texts[("title",)].zh == "咖啡师能力要求"
    assert texts[("units", 0, "indicators", 1, "text")].en.startswith("Shall lead")
    assert texts[("terms", 0, "term")].en == "extraction"
    assert texts[("role", "duties", 0, "text")].zh == "制作咖啡"


@given(st.text(max_size=90))
def test_a_quoted_text_is_short(text: str) -> None:
    assert len(short(text)) <= 40
    assert short(text).removesuffix("…") == text[: len(short(text).removesuffix("…"))]
