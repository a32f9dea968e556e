"""How alike two short texts are, and which of many are alike, without comparing each with each."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil

_NOISE = re.compile(r"[\W_]+")
#: Candidates compared per text; alike texts share their rarest bigrams, so the first few decide.
_MOST_CANDIDATES = 64
_MOST_LOOKED_AT = 1000


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters, punctuation and case left out."""
    plain = normalised(text)
    if len(plain) < 2:
        return frozenset((plain,)) if plain else frozenset()
    return frozenset(map("".join, pairwise(plain)))


def normalised(text: str) -> str:
    """Return the text without punctuation, spaces and case."""
    return _NOISE.sub("", text).casefold()


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Sørensen–Dice coefficient of two sets, 0 to 1 (Dice, 1945; Sørensen, 1948)."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def alike_pairs(
    sets: Sequence[frozenset[str]], groups: Sequence[str], *, threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Yield for each set the first earlier one of another group whose Dice coefficient is at least `threshold`.

    Two sets that alike share one of their rarest members: those beyond the
    overlap that the threshold demands (prefix filtering: Chaudhuri et al., 2006).
    """
    frequency = Counter(member for members in sets for member in members)
    ranked = {member: (count, member) for member, count in frequency.items()}
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, members in enumerate(sets):
        needed = ceil(threshold / (2 - threshold) * len(members))
        prefix = sorted(members, key=ranked.__getitem__)[: len(members) - needed + 1]
        seen, looked_at = set[int](), 0
        for candidate in (earlier for member in prefix for earlier in index[member]):
            looked_at += 1
            if len(seen) >= _MOST_CANDIDATES or looked_at > _MOST_LOOKED_AT:
                break
            if candidate in seen or groups[candidate] == groups[number]:
                continue
            seen.add(candidate)
            likeness = dice(members, sets[candidate])
            if likeness >= threshold:
                yield candidate, number, likeness
                break
        for member in prefix:
            index[member].append(number)
