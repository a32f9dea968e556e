"""How fast and how right many-facet calibrations are, beside the Python package mirt, in one run.

Run `python benchmarks/measurement/facets.py --peers PATH/TO/python` with an interpreter that has
mirt 1.2; without `--peers` only ours runs. `--large` adds the sizes that take the peer minutes
(`--large` alone runs them for ours only where `--peers` is missing). `--replications N` adds a
recovery simulation with the coverage of 95 % intervals. Every rating is synthetic.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from liangcai.measurement.facets.calibration import FacetCalibration
from liangcai.measurement.facets.grids import finer
from liangcai.measurement.facets.marginal import marginal
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.ratings import Ratings, ratings_of
from liangcai.measurement.facets.scoring import applied, posterior_of

SEED = 20261124
STEPS = np.linspace(-1.8, 1.8, 4)

PEER = """
import json, sys, time
import numpy as np
from mirt.estimation import fit_mfrm
from mirt.models import Facet, PolytomousMFRM
held = np.load(sys.argv[1])
persons, items, raters = int(held["persons"]), int(held["items"]), int(held["raters"])
wide = lambda name: held[name].reshape(persons, -1)
model = PolytomousMFRM(items, int(held["score"].max()) + 1, [Facet("rater", raters)])
start = time.process_time()
found = fit_mfrm(model, wide("score"), {"rater": wide("rater")}, item_indices=wide("item"))
cpu = time.process_time() - start
print(json.dumps({
    "cpu": cpu, "rater": found.facet_parameters["rater"].tolist(), "converged": bool(found.converged),
    "item": found.item_difficulty.tolist(), "steps": np.ravel(found.thresholds).tolist(),
    "sigma": float(found.sigma), "value": float(found.log_likelihood),
}))
"""


@dataclass(frozen=True)
class Drawn:
    """Synthetic ratings with the parameters they were drawn from."""

    person: np.ndarray
    rater: np.ndarray
    item: np.ndarray
    score: np.ndarray
    severity: np.ndarray
    difficulty: np.ndarray

    def ratings(self) -> Ratings:
        """Return them in long form."""
        return ratings_of(self.person, {"rater": self.rater, "item": self.item}, self.score)


def draw(rng: np.random.Generator, *, persons: int, raters: int, items: int, each: int) -> Drawn:
    """Draw ratings of `persons` by `each` of `raters` on all `items`, scores 0 to 4."""
    theta = rng.normal(0.2, 1.3, persons)
    severity, difficulty = rng.normal(0, 0.6, raters), rng.normal(0, 0.5, items)
    first = rng.integers(0, raters, persons)
    apart = np.cumsum(rng.integers(1, max(raters // each, 2), (persons, each)), axis=1)
    chosen = (first[:, None] + apart) % raters
    person = np.repeat(np.arange(persons), each * items)
    rater, item = np.repeat(chosen.ravel(), items), np.tile(np.arange(items), persons * each)
    place = theta[person] - severity[rater] - difficulty[item]
    logits = np.cumsum(np.c_[np.zeros(place.size), place[:, None] - STEPS], axis=1)
    chance = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    score = (rng.random(place.size)[:, None] > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return Drawn(person, rater, item, score, severity, difficulty)


def fine_value(calibration: FacetCalibration, ratings: Ratings) -> float:
    """Return the log-likelihood of a calibration on a grid twice as fine as needed."""
    held = applied(calibration, ratings)
    return marginal(held.design, held.vector, finer(posterior_of(held).grid)).value


def peer_run(drawn: Drawn, python: str) -> dict:
    """Return the peer's estimates and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.npz"
        np.savez(
            path,
            score=drawn.score,
            rater=drawn.rater,
            item=drawn.item,
            persons=drawn.person.max() + 1,
            items=drawn.item.max() + 1,
            raters=drawn.rater.max() + 1,
        )
        done = subprocess.run(
            [python, "-W", "ignore", "-c", PEER, str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def as_ours(found: dict, ours: FacetCalibration) -> FacetCalibration:
    """Return the peer's estimates in the form of ours, to evaluate both on one grid."""
    item = np.array(found["item"])
    return replace(
        ours,
        measure=np.r_[found["rater"], item - item.mean()],
        steps=np.array([found["steps"]]),
        population_mean=np.array([-item.mean()]),
        population_sd=np.array([found["sigma"]]),
    )


def compare(name: str, size: dict, peers: str | None) -> None:
    """Print one row: sizes, CPU seconds, ratio, log-likelihoods on one grid, recovery."""
    drawn = draw(np.random.default_rng(SEED), **size)
    ratings = drawn.ratings()
    start = time.process_time()
    ours = ManyFacet(disconnected="population").fit(ratings)
    cpu = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    value = fine_value(ours, ratings)
    severity = ours.measure[ours.rows_of("rater")]
    seen = np.array([int(ours.elements[row]) for row in ours.rows_of("rater")])
    truth = drawn.severity[seen] - drawn.severity[seen].mean()
    error = np.sqrt(np.mean((severity - truth) ** 2))
    covered = np.mean(np.abs(severity - truth) < 1.96 * ours.standard_error[: seen.size])
    print(f"{name}: {ratings.count:,} ratings, {size}")
    print(
        f"  ours  {cpu:8.3f} CPU s with standard errors, {ours.iterations} iterations, converged "
        f"{ours.converged}, peak of this process {peak:.0f} MB"
    )
    print(
        f"        log-likelihood {value:.4f} (stated quadrature error {ours.quadrature_error:.1e})"
    )
    print(f"        severity RMSE {error:.4f}, 95 % intervals hold {100 * covered:.1f} %")
    if peers is not None and seen.size == size["raters"]:
        found = peer_run(drawn, peers)
        other = fine_value(as_ours(found, ours), ratings)
        print(
            f"  mirt  {found['cpu']:8.3f} CPU s, converged {found['converged']}, log-likelihood "
            f"{other:.4f}: ours {value - other:+.4f}; ratio {found['cpu'] / cpu:.0f}"
        )


def coverage(replications: int) -> None:
    """Print the coverage of 95 % intervals for each class of parameter, marginal and joint."""
    for estimation in ("marginal", "joint"):
        held: dict[str, list] = {"severity": [], "difficulty": [], "steps": []}
        for number in range(replications):
            rng = np.random.default_rng([SEED, number])
            drawn = draw(rng, persons=300, raters=20, items=4, each=2)
            found = ManyFacet(estimation=estimation).fit(drawn.ratings())
            rater, item = found.rows_of("rater"), found.rows_of("item")
            pairs = (
                ("severity", found.measure[rater], drawn.severity, found.standard_error[rater]),
                ("difficulty", found.measure[item], drawn.difficulty, found.standard_error[item]),
                ("steps", found.steps[0], STEPS, found.step_error[0]),
            )
            for name, estimate, truth, error in pairs:
                held[name].append(np.abs(estimate - truth + truth.mean()) < 1.96 * error)
        shown = ", ".join(f"{name} {100 * np.mean(hits):.1f} %" for name, hits in held.items())
        print(f"coverage, {estimation}, {replications} replications: {shown}")


def main() -> None:
    """Print all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="a Python interpreter that has mirt")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--replications", type=int, default=0)
    asked = parser.parse_args()
    small = {"persons": 2000, "raters": 300, "items": 5, "each": 3}
    ManyFacet(disconnected="population").fit(
        draw(np.random.default_rng(0), persons=50, raters=5, items=3, each=2).ratings()
    )
    compare("small", small, asked.peers)
    if asked.large:
        medium = {"persons": 10_000, "raters": 2000, "items": 9, "each": 4}
        compare("medium", medium, asked.peers)
        sparse = {"persons": 36_000, "raters": 11_000, "items": 9, "each": 3}
        compare("sparse essays", sparse, None)
    if asked.replications:
        coverage(asked.replications)


if __name__ == "__main__":
    sys.exit(main())
