"""What the endpoints answer and take, for the OpenAPI document; `liangcai.kernel.text` has the base words."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from liangcai.kernel.text import LocalizedText
from liangcai.standard.model import Slug
from liangcai.standard.model import Unit as UnitDocument

T = TypeVar("T")

#: A version as the store has it: 1.0.0, or 1.0.0+1a2b3c4d where a shipped standard changed.
Version = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}(\+[0-9a-f]{8})?$")
]
Hash = Annotated[str, Field(description='"sha256:" and 64 hexadecimal digits.')]
Probability = Annotated[float, Field(ge=0, le=1)]


class Page(Schema, Generic[T]):
    """One page of a list; `next` is the address of the next one, null on the last."""

    items: list[T]
    next: str | None


class FindingRecord(Schema):
    """One fault; `clause` is a JSON pointer to the part of the document that it is about."""

    model_config = ConfigDict(extra="allow")

    rule: str
    severity: Literal["error", "warning", "note"]
    file: str
    line: int
    message: str
    clause: str | None = None


class ParameterFault(Schema):
    """A parameter, or a member of a small body, that is not acceptable."""

    where: Annotated[str, Field(alias="in")]
    name: str
    detail: str


class Problem(Schema):
    """A problem detail (RFC 9457); `type` ends in the stable code."""

    type: str
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The reference of this occurrence in the log.")]
    findings: list[FindingRecord] | None = None
    errors: list[ParameterFault] | None = None


class StandardSummary(Schema):
    """One edition of a standard, without its content."""

    id: UUID
    code: str
    version: str
    status: Literal["draft", "published", "withdrawn"]
    hash: Hash
    title: LocalizedText
    notice: LocalizedText
    organisation: Annotated[UUID | None, Field(description="Null: it is public.")]
    has_scheme: bool
    published_at: datetime | None


class UnitAnswer(Schema):
    """One unit with its indicators, and the edition that it is part of."""

    standard: str
    version: str
    hash: Hash
    unit: UnitDocument


class Findings(Schema):
    """What the checker says about a standard."""

    standard: str | None
    version: str | None
    hash: str | None
    errors: int
    warnings: int
    findings: list[FindingRecord]


class Edition(Schema):
    """Which edition of which standard."""

    code: str
    version: str
    hash: Hash


class Difference(Schema):
    """What changed between two editions, and what version number it deserves."""

    old: Edition
    new: Edition
    bump: Literal["none", "patch", "minor", "major"]
    least_version: str
    honoured: bool
    affected_levels: list[str]
    affected_units: list[str]
    changes: list[dict[str, Any]]


class EvidenceEntry(Schema):
    """One stored record or fact, as the evidence format has it, and where it came from."""

    id: UUID
    standard: str
    record: dict[str, Any]
    source: Literal["self", "assessment", "organisation"]
    organisation: UUID | None
    synthetic: bool
    hash: Hash
    created_at: datetime


class Added(Schema):
    """How many records and facts were sent, and how many of them were new."""

    received: int
    added: int


class AbilityEntry(Schema):
    """The ability in one unit or element, in logits."""

    model_config = ConfigDict(extra="allow")

    estimate: float
    se: float
    interval: tuple[float, float]
    meets: dict[str, Probability]
    records: int
    state: Literal["measured", "not-enough-evidence"]
    basis: Literal["own", "borrowed", "none"]


class ProfileAnswer(Schema):
    """A person's profile, computed now."""

    person: str
    kind: Literal["tested", "self"]
    scale: Literal["ability-logit"]
    interval_probability: Probability
    synthetic: bool
    standard: Edition
    units: list[AbilityEntry]
    elements: list[AbilityEntry]


class ComponentEntry(Schema):
    """A component's score, 0 to 100, at the decided level."""

    model_config = ConfigDict(extra="allow")

    code: str
    score: float | None
    se: float | None
    cut: float | None
    met: bool | None


class TraceEntry(Schema):
    """One line of the rule trace, in both languages."""

    code: str
    zh: str
    en: str
    met: bool | None
    values: dict[str, Any]


class DecisionDocument(Schema):
    """A decision with its reasons, as `liangcai grade` prints it."""

    model_config = ConfigDict(extra="allow")

    person: str
    state: Literal["graded", "no-level-met", "not-enough-evidence"]
    level: str | None
    probability_correct: Probability | None
    synthetic: bool
    components: list[ComponentEntry]
    profile: list[AbilityEntry]
    trace: list[TraceEntry]
    hash: Hash


class DecisionSummary(Schema):
    """A stored decision, without its reasons; `indicative` ones grade nobody."""

    id: UUID
    person: UUID
    organisation: UUID | None
    standard: Edition
    level: str | None
    indicative: bool
    synthetic: bool
    hash: Hash
    created_at: datetime


class StoredDecision(DecisionSummary):
    """A stored decision with its reasons."""

    decision: DecisionDocument


class DecisionOrder(Schema):
    """Decide on what an organisation recorded about one of its members."""

    organisation: UUID
    person: UUID
    standard: Slug
    version: Version | None = None


class IndicationOrder(Schema):
    """Say what all evidence about oneself points to."""

    standard: Slug
    version: Version | None = None


class PersonEntry(Schema):
    """A member of an organisation."""

    id: UUID
    name: str
    synthetic: bool


class OrganisationRoles(Schema):
    """An organisation and one's roles in it."""

    id: UUID
    slug: str
    name: LocalizedText
    roles: list[str]


class KeyEntry(Schema):
    """The key that the request carried."""

    name: str
    scopes: list[Literal["read", "write"]]
    expires_at: datetime


class Me(Schema):
    """Who calls."""

    id: UUID
    name: str
    email: str
    language: Literal["zh-hans", "en"]
    synthetic: bool
    organisations: list[OrganisationRoles]
    key: Annotated[KeyEntry | None, Field(description="Null: the request came with a session.")]


class SchemaNames(Schema):
    """The names of the documents that have a JSON Schema."""

    items: list[str]
