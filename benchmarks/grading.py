"""Decisions per second and core: profile, accuracy, reasons and hash included.

Run `python benchmarks/grading.py [persons]`. The evidence is generated, labelled synthetic and
shaped like one sitting: 40 item responses, 6 lab scores and 4 ratings per person. Reading files
is not part of the figure; hashing the evidence is.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time

import numpy as np

from liangcai.grading import EvidenceFile, Scheme, decide_batch, load_scheme
from liangcai.measurement.scales import score_of
from liangcai.standard import Standard, check_standard

BATCH = 250
LEVELS = ("junior", "intermediate", "senior")


def synthetic_evidence(standard: Standard, person: int, rng: np.random.Generator) -> EvidenceFile:
    """Return one invented person's evidence, labelled synthetic."""
    parts = {part.code: part.units for part in standard.evaluation}
    theta = rng.normal(0.5, 1.0)
    records: list[dict[str, object]] = []
    shared = {"source": "benchmark generator", "date": "2026-11-01", "synthetic": True}
    for number in range(40):
        level = number % 3
        chance = 0.25 + 0.75 / (1.0 + np.exp(level - 1.0 - theta))
        unit = parts["exam"][number % len(parts["exam"])]
        records.append(
            {
                **shared,
                "id": f"r{number:02}",
                "kind": "item-response",
                "units": [unit],
                "item": f"{unit}-{LEVELS[level][0].upper()}{number:02}",
                "level": LEVELS[level],
                "score": int(rng.random() < chance),
                "options": 4,
            }
        )
    for number in range(10):
        kind = "lab-score" if number < 6 else "rating"
        units = parts["lab" if number < 6 else "portfolio"]
        level = 1 + number % 2
        score = float(score_of(theta + rng.normal(0.0, 0.4), location=level - 1.0))
        record = {
            **shared,
            "id": f"s{number:02}",
            "kind": kind,
            "units": [
                units[(5 * number + 3 * k) % len(units)] for k in range(2 + 2 * (number >= 6))
            ],
            "level": LEVELS[level],
            "score": round(score, 1),
            "se": 8,
        }
        records.append(record | ({"lab": f"E{number + 1}"} if number < 6 else {}))
    facts = [
        {**shared, "id": "f1", "fact": "experience-years", "value": 6, "verified": True},
    ]
    return EvidenceFile.model_validate(
        {
            "person": {"id": f"synthetic-{person:05}", "synthetic": True},
            "standard": standard.code,
            "records": records,
            "facts": facts,
        }
    )


def rate(standard: Standard, scheme: Scheme, evidences: list[EvidenceFile]) -> float:
    """Return decisions per CPU second for one batch."""
    start = time.process_time()
    decisions = decide_batch(standard, evidences, scheme)
    used = time.process_time() - start
    assert len({decision.hash for decision in decisions}) == len(evidences)
    return len(evidences) / used


def main() -> None:
    persons = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    standard, _ = check_standard("llm-product-engineer")
    assert standard is not None
    scheme = load_scheme("default", standard=standard)
    rng = np.random.default_rng(20261123)
    rates = []
    for _ in range(5):
        evidences = [synthetic_evidence(standard, person, rng) for person in range(persons)]
        rates.append(rate(standard, scheme, evidences))
    print(f"persons per run        {persons}")
    print(f"decisions/s per core   median {statistics.median(rates):.0f}, best {max(rates):.0f}")


if __name__ == "__main__":
    main()
