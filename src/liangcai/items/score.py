"""What a response to an item earns."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from liangcai.items.model import Item
from liangcai.kernel.errors import LiangcaiError


class UnknownKey(LiangcaiError):
    """The response marks an option that the item does not have."""

    code = "response.unknown-key"


class RepeatedKey(LiangcaiError):
    """The response marks one option twice."""

    code = "response.repeated-key"


class TooManyKeys(LiangcaiError):
    """The response marks more than one option of a single-choice item."""

    code = "response.too-many-keys"


@dataclass(frozen=True, slots=True)
class Score:
    """What a response earned, 0 to 1, and the item version it answered."""

    item: str
    item_hash: str
    chosen: tuple[str, ...]
    value: float


def score_response(item: Item, chosen_keys: Sequence[str]) -> Score:
    """Score a response; marking nothing earns 0.

    A single-choice item earns 1 for the key and 0 otherwise; a multiple-choice item earns
    max(0, (right marks − wrong marks) / number of correct options), rounded to six decimals.
    `chosen` comes back sorted, so that equal responses are equal values.

    Raises:
        UnknownKey: a key is not one of the item's.
        RepeatedKey: a key stands twice.
        TooManyKeys: a single-choice item was marked more than once.

    """
    chosen = tuple(sorted(chosen_keys))
    if strangers := [key for key in chosen if key not in item.keys]:
        raise UnknownKey(
            f"{item.code} has no option {strangers[0]!r}; it has {', '.join(item.keys)}"
        )
    if len(set(chosen)) < len(chosen):
        raise RepeatedKey(f"the response to {item.code} marks an option twice: {', '.join(chosen)}")
    if item.kind == "single-choice" and len(chosen) > 1:
        raise TooManyKeys(f"{item.code} asks for one option; {len(chosen)} are marked")
    return Score(item.code, item.hash, chosen, _value(item.correct_keys, set(chosen)))


def chance_score(item: Item) -> float:
    """Return the expected score of somebody who marks at random.

    For a single-choice item one option is marked, for a multiple-choice item any set of options,
    the empty one excepted, with equal probability.
    """
    if item.kind == "single-choice":
        return 1 / len(item.options)
    marks = product((False, True), repeat=len(item.options))
    sets = [{key for key, mark in zip(item.keys, row, strict=True) if mark} for row in marks]
    return sum(_value(item.correct_keys, chosen) for chosen in sets if chosen) / (len(sets) - 1)


def _value(correct: frozenset[str], chosen: set[str]) -> float:
    if not correct:
        return 0.0
    right = len(chosen & correct)
    return round(max(0.0, (2 * right - len(chosen)) / len(correct)), 6)
