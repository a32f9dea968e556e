"""Terms: each defined once, each used, one spelling in the texts."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standard.minimal import minimal_record, minimal_standard

from liangcai.kernel.findings import Finding
from liangcai.standard.rules.spellings import Spellings
from liangcai.standard.rules.terms import check_terms
from liangcai.standard.source import StandardSource

NOWHERE = StandardSource(Path())


def term(code: str, zh: str, en: str, *variants: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "term": {"zh": zh, "en": en},
        "variants": [{"zh": one, "en": other} for one, other in variants],
        "definition": {"zh": "某种事物", "en": "Some thing"},
        "origin": "proposal",
        **more,
    }


def findings_of(zh: str, en: str, *terms: dict[str, Any]) -> list[Finding]:
    unit = minimal_record()["units"][0]
    unit["indicators"] = [{**unit["indicators"][0], "text": {"zh": zh, "en": en}}]
    return list(check_terms(minimal_standard(units=[unit], terms=list(terms)), NOWHERE))


def told(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.quote) for finding in findings]


def test_a_standard_without_terms_is_asked_nothing() -> None:
    assert findings_of("应能比较 RAG 与 SFT", "Shall compare RAG and SFT") == []


def test_a_variant_in_a_text_is_told_in_each_language() -> None:
    spelt = term("T1", "幻觉", "hallucination", ("臆造", "confabulation"))

    found = findings_of("应能统计臆造率", "Shall count Confabulation in outputs", spelt)

    assert told(found) == [("term.variant", "臆造"), ("term.variant", "confabulation")]
    assert found[0].fix is not None
    assert found[0].fix.zh == "幻觉"


def test_a_variant_inside_the_primary_spelling_is_no_variant() -> None:
    spelt = term("T1", "大语言模型", "large language model", ("语言模型", "language model"))

    assert findings_of("应能比较大语言模型", "Shall compare large language models", spelt) == []


def test_a_variant_around_the_primary_spelling_is_one() -> None:
    spelt = term("T1", "幻觉", "hallucination", ("模型幻觉", "model hallucination"))

    assert told(findings_of("应能统计模型幻觉", "Shall count hallucination", spelt)) == [
        ("term.variant", "模型幻觉")
    ]


def test_an_abbreviation_may_stand_for_its_term() -> None:
    spelt = term("T1", "检索增强生成", "retrieval-augmented generation", ("RAG", "RAG"))

    assert findings_of("应能比较 RAG 与检索增强生成", "Shall compare RAG", spelt) == []


def test_a_latin_word_is_not_found_inside_another() -> None:
    spelt = term("T1", "智能体", "agent", ("代理", "bot"))

    assert findings_of("应能比较智能体", "Shall compare agents with bottles", spelt) == []


def test_an_undefined_abbreviation_is_told_once() -> None:
    used = term("T1", "萃取", "extraction")

    found = findings_of("应能比较 SFT、DPO 与 SFT，依据 GB/T 1.1 调用 API", "Shall compare", used)

    assert told(found) == [("term.undefined", "SFT"), ("term.undefined", "DPO")]


def test_the_codes_of_the_standard_are_no_abbreviations() -> None:
    used = term("T1", "萃取", "extraction")
    unit = {**minimal_record()["units"][0], "code": "ZS", "summary": {"zh": "萃取见 ZS 单元"}}

    assert list(check_terms(minimal_standard(units=[unit], terms=[used]), NOWHERE)) == []


def test_a_term_used_only_in_another_definition_is_used() -> None:
    one = term("T1", "令牌", "token", definition={"zh": "文本的单位", "en": "A unit of text"})
    other = term("T2", "萃取", "extraction", definition={"zh": "按令牌计", "en": "By token"})

    assert findings_of("应能萃取", "Shall extract", one, other) == []


def test_a_term_used_only_in_its_own_definition_is_unused() -> None:
    own = term("T1", "令牌", "token", definition={"zh": "称为令牌的单位", "en": "A unit"})

    assert "term.unused" in {f.rule for f in findings_of("应能萃取", "Shall extract", own)}


def test_a_spelling_belongs_to_one_term() -> None:
    one = term("T1", "萃取", "extraction", ("冲煮", "brewing"))
    other = term("T2", "配方", "recipe", ("冲煮", "Brewing"))

    found = findings_of("应能按配方萃取", "Shall extract by a recipe", one, other)

    assert told(found) == [("term.shared-spelling", "冲煮")]


WORDS = st.lists(st.text("ab中文", min_size=1, max_size=4), max_size=6)


@settings(deadline=None, max_examples=200)
@given(words=WORDS, text=st.text("ab中文 ", max_size=30))
def test_spellings_are_found_where_a_plain_search_finds_them(words: list[str], text: str) -> None:
    def whole(start: int, word: str) -> bool:
        def latin(at: int) -> bool:
            return 0 <= at < len(text) and text[at] in "ab"

        end = start + len(word)
        return not (latin(start) and latin(start - 1)) and not (latin(end - 1) and latin(end))

    plain = {
        (start, word)
        for word in words
        for start in range(len(text))
        if text.startswith(word, start) and whole(start, word)
    }

    assert set(Spellings(words).all_in(text)) == plain


@settings(deadline=None, max_examples=100)
@given(words=WORDS, text=st.text("ab中文 ", max_size=30))
def test_longest_spellings_do_not_overlap(words: list[str], text: str) -> None:
    found = list(Spellings(words).longest_in(text))

    assert sum(map(len, found)) <= len(text)
    assert bool(found) == bool(list(Spellings(words).all_in(text)))
