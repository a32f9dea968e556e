"""Evidence files as arrays: what each record says about which unit and component."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Literal

import numpy as np

from liangcai.grading.compiled import Compiled
from liangcai.grading.evidence import (
    EvidenceFile,
    ItemResponse,
    LabScore,
    Rating,
    Record,
    SelfRating,
)
from liangcai.grading.scheme import Precision
from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.fractional.ability import Observations
from liangcai.measurement.scales import location_of_even_odds, trials_of

ScoreRecord = LabScore | Rating | SelfRating
#: level, options, a, b, c
_ItemKey = tuple[str, int | None, float | None, float | None, float | None]
_ITEM_KEY: Callable[[ItemResponse], _ItemKey] = attrgetter("level", "options", "a", "b", "c")
ProfileKind = Literal["tested", "self"]
IgnoredReason = Literal[
    "repeated-item", "self-rating", "self-administered", "not-certifying", "tested"
]


class EvidenceMismatch(LiangcaiError):
    """The evidence is for another standard, or a record names a part that the standard or scheme lacks."""

    code = "evidence.mismatch"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that did not count, and why ("tested": not a self-rating, in a profile of those)."""

    record: str
    reason: IgnoredReason


@dataclass(frozen=True, slots=True)
class Encoded:
    """The records of a batch, one entry each, and their links to units (a record may have several).

    `rank` is the position of the record's level upwards; `component` −1 marks records that
    belong to no component (self-ratings).
    """

    persons: int
    person: Index
    component: Index
    curve: Index
    share: Array
    trials: Array
    rank: Index
    link_record: Index
    link_unit: Index
    link_weight: Array
    parameters: Array
    ignored: tuple[tuple[Ignored, ...], ...]

    def by_component(self, components: int) -> tuple[Observations, Index]:
        """Return the records grouped by person and component, and the key of each group."""
        key = self.person * components + self.component
        return self._grouped(key, np.arange(key.size), np.ones(key.size))

    def by_unit(self, units: int) -> tuple[Observations, Index]:
        """Return the records grouped by person and unit, and the key of each group.

        A record that bears on several units tells what they have in common: what it counts as for
        each of them is in `link_weight` (see `_Scope`).
        """
        key = self.person[self.link_record] * units + self.link_unit
        return self._grouped(key, self.link_record, self.link_weight)

    def _grouped(self, key: Index, record: Index, weight: Array) -> tuple[Observations, Index]:
        order = np.argsort(key, kind="stable")
        key, record = key[order], record[order]
        starts = (
            np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if key.size else np.zeros(0, np.intp)
        )
        observations = Observations(
            parameters=self.parameters,
            curve=self.curve[record],
            share=self.share[record],
            trials=self.trials[record] * weight[order],
            starts=starts,
        )
        return observations, key[starts]


#: person, component, curve, rank, share, trials, scope
_Row = tuple[int, int, int, int, float, float, int]
#: The information of one trial at the cut, per squared slope: 0.6 · 0.4.
_INFORMATION_AT_CUT = 0.24


@dataclass(frozen=True, slots=True)
class _Scope:
    """The units that a record bears on, and how far each may lie from their mean.

    The record is about the mean ability of its units. Under the profile's model (elements N(0, 1),
    units N(0, spread²) about them) a unit of k differs from that mean with the variance `scatter` =
    spread²·(1 − 1/k), and more where the units belong to several elements. Records on the same
    units share that difference, so with w trials between them they count for each unit as
    w/(k + w·i·scatter) trials, i being the information of one: w/k while they say little, and
    never more than the scatter allows.
    """

    units: tuple[int, ...]
    scatter: tuple[float, ...]


def _scope(compiled: Compiled, units: tuple[int, ...]) -> _Scope:
    elements = [int(compiled.element_of_unit[unit]) for unit in units]
    shares = {element: elements.count(element) / len(units) for element in elements}
    spread = compiled.scheme.scale.unit_spread.value
    within = spread * spread * (1.0 - 1.0 / len(units))
    between = sum(share * share for share in shares.values())
    return _Scope(units, tuple(within + 1.0 - 2.0 * shares[one] + between for one in elements))


