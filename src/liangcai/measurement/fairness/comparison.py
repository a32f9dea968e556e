"""Who is compared with whom: a reference group and one or more focal groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.responses.matrix import Responses

#: ETS practice at test assembly: at least 200 in the smaller group and 500 in all (Zieky, 1993).
LEAST_GROUP = 200
LEAST_TOTAL = 500
#: The class of an item for which the statistics do not exist.
NO_CLASS = "–"


class GroupsUnclear(LiangcaiError):
    """The groups to compare are not there, are empty, or are the same."""

    code = "measurement.groups-unclear"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A reference group and the focal groups set against it.

    `place` (N) says where each person stands: 0 reference, 1 … F focal groups, −1 in none.
    """

    reference: str
    focal: tuple[str, ...]
    place: Index

    @property
    def group_count(self) -> int:
        """The number of groups compared, the reference group included."""
        return 1 + len(self.focal)


def compare(
    responses: Responses, *, reference: str, focal: str | Sequence[str] | None = None
) -> Comparison:
    """
    Return who is compared; `focal` names one group or several, None all but the reference.

    Raises:
        GroupsUnclear: no groups were given, a name is unknown or doubled, or a group is empty.
    """
    if responses.groups is None:
        raise GroupsUnclear("the responses carry no groups: give responses_of(…, groups=…)")
    others = tuple(name for name in responses.group_names if name != reference)
    named = others if focal is None else (focal,) if isinstance(focal, str) else tuple(focal)
    order = (reference, *named)
    if not named or len(set(order)) != len(order):
        raise GroupsUnclear(
            f"reference and focal groups must be two or more, all different: {order}"
        )
    place_of = np.full(len(responses.group_names), -1, dtype=np.intp)
    for position, name in enumerate(order):
        if name not in responses.group_names:
            raise GroupsUnclear(f"no group is called {name!r}; there are {responses.group_names}")
        place_of[responses.group_names.index(name)] = position
    place = place_of[responses.groups]
    sizes = np.bincount(place[place >= 0], minlength=len(order))
    if (sizes == 0).any():
        raise GroupsUnclear(f"group {order[int(np.argmin(sizes))]!r} has no persons")
    return Comparison(reference, named, place)


def row_names(
    items: tuple[str, ...], focal: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the item and the focal group of each row, items outermost."""
    return tuple(name for name in items for _ in focal), focal * len(items)


def is_small(reference_count: Array, focal_count: Array) -> Flags:
    """Return where the groups are smaller than ETS asks for (200 in the smaller, 500 in all)."""
    fewest = np.minimum(reference_count, focal_count)
    return np.asarray((fewest < LEAST_GROUP) | (reference_count + focal_count < LEAST_TOTAL))


def flagged_names(items: Sequence[str], flagged: Flags) -> tuple[str, ...]:
    """Return each name with a flag in any of its rows once, in order."""
    return tuple(dict.fromkeys(name for name, flag in zip(items, flagged, strict=True) if flag))
