"""Knowledge items as data: what `docs/reference/item-format.md` describes."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from liangcai.kernel.canonical import content_hash
from liangcai.kernel.text import Code, Document, LocalizedText

Kind = Literal["single-choice", "multiple-choice"]
Cognitive = Literal["recall", "apply", "analyse", "judge"]
Status = Literal["draft", "review", "pilot", "live", "retired"]
IsoDate = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]

#: What `calibration` says of an item that nobody has calibrated.
UNCALIBRATED = "none"


class Prior(Document):
    """The difficulty an item is expected to have, in logits on the element's scale, and how surely."""

    difficulty: Annotated[float, Field(ge=-4, le=4)]
    sd: Annotated[float, Field(gt=0, le=2)] = 0.8


class Option(Document):
    """One answer on offer, whether it is right, and why."""

    key: Key
    correct: bool
    text: LocalizedText
    rationale: LocalizedText | None = None
    misconception: Slug | None = None


class Item(Document):
    """One knowledge question with the rationale of every option.

    `enemies` are items that must not meet it in one test: one gives the other away or asks the same.
    """

    code: Code
    unit: Code
    level: Code
    indicators: tuple[Code, ...] = ()
    kind: Kind
    cognitive: Cognitive
    status: Status
    calibration: Code = UNCALIBRATED
    prior: Prior
    stem: LocalizedText
    options: tuple[Option, ...]
    enemies: tuple[Code, ...] = ()
    review_by: IsoDate | None = None
    source: LocalizedText | None = None

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of the options, in the order of the source."""
        return tuple(option.key for option in self.options)

    @cached_property
    def correct_keys(self) -> frozenset[str]:
        """The keys of the options that are right."""
        return frozenset(option.key for option in self.options if option.correct)

    @property
    def is_calibrated(self) -> bool:
        """Whether the difficulty was measured; otherwise it is its author's expectation."""
        return self.calibration != UNCALIBRATED

    def as_record(self) -> dict[str, Any]:
        """Return the item as JSON-like data: what is hashed, stored and exported."""
        return self.model_dump(mode="json")

    @cached_property
    def hash(self) -> str:
        """The content hash (SHA-256 over RFC 8785): a changed word makes another item version.

        Enemies are left out: whom an item may not meet is a fact about the bank.
        """
        record = self.as_record()
        del record["enemies"]
        return content_hash(record)


class ItemBank(Document):
    """Items under their codes; what can be asked about one standard."""

    items: tuple[Item, ...]

    @cached_property
    def hash(self) -> str:
        """The content hash of the bank, whatever the order of its files and the side that names an enemy."""
        pairs = sorted([one, other] for one, others in self._enemies.items() for other in others)
        items = sorted([item.code, item.hash] for item in self.items)
        return content_hash({"items": items, "enemies": pairs})

    @cached_property
    def _enemies(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for item in self.items:
            for enemy in item.enemies:
                found.setdefault(item.code, set()).add(enemy)
                found.setdefault(enemy, set()).add(item.code)
        return {code: frozenset(enemies) for code, enemies in found.items()}

    def enemies_of(self, code: str) -> frozenset[str]:
        """Return the items that must not meet this one in a test, whichever side names the other."""
        return self._enemies.get(code, frozenset())

    @cached_property
    def _by_code(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    def item(self, code: str) -> Item:
        """Return the item with this code; KeyError if there is none."""
        return self._by_code[code]

    def of_unit(self, unit: str) -> tuple[Item, ...]:
        """Return the items of one unit, in the order of the source."""
        return tuple(item for item in self.items if item.unit == unit)
