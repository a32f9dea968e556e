"""Evidence about one person as data: what `docs/reference/evidence-format.md` describes."""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from liangcai.grading.hashing import plain_hash
from liangcai.kernel.text import Code, Document, LocalizedText
from liangcai.standard.model import IsoDate, Slug

MAX_RECORDS = 20_000


def _plain(value: float) -> float:
    """Keep four decimals, and whole numbers as integers: the canonical form needs no more."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False), AfterValidator(_plain)]
Points = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False), AfterValidator(_plain)]
PointsError = Annotated[float, Field(ge=0.1, le=50.0, allow_inf_nan=False), AfterValidator(_plain)]
FactNumber = Annotated[int | float, Field(ge=-1e9, le=1e9), AfterValidator(_plain)]
Line = Annotated[str, StringConstraints(max_length=400)]
PersonId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Units = Annotated[tuple[Code, ...], Field(min_length=1, max_length=24)]


class Person(Document):
    """Whom the evidence is about; `synthetic` marks an invented person."""

    id: PersonId
    name: LocalizedText | None = None
    synthetic: bool


#: Whether somebody saw to it that the work was the person's own and unaided as the task asks.
Conditions = Literal["supervised", "self-administered"]


class _Record(Document):
    """What every record says: what it bears on, where it comes from and whether it is invented.

    A self-administered record informs a profile; it never counts towards a decision.
    """

    id: PersonId
    units: Units
    level: Code
    component: Code | None = None
    source: Line
    date: IsoDate
    assessor: Line | None = None
    conditions: Conditions = "supervised"
    synthetic: bool


class ItemResponse(_Record):
    """A scored answer. Without calibrated parameters the level's cut is taken as the difficulty."""

    kind: Literal["item-response"]
    item: Code
    score: Number
    max_score: Annotated[Number, Field(gt=0)] = 1
    options: Annotated[int, Field(ge=2, le=20)] | None = None
    a: Annotated[Number, Field(ge=0.2, le=4.0)] | None = None
    b: Annotated[Number, Field(ge=-6.0, le=6.0)] | None = None
    c: Annotated[Number, Field(ge=0.0, le=0.6)] | None = None

    @model_validator(mode="after")
    def _score_is_possible(self) -> "ItemResponse":
        if not 0 <= self.score <= self.max_score:
            raise ValueError(f"score {self.score} is not between 0 and {self.max_score}")
        return self


class LabScore(_Record):
    """The score of a practical lab for the stated level, 0 to 100, with its error in points."""

    kind: Literal["lab-score"]
    lab: Code
    score: Points
    se: PointsError | None = None


class Rating(_Record):
    """A rating of work, a defence or behaviour for the stated level, 0 to 100, with its error in points."""

    kind: Literal["rating"]
    score: Points
    se: PointsError | None = None


class SelfRating(_Record):
    """What the person says of themselves, 0 to 100; drawn apart, never tested evidence."""

    kind: Literal["self-rating"]
    score: Points
    se: PointsError | None = None


Record = Annotated[ItemResponse | LabScore | Rating | SelfRating, Field(discriminator="kind")]


class Fact(Document):
    """A fact outside the scores, such as years of experience; only a verified one counts."""

    id: PersonId
    fact: Code
    value: FactNumber | Line
    verified: bool
    source: Line
    date: IsoDate
    assessor: Line | None = None
    synthetic: bool


class EvidenceFile(Document):
    """Everything on record about one person against one standard."""

    person: Person
    standard: Slug
    records: Annotated[tuple[Record, ...], Field(max_length=MAX_RECORDS)] = ()
    facts: Annotated[tuple[Fact, ...], Field(max_length=1000)] = ()

    @cached_property
    def records_in_order(self) -> tuple[Record, ...]:
        """The records by id: results do not depend on the order of a file."""
        return tuple(sorted(self.records, key=lambda record: record.id))

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether the person or any part of the evidence is invented."""
        parts = (*self.records, *self.facts)
        return self.person.synthetic or any(part.synthetic for part in parts)

    def as_record(self) -> dict[str, Any]:
        """Return the evidence as JSON-like data, records and facts by id: what is stored and exported."""
        value = self.model_dump(exclude_none=True)
        value["records"] = sorted(value["records"], key=lambda record: record["id"])
        value["facts"] = sorted(value["facts"], key=lambda fact: fact["id"])
        return value

    def hashed_form(self) -> dict[str, Any]:
        """Return the values that the hash is taken over: rows of fields in a fixed order, by id."""
        name = self.person.name
        return {
            "format": "liangcai.evidence/1",
            "person": [self.person.id, name and [name.zh, name.en], self.person.synthetic],
            "standard": self.standard,
            "records": [_ROWS[type(record)](record) for record in self.records_in_order],
            "facts": sorted(map(_FACT_ROW, self.facts), key=lambda row: row[0]),
        }

    @cached_property
    def hash(self) -> str:
        """The content hash: the same for the same records in any order."""
        return plain_hash(self.hashed_form())


def _row(model: type[Document]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that lists a document's fields, the id first and the others by name."""
    names = sorted(set(model.model_fields) - {"id"})
    return attrgetter("id", *names)


_ROWS = {model: _row(model) for model in (ItemResponse, LabScore, Rating, SelfRating)}
_FACT_ROW = _row(Fact)
