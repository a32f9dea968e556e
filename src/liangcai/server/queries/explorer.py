"""Which editions of the standards a person may read, and their parts laid out for a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from liangcai.kernel.text import LocalizedText
from liangcai.server import access
from liangcai.server.queries.standards import newest_by_code, rank, standard_of
from liangcai.server.store.models import StandardVersion
from liangcai.server.store.models.standards import StandardStatus
from liangcai.standard import Standard
from liangcai.standard.compare import LevelComparison, UnitAtTwoLevels
from liangcai.standard.model import (
    Element,
    EvaluationComponent,
    Level,
    Unit,
    WeightProfile,
)

_HEAVY = ("document", "scheme", "findings")


@dataclass(frozen=True, slots=True)
class Edition:
    """One stored version of a standard: what the store says of it, and its content."""

    row: StandardVersion
    standard: Standard

    @property
    def is_withdrawn(self) -> bool:
        """Whether its publisher took it back."""
        return self.row.status == StandardStatus.WITHDRAWN


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How many indicators a unit has at one level; `heat` is 0 (none) to 5 (the most)."""

    level: Level
    count: int
    heat: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One unit of the matrix."""

    unit: Unit
    cells: tuple[MatrixCell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    """The units of one element."""

    element: Element
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class WeightRow:
    """What one element weighs at each level, upwards; `note` says why where no source names it."""

    element: Element
    weights: tuple[float, ...]
    note: LocalizedText | None


@dataclass(frozen=True, slots=True)
class WeightTable:
    """One weight profile as rows."""

    profile: WeightProfile
    rows: tuple[WeightRow, ...]


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One evaluation component with its levels, upwards."""

    component: EvaluationComponent
    levels: tuple[Level, ...]


def latest_editions(actor: access.Actor) -> tuple[Edition, ...]:
    """Return the newest published edition of every standard that a person may read, fullest first."""
    newest = newest_by_code(_readable(actor).filter(status=StandardStatus.PUBLISHED))
    editions = (Edition(row, standard_of(row)) for row in newest.values())
    return tuple(sorted(editions, key=lambda one: (-len(one.standard.indicators), one.row.code)))


def versions_of(actor: access.Actor, code: str) -> tuple[StandardVersion, ...]:
    """Return the editions of a standard that a person may read, the newest first.

    Raises:
        NotFound: there is none.

    """
    # PostgreSQL cannot even be asked for what holds the character NUL.
    rows = () if "\0" in code else _one_per_version(_readable(actor).filter(code=code))
    if not rows:
        raise access.NotFound(f"no standard {code}")
    return rows


def find_edition(actor: access.Actor, code: str, version: str | None = None) -> Edition:
    """Return one edition, or without a version the newest published one.

    Raises:
        NotFound: there is none that this person may read.

    """
    return edition_among(versions_of(actor, code), version)


def edition_among(rows: tuple[StandardVersion, ...], version: str | None = None) -> Edition:
    """Return one of a standard's editions, or without a version the newest published one.

    A standard whose every edition was withdrawn still answers, with the last of them.

    Raises:
        NotFound: none of them is this version.

    """
    if version is not None:
        rows = tuple(row for row in rows if row.version == version)
    if not rows:
        raise access.NotFound(f"no version {version}")
    published = [row for row in rows if row.status == StandardStatus.PUBLISHED]
    row = published[0] if published else rows[0]
    return Edition(row, standard_of(row))


def titles(actor: access.Actor) -> dict[str, LocalizedText]:
    """Return what the roles of the readable standards are called, by the standard's code."""
    return {edition.row.code: edition.standard.role.title for edition in latest_editions(actor)}


def matrix_of(standard: Standard) -> tuple[MatrixGroup, ...]:
    """Return levels × units with the number of indicators in each cell, grouped by element."""
    levels = standard.levels_upwards()
    counts = {
        (unit.code, level.code): len(unit.at_level(level.code))
        for unit in standard.units
        for level in levels
    }
    most = max(counts.values(), default=0)
    return tuple(
        MatrixGroup(
            element,
            tuple(
                _matrix_row(unit, levels, counts, most) for unit in standard.units_of(element.code)
            ),
        )
        for element in standard.elements
    )


def units_in_order(standard: Standard) -> tuple[Unit, ...]:
    """Return the units element by element, as the matrix has them."""
    return tuple(unit for part in standard.elements for unit in standard.units_of(part.code))


def by_element(
    comparison: LevelComparison, standard: Standard
) -> tuple[tuple[Element, tuple[UnitAtTwoLevels, ...]], ...]:
    """Return the units of two levels under their elements; elements that ask nothing are left out."""
    groups = (
        (part, tuple(row for row in comparison.units if row.unit.element == part.code))
        for part in standard.elements
    )
    return tuple((part, rows) for part, rows in groups if rows)


def weights_of(standard: Standard) -> tuple[WeightTable, ...]:
    """Return the weight profiles, element by element."""
    levels = standard.levels_upwards()

    def row(profile: WeightProfile, element: Element) -> WeightRow:
        unnamed = profile.unnamed.get(element.code)
        weights = tuple(profile.weight(level.code, element.code) for level in levels)
        return WeightRow(element, weights, unnamed.note if unnamed else None)

    return tuple(
        WeightTable(profile, tuple(row(profile, element) for element in standard.elements))
        for profile in standard.weight_profiles
    )


def evaluation_of(standard: Standard) -> tuple[ComponentRow, ...]:
    """Return the evaluation components with the levels they judge."""
    levels = standard.levels_upwards()
    return tuple(
        ComponentRow(part, tuple(level for level in levels if level.code in part.levels))
        for part in standard.evaluation
    )


def _matrix_row(
    unit: Unit, levels: Iterable[Level], counts: dict[tuple[str, str], int], most: int
) -> MatrixRow:
    def cell(level: Level) -> MatrixCell:
        count = counts[unit.code, level.code]
        return MatrixCell(level, count, -(-5 * count // most) if most else 0)

    return MatrixRow(unit, tuple(cell(level) for level in levels), len(unit.indicators))


def _readable(actor: access.Actor) -> QuerySet[StandardVersion]:
    rows = access.visible(actor, StandardVersion).exclude(status=StandardStatus.DRAFT)
    return rows.select_related("organisation").defer(*_HEAVY)


def _one_per_version(rows: Iterable[StandardVersion]) -> tuple[StandardVersion, ...]:
    """Order by version, newest first; an organisation's own edition stands for the public one."""
    by_version = {row.version: row for row in sorted(rows, key=rank)}
    return tuple(sorted(by_version.values(), key=rank, reverse=True))
