"""Recovery of known parameters: bias, RMSE and how often 95 % intervals hold the truth.

Run `python benchmarks/measurement/recovery.py [--replications N] [--quick] [--processes 2]`. All
data are simulated. An interval is the estimate ± 1.96 standard errors. Item parameters are the same
in every replication and persons are new; what has a prior is drawn from it each time, since that is
what an interval under a prior promises. Studies with a single parameter in a class run four times as
many replications, so that all coverages are about as sure; "±" is the simulation's own standard
error, from the replications' mean coverages.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import logit

from liangcai.measurement.calibration.models import (
    GeneralizedPartialCredit,
    GradedResponse,
    ModelOfItems,
    Rasch,
    ThreeParameter,
    TwoParameter,
)
from liangcai.measurement.calibration.multidimensional import BetweenItem
from liangcai.measurement.calibration.priors import Beta, LogNormal, Normal, Priors
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.ratings import ratings_of
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of

SEED = 20261124
NORMAL_95 = 1.959963984540054
GOAL = (0.94, 0.96)
SLOPE, DIFFICULTY, LOWER = (0.15, 0.25), (0.0, 1.0), (5.0, 17.0)

#: Class of parameter → truth, estimate and standard error of each.
Recovered = dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Study:
    """A condition: a replication from a generator (None: not converged), and how many of it per wanted one."""

    replicate: Callable[[np.random.Generator], Recovered | None]
    times: int = 1


def bank(model: str, items: int, *, seed: int) -> ItemParameters:
    """Return true items: slopes about 1.2, difficulties in ±1.8, three rising steps where graded."""
    rng = np.random.default_rng([SEED, seed])
    slopes = np.ones(items) if model == "rasch" else np.exp(rng.normal(0.15, 0.25, items))
    centres = rng.permutation(np.linspace(-1.8, 1.8, items))
    spread = np.array([-0.9, 0.0, 0.9]) if model in {"grm", "gpcm"} else np.zeros(1)
    return ItemParameters.from_json(
        [
            {"item": str(j), "model": model, "a": a, "b": list(0.7 * centre + spread)}
            if spread.size > 1
            else {"item": str(j), "model": model, "a": a, "b": centre}
            for j, (a, centre) in enumerate(zip(slopes, centres, strict=True))
        ]
    )


def drawn(items: ItemParameters, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return simulated scores of these abilities (N × J)."""
    reach = np.cumsum(category_curves(items, theta).probability, axis=1)[:, :-1]
    return (rng.random((items.count, 1, theta.size)) > reach).sum(axis=1).T.astype(np.int8)


def recovered(items: ItemParameters, calibration: Calibration, step: str) -> Recovered | None:
    """Return what every calibration has: slopes and difficulties (named `step`) with errors."""
    errors = calibration.standard_errors
    if not calibration.converged or errors is None:
        return None
    found = {step: (items.b.ravel(), calibration.items.b.ravel(), errors.b.ravel())}
    if np.isfinite(errors.a).any():
        found["slope"] = (items.a, calibration.items.a, errors.a)
    if np.isfinite(errors.c).any():
        c = calibration.items.c
        found["lower asymptote"] = (items.c, c, errors.c)
        found["its logit"] = (logit(items.c), logit(c), errors.c / (c * (1.0 - c)))
    return found


def alone(model: ModelOfItems, items: int, *, seed: int, step: str) -> Study:
    """Return the study of one population: 1,000 standard normal abilities."""
    truth = bank(model.name, items, seed=seed)
    return Study(partial(one_population, items=truth, model=model, step=step))


def one_population(
    rng: np.random.Generator, *, items: ItemParameters, model: ModelOfItems, step: str
) -> Recovered | None:
    """Calibrate one population of 1,000 standard normal abilities."""
    responses = responses_of(drawn(items, rng.normal(size=1000), rng))
    return recovered(items, model.fit(responses), step)


def guessing(
    rng: np.random.Generator, *, items: ItemParameters, priors: Priors, persons: int
) -> Recovered | None:
    """Calibrate items whose parameters are new draws from the priors, where they have one."""
    truth = replace(
        items,
        models=("3pl",) * items.count,
        a=items.a if priors.slope is None else np.exp(rng.normal(*SLOPE, items.count)),
        b=items.b if priors.difficulty is None else rng.normal(*DIFFICULTY, (items.count, 1)),
        c=rng.beta(*LOWER, items.count),
    )
    responses = responses_of(drawn(truth, rng.normal(size=persons), rng))
    return recovered(truth, ThreeParameter(priors).fit(responses), "difficulty")


