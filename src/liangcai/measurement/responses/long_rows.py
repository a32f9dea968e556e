"""Long rows on their way to `LongResponses`: names become codes block by block."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from liangcai.measurement.arrays import Index
from liangcai.measurement.responses.long import LongResponses
from liangcai.measurement.responses.matrix import Scores
from liangcai.measurement.responses.rows import coded

Texts = npt.NDArray[Any]


class GroupDiffers(ValueError):
    """A person stands in two groups."""


@dataclass(slots=True)
class NameCodes:
    """Codes of names: each new name gets the next one."""

    code: dict[str, int] = field(default_factory=dict)

    def codes(self, texts: Texts, text_of: Callable[[Any], str] = str) -> Index:
        """Return the code of each entry of `texts`; Python looks at distinct names only."""
        # The rows of a person, or of an item, mostly follow each other.
        starts = np.flatnonzero(np.concatenate([[True], texts[1:] != texts[:-1]]))
        distinct, first, inverse = np.unique(texts[starts], return_index=True, return_inverse=True)
        table = np.empty(distinct.size, dtype=np.intp)
        for place in np.argsort(first).tolist():
            table[place] = self.code.setdefault(text_of(distinct[place]), len(self.code))
        return np.repeat(table[inverse], np.diff(np.append(starts, texts.size)))


@dataclass(slots=True)
class LongRows:
    """The rows of a long table as they are gathered; rows without a score are left out, their names stay."""

    person_names: NameCodes = field(default_factory=NameCodes)
    item_names: NameCodes = field(default_factory=NameCodes)
    group_names: NameCodes = field(default_factory=NameCodes)
    parts: list[tuple[Index, Index, Scores]] = field(default_factory=list)
    group_of: dict[int, int] = field(default_factory=dict)

    def add(
        self,
        persons: Texts,
        items: Texts,
        scores: Scores,
        *,
        groups: Texts | None = None,
        text_of: Callable[[Any], str] = str,
    ) -> None:
        """
        Take in the next rows.

        Raises:
            GroupDiffers: a person is in two groups; the message names both.
        """
        if not scores.size:
            return
        person = self.person_names.codes(persons, text_of)
        item = self.item_names.codes(items, text_of)
        if groups is not None:
            self._group(person, self.group_names.codes(groups, text_of))
        asked = scores >= 0
        self.parts.append((person[asked], item[asked], scores[asked]))

    def _group(self, person: Index, group: Index) -> None:
        seen = np.unique(np.stack([person, group]), axis=1)
        for one, its in seen.T.tolist():
            if self.group_of.setdefault(one, its) != its:
                names, groups = list(self.person_names.code), list(self.group_names.code)
                raise GroupDiffers(
                    f"person {names[one]!r} is in group {groups[self.group_of[one]]!r} and in {groups[its]!r}"
                )

    def responses(self) -> LongResponses:
        """Return all rows; groups are numbered in the order of their sorted names."""
        person, item, score = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        codes: Index | None = None
        names: tuple[str, ...] = ()
        if self.group_of:
            listed = list(self.group_names.code)
            persons = range(len(self.person_names.code))
            codes, names = coded([listed[self.group_of[one]] for one in persons])
        return LongResponses(
            person=person,
            item=item,
            score=score,
            person_count=len(self.person_names.code),
            items=tuple(self.item_names.code),
            persons=tuple(self.person_names.code),
            groups=codes,
            group_names=names,
        )
