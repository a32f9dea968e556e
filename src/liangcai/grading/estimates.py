"""Ability estimates of units and elements, kept in columns so that thousands of profiles stay light."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

State = Literal["measured", "not-enough-evidence"]
Basis = Literal["own", "borrowed", "none"]
_STATES: tuple[State, State] = ("not-enough-evidence", "measured")
_BASES: tuple[Basis, ...] = ("none", "borrowed", "own")


@dataclass(frozen=True, slots=True)
class AbilityEstimate:
    """The ability of one unit or element in logits, from its own and its neighbours' evidence.

    `interval` holds the ability with the scheme's stated probability (80 % by default), `meets`
    the probability of lying at or above each level's cut, levels upwards. `basis` says whether
    any record bears on it ("own"), only on its element ("borrowed") or on neither ("none").
    """

    code: str
    estimate: float
    se: float
    interval: tuple[float, float]
    meets: tuple[float, ...]
    records: int
    state: State
    basis: Basis


@dataclass(frozen=True, slots=True)
class Estimates(Sequence[AbilityEstimate]):
    """A sequence of ability estimates in columns.

    `logits` holds estimate, se and both ends of the interval of each part in turn, `chances` the
    probability of meeting each level, `measured` 0 or 1, `basis` 0 none, 1 borrowed, 2 own.
    """

    codes: tuple[str, ...]
    logits: tuple[float, ...]
    chances: tuple[float, ...]
    records: tuple[int, ...]
    measured: tuple[int, ...]
    basis: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> AbilityEstimate: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[AbilityEstimate, ...]: ...

    def __getitem__(self, index: int | slice) -> AbilityEstimate | tuple[AbilityEstimate, ...]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else tuple(map(self._at, places))

    def __iter__(self) -> Iterator[AbilityEstimate]:
        return map(self._at, range(len(self)))

    def _at(self, index: int) -> AbilityEstimate:
        estimate, se, low, high = self.logits[4 * index : 4 * index + 4]
        levels = len(self.chances) // len(self.codes)
        return AbilityEstimate(
            code=self.codes[index],
            estimate=estimate,
            se=se,
            interval=(low, high),
            meets=self.chances[levels * index : levels * (index + 1)],
            records=self.records[index],
            state=_STATES[self.measured[index]],
            basis=_BASES[self.basis[index]],
        )
