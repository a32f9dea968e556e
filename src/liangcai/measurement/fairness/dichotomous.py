"""Right-or-wrong counts: the tables of a dichotomous test as four numbers a stratum."""

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.fairness.matching import MatchedTables
from liangcai.measurement.fairness.stratified import FourCounts


class NotDichotomous(LiangcaiError):
    """A method for right-or-wrong items was given scores above 1."""

    code = "measurement.not-dichotomous"


def dichotomous_tables(tables: MatchedTables) -> MatchedTables:
    """
    Return the tables, with both scores 0 and 1.

    Raises:
        NotDichotomous: a score is above 1.
    """
    wide = tables.counts.shape[1]
    if wide > 2:
        place = int(np.argmax(tables.counts[:, 2:].any(axis=(1, 2, 3))))
        raise NotDichotomous(
            f"item {tables.items[place]!r} has scores above 1: use polytomous_dif or logistic_dif"
        )
    if wide == 2:
        return tables
    empty = np.zeros_like(tables.counts)
    counts = np.concatenate([tables.counts, empty], axis=1)
    return MatchedTables(tables.items, counts, tables.values, tables.left_out)


def four_counts(tables: MatchedTables) -> FourCounts:
    """Return the reference counts beside those of each focal group (J × F × S)."""
    wrong, right = tables.counts[:, 0], tables.counts[:, 1]
    shape = right[:, 1:].shape
    return FourCounts(
        np.broadcast_to(right[:, :1], shape),
        np.broadcast_to(wrong[:, :1], shape),
        right[:, 1:],
        wrong[:, 1:],
    )