class Encoder:
    """Turns evidence files into arrays; remembers the curves that it has seen.

    With `deciding`, only what was gained under supervision counts.
    """

    def __init__(
        self, compiled: Compiled, kind: ProfileKind = "tested", *, deciding: bool = False
    ) -> None:
        scheme = compiled.scheme
        self.compiled = compiled
        self.kind = kind
        self.deciding = deciding
        self.curves: dict[tuple[float, float, float], int] = {}
        self.item_curves: dict[_ItemKey, tuple[int, int]] = {}
        self.level_curves: dict[str, tuple[int, int]] = {}
        self.scopes: list[_Scope] = []
        self.scope_of: dict[tuple[str, ...], int] = {}
        self.scope_places: dict[tuple[int, ...], int] = {}
        self.units = {code: i for i, code in enumerate(compiled.units)}
        self.ranks = {code: i for i, code in enumerate(compiled.levels)}
        self.component_of_kind = scheme.component_of_kind
        known = {part.code: -1 for part in scheme.components}
        self.components = known | {code: i for i, code in enumerate(compiled.components)}
        self.information = _INFORMATION_AT_CUT * scheme.scale.slope**2
        middles = location_of_even_odds(compiled.locations, slope=scheme.scale.slope)
        self.score_curves = [(scheme.scale.slope, middle, 0.0) for middle in middles.tolist()]
        self.locations: list[float] = compiled.locations.tolist()
        self.precision: dict[type[ScoreRecord], Precision] = {
            LabScore: scheme.precision.lab_score,
            Rating: scheme.precision.rating,
            SelfRating: scheme.precision.self_rating,
        }
        self.trials: dict[tuple[type[ScoreRecord], float | None], float] = {}

    def encode(self, evidences: Sequence[EvidenceFile]) -> Encoded:
        """Return the records that count for this kind of profile.

        Raises:
            EvidenceMismatch: a record names a unit, level or component that does not exist.

        """
        rows: list[_Row] = []
        ignored = tuple(
            tuple(self._add_person(rows, person, evidence))
            for person, evidence in enumerate(evidences)
        )
        person, component, curve, rank, share, trials, scope = (
            zip(*rows, strict=True) if rows else ((),) * 7
        )
        scopes = [self.scopes[place] for place in scope]
        unit_count = _integers([len(one.units) for one in scopes])
        scatter = np.array([*chain.from_iterable(one.scatter for one in scopes)], dtype=float)
        together = _integers(person) * len(self.scopes) + _integers(scope)
        _, together = np.unique(together, return_inverse=True)
        said = np.bincount(together, np.array(trials, dtype=float))[together] * self.information
        return Encoded(
            persons=len(evidences),
            person=_integers(person),
            component=_integers(component),
            curve=_integers(curve),
            share=np.array(share, dtype=float),
            trials=np.array(trials, dtype=float),
            rank=_integers(rank),
            link_record=np.repeat(np.arange(unit_count.size), unit_count),
            link_unit=_integers([*chain.from_iterable(one.units for one in scopes)]),
            link_weight=1.0
            / (np.repeat(unit_count, unit_count) + np.repeat(said, unit_count) * scatter),
            parameters=np.array(list(self.curves) or [(1.0, 0.0, 0.0)], dtype=float),
            ignored=ignored,
        )

    def _add_person(self, rows: list[_Row], person: int, evidence: EvidenceFile) -> list[Ignored]:
        standard = self.compiled.standard.code
        if evidence.standard != standard:
            raise EvidenceMismatch(f"the evidence is for {evidence.standard}, not {standard}")
        ignored: list[Ignored] = []
        add = self._add_tested if self.kind == "tested" else self._add_own_word
        repeats = _repeated_answers(evidence, deciding=self.deciding)
        for record in evidence.records_in_order:
            try:
                reason = "repeated-item" if record.id in repeats else add(rows, person, record)
            except KeyError as error:
                raise EvidenceMismatch(
                    f"record {record.id} of {evidence.person.id} names {error}, which"
                    f" {standard} or scheme {self.compiled.scheme.code} does not have"
                ) from error
            if reason is not None:
                ignored.append(Ignored(record.id, reason))
        return ignored

    def _add_tested(self, rows: list[_Row], person: int, record: Record) -> IgnoredReason | None:
        """Add a record of tested evidence, or say why it does not count."""
        if type(record) is SelfRating:
            return "self-rating"
        if self.deciding and record.conditions == "self-administered":
            return "self-administered"
        component = self.components[record.component or self.component_of_kind[record.kind]]
        if component < 0:
            return "not-certifying"
        rows.append(self._row(person, component, record))
        return None

    def _add_own_word(self, rows: list[_Row], person: int, record: Record) -> IgnoredReason | None:
        """Add a self-rating, or say that the record is not one."""
        if type(record) is not SelfRating:
            return "tested"
        rows.append(self._row(person, -1, record))
        return None

    def _row(self, person: int, component: int, record: Record) -> _Row:
        scope = self.scope_of.get(record.units)
        if scope is None:
            scope = self._new_scope(record.units)
        if isinstance(record, ItemResponse):
            share, trials = record.score / record.max_score, 1.0
            key = _ITEM_KEY(record)
            curve, rank = self.item_curves.get(key) or self._item_curve(key)
        else:
            share, trials = record.score / 100.0, self._trials(record)
            curve, rank = self.level_curves.get(record.level) or self._level_curve(record.level)
        return person, component, curve, rank, share, trials, scope

    def _new_scope(self, codes: tuple[str, ...]) -> int:
        """Return the place of the scope of these units, the same in whatever order they stand."""
        units = tuple(sorted(self.units[code] for code in codes))
        place = self.scope_places.setdefault(units, len(self.scopes))
        if place == len(self.scopes):
            self.scopes.append(_scope(self.compiled, units))
        self.scope_of[codes] = place
        return place

    def _item_curve(self, key: _ItemKey) -> tuple[int, int]:
        level, options, a, b, c = key
        rank = self.ranks[level]
        guess = c if c is not None else (0.0 if options is None else 1.0 / options)
        place = self.locations[rank] if b is None else b
        found = self.item_curves[key] = self._curve(1.0 if a is None else a, place, guess), rank
        return found

    def _level_curve(self, level: str) -> tuple[int, int]:
        rank = self.ranks[level]
        found = self.level_curves[level] = self._curve(*self.score_curves[rank]), rank
        return found

    def _curve(self, a: float, b: float, c: float) -> int:
        return self.curves.setdefault((a, b, c), len(self.curves))

    def _trials(self, record: ScoreRecord) -> float:
        key = (type(record), record.se)
        if key not in self.trials:
            precision = self.precision[type(record)]
            se = precision.assumed_se if record.se is None else record.se
            self.trials[key] = float(trials_of(max(se, precision.lowest_se)))
        return self.trials[key]


def _repeated_answers(evidence: EvidenceFile, *, deciding: bool) -> frozenset[str]:
    """Return the answers to an item that was answered before: no fresh look, so they do not count."""
    answers = [
        record
        for record in evidence.records
        if type(record) is ItemResponse and not (deciding and record.conditions != "supervised")
    ]
    if len({record.item for record in answers}) == len(answers):
        return frozenset()
    seen: set[str] = set()
    repeats = []
    for record in sorted(answers, key=lambda record: (record.date, record.id)):
        if record.item in seen:
            repeats.append(record.id)
        seen.add(record.item)
    return frozenset(repeats)


def _integers(values: Sequence[int]) -> Index:
    return np.array(values, dtype=np.intp)