def two_groups(
    rng: np.random.Generator, *, items: ItemParameters, persons: int
) -> Recovered | None:
    """Calibrate two groups together; the second has mean 0.5 and standard deviation 1.2."""
    scores = [drawn(items, rng.normal(m, s, persons), rng) for m, s in ((0.0, 1.0), (0.5, 1.2))]
    responses = responses_of(np.vstack(scores), groups=np.repeat(["a", "b"], persons))
    calibration = TwoParameter().fit(responses)
    found = recovered(items, calibration, "difficulty")
    second = calibration.groups[1]
    if found is None or second.mean_se is None or second.sd_se is None:
        return None
    found["group mean"] = one(0.5, second.mean, second.mean_se)
    found["group sd"] = one(1.2, second.sd, second.sd_se)
    return found


def rasch(rng: np.random.Generator, *, items: ItemParameters, persons: int) -> Recovered | None:
    """Calibrate the Rasch model; the standard deviation of abilities is 1.1 and estimated."""
    responses = responses_of(drawn(items, rng.normal(0.0, 1.1, persons), rng))
    calibration = Rasch().fit(responses)
    found = recovered(items, calibration, "difficulty")
    error = calibration.groups[0].sd_se
    if found is None or error is None:
        return None
    found["latent sd"] = one(1.1, calibration.groups[0].sd, error)
    return found


