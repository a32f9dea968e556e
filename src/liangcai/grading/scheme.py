"""A scheme as data: what `docs/reference/scheme-format.md` describes."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from liangcai.kernel.canonical import content_hash
from liangcai.kernel.text import Code, Document, LocalizedText
from liangcai.standard.model import Origin, Percent, SemVer, Slug

RecordKind = Literal["item-response", "lab-score", "rating"]
PassRule = Literal["conjunctive", "compensatory", "conjunctive-and-compensatory"]
SchemeStatus = Literal["pilot", "in-use", "withdrawn"]
CutMethod = Literal[
    "expert-proposal",
    "angoff",
    "bookmark",
    "contrasting-groups",
    "borderline-group",
    "hofstee",
    "regulation",
]
Logit = Annotated[float, Field(ge=-4.0, le=4.0)]
ScoreCut = Annotated[float, Field(gt=0.0, lt=100.0)]


class LevelCut(Document):
    """Where a level begins on the ability scale, and where that claim comes from."""

    level: Code
    location: Logit
    se: Annotated[float, Field(ge=0.0, le=2.0)]
    method: CutMethod
    panel: LocalizedText | None = None
    origin: Origin
    note: LocalizedText


class UnitSpreadChoice(Document):
    """How far units scatter around their element (standard deviation in logits), pinned."""

    value: Annotated[float, Field(ge=0.2, le=2.0)]
    origin: Origin
    note: LocalizedText


class Scale(Document):
    """The ability scale that all levels share, and the slope of its map to scores."""

    slope: Annotated[float, Field(ge=0.25, le=4.0)] = 1.0
    reference: LocalizedText
    cuts: tuple[LevelCut, ...]
    unit_spread: UnitSpreadChoice


class Precision(Document):
    """Standard errors in points of one score or rating: what to assume, and never less than what."""

    assumed_se: Annotated[float, Field(ge=2.0, le=40.0)]
    lowest_se: Annotated[float, Field(ge=2.0, le=40.0)]


class Precisions(Document):
    """The precision of each kind of record that carries a score of its own."""

    lab_score: Precision
    rating: Precision
    self_rating: Precision


class SchemeComponent(Document):
    """A component of the standard's evaluation as this scheme uses it."""

    code: Code
    kinds: tuple[RecordKind, ...] = ()
    certifies: bool = True
    note: LocalizedText | None = None


class Coverage(Document):
    """The least evidence that a component needs before its score means anything."""

    min_records: Annotated[int, Field(ge=1, le=10_000)]
    min_unit_share: Annotated[float, Field(ge=0.0, le=1.0)]


class FactCondition(Document):
    """A verified fact that a level asks for: a number at least so large, or one of some values."""

    fact: Code
    at_least: float | None = None
    one_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> "FactCondition":
        if (self.at_least is None) == (not self.one_of):
            raise ValueError("give either at_least or one_of")
        return self


class Eligibility(Document):
    """A condition outside the scores; any one of the facts meets it."""

    code: Code
    text: LocalizedText
    any_of: Annotated[tuple[FactCondition, ...], Field(min_length=1)]
    origin: Origin


class LevelRules(Document):
    """What one level asks for: weights (percent), lowest scores, coverage, eligibility."""

    level: Code
    weights: dict[str, Percent]
    cuts: dict[str, ScoreCut] = Field(default_factory=dict)
    total: ScoreCut | None = None
    coverage: dict[str, Coverage]
    eligibility: tuple[Eligibility, ...] = ()
    origin: Origin
    note: LocalizedText


class ProfileRules(Document):
    """When a unit or an element counts as measured, and how wide its interval is."""

    interval: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.8
    max_se: Annotated[float, Field(gt=0.0, le=2.0)] = 0.6
    min_records: Annotated[int, Field(ge=1, le=1000)] = 2


class Scheme(Document):
    """How evidence becomes a decision: scale, components, weights, cuts, rules; numbers are data."""

    code: Slug
    version: SemVer
    standard: Slug
    title: LocalizedText
    status: SchemeStatus
    notice: LocalizedText
    rule: PassRule = "conjunctive-and-compensatory"
    scale: Scale
    precision: Precisions
    components: tuple[SchemeComponent, ...]
    levels: tuple[LevelRules, ...]
    profile: ProfileRules = ProfileRules()

    def as_record(self) -> dict[str, Any]:
        """Return the whole scheme as JSON-like data: what is hashed and stored."""
        return self.model_dump(mode="json")

    @cached_property
    def hash(self) -> str:
        """The content hash: equal for equal content, whatever the file looked like."""
        return content_hash(self.as_record())

    @cached_property
    def locations(self) -> dict[str, float]:
        """The cut location of each level in logits."""
        return {cut.level: cut.location for cut in self.scale.cuts}

    @cached_property
    def component_of_kind(self) -> dict[str, str]:
        """The component that a record of each kind belongs to when it names none."""
        return {kind: part.code for part in reversed(self.components) for kind in part.kinds}

    def checks_components(self) -> bool:
        """Whether each component has to reach its own cut."""
        return self.rule != "compensatory"

    def checks_total(self) -> bool:
        """Whether the weighted total has to reach a cut."""
        return self.rule != "conjunctive"
