"""The way to a level: unit by unit what is reached, what is not, and what nobody has tested yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from liangcai.grading.profiles import AbilityEstimate, Profile
from liangcai.grading.scheme import Scheme
from liangcai.kernel.text import LocalizedText
from liangcai.standard import Standard
from liangcai.standard.model import Unit

Standing = Literal["reached", "below", "open", "unknown"]
#: The order in which a reader wants them: what to work on first.
STANDINGS: tuple[Standing, ...] = ("below", "open", "reached", "unknown")

#: P(meets the level) from which a unit counts as reached, and up to which as below it.
SURE, UNLIKELY = 0.8, 0.2


@dataclass(frozen=True, slots=True)
class UnitGap:
    """How one unit stands to a level.

    `chance` is P(the ability meets the level's cut), `short_by` how far the estimate lies below the
    cut in logits (0 where it does not), `ways` the evaluations that would give evidence.
    """

    unit: Unit
    standing: Standing
    chance: float
    short_by: float
    ways: tuple[LocalizedText, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """How a profile stands to one level, for every unit that asks for something at that level."""

    level: str
    units: tuple[UnitGap, ...]

    def of(self, standing: Standing) -> tuple[UnitGap, ...]:
        """Return the units that stand in one way."""
        return tuple(part for part in self.units if part.standing == standing)


def gap_to(profile: Profile, standard: Standard, scheme: Scheme, level: str) -> Gap:
    """Return how a profile stands to a level; KeyError if the profile has no such level.

    A unit with enough evidence is reached from a probability of 0.8, below up to 0.2, and open
    between; without enough evidence it is unknown, whatever its estimate.
    """
    place = {code: place for place, code in enumerate(profile.levels)}[level]
    cut = scheme.locations[level]
    return Gap(
        level,
        tuple(
            UnitGap(
                unit=standard.unit(part.code),
                standing=_standing(part, part.meets[place]),
                chance=part.meets[place],
                short_by=max(0.0, round(cut - part.estimate, 3)),
                ways=ways_to_show(standard, part.code, level),
            )
            for part in profile.units
            if standard.unit(part.code).at_level(level)
        ),
    )


def next_level(profile: Profile) -> str:
    """Return the lowest level that some element with evidence more likely misses than meets.

    Without any evidence that is the lowest level, beyond all of them the highest.
    """
    seen = [part for part in profile.elements if part.records]
    for place, level in enumerate(profile.levels):
        if not seen or any(part.meets[place] < 0.5 for part in seen):
            return level
    return profile.levels[-1]


def ways_to_show(standard: Standard, unit: str, level: str) -> tuple[LocalizedText, ...]:
    """Return the evaluation components that judge a unit at a level, by their titles."""
    parts: Sequence[LocalizedText] = [
        part.title for part in standard.evaluation if unit in part.units and level in part.levels
    ]
    return tuple(parts)


def _standing(part: AbilityEstimate, chance: float) -> Standing:
    if part.state != "measured":
        return "unknown"
    if chance >= SURE:
        return "reached"
    return "below" if chance <= UNLIKELY else "open"
