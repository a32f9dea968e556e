"""Words looked up in the titles, indicators, duties and terms of the published standards."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.explorer import (
    Edition,
    find_edition,
    latest_editions,
    units_in_order,
)
from liangcai.server.queries.standards import standard_of
from liangcai.server.store.models import StandardVersion
from liangcai.standard import Standard

LONGEST_QUESTION = 80
MOST_WORDS = 6
MOST_HITS = 60  # of one standard; the page says how many there are

Kind = Literal["standard", "element", "unit", "indicator", "duty", "term"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that can be found, and where it stands; `unit` and `level` only where it has them."""

    kind: Kind
    code: str
    title: LocalizedText
    text: LocalizedText | None = None
    unit: str = ""
    level: LocalizedText | None = None
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found in one standard: the first passages and how many there are in all."""

    edition: Edition
    passages: tuple[Passage, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question found; `pattern` marks its words in a text."""

    question: str
    pattern: re.Pattern[str]
    hits: tuple[Hits, ...]

    @property
    def total(self) -> int:
        """How many passages were found in all standards."""
        return sum(hits.total for hits in self.hits)


def search_standards(actor: access.Actor, question: str, *, code: str = "") -> Answer | None:
    """Return where every word of the question stands, in either language; None for no words.

    Words are parted by blanks; beyond `LONGEST_QUESTION` characters and `MOST_WORDS` words the
    question is cut. With a code only that standard is searched.

    Raises:
        NotFound: there is no such standard for this person.

    """
    words = _words_of(question)
    if not words:
        return None
    editions = (find_edition(actor, code),) if code else latest_editions(actor)
    found = tuple(_hits_in(edition, words) for edition in editions)
    ordered = sorted((hits for hits in found if hits.total), key=lambda hits: -hits.total)
    return Answer(" ".join(words), _pattern(words), tuple(ordered))


def _words_of(question: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", question)[:LONGEST_QUESTION]
    return tuple(dict.fromkeys(plain.split()))[:MOST_WORDS]


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})", re.IGNORECASE)


def _hits_in(edition: Edition, words: tuple[str, ...]) -> Hits:
    wanted = [word.casefold() for word in words]
    found = [
        passage
        for passage in _passages_of(edition.row)
        if all(word in passage.folded for word in wanted)
    ]
    return Hits(edition, tuple(found[:MOST_HITS]), len(found))


@lru_cache(maxsize=64)
def _passages_of(row: StandardVersion) -> tuple[Passage, ...]:  # rows are equal by identifier
    return tuple(_texts_of(standard_of(row)))


def _texts_of(standard: Standard) -> Iterator[Passage]:
    yield _passage("standard", standard.code, standard.title, standard.role.definition)
    for element in standard.elements:
        yield _passage("element", element.code, element.title, element.summary)
    labels = {level.code: level.label for level in standard.levels}
    for unit in units_in_order(standard):
        yield _passage("unit", unit.code, unit.title, unit.summary, unit=unit.code)
        for one in unit.indicators:
            level = labels.get(one.level)
            yield _passage("indicator", one.code, one.text, unit=unit.code, level=level)
    for duty in standard.role.duties:
        yield _passage("duty", duty.code, duty.text)
    for term in standard.terms:
        yield _passage("term", term.code, term.term, term.definition)


def _passage(
    kind: Kind,
    code: str,
    title: LocalizedText,
    text: LocalizedText | None = None,
    *,
    unit: str = "",
    level: LocalizedText | None = None,
) -> Passage:
    texts = [code, title.zh, title.en, *((text.zh, text.en) if text else ())]
    return Passage(kind, code, title, text, unit, level, "\n".join(texts).casefold())
