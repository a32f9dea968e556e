"""What a self-assessment can ask, fixed when it starts: statements, items, tables, settings."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from liangcai.grading.compiled import Compiled, compile_scheme
from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_read import load_scheme
from liangcai.items import Item, ItemBank, chance_score
from liangcai.kernel.canonical import content_hash
from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.text import Document, LocalizedText
from liangcai.measurement.adaptive.tables import (
    Pool,
    averaged_over_members,
    graded,
    right_or_wrong,
)
from liangcai.measurement.arrays import Index
from liangcai.standard import Standard
from liangcai.standard.model import Indicator

Criterion = Literal["expected-variance", "expected-information"]
Seconds = Annotated[int, Field(ge=1, le=36_000)]
Logits = Annotated[float, Field(gt=0, le=4)]


class Anchor(Document):
    """One of the answers to a statement, lowest first: what the person has done, not how good they feel."""

    key: str
    text: LocalizedText


ANCHORS: tuple[Anchor, ...] = (
    Anchor(key="none", text=LocalizedText(zh="没有做过", en="I have not done this")),
    Anchor(
        key="guided",
        text=LocalizedText(
            zh="在他人指导下或按给定方法做过",
            en="I have done this under guidance or by a given method",
        ),
    ),
    Anchor(
        key="independent",
        text=LocalizedText(
            zh="独立做过，有成果可查",
            en="I have done this on my own, with results that can be checked",
        ),
    ),
    Anchor(
        key="led",
        text=LocalizedText(
            zh="主导过这项工作，并指导过他人",
            en="I have led this work and guided others in it",
        ),
    ),
)
#: The lowest answer that sends a person one level up rather than down.
UPWARDS = 2


class Settings(Document):
    """How long a self-assessment takes and what its models assume before there are data.

    Thresholds lie at the level's cut location plus `anchor_steps`; a person at the cut has even
    odds of having done the level's work independently.
    """

    budget_seconds: Seconds = 900
    statement_seconds: Seconds = 15
    item_seconds: Seconds = 45
    statement_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    statements_per_unit: Annotated[int, Field(ge=1, le=10)] = 3
    statement_target_se: Logits = 0.6
    statement_slope: Logits = 1.5
    anchor_steps: tuple[float, float, float] = (-1.0, 0.0, 1.0)
    items_most: Annotated[int, Field(ge=0, le=200)] = 20
    items_fewest_per_element: Annotated[int, Field(ge=0, le=50)] = 4
    item_target_se: Logits = 0.5
    item_slope: Logits = 1.0
    items_among: Annotated[int, Field(ge=1, le=20)] = 3
    criterion: Criterion = "expected-variance"
    self_rating_correlation: Annotated[float, Field(ge=0, le=0.9)] = 0.3


class NothingToAsk(LiangcaiError):
    """The standard has no indicator and the bank no usable item."""

    code = "self-assessment.nothing-to-ask"


@dataclass(frozen=True, slots=True)
class Statement:
    """An indicator turned into a statement about the person's own work."""

    indicator: Indicator
    unit: str
    rank: int

    @property
    def code(self) -> str:
        """The indicator's code."""
        return self.indicator.code


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything that the next question depends on, besides the answers.

    `item_pool` has the items' own curves, `element_pool` the same as the element's ability sees them,
    `item_enemies` the places of the items that must not be asked beside each one.
    """

    compiled: Compiled
    bank_hash: str
    seed: int
    on: date
    settings: Settings
    statements: tuple[Statement, ...]
    statement_unit: Index
    statement_pool: Pool
    items: tuple[Item, ...]
    item_unit: Index
    item_enemies: tuple[tuple[int, ...], ...]
    item_parameters: tuple[tuple[float, float, float], ...]
    item_pool: Pool
    element_pool: Pool
    places: dict[str, int]

    @property
    def standard(self) -> Standard:
        """The standard that is assessed against."""
        return self.compiled.standard

    @property
    def hash(self) -> str:
        """The hash of all that the plan rests on: answers belong to exactly one plan."""
        return content_hash(
            {
                "standard": self.standard.hash,
                "scheme": self.compiled.scheme.hash,
                "bank": self.bank_hash,
                "seed": self.seed,
                "on": self.on.isoformat(),
                "settings": self.settings.model_dump(mode="json"),
            }
        )


def start(
    standard: Standard,
    bank: ItemBank,
    *,
    seed: int,
    on: date,
    scheme: str | Scheme = "default",
    settings: Settings | None = None,
) -> Plan:
    """Return the plan of a self-assessment that begins on the day `on`.

    Asked are all indicators and those items of the bank that are pilot or live, belong to a unit of
    the standard and need no review by then. The same arguments give the same plan.

    Raises:
        NothingToAsk: there is neither an indicator nor a usable item.
        SchemeNotFound, SchemeInvalid, SchemeMismatch: as in `decide`.

    """
    rules = scheme if isinstance(scheme, Scheme) else load_scheme(scheme, standard=standard)
    compiled, chosen = compile_scheme(standard, rules), settings or Settings()
    unit_place = {code: place for place, code in enumerate(compiled.units)}
    statements = tuple(
        Statement(indicator, unit, compiled.levels.index(indicator.level))
        for unit in compiled.units
        for indicator in standard.unit(unit).indicators
    )
    items = tuple(item for item in bank.items if _is_usable(item, compiled, on))
    if not statements and not items:
        raise NothingToAsk(f"{standard.code} has no indicator and the bank no item to ask")
    parameters = tuple(
        (chosen.item_slope, item.prior.difficulty, round(chance_score(item), 4)) for item in items
    )
    item_pool = right_or_wrong(np.array(parameters).reshape(-1, 3), compiled.grid.nodes)
    return Plan(
        compiled=compiled,
        bank_hash=bank.hash,
        seed=seed,
        on=on,
        settings=chosen,
        statements=statements,
        statement_unit=np.array([unit_place[one.unit] for one in statements], dtype=np.intp),
        statement_pool=_statement_pool(compiled, statements, chosen),
        items=items,
        item_unit=np.array([unit_place[item.unit] for item in items], dtype=np.intp),
        item_enemies=_enemies(bank, items),
        item_parameters=parameters,
        item_pool=item_pool,
        element_pool=averaged_over_members(item_pool, compiled.kernel, compiled.grid),
        places={
            **{one.code: place for place, one in enumerate(statements)},
            **{item.code: len(statements) + place for place, item in enumerate(items)},
        },
    )


def _is_usable(item: Item, compiled: Compiled, on: date) -> bool:
    is_current = item.review_by is None or item.review_by >= on.isoformat()
    is_known = item.unit in compiled.units and item.level in compiled.levels
    return item.status in ("pilot", "live") and is_current and is_known


def _enemies(bank: ItemBank, items: tuple[Item, ...]) -> tuple[tuple[int, ...], ...]:
    place = {item.code: place for place, item in enumerate(items)}
    return tuple(
        tuple(sorted(place[code] for code in bank.enemies_of(item.code) if code in place))
        for item in items
    )


def _statement_pool(
    compiled: Compiled, statements: tuple[Statement, ...], settings: Settings
) -> Pool:
    locations = np.array([compiled.locations[one.rank] for one in statements])
    thresholds = locations[:, None] + np.array(settings.anchor_steps)
    slopes = np.full(len(statements), settings.statement_slope)
    return graded(slopes, thresholds, compiled.grid.nodes)


_PROVISION = {
    "zh": re.compile(r"^(应能|宜能|应|宜|可)(?!用|靠)"),
    "en": re.compile(r"^(Shall|Should|May)\b,?\s*"),
}


def statement_text(indicator: Indicator) -> LocalizedText:
    """Return the question about an indicator: its work without the provision ("应能…", "Shall …")."""
    zh = _PROVISION["zh"].sub("", indicator.text.zh)
    en = _PROVISION["en"].sub("", indicator.text.en)
    return LocalizedText(
        zh=f"下面这项工作，你做到哪一步？\n\n**{zh}**",
        en=f"How far have you gone with this work?\n\n**{en[:1].upper()}{en[1:]}**",
    )
