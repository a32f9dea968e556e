"""Which columns of a table are items, and which name the person, the group and the weight."""

from collections.abc import Sequence
from dataclasses import dataclass

from liangcai.measurement.responses.faults import ResponsesUnreadable, clipped

MAX_COLUMNS = 50_000


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Places of the columns in the table's header; None where the table has no such column."""

    items: tuple[int, ...]
    names: tuple[str, ...]
    width: int
    person: int | None = None
    group: int | None = None
    weights: int | None = None


def choose_columns(
    header: Sequence[str],
    *,
    file: str,
    person: str | None = None,
    group: str | None = None,
    weights: str | None = None,
    items: Sequence[str] | None = None,
) -> ColumnChoice:
    """
    Return the columns of a wide table: the named ones, and as items `items` or all the others.

    Raises:
        ResponsesUnreadable: a header is empty, stands twice or is missing; no item is left.
    """
    place = places(header, file=file)
    named = {
        role: name
        for role, name in (("person", person), ("group", group), ("weights", weights))
        if name is not None
    }
    for name in (*named.values(), *(items or ())):
        known(name, place, file=file)
    taken = set(named.values())
    chosen = [
        name
        for name in (header if items is None else items)
        if name not in taken or items is not None
    ]
    if not chosen:
        raise ResponsesUnreadable("no column is left to be an item", file=file, line=1)
    if len(set(chosen)) != len(chosen) or taken & set(chosen):
        raise ResponsesUnreadable(
            "a column has two roles, or is asked for twice", file=file, line=1
        )
    return ColumnChoice(
        items=tuple(place[name] for name in chosen),
        names=tuple(chosen),
        width=len(header),
        **{role: place[name] for role, name in named.items()},
    )


def places(header: Sequence[str], *, file: str) -> dict[str, int]:
    """
    Return each column's place.

    Raises:
        ResponsesUnreadable: there are too many, one has no name, or two have the same.
    """
    if len(header) > MAX_COLUMNS:
        fault = f"{len(header)} columns; at most {MAX_COLUMNS} are read: use the long form instead"
        raise ResponsesUnreadable(fault, file=file, line=1)
    place: dict[str, int] = {}
    for number, name in enumerate(header):
        if not name.strip():
            raise ResponsesUnreadable(f"column {number + 1} has no name", file=file, line=1)
        if name in place:
            fault = f"columns {place[name] + 1} and {number + 1} are both called {clipped(name)}"
            raise ResponsesUnreadable(fault, file=file, line=1)
        place[name] = number
    return place


def known(name: str, place: dict[str, int], *, file: str) -> int:
    """
    Return the place of the column `name`.

    Raises:
        ResponsesUnreadable: there is none; the message lists some that there are.
    """
    if name not in place:
        some = ", ".join(clipped(one) for one in list(place)[:8])
        raise ResponsesUnreadable(
            f"no column is called {clipped(name)}; there are {some}", file=file, line=1
        )
    return place[name]
