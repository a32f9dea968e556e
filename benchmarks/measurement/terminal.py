"""How long `liangcai calibrate` takes with its HTML report: 100,000 × 200 from CSV and from Parquet.

Run `python benchmarks/measurement/terminal.py`. Simulated responses; wall and processor seconds of the
whole command, interpreter and report included.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PERSONS, ITEMS = 100_000, 200


def write(folder: Path) -> tuple[Path, Path]:
    """Write the same simulated responses as CSV and as Parquet."""
    rng = np.random.default_rng(1)
    a, b = np.exp(rng.normal(0.1, 0.3, ITEMS)), rng.normal(0.0, 1.0, ITEMS)
    scores = np.empty((PERSONS, ITEMS), dtype=np.int8)
    for start in range(0, PERSONS, 10_000):
        chance = 1.0 / (1.0 + np.exp(-a * (rng.normal(size=(10_000, 1)) - b)))
        scores[start : start + 10_000] = rng.random(chance.shape) < chance
    names = [f"q{j + 1}" for j in range(ITEMS)]
    table, text = folder / "responses.parquet", folder / "responses.csv"
    pq.write_table(pa.table(dict(zip(names, scores.T, strict=True))), table)
    np.savetxt(text, scores, fmt="%d", delimiter=",", header=",".join(names), comments="")
    return text, table


def main() -> None:
    program = str(Path(sys.executable).with_name("liangcai"))
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder)):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            command = [program, "calibrate", str(path), "--output", f"{path}.html"]
            subprocess.run(command, check=True, capture_output=True)
            wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"{path.name:20} {wall:6.2f} s wall {spent:6.2f} s of processor")


if __name__ == "__main__":
    main()
