"""The same calibration on a Dask cluster of two processes of this machine, one of them killed midway."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from liangcai.measurement.calibration import cluster as cluster_module
from liangcai.measurement.calibration.cluster import (
    ClusterUnsuitable,
    calibrate_on_cluster,
    shard_plan,
)
from liangcai.measurement.calibration.estep import CountTask
from liangcai.measurement.calibration.models import TwoParameter
from liangcai.measurement.calibration.shards import BlockTask, Sums
from liangcai.measurement.responses.matrix import responses_of


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as workers,
        Client(workers) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    """Synthetic responses of 31,000 persons to 14 items."""
    rng = np.random.default_rng(1)
    theta, b = rng.normal(size=(31_000, 1)), np.linspace(-2, 2, 14)
    return (rng.random((31_000, 14)) < 1 / (1 + np.exp(-1.2 * (theta - b)))).astype(np.int8)


@pytest.fixture(scope="module")
def files(matrix: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    paths = []
    for place, part in enumerate(np.split(matrix, [9_000, 20_000])):
        path = folder / f"part-{place}.parquet"
        pq.write_table(pa.table({f"i{j}": part[:, j] for j in range(part.shape[1])}), path)
        paths.append(path)
    return paths


def test_a_cluster_gives_what_one_machine_gives_though_a_worker_is_killed(
    client: Client, files: list[Path], matrix: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(f"i{j}" for j in range(14))
    rounds = []

    class Watched(cluster_module.DaskShards):
        def sums(self, task: BlockTask) -> list[Sums]:
            rounds.append(task)
            if sum(isinstance(done, CountTask) for done in rounds) == 2:
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
            return super().sums(task)

    monkeypatch.setattr(cluster_module, "DaskShards", Watched)
    there = calibrate_on_cluster(client, files, TwoParameter())
    here = TwoParameter().fit(responses_of(matrix, items=names))

    assert len(rounds) > 4
    np.testing.assert_allclose(there.items.a, here.items.a, rtol=1e-9)
    np.testing.assert_allclose(there.items.b, here.items.b, rtol=1e-9, atol=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-12)
    assert there.audit == here.audit
    assert there.standard_errors is not None
    assert here.standard_errors is not None
    np.testing.assert_allclose(there.standard_errors.a, here.standard_errors.a, rtol=1e-9)


def test_files_with_other_items_and_no_files_are_refused(
    client: Client, files: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"x": [0, 1], "y": [1, 0]}), other)

    with pytest.raises(ClusterUnsuitable, match="no file"):
        calibrate_on_cluster(client, [], TwoParameter())
    with pytest.raises(ClusterUnsuitable, match="different items"):
        calibrate_on_cluster(client, [*files, other], TwoParameter())


def test_shards_are_whole_blocks_and_cover_every_row_once() -> None:
    sizes = [5000, 10, 1, 7000]
    plan = shard_plan(sizes)
    rows = [
        (place, row) for part in plan for place, one, other in part for row in range(one, other)
    ]

    assert rows == [(place, row) for place, size in enumerate(sizes) for row in range(size)]
    assert all(sum(b - a for _, a, b in part) % 2048 == 0 for part in plan[:-1])
