"""Calibration over a Dask cluster: shards of Parquet on the workers, expected counts reduced.

Each round sends the items' values at the nodes to the shards and adds up what comes back, in the
order of the shards; shards are whole blocks, so the result is the one that a single machine gets.
A worker that is lost loses nothing: its shards are read again and its round is repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.calibration.design import BLOCK, Coding, blocks_of
from liangcai.measurement.calibration.fit import fitted, prepare
from liangcai.measurement.calibration.models import DEFAULTS, ModelOfItems
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.calibration.shards import (
    BlockTask,
    Sums,
    added,
    one_thread_each,
    shard_sums,
)
from liangcai.measurement.calibration.summary import Summary, summary_of
from liangcai.measurement.responses.matrix import Responses, hash_of
from liangcai.measurement.responses.parquet import read_responses_parquet


class ClusterUnsuitable(LiangcaiError):
    """The files cannot be calibrated together on a cluster."""

    code = "measurement.cluster-unsuitable"


def calibrate_on_cluster(
    client: Any,
    paths: Sequence[str | Path],
    model: ModelOfItems,
    *,
    settings: Settings = DEFAULTS,
) -> Calibration:
    """
    Return the calibration of wide Parquet files that the workers of `client` can read.

    All files have the same items; each is about one shard. One group without weights. The result
    equals that of the files' rows in one `Responses`, on one machine, to 1e-9.

    Raises:
        ClusterUnsuitable: no file, or files with different items.
        ResponsesUnreadable: a file is no Parquet of whole scores.
        ModelUnsuitable: an item without variance, or one that the model does not fit.
    """
    files = [str(path) for path in paths]
    if not files:
        raise ClusterUnsuitable("no file was given")
    sizes = client.gather([client.submit(_rows_of, path, pure=False) for path in files])
    plan = shard_plan(sizes)
    shards = tuple(
        client.submit(_load, [(files[place], one, other) for place, one, other in part], pure=False)
        for part in plan
    )
    described = client.gather([client.submit(_describe, shard, pure=False) for shard in shards])
    summary = _summed([part for part, _ in described], files)
    one = Responses(np.zeros((1, len(summary.items)), dtype=np.int8), summary.items)
    request = model.request(one)
    prepared = prepare(summary, request, settings)
    sample = None
    if prepared.stride is not None:
        sample = _sample(client, shards, [part.rows for part, _ in described], prepared.stride)
    hashes = [block for _, blocks in described for block in blocks]
    with one_thread_each():
        return fitted(
            prepared,
            DaskShards(client, shards, prepared.problem.coding),
            sample,
            request=request,
            settings=settings,
            data_hash=hash_of(summary.items, (), summary.rows, hashes),
        )


@dataclass(frozen=True, slots=True)
class DaskShards:
    """Shards held by the workers of a cluster."""

    client: Any
    shards: tuple[Any, ...]
    coding: Coding

    @property
    def groups(self) -> int:
        """One group."""
        return 1

    def sums(self, task: BlockTask) -> list[Sums]:
        """Return the sums over all shards."""
        parts = [
            self.client.submit(_shard_sums, shard, self.coding, task, pure=False)
            for shard in self.shards
        ]
        return added(self.client.gather(parts))


def shard_plan(sizes: Sequence[int]) -> list[list[tuple[int, int, int]]]:
    """
    Return for each shard its pieces (file, first row, row after the last).

    Shards begin where the files do, moved to the next whole block of all rows.
    """
    ends = np.cumsum(sizes)
    total = int(ends[-1])
    cuts = sorted({0, total, *(min(-(-int(end) // BLOCK) * BLOCK, total) for end in ends)})
    begins = ends - np.array(sizes)
    plan = []
    for low, high in pairwise(cuts):
        pieces = [
            (place, int(max(low - begin, 0)), int(min(high, end) - begin))
            for place, (begin, end) in enumerate(zip(begins, ends, strict=True))
            if begin < high and end > low
        ]
        plan.append(pieces)
    return plan


def _rows_of(path: str) -> int:
    from pyarrow.parquet import read_metadata

    return int(read_metadata(path).num_rows)


def _load(pieces: Sequence[tuple[str, int, int]]) -> Responses:
    parts = [read_responses_parquet(path) for path, _, _ in pieces]
    if len({part.items for part in parts}) > 1:
        names = ", ".join(path for path, _, _ in pieces)
        raise ClusterUnsuitable(f"{names} have different items")
    rows = [part.scores[one:other] for part, (_, one, other) in zip(parts, pieces, strict=True)]
    return Responses(np.concatenate(rows), parts[0].items)


def _describe(shard: Responses) -> tuple[Summary, tuple[bytes, ...]]:
    return summary_of(shard), shard.block_hashes()


def _summed(parts: Sequence[Summary], files: Sequence[str]) -> Summary:
    total = parts[0]
    for part in parts[1:]:
        if part.items != total.items:
            raise ClusterUnsuitable(f"{', '.join(files)} have different items")
        total = total.plus(part)
    return total


def _sample(client: Any, shards: Sequence[Any], rows: Sequence[int], stride: int) -> Responses:
    begins = np.cumsum([0, *rows[:-1]])
    parts = client.gather(
        [
            client.submit(_every, shard, int(-begin % stride), stride, pure=False)
            for shard, begin in zip(shards, begins, strict=True)
        ]
    )
    return Responses(np.concatenate([part.scores for part in parts]), parts[0].items)


def _every(shard: Responses, first: int, stride: int) -> Responses:
    return shard.select_persons(np.arange(first, shard.person_count, stride))


def _shard_sums(shard: Responses, coding: Coding, task: BlockTask) -> list[Sums | None]:
    with one_thread_each():
        return shard_sums(blocks_of(shard), coding, task, 1)
