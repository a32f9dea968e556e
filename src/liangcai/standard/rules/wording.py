"""Rules of wording: one requirement that somebody can check, in the words of GB/T 1.1."""

import re
from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Indicator, Standard
from liangcai.standard.rules import lexicon
from liangcai.standard.rules.texts import placed_indicators, short
from liangcai.standard.source import StandardSource

UNVERIFIABLE = RULES.add(
    "wording.unverifiable-verb",
    "warning",
    zh="主要动词无法观察",
    en="The main verb is nothing that anybody can observe",
)
TWO_REQUIREMENTS = RULES.add(
    "wording.two-requirements",
    "warning",
    zh="一条指标有两项要求",
    en="One indicator makes two requirements",
)
MODAL = RULES.add(
    "wording.modal",
    "warning",
    zh="能愿动词不合 GB/T 1.1",
    en="A provision is worded against GB/T 1.1",
)
PROVISION = RULES.add(
    "wording.provision",
    "warning",
    zh="条款类型与用词不一致",
    en="The type of provision disagrees with the wording",
)
TOO_LONG = RULES.add("wording.too-long", "warning", zh="句子过长", en="The sentence is too long")
VAGUE = RULES.add(
    "wording.vague", "note", zh="用词含糊，无法核对", en="A vague word that nobody can check"
)
MOST_CHARACTERS = 90
MOST_WORDS = 60
EXAMINED = 2000  # characters: what is longer is too long in any case

_WORDS = {
    "zh": {"shall": "应", "should": "宜", "may": "可"},
    "en": {"shall": "shall", "should": "should", "may": "may"},
}


def check_wording(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield indicators that make no requirement, or several, or none that can be checked."""
    for place, _, indicator in placed_indicators(standard):
        if indicator.text.zh:
            yield from _chinese(place, indicator, source)
        if indicator.text.en:
            yield from _english(place, indicator, source)


def _chinese(place: Place, indicator: Indicator, source: StandardSource) -> Iterator[Finding]:
    text, here = indicator.text.zh[:EXAMINED], (*place, "text", "zh")
    if found := lexicon.UNVERIFIABLE_ZH.match(text):
        yield _unverifiable(here, indicator, found.group(1), source)
    if found := _second(text):
        yield _two(here, indicator, found, source)
    for misuse in lexicon.MISUSES_ZH:
        for found in misuse.pattern.finditer(text):
            yield _misuse(here, indicator, found.group().lstrip("，；。"), misuse.fix, source)
    yield from _provision(here, indicator, text, source)
    if len(text) > MOST_CHARACTERS:
        yield _finding(
            TOO_LONG,
            here,
            source,
            zh=f"指标 {indicator.code} 有 {len(text)} 个字，超过 {MOST_CHARACTERS}；请拆分或精简",
            en=f"Indicator {indicator.code} has {len(text)} characters, over {MOST_CHARACTERS}; "
            "split or tighten it",
            quote=short(text),
        )
    if found := lexicon.VAGUE_ZH.search(text):
        yield _vague(here, indicator, found.group(), source)


def _english(place: Place, indicator: Indicator, source: StandardSource) -> Iterator[Finding]:
    text, here = indicator.text.en[:EXAMINED], (*place, "text", "en")
    if found := lexicon.UNVERIFIABLE_EN.match(text):
        yield _unverifiable(here, indicator, found.group(1), source)
    if found := lexicon.SECOND_EN.search(text) or lexicon.SENTENCES_EN.search(text):
        yield _two(here, indicator, found, source)
    for misuse in lexicon.MISUSES_EN:
        for found in misuse.pattern.finditer(text):
            yield _misuse(here, indicator, found.group(), misuse.fix, source)
    yield from _provision(here, indicator, text, source)
    if (words := text.count(" ") + 1) > MOST_WORDS:
        yield _finding(
            TOO_LONG,
            here,
            source,
            zh=f"指标 {indicator.code} 的英文有 {words} 个词，超过 {MOST_WORDS}；请拆分或精简",
            en=f"Indicator {indicator.code} has {words} words, over {MOST_WORDS}; split or tighten it",
            quote=short(text),
        )
    if found := lexicon.VAGUE_EN.search(text):
        yield _vague(here, indicator, found.group(), source)


def _second(text: str) -> re.Match[str] | None:
    """Return the mark of a second requirement; a list after a colon and an aside in brackets are none."""
    found = lexicon.SENTENCES_ZH.search(text) or lexicon.SECOND_ZH.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    listed = found.group() == "；" and "：" in before
    aside = before.count("（") > before.count("）")
    return None if listed or aside else found


def _unverifiable(place: Place, indicator: Indicator, verb: str, source: StandardSource) -> Finding:
    return _finding(
        UNVERIFIABLE,
        place,
        source,
        zh=f"指标 {indicator.code} 的主要动词是“{verb}”，无法观察",
        en=f"The main verb of indicator {indicator.code} is “{verb}”, which nobody can observe",
        quote=verb,
        fix=LocalizedText(
            zh="写明能证明它的行为，例如解释、比较、编制、判定",
            en="say what the person does that shows it: explain, compare, prepare, determine",
        ),
    )


def _two(
    place: Place, indicator: Indicator, found: re.Match[str], source: StandardSource
) -> Finding:
    start = max(found.start() - 8, 0)
    quote = found.string[start : found.end() + 8]
    return _finding(
        TWO_REQUIREMENTS,
        place,
        source,
        zh=f"指标 {indicator.code} 在“{quote}”处有第二项要求；请拆成两条",
        en=f"Indicator {indicator.code} makes a second requirement at “{quote}”; split it in two",
        quote=quote,
    )


def _misuse(
    place: Place, indicator: Indicator, word: str, fix: LocalizedText, source: StandardSource
) -> Finding:
    return _finding(
        MODAL,
        place,
        source,
        zh=f"指标 {indicator.code} 用了“{word}”；{fix.zh}",
        en=f"Indicator {indicator.code} says “{word}”; {fix.en}",
        quote=word,
        fix=fix,
    )


def _provision(
    place: Place, indicator: Indicator, text: str, source: StandardSource
) -> Iterator[Finding]:
    language = str(place[-1])
    said, meant = lexicon.provision_of(text, language), indicator.provision
    if said == meant:
        return
    words = _WORDS[language]
    if said is None:
        zh, en = f"句中没有“{words[meant]}”", f"the sentence has no “{words[meant]}”"
    else:
        zh, en = f"句中用的是“{words[said]}”", f"the sentence says “{words[said]}”"
    yield _finding(
        PROVISION,
        place,
        source,
        zh=f"指标 {indicator.code} 的 provision 是 {meant}，{zh}；请改其一",
        en=f"The provision of indicator {indicator.code} is {meant}, but {en}; change one of them",
        quote=short(text),
    )


def _vague(place: Place, indicator: Indicator, word: str, source: StandardSource) -> Finding:
    return _finding(
        VAGUE,
        place,
        source,
        zh=f"指标 {indicator.code} 用了“{word}”；请写明可以核对的限度",
        en=f"Indicator {indicator.code} says “{word}”; write a limit that can be checked",
        quote=word,
    )


def _finding(
    rule: Rule,
    place: Place,
    source: StandardSource,
    *,
    zh: str,
    en: str,
    quote: str,
    fix: LocalizedText | None = None,
) -> Finding:
    return source.finding(rule, place, zh=zh, en=en, quote=quote, fix=fix)
