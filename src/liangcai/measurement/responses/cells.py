"""A cell as a score: whole numbers from 0 to 127, or one of the words that mean "not asked"."""

import re
from collections.abc import Iterable

from liangcai.measurement.responses.matrix import MISSING

#: How files write that there is no score.
MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", ".", "-1", "-1.0")
HIGHEST = 127
_WHOLE = re.compile(r"0*(\d{1,3})(?:\.0*)?", re.ASCII)


class NoScore(ValueError):
    """A cell holds neither a score nor a word for a missing one."""


class ScoreCells(dict[str, int]):
    """A lookup from a cell's text to its score, filled as cells are met; −1 is missing.

    A lookup that is missing raises `NoScore`. At most `_REMEMBERED` spellings are kept, so that a
    hostile file cannot fill the memory.
    """

    _REMEMBERED = 4096

    def __init__(self, missing: Iterable[str] = MISSING_WORDS) -> None:
        super().__init__(dict.fromkeys(missing, MISSING))
        #: Whole scores that stand for a missing one, such as a code 9 or 99.
        self.codes = tuple(int(m[1]) for word in self if (m := _WHOLE.fullmatch(word.strip())))

    def __missing__(self, text: str) -> int:
        found = self._score(text)
        if len(self) < self._REMEMBERED:
            self[text] = found
        return found

    def _score(self, text: str) -> int:
        bare = text.strip()
        if bare != text and bare in self:
            return self[bare]
        match = _WHOLE.fullmatch(bare)
        if match is None or int(match[1]) > HIGHEST:
            raise NoScore(text)
        return int(match[1])
