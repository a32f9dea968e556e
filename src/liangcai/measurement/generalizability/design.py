"""Measurement designs: which facets are crossed and which nested, from notation such as "p x (r:t)".

An effect is a set of facets that holds, with each facet, those in which it is nested; the design
has one effect for each such set (Brennan, 2001, section 3.2). The largest is the residual.
"""

import itertools
import re
from dataclasses import dataclass

from liangcai.kernel.errors import LiangcaiError

Effect = frozenset[str]
_TOKEN = re.compile(r"\s*([^\W\d]\w*|[:()×*])", re.UNICODE)
_CROSS = {"x", "×", "*"}


class DesignUnreadable(LiangcaiError):
    """The notation of a design cannot be read."""

    code = "measurement.design-unreadable"


@dataclass(frozen=True, slots=True)
class Design:
    """Facets in reading order, and the facets in which each is nested (all of them, not only the nearest)."""

    facets: tuple[str, ...]
    within: tuple[Effect, ...]

    def ancestors(self, facet: str) -> Effect:
        """Return the facets in which `facet` is nested."""
        return self.within[self.facets.index(facet)]

    def closure(self, facets: Effect) -> Effect:
        """Return the smallest effect that holds all of `facets`."""
        return facets.union(*(self.ancestors(facet) for facet in facets))

    def effects(self) -> tuple[Effect, ...]:
        """Return every effect, from the fewest facets to the residual, in reading order."""
        found = []
        for size in range(1, len(self.facets) + 1):
            for chosen in itertools.combinations(self.facets, size):
                effect = frozenset(chosen)
                if self.closure(effect) == effect:
                    found.append(effect)
        return tuple(found)

    def primary(self, effect: Effect) -> Effect:
        """Return the facets of `effect` in which none of its others is nested."""
        nests = frozenset[str]().union(*(self.ancestors(facet) for facet in effect))
        return effect - nests

    def label(self, effect: Effect) -> str:
        """Return the effect in writing: crossed facets joined by ×, those that nest them after a colon."""
        primary = self.primary(effect)
        front = "×".join(facet for facet in self.facets if facet in primary)
        back = "×".join(facet for facet in self.facets if facet in effect - primary)
        return f"{front}:{back}" if back else front


def read_design(notation: str) -> Design:
    """
    Return the design that a notation names.

    Facets are words; `x`, `×` or `*` crosses, `:` nests the left in the right and binds tighter:
    "p x r x i", "p x (r:t)", "i:p", "(r:t) x p", "r:(p x t)", "p:c:s".

    Raises:
        DesignUnreadable: a misplaced sign, a facet named twice, or none at all.
    """
    tokens = _tokens(notation)
    within: dict[str, set[str]] = {}
    rest = _crossed(tokens, within, notation)
    if rest or not within:
        raise DesignUnreadable(
            f"design {notation!r}: cannot read on at {' '.join(rest) or 'its end'}"
        )
    if len(within) > 8:
        raise DesignUnreadable(f"design {notation!r} has {len(within)} facets; at most 8 are read")
    facets = tuple(within)
    return Design(facets, tuple(frozenset(within[facet]) for facet in facets))


def _tokens(notation: str) -> list[str]:
    tokens, place = [], 0
    text = notation.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise DesignUnreadable(f"design {notation!r}: cannot read {text[place:]!r}")
        tokens.append(match[1])
        place = match.end()
    return tokens


def _crossed(tokens: list[str], within: dict[str, set[str]], notation: str) -> list[str]:
    """Read terms joined by ×, adding their facets to `within`; return the tokens left over."""
    tokens = _nested(tokens, within, notation)
    while tokens and tokens[0] in _CROSS:
        tokens = _nested(tokens[1:], within, notation)
    return tokens


def _nested(tokens: list[str], within: dict[str, set[str]], notation: str) -> list[str]:
    before = set(within)
    tokens = _atom(tokens, within, notation)
    inner = set(within) - before
    if tokens and tokens[0] == ":":
        tokens = _nested(tokens[1:], within, notation)
        outer = set(within) - before - inner
        for facet in inner:
            within[facet] |= outer
    return tokens


def _atom(tokens: list[str], within: dict[str, set[str]], notation: str) -> list[str]:
    if tokens and tokens[0] == "(":
        tokens = _crossed(tokens[1:], within, notation)
        if not tokens or tokens[0] != ")":
            raise DesignUnreadable(f"design {notation!r}: a bracket is not closed")
        return tokens[1:]
    if not tokens or tokens[0] in {":", ")"} | _CROSS:
        raise DesignUnreadable(f"design {notation!r}: a facet is missing")
    if tokens[0] in within:
        raise DesignUnreadable(f"design {notation!r}: facet {tokens[0]!r} is named twice")
    within[tokens[0]] = set()
    return tokens[1:]
