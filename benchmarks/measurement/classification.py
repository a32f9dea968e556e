"""Seconds to classify many persons, and to show what a cut does.

Run `python benchmarks/measurement/classification.py [persons]`. Items and persons are generated
and synthetic; medians of seven runs, CPU seconds of one thread.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from liangcai.measurement.classification.compound import CompoundRule, compound
from liangcai.measurement.classification.lee import lee
from liangcai.measurement.classification.rudner import rudner
from liangcai.measurement.classification.strong_true_score import livingston_lewis
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.standard_setting.consequences import consequences

RUNS = 7


def synthetic_items(count: int, rng: np.random.Generator) -> ItemParameters:
    slopes, difficulties = np.exp(rng.normal(0.1, 0.3, count)), rng.normal(size=count)
    return ItemParameters.from_json(
        [
            {"item": str(n), "a": float(a), "b": float(b)}
            for n, (a, b) in enumerate(zip(slopes, difficulties, strict=True))
        ]
    )


def seconds(work: Callable[[], object]) -> float:
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def main() -> None:
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(2026)
    items = synthetic_items(60, rng)
    theta, se = rng.normal(size=persons), rng.uniform(0.2, 0.5, persons)
    scores = rng.binomial(60, rng.beta(6, 4, persons)).astype(float)
    parts, errors = rng.normal(60, 8, (persons, 2)), np.full((persons, 2), 4.0)
    two = CompoundRule(cuts=(55.0, 55.0), weights=(0.5, 0.5), total=60.0)
    few, live = min(persons, 1_000), rng.normal(60, 10, 10_000)
    four = CompoundRule(cuts=(55.0,) * 4, weights=(0.25,) * 4, total=60.0)
    many_parts = rng.normal(60, 8, (few, 4))

    found = lee(items, cuts=[20, 35, 45], theta=theta)
    print(f"largest interpolation error of Lee's chances: {found.numerical_error:.1e}")
    rows: list[tuple[str, Callable[[], object]]] = [
        (f"Rudner, {persons:,} persons, 3 cuts", lambda: rudner(theta, se, cuts=[-0.5, 0.5, 1.0])),
        (f"Lee, {persons:,} persons, 60 items", lambda: lee(items, cuts=[20, 35, 45], theta=theta)),
        ("Lee, normal population, 60 items", lambda: lee(items, cuts=[20, 35, 45])),
        (
            f"Livingston-Lewis, {persons:,} scores",
            lambda: livingston_lewis(scores, cuts=[36, 45], reliability=0.85, highest=60),
        ),
        (f"compound, {persons:,} persons, 2 parts", lambda: compound(parts, errors, rule=two)),
        (
            f"compound, {few:,} persons, 4 parts, sampled",
            lambda: compound(
                many_parts,
                np.full((few, 4), 4.0),
                rule=four,
                rng=np.random.default_rng(1),
            ),
        ),
        (
            "consequences of a cut, 10,000 scores",
            lambda: consequences(live, cut=60.0, cut_error=1.5, reliability=0.9),
        ),
    ]
    for name, work in rows:
        print(f"{name:<48}{seconds(work):>9.4f} s")


if __name__ == "__main__":
    main()
