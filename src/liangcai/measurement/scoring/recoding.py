"""Scores as the categories of a calibration: the k-th score that occurred on an item is its category k."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.responses.matrix import MISSING, Responses

_SPELLINGS = 129  # scores 0 … 127, and −1, which as an index is the last place
_UNKNOWN = np.int8(-2)
_ROWS = 16_384


class ScoreUncalibrated(LiangcaiError):
    """A score did not occur in the calibration, so nobody knows how likely it is."""

    code = "measurement.score-uncalibrated"


def as_categories(responses: Responses, scores: Mapping[str, Sequence[int]]) -> Responses:
    """
    Return the responses with each item's scores as its categories, numbered from 0.

    `scores` holds by item name the rising scores of the calibration (`Calibration.scores`); an item
    that it leaves out keeps its scores.

    Raises:
        ScoreUncalibrated: a score is none of its item's; the message names item, score and person.
    """
    ranks = [scores.get(name) for name in responses.items]
    if not responses.person_count or all(
        known is None or (list(known) == list(range(len(known))) and top < len(known))
        for known, top in zip(ranks, responses.highest_scores().tolist(), strict=True)
    ):
        return responses
    lookup = np.full((responses.item_count, _SPELLINGS), _UNKNOWN, dtype=np.int8)
    lookup[:, MISSING] = MISSING
    for row, known in enumerate(ranks):
        own = range(_SPELLINGS - 1) if known is None else known
        lookup[row, list(own)] = np.arange(len(own))
    columns = np.arange(responses.item_count)
    coded = np.empty_like(responses.scores)
    for number, block in enumerate(responses.blocks(_ROWS)):
        coded[number * _ROWS : number * _ROWS + len(block)] = lookup[columns, block]
    if (coded == _UNKNOWN).any():
        person, item = np.argwhere(coded == _UNKNOWN)[0].tolist()
        raise ScoreUncalibrated(
            f"item {responses.items[item]!r}: score {responses.scores[person, item]} of person "
            f"{responses.person_name(person)} did not occur in the calibration, which knows "
            f"{', '.join(map(str, ranks[item] or ()))}"
        )
    return replace(responses, scores=coded)
