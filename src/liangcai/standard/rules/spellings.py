"""Where any of many words stand in a text, in time that grows with the text and not with the words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

LONGEST = 60


class Spellings:
    """A set of words to look for; words of Latin letters are found whole, not inside others."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name for name in names if 0 < len(name) <= LONGEST)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for name in self._names:
            lengths[name[0]].add(len(name))
        self._lengths = {first: sorted(some, reverse=True) for first, some in lengths.items()}
        latin = "".join(first for first in self._lengths if _is_latin(first))
        others = "".join(re.escape(first) for first in self._lengths if not _is_latin(first))
        starts = [rf"(?<![A-Za-z0-9])[{latin}]"] if latin else []
        starts += [f"[{others}]"] if others else []
        self._start = re.compile("|".join(starts) or r"(?!)")

    def all_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield every place and word, the longest first where several begin at one place."""
        for found in self._start.finditer(text):
            start = found.start()
            for length in self._lengths[found.group()]:
                name = text[start : start + length]
                if name in self._names and _ends_whole(text, start + length):
                    yield start, name

    def longest_in(self, text: str) -> Iterator[str]:
        """Yield the longest word at each place, none inside another."""
        free = 0
        for start, name in self.all_in(text):
            if start >= free:
                free = start + len(name)
                yield name


def _ends_whole(text: str, end: int) -> bool:
    return end >= len(text) or not (_is_latin(text[end - 1]) and _is_latin(text[end]))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
