"""Scores as the categories of a calibration: the k-th score that occurred on an item is its category k."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.responses.matrix import MISSING, Responses

_SPELLINGS = 129  # scores 0 … 127, and −1, which as an index is the last place


class ScoreUncalibrated(LiangcaiError):
    """A score did not occur in the calibration, so nobody knows how likely it is."""

    code = "measurement.score-uncalibrated"


def as_categories(responses: Responses, scores: Mapping[str, Sequence[int]]) -> Responses:
    """
    Return the responses with each item's scores as its categories 0, 1, …

    `scores` holds by item name the rising scores of the calibration (`Calibration.scores`); an item
    that it leaves out keeps its scores.

    Raises:
        ScoreUncalibrated: a score is none of its item's; the message names item, score and person.
    """
    ranks = [scores.get(name) for name in responses.items]
    if all(known is None or list(known) == list(range(len(known))) for known in ranks):
        lasts = [None if known is None else len(known) - 1 for known in ranks]
        tops = responses.highest_scores() if responses.person_count else []
        if all(last is None or top <= last for last, top in zip(lasts, tops, strict=False)):
            return responses
    unknown = np.int8(-2)
    lookup = np.full((responses.item_count, _SPELLINGS), unknown, dtype=np.int8)
    lookup[:, MISSING] = MISSING
    for row, known in enumerate(ranks):
        own = range(_SPELLINGS - 1) if known is None else known
        lookup[row, list(own)] = np.arange(len(own))
    coded = lookup[np.arange(responses.item_count), responses.scores]
    if (coded == unknown).any():
        person, item = np.argwhere(coded == unknown)[0]
        known = ranks[item]
        raise ScoreUncalibrated(
            f"item {responses.items[item]!r}: score {responses.scores[person, item]} (person "
            f"{responses.person_name(int(person))}) did not occur in the calibration, which knows "
            f"{', '.join(map(str, known or ()))}"
        )
    return replace(responses, scores=coded)