def one(truth: float, estimate: float, error: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a single parameter as arrays."""
    return np.array([truth]), np.array([estimate]), np.array([error])


def two_dimensions(rng: np.random.Generator, *, persons: int) -> Recovered | None:
    """Calibrate two abilities that correlate 0.6; their correlation has no reported error."""
    items = bank("2pl", 16, seed=7)
    theta = rng.multivariate_normal(np.zeros(2), [[1.0, 0.6], [0.6, 1.0]], persons)
    halves = np.arange(16) % 2
    scores = np.empty((persons, 16), dtype=np.int8)
    for half in (0, 1):
        rows = np.flatnonzero(halves == half)
        scores[:, rows] = drawn(items.select(rows), theta[:, half], rng)
    responses = responses_of(scores, items=items.names)
    model = BetweenItem({name: f"E{half}" for name, half in zip(items.names, halves, strict=True)})
    calibration = model.fit(responses)
    found = recovered(items, calibration, "difficulty")
    covariance = calibration.latent_covariance
    if found is None or covariance is None:
        return None
    found["correlation"] = one(0.6, float(covariance[0, 1]), float("nan"))
    return found


def raters(rng: np.random.Generator, *, persons: int, each: int) -> Recovered | None:
    """Calibrate 12 raters, of whom `each` rate a person on three tasks from 0 to 3."""
    severity = np.linspace(-0.9, 0.9, 12)
    difficulty = np.array([-0.4, 0.0, 0.4])
    steps = np.array([-1.2, 0.0, 1.2])
    rater = np.argsort(rng.random((persons, 12)), axis=1)[:, :each].repeat(3, axis=1).ravel()
    task = np.tile(np.arange(3), persons * each)
    person = np.arange(persons).repeat(3 * each)
    place = rng.normal(0.0, 1.2, persons)[person] - severity[rater] - difficulty[task]
    weight = np.exp(np.arange(4) * place[:, None] - np.concatenate([[0.0], np.cumsum(steps)]))
    share = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    scores = (rng.random((person.size, 1)) > share).sum(axis=1)
    names = np.array([f"r{place:02}" for place in range(12)])
    found = ManyFacet().fit(ratings_of(person, {"rater": names[rater], "task": task}, scores))
    if not found.converged:
        return None
    rows, tasks = found.rows_of("rater"), found.rows_of("task")
    return {
        "severity": (severity, found.measure[rows], found.standard_error[rows]),
        "difficulty": (difficulty, found.measure[tasks], found.standard_error[tasks]),
        "step": (steps, found.steps[0], found.step_error[0]),
    }


ALL_PRIORS = Priors(slope=LogNormal(*SLOPE), difficulty=Normal(*DIFFICULTY), lower=Beta(*LOWER))
ASYMPTOTE_ONLY = Priors(lower=Beta(*LOWER))
STUDIES = {
    "2pl, 1,000 × 20": alone(TwoParameter(), 20, seed=1, step="difficulty"),
    "grm, 1,000 × 12 × 4": alone(GradedResponse(), 12, seed=2, step="threshold"),
    "gpcm, 1,000 × 12 × 4": alone(GeneralizedPartialCredit(), 12, seed=3, step="step difficulty"),
    "3pl, priors of all, 3,000 × 20": Study(
        partial(guessing, items=bank("2pl", 20, seed=4), priors=ALL_PRIORS, persons=3000)
    ),
    "3pl, prior of the asymptote, 3,000 × 20": Study(
        partial(guessing, items=bank("2pl", 20, seed=4), priors=ASYMPTOTE_ONLY, persons=3000)
    ),
    "3pl, prior of the asymptote, 10,000 × 20": Study(
        partial(guessing, items=bank("2pl", 20, seed=4), priors=ASYMPTOTE_ONLY, persons=10_000)
    ),
    "2pl, two groups of 500 × 15": Study(
        partial(two_groups, items=bank("2pl", 15, seed=5), persons=500), times=4
    ),
    "rasch, 500 × 15": Study(partial(rasch, items=bank("rasch", 15, seed=6), persons=500), times=4),
    "2pl in two dimensions, 1,000 × 16": Study(partial(two_dimensions, persons=1000)),
    "many-facet, 300 × 2 of 12 raters × 3 tasks": Study(partial(raters, persons=300, each=2)),
}


def replicated(name: str, replication: int) -> Recovered | None:
    """Return one replication; its seed is its place, so that processes change nothing."""
    rng = np.random.default_rng([SEED, list(STUDIES).index(name), replication])
    return STUDIES[name].replicate(rng)


@dataclass(frozen=True)
class Line:
    """What is told of one class of parameters."""

    bias: float
    rmse: float
    coverage: float
    coverage_error: float


def line(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Line:
    """Return bias, RMSE and coverage of a class from its replications."""
    truth, estimate, error = (np.array([part[k] for part in parts]) for k in range(3))
    off = estimate - truth
    bias, rmse = float(off.mean()), float(np.sqrt((off**2).mean()))
    if not np.isfinite(error).all():
        return Line(bias, rmse, float("nan"), float("nan"))
    held = (np.abs(off) <= NORMAL_95 * error).mean(axis=1)
    return Line(bias, rmse, float(held.mean()), float(held.std() / np.sqrt(held.size)))


def show(name: str, found: list[Recovered | None]) -> None:
    """Print one study's lines of the table."""
    kept = [part for part in found if part is not None]
    for place, kind in enumerate(kept[0] if kept else ()):
        told = line([part[kind] for part in kept])
        low, high = GOAL
        outside = "" if np.isnan(told.coverage) or low <= told.coverage <= high else " outside"
        covered = (
            "no error"
            if np.isnan(told.coverage)
            else f"{told.coverage:.1%} ± {told.coverage_error:.1%}"
        )
        runs = f"{len(kept) / len(found):.1%} of {len(found)}" if place == 0 else ""
        print(
            f"| {name if place == 0 else ''} | {runs} | {kind} | {told.bias:+.3f} | {told.rmse:.3f} "
            f"| {covered}{outside} |",
            flush=True,
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="40 replications")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--studies", help="only studies whose name contains this")
    options = parser.parse_args()
    wanted = 40 if options.quick else options.replications
    print("data: simulated\n")
    print("| study | converged | class | bias | RMSE | 95 % intervals hold |")
    print("|---|---|---|---|---|---|")
    start = os.times()
    with ProcessPoolExecutor(max(1, min(options.processes, 2))) as pool:
        for name, study in STUDIES.items():
            if options.studies and options.studies not in name:
                continue
            count = wanted * study.times
            show(name, list(pool.map(partial(replicated, name), range(count), chunksize=20)))
    end = os.times()
    used = end.user + end.children_user - start.user - start.children_user
    print(f"\n{used:.0f} s of processor time, {time.strftime('%Y-%m-%d')}")


if __name__ == "__main__":
    main()
