"""Rules of terms: each defined once, each used, one spelling in the texts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Standard, Term
from liangcai.standard.rules.spellings import Spellings
from liangcai.standard.rules.texts import placed_texts
from liangcai.standard.source import StandardSource

DEFINED_TWICE = RULES.add(
    "term.defined-twice", "error", zh="一个术语定义了两次", en="One term is defined twice"
)
SHARED_SPELLING = RULES.add(
    "term.shared-spelling", "error", zh="两个术语共用一种写法", en="Two terms share a spelling"
)
UNUSED = RULES.add(
    "term.unused", "warning", zh="术语定义后未使用", en="A term is defined and never used"
)
VARIANT = RULES.add(
    "term.variant",
    "warning",
    zh="条文用了术语的其他写法",
    en="A text uses another spelling of a term",
)
UNDEFINED = RULES.add(
    "term.undefined",
    "warning",
    zh="中文条文中的缩略语没有定义",
    en="An abbreviation in the Chinese texts is not defined",
)
CIRCULAR = RULES.add(
    "term.circular",
    "warning",
    zh="定义重复术语本身",
    en="A definition begins with its own term",
)

_ABBREVIATION = re.compile(r"(?<![A-Za-z0-9_.\-/])[A-Z]{2,}+[A-Za-z]*+(?![A-Za-z0-9_\-/]|\s*\d)")
_LATIN = re.compile(r"[A-Za-z0-9 .+\-]+")
#: Abbreviations that every reader of such a standard knows.
_COMMON = frozenset(
    {"AI", "API", "APP", "CPU", "CSV", "GPU", "HR", "HTML", "ID", "IT", "JSON", "PC", "PDF"}
    | {"PPT", "SDK", "SQL", "UI", "URL", "WEB", "XML", "YAML"}
)
#: Parts of a standard whose abbreviations are names rather than the standard's own language.
_NAMING = frozenset(
    {"title", "aliases", "source", "notice", "weight_profiles", "crosswalks", "terms", "history"}
)


def check_terms(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield terms defined twice or never used, other spellings and undefined abbreviations."""
    if not standard.terms:
        return
    yield from _spellings(standard.terms, source)
    texts = placed_texts(standard)
    yield from _unused(standard.terms, texts, source)
    for language in ("zh", "en"):
        yield from _variants(standard.terms, language, _outside_terms(texts, language), source)
    yield from _undefined(standard, _outside_terms(texts, "zh"), source)


def _spellings(terms: tuple[Term, ...], source: StandardSource) -> Iterator[Finding]:
    owner: dict[str, Term] = {}
    for number, term in enumerate(terms):
        name = term.term.zh or term.term.en
        if name.casefold() in owner:
            other = owner[name.casefold()]
            yield source.finding(
                DEFINED_TWICE,
                ("terms", number, "term"),
                zh=f"术语“{name}”已由 {other.code} 定义；请删去 {term.code} 或另取名称",
                en=f"The term “{name}” is defined by {other.code} already; drop or rename {term.code}",
                quote=name,
            )
        owner.setdefault(name.casefold(), term)
        for language in ("zh", "en"):
            own, text = getattr(term.term, language), getattr(term.definition, language)
            if own and text.casefold().startswith(own.casefold()):
                yield source.finding(
                    CIRCULAR,
                    ("terms", number, "definition", language),
                    zh=f"术语“{own}”的定义以该术语开头；请直接写它是什么",
                    en=f"The definition of “{own}” begins with the term; say what it is",
                    quote=own,
                )
    for number, term in enumerate(terms):
        for row, variant in enumerate(term.variants):
            other_term = owner.get((variant.zh or variant.en).casefold())
            if other_term is not None and other_term is not term:
                yield source.finding(
                    SHARED_SPELLING,
                    ("terms", number, "variants", row),
                    zh=f"{term.code} 的写法“{variant.zh or variant.en}”也属于 {other_term.code}；"
                    "一种写法只归一个术语",
                    en=f"The spelling “{variant.zh or variant.en}” of {term.code} belongs to "
                    f"{other_term.code} too; give it to one of them",
                    quote=variant.zh or variant.en,
                )
            else:
                owner.setdefault((variant.zh or variant.en).casefold(), term)


def _unused(
    terms: tuple[Term, ...], texts: list[tuple[Place, LocalizedText]], source: StandardSource
) -> Iterator[Finding]:
    names = [
        {name.casefold() for both in (term.term, *term.variants) for name in (both.zh, both.en)}
        for term in terms
    ]
    spellings = Spellings(name for some in names for name in some)
    rows_with: defaultdict[str, set[int]] = defaultdict(set)
    for place, both in texts:
        row = place[1] if place[0] == "terms" and isinstance(place[1], int) else -1
        for _, name in spellings.all_in((both.zh or both.en).casefold()):
            rows_with[name].add(row)
    for number, term in enumerate(terms):
        if not any(rows_with[name] - {number} for name in names[number] if name):
            yield source.finding(
                UNUSED,
                ("terms", number),
                zh=f"术语“{term.term.zh or term.term.en}”未在任何文本中使用；请删去，或在条文中使用它",
                en=f"The term “{term.term.en or term.term.zh}” is used in no text; drop it or use it",
            )


def _outside_terms(
    texts: Iterable[tuple[Place, LocalizedText]], language: str
) -> list[tuple[Place, str]]:
    return [
        ((*place, language), text)
        for place, both in texts
        if place[0] not in _NAMING and (text := getattr(both, language))
    ]


def _variants(
    terms: tuple[Term, ...],
    language: str,
    placed: list[tuple[Place, str]],
    source: StandardSource,
) -> Iterator[Finding]:
    """Yield where a variant stands; the longest spelling at a place is the one that is meant."""
    primary: dict[str, str] = {}
    for term in terms:
        for variant in term.variants:
            if (name := getattr(variant, language)) and not _is_abbreviation(name):
                primary[name.casefold()] = getattr(term.term, language)
    for term in terms:
        if name := getattr(term.term, language):
            primary[name.casefold()] = name
    spellings = Spellings(primary)
    for place, text in placed:
        for name in spellings.longest_in(text.casefold()):
            meant = primary[name]
            if meant and meant.casefold() != name:
                yield source.finding(
                    VARIANT,
                    place,
                    zh=f"“{name}”是“{meant}”的其他写法；条文请统一用“{meant}”",
                    en=f"“{name}” is another spelling of “{meant}”; use one in the texts",
                    quote=name,
                    fix=LocalizedText(zh=meant, en=meant),
                )


def _is_abbreviation(name: str) -> bool:
    return bool(_LATIN.fullmatch(name)) and sum(c.isupper() for c in name) >= 2


def _undefined(
    standard: Standard, placed: list[tuple[Place, str]], source: StandardSource
) -> Iterator[Finding]:
    known = set(_COMMON)
    for term in standard.terms:
        for both in (term.term, *term.variants, term.definition):
            known.update(_ABBREVIATION.findall(both.zh))
            known.update(_ABBREVIATION.findall(both.en))
    known.update(unit.code for unit in standard.units)
    known.update(element.code for element in standard.elements)
    known.update(level.code for level in standard.levels)
    for place, text in placed:
        if text.isascii():
            continue
        for found in _ABBREVIATION.finditer(text):
            word = found.group()
            if word in known:
                continue
            known.add(word)
            yield source.finding(
                UNDEFINED,
                place,
                zh=f"缩略语 {word} 没有定义；请在术语中定义，或写出全称",
                en=f"The abbreviation {word} is not defined; define it as a term or write it out",
                quote=word,
            )
