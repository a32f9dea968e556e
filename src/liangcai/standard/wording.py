"""How two wordings of one text differ, and how alike two texts are."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from liangcai.kernel.text import LANGUAGES, LocalizedText
from liangcai.standard.rules.similarity import bigrams, dice

#: A run of Latin letters or digits, a run of blanks, or one other character (Chinese has no blanks).
_TOKEN = re.compile(r"[^\W_\u2e80-\uffff]+(?:[-'’.][^\W_\u2e80-\uffff]+)*|\s+|.", re.DOTALL)
_LETTERS = re.compile(r"\W+")
#: Beyond this many tokens a text is shown as replaced whole: matching takes the square of them.
_MOST_TOKENS = 1000


#: Pairs of neighbouring Chinese characters, and English words.
Features = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that both wordings share, or that only one of them has."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Rewording:
    """One text's change, word by word, in each language that changed."""

    zh: tuple[Segment, ...] = ()
    en: tuple[Segment, ...] = ()

    def in_language(self, language: str) -> tuple[Segment, ...]:
        """Return the segments of one language; empty where that language did not change."""
        return self.en if language.startswith("en") else self.zh

    def as_record(self) -> dict[str, Any]:
        """Return the JSON form: the languages that changed, each a list of [kind, text]."""
        return {
            language: [[segment.kind, segment.text] for segment in self.in_language(language)]
            for language in LANGUAGES
            if self.in_language(language)
        }


def rewording(old: LocalizedText, new: LocalizedText) -> Rewording:
    """Return what changed between two wordings, by language."""
    return Rewording(
        zh=segments(old.zh, new.zh) if old.zh != new.zh else (),
        en=segments(old.en, new.en) if old.en != new.en else (),
    )


def segments(old: str, new: str) -> tuple[Segment, ...]:
    """Return both texts as one row of shared, removed and added stretches, at word borders.

    Joining the shared and removed stretches gives `old`, the shared and added ones `new`.
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) > _MOST_TOKENS or len(after) > _MOST_TOKENS:
        return _row(("removed", old), ("added", new))
    row: list[tuple[Literal["same", "removed", "added"], str]] = []
    # Long texts are matched by their rare tokens: one that repeats itself would take the cube.
    matcher = SequenceMatcher(None, before, after, autojunk=True)
    for _, a, b, c, d in matcher.get_opcodes():
        if before[a:b] == after[c:d]:
            row.append(("same", "".join(before[a:b])))
            continue
        row += [("removed", "".join(before[a:b])), ("added", "".join(after[c:d]))]
    return _row(*row)


def similarity(one: LocalizedText, other: LocalizedText) -> float:
    """Return how alike two texts are, 0 to 1: the better of the two languages.

    Dice's coefficient over pairs of neighbouring characters (Chinese) or over words (English).
    """
    return likeness(features(one), features(other))


def features(text: LocalizedText) -> Features:
    """Return what likeness looks at, for those who compare one text with many."""
    return bigrams(text.zh), _words(text.en)


def likeness(one: Features, other: Features) -> float:
    """Return the similarity of two texts by their features."""
    return max(dice(one[0], other[0]), dice(one[1], other[1]))


def _row(*parts: tuple[Literal["same", "removed", "added"], str]) -> tuple[Segment, ...]:
    return tuple(Segment(kind, text) for kind, text in parts if text)


def _words(text: str) -> frozenset[str]:
    """Return the words that carry meaning, roughly: those of four letters and more."""
    return frozenset(word for word in _LETTERS.split(text.casefold()) if len(word) > 3)
