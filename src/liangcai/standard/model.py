"""A competency standard as data: what `docs/reference/standard-format.md` describes."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from liangcai.kernel.canonical import content_hash
from liangcai.kernel.text import Code, Document, LocalizedText

Origin = Literal["note", "neighbour", "market", "proposal"]
Status = Literal["draft", "consultation", "published", "withdrawn"]
Provision = Literal["shall", "should", "may"]
EvidenceKind = Literal[
    "test-response",
    "lab-result",
    "work-product",
    "work-record",
    "outcome-data",
    "presentation",
    "testimony",
    "credential",
]
Method = Literal["exam", "lab", "portfolio", "defence", "observation", "feedback"]
Relation = Literal["exact", "close", "broader", "narrower", "related"]
Percent = Annotated[float, Field(ge=0, le=100)]
IsoDate = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
SemVer = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class Level(Document):
    """A rung of the standard: rank 1 is the lowest, whatever number its label bears."""

    code: Code
    rank: Annotated[int, Field(ge=1, le=20)]
    label: LocalizedText
    autonomy: LocalizedText | None = None
    complexity: LocalizedText | None = None
    influence: LocalizedText | None = None
    origin: Origin


class Element(Document):
    """The top grouping of units; each element has one ability scale."""

    code: Code
    title: LocalizedText
    summary: LocalizedText | None = None
    origin: Origin


class Indicator(Document):
    """One observable requirement of a unit at a level."""

    code: Code
    level: Code
    provision: Provision
    text: LocalizedText
    evidence: tuple[EvidenceKind, ...] = ()
    methods: tuple[Method, ...] = ()
    note: LocalizedText | None = None
    origin: Origin


class Unit(Document):
    """A unit of competence with its indicators, in the order of the source."""

    code: Code
    element: Code
    title: LocalizedText
    summary: LocalizedText | None = None
    duties: tuple[Code, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    origin: Origin

    def at_level(self, level: str) -> tuple[Indicator, ...]:
        """Return the indicators of one level."""
        return tuple(indicator for indicator in self.indicators if indicator.level == level)


class Duty(Document):
    """Something the role is there to do."""

    code: Code
    text: LocalizedText
    origin: Origin


class Exclusion(Document):
    """Work that is not this role's own, and the role that owns it."""

    code: Code
    text: LocalizedText
    owner: Slug
    origin: Origin


class Handoff(Document):
    """What passes between this role and a neighbour."""

    code: Code
    to: Slug
    gives: LocalizedText
    receives: LocalizedText | None = None
    units: tuple[Code, ...] = ()
    origin: Origin


class Contrast(Document):
    """One aspect on which this role and a neighbour differ."""

    role: Slug
    aspect: LocalizedText
    here: LocalizedText
    there: LocalizedText
    origin: Origin


class RoleProfile(Document):
    """What the role does, what it does not, and where its neighbours begin."""

    title: LocalizedText
    definition: LocalizedText
    origin: Origin
    duties: tuple[Duty, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    handoffs: tuple[Handoff, ...] = ()
    contrasts: tuple[Contrast, ...] = ()


class UnnamedWeight(Document):
    """What an element weighs that the source of a weight profile does not name, and why."""

    weight: Percent
    note: LocalizedText


class WeightProfile(Document):
    """Percent weights of the elements by level, with their origin."""

    code: Code
    title: LocalizedText
    origin: Origin
    authority: LocalizedText
    weights: dict[str, dict[str, Percent]]
    unnamed: dict[str, UnnamedWeight] = Field(default_factory=dict)

    def weight(self, level: str, element: str) -> float:
        """Return the percent weight of an element at a level; an unnamed element weighs what `unnamed` says."""
        named = self.weights.get(level, {})
        if element in named:
            return named[element]
        return self.unnamed[element].weight if element in self.unnamed else 0.0


class EvaluationComponent(Document):
    """A part of the evaluation: by which methods it judges which units at which levels."""

    code: Code
    title: LocalizedText
    methods: tuple[Method, ...]
    levels: tuple[Code, ...]
    units: tuple[Code, ...]
    note: LocalizedText | None = None
    origin: Origin


class TrainingRule(Document):
    """What comes before a unit, how long it takes by level (hours) and how it is learnt."""

    unit: Code
    requires: tuple[Code, ...] = ()
    hours: dict[str, Annotated[float, Field(ge=0, le=2000)]] = Field(default_factory=dict)
    activities: tuple[LocalizedText, ...] = ()
    origin: Origin


class Term(Document):
    """A term, its accepted other spellings, its definition in our words and whose concept it is."""

    code: Code
    term: LocalizedText
    variants: tuple[LocalizedText, ...] = ()
    definition: LocalizedText
    source: str = ""
    note: LocalizedText | None = None
    origin: Origin


class CrosswalkRelation(Document):
    """How one of our codes relates to a code of the target; `to` is the target's code or name."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Annotated[Code, Field(alias="from")]
    relation: Relation
    to: str
    note: LocalizedText | None = None
    verified: bool = False


class Crosswalk(Document):
    """Relations of this standard to another one: codes and our own notes only."""

    code: Code
    target: str
    title: LocalizedText
    scope: Literal["units", "levels", "elements", "terms", "roles"]
    relations: tuple[CrosswalkRelation, ...] = ()
    note: LocalizedText | None = None


class Change(Document):
    """What a version changed."""

    version: SemVer
    date: IsoDate
    changes: LocalizedText


class Standard(Document):
    """One edition of a role's competency standard."""

    code: Slug
    number: str | None = None
    title: LocalizedText
    aliases: tuple[LocalizedText, ...] = ()
    version: SemVer
    status: Status
    date: IsoDate
    language: Literal["zh", "en"] = "zh"
    licence: str
    source: LocalizedText
    notice: LocalizedText
    levels: tuple[Level, ...]
    elements: tuple[Element, ...]
    units: tuple[Unit, ...]
    role: RoleProfile
    weight_profiles: tuple[WeightProfile, ...] = ()
    evaluation: tuple[EvaluationComponent, ...] = ()
    training: tuple[TrainingRule, ...] = ()
    terms: tuple[Term, ...] = ()
    crosswalks: tuple[Crosswalk, ...] = ()
    history: tuple[Change, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the whole standard as JSON-like data: what is hashed, stored and exported."""
        return self.model_dump(mode="json", by_alias=True)

    @cached_property
    def hash(self) -> str:
        """The content hash: equal for equal content, whatever the files looked like."""
        return content_hash(self.as_record())

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator, unit by unit."""
        return tuple(indicator for unit in self.units for indicator in unit.indicators)

    def levels_upwards(self) -> tuple[Level, ...]:
        """Return the levels from the lowest to the highest."""
        return tuple(sorted(self.levels, key=lambda level: level.rank))

    def level(self, code: str) -> Level:
        """Return the level with this code; KeyError if there is none."""
        return self._level_of[code]

    def element(self, code: str) -> Element:
        """Return the element with this code; KeyError if there is none."""
        return self._element_of[code]

    def unit(self, code: str) -> Unit:
        """Return the unit with this code; KeyError if there is none."""
        return self._unit_of[code]

    def units_of(self, element: str) -> tuple[Unit, ...]:
        """Return the units of one element, in the order of the source."""
        return tuple(unit for unit in self.units if unit.element == element)

    @cached_property
    def _level_of(self) -> dict[str, Level]:
        return {level.code: level for level in self.levels}

    @cached_property
    def _element_of(self) -> dict[str, Element]:
        return {element.code: element for element in self.elements}

    @cached_property
    def _unit_of(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}
