"""Two-way tables of every pair of items, from one matrix product."""

import numpy as np

from liangcai.measurement.arrays import Array, Index
from liangcai.measurement.responses.matrix import Responses
from liangcai.measurement.responses.moments import Missing, resolve_missing

_EXACT_FLOAT32 = 2**24


def pair_tables(
    responses: Responses, *, missing: Missing | None = None
) -> tuple[Index, Index, Array]:
    """
    Return the first and second item of each pair (P) and their joint counts (P × K × K, weights included).

    Pairs run through the upper triangle row by row. A person without a score on an item counts in none
    of its pairs ("pairwise"; "complete" leaves the whole person out).

    Raises:
        MissingRuleNeeded: scores are missing and `missing` is None.
    """
    kept = resolve_missing(responses, missing)
    items = kept.item_count
    categories = max(int(kept.highest_scores().max(initial=0)) + 1, 2)
    joint = np.zeros((items * categories, items * categories))
    kind = np.float32 if kept.weights is None and kept.person_count < _EXACT_FLOAT32 else np.float64
    rows = max(1, 8_000_000 // (items * categories))
    for place, block in enumerate(kept.blocks(rows)):
        chosen = np.empty((len(block), items, categories), dtype=kind)
        for score in range(categories):
            np.equal(block, score, out=chosen[:, :, score], casting="unsafe")
        flat = chosen.reshape(len(block), -1)
        if kept.weights is None:
            joint += flat.T @ flat
        else:
            weight = kept.weights[place * rows : place * rows + len(block)]
            joint += (flat * weight[:, None]).T @ flat
    first, second = np.triu_indices(items, 1)
    tables = joint.reshape(items, categories, items, categories).transpose(0, 2, 1, 3)
    return first.astype(np.intp), second.astype(np.intp), tables[first, second]
