"""How the cost of a two-parameter calibration grows with persons and with items: per response it should not.

Run `python benchmarks/measurement/cost_curve.py`. Simulated data, processor seconds, median of three.
Nodes grow with the root of the number of items, so the cost per response does too.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import time

import numpy as np

from liangcai.measurement.calibration.models import TwoParameter
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.responses.matrix import Responses

PERSONS = [(persons, 50) for persons in (10_000, 20_000, 40_000, 80_000, 160_000, 320_000)]
ITEMS = [(20_000, items) for items in (12, 25, 50, 100, 200, 400)]


def simulated(persons: int, items: int) -> Responses:
    """Return simulated responses of standard normal abilities."""
    rng = np.random.default_rng(persons + items)
    a, b = np.exp(rng.normal(0.1, 0.3, items)), rng.normal(0.0, 1.0, items)
    scores = np.empty((persons, items), dtype=np.int8)
    for start in range(0, persons, 10_000):
        theta = rng.normal(size=(min(10_000, persons - start), 1))
        chance = 1.0 / (1.0 + np.exp(-a * (theta - b)))
        scores[start : start + theta.size] = rng.random(chance.shape) < chance
    return Responses(scores, tuple(f"i{j}" for j in range(items)))


def main() -> None:
    settings = Settings(standard_errors=False)
    print(
        f"{'persons':>9} {'items':>6} {'seconds':>9} {'ns a response':>14} {'nodes':>6} {'steps':>6}"
    )
    for persons, items in [*PERSONS, *ITEMS]:
        responses = simulated(persons, items)
        seconds = []
        for _ in range(3):
            start = time.process_time()
            found = TwoParameter().fit(responses, settings=settings)
            seconds.append(time.process_time() - start)
        median = statistics.median(seconds)
        each = 1e9 * median / (persons * items)
        certificate = found.certificate
        print(
            f"{persons:9,} {items:6} {median:9.3f} {each:14.1f}"
            f" {certificate.nodes:6} {certificate.iterations:6}"
        )


if __name__ == "__main__":
    main()
