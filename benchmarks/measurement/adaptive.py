"""Adaptive testing beside catsim and Python mirt: CPU time per selected item on one machine, one run.

Run `python benchmarks/measurement/adaptive.py [--peers PYTHON]`, where PYTHON is an interpreter with
catsim and mirt installed. Item pools and persons are synthetic: 3PL, a = exp(N(0.1, 0.3)),
b = N(0, 1), c = Beta(5, 17), theta = N(0, 1), 30 items each, responses simulated, EAP, maximum
information. Peers run fewer persons; all figures are CPU time per selected item, set-up included
for ours and theirs.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

LENGTH = 30
PERSONS = {1_000: 10_000, 10_000: 5_000}
PEER_PERSONS = {"mirt batch": 200, "mirt live": 20, "catsim": 10}


def bank(items: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20261124)
    return np.exp(rng.normal(0.1, 0.3, items)), rng.normal(size=items), rng.beta(5, 17, items)


def run_peer(name: str, items: int) -> float:
    """Return the peer's CPU milliseconds per selected item; runs under the peers' interpreter."""
    a, b, c = bank(items)
    persons = PEER_PERSONS[name]
    theta = np.random.default_rng(7).normal(size=persons)
    start = time.process_time()
    if name == "catsim":
        from catsim.estimation import NumericalSearchEstimator
        from catsim.initialization import FixedPointInitializer
        from catsim.item_bank import ItemBank
        from catsim.selection import MaxInfoSelector
        from catsim.simulation import Simulator
        from catsim.stopping import TestLengthStopper

        simulator = Simulator(
            ItemBank(np.column_stack([a, b, c, np.ones(items)])),
            theta,
            initializer=FixedPointInitializer(0.0),
            selector=MaxInfoSelector(),
            estimator=NumericalSearchEstimator(),
            stopper=TestLengthStopper(max_items=LENGTH),
        )
        simulator.simulate()
    else:
        from mirt import ThreeParameterLogistic
        from mirt.cat import CATEngine, MaxItemsStop

        model = ThreeParameterLogistic(items)
        model.set_parameters(discrimination=a, difficulty=b, guessing=c)
        model._is_fitted = True
        engine = CATEngine(model, stopping_rule=MaxItemsStop(LENGTH), max_items=LENGTH, seed=1)
        if name == "mirt batch":
            engine.run_batch_simulation(theta)
        else:
            for one in theta:
                engine.run_simulation(float(one))
    return (time.process_time() - start) / persons / LENGTH * 1e3


def peers(python: str) -> dict[tuple[str, int], float]:
    found = {}
    for items in PERSONS:
        for name in PEER_PERSONS:
            done = subprocess.run(
                [python, str(Path(__file__)), "--peer", name, "--items", str(items)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"{name} with {items} items failed: {done.stderr.strip().splitlines()[-1]}")
                continue
            found[name, items] = float(json.loads(done.stdout.splitlines()[-1]))
    return found


def ours(items: int) -> tuple[float, float, float]:
    """Return CPU milliseconds per item in batch, per live step (wall, median), and for the set-up."""
    from liangcai.measurement.adaptive.design import Design
    from liangcai.measurement.adaptive.item_pool import item_pool
    from liangcai.measurement.adaptive.session import answer, begin
    from liangcai.measurement.adaptive.simulation import simulate
    from liangcai.measurement.adaptive.stopping import Length
    from liangcai.measurement.models.items import ItemParameters

    parameters = zip(*bank(items), strict=True)
    records = [
        {"item": str(n), "model": "3pl", "a": a, "b": b, "c": c}
        for n, (a, b, c) in enumerate(parameters)
    ]
    calibrated = ItemParameters.from_json(records)
    theta = np.random.default_rng(7).normal(size=PERSONS[items])
    start = time.process_time()
    design = Design(item_pool(calibrated), Length(LENGTH))
    ready = time.process_time()
    tests = simulate(design, theta=theta, rng=np.random.default_rng(1))
    batch = (time.process_time() - start) / theta.size / LENGTH * 1e3
    error = tests.theta - theta
    print(
        f"  ours, {items} items: bias {error.mean():+.4f}, RMSE {np.sqrt((error**2).mean()):.4f}, "
        f"{theta.size} persons"
    )
    steps = []
    for person in range(60):
        session = begin(design, seed=person)
        while session.place is not None:
            before = time.perf_counter()
            session = answer(session, int(tests.scores[person, session.standing.asked]))
            steps.append(time.perf_counter() - before)
    return batch, float(np.median(steps)) * 1e3, (ready - start) * 1e3


def shadow() -> None:
    """Print the cost of shadow tests: 1,000 items, 36 rows, length 30, at three gaps."""
    from liangcai.measurement.adaptive.blueprint import Blueprint, Enemies, Total, counts_by
    from liangcai.measurement.adaptive.design import Design
    from liangcai.measurement.adaptive.item_pool import item_pool
    from liangcai.measurement.adaptive.report import report
    from liangcai.measurement.adaptive.simulation import simulate
    from liangcai.measurement.adaptive.stopping import Length
    from liangcai.measurement.models.items import ItemParameters

    a, b, c = bank(1_000)
    pool = item_pool(
        ItemParameters.from_json(
            [
                {"item": str(n), "model": "3pl", "a": a[n], "b": b[n], "c": c[n]}
                for n in range(1_000)
            ]
        )
    )
    rng = np.random.default_rng(5)
    constraints: list[object] = []
    for attribute, labels, least, most in (
        ("content", 8, 2, 6),
        ("key", 4, 5, 10),
        ("format", 3, 6, 14),
        ("depth", 4, 4, 12),
    ):
        own = [str(label) for label in rng.integers(0, labels, 1_000)]
        bounds = {str(label): (least, most) for label in range(labels)}
        constraints += counts_by(own, bounds, attribute=attribute)
    words, seconds = rng.integers(20, 200, 1_000), rng.uniform(30, 120, 1_000)
    constraints.append(Total("words", tuple(words.astype(float)), 2500, 3500))
    constraints.append(Total("seconds", tuple(seconds), 1800, 2400))
    for number in range(14):
        group = rng.choice(1_000, 6, replace=False)
        constraints.append(Enemies(f"enemies {number}", tuple(group.tolist())))
    blueprint = Blueprint(LENGTH, tuple(constraints))
    theta = np.random.default_rng(7).normal(size=40)
    print(
        f"\nshadow tests: 1,000 items, {len(constraints) + 1} constraints, length {LENGTH}, 40 persons"
    )
    print(f"{'gap':>8}{'ms/item':>10}{'branched':>10}{'MIP':>6}{'violated':>10}{'mean se':>10}")
    for gap in (0.0, 0.001, 0.005, 0.01):
        design = Design(pool, Length(LENGTH), shadow=replace(blueprint, gap=gap))
        start = time.process_time()
        tests = simulate(design, theta=theta, rng=np.random.default_rng(1))
        each = (time.process_time() - start) / tests.solved * 1e3
        broken = report(design, tests).violations
        share = tests.branched / tests.solved
        print(
            f"{gap:>8}{each:>10.2f}{share:>10.1%}{tests.integer:>6}{broken:>10}{tests.se.mean():>10.4f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="an interpreter with catsim and mirt")
    parser.add_argument("--peer", choices=PEER_PERSONS, help=argparse.SUPPRESS)
    parser.add_argument("--items", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peer:
        print(json.dumps(run_peer(chosen.peer, chosen.items)))
        return
    found = peers(chosen.peers) if chosen.peers else {}
    print("CPU ms per selected item (live: wall ms per step)")
    rows = []
    for items in PERSONS:
        batch, live, ready = ours(items)
        rows.append((items, "ours, batch", batch, "mirt batch"))
        rows.append((items, "ours, live", live, "mirt live"))
        rows.append((items, "  (pool set up once, ms)", ready, ""))
    print(f"{'items':>7}  {'what':<26}{'ms':>10}  ratio to")
    for items, what, each, rival in rows:
        ratio = f"{found[rival, items] / each:.0f}× {rival}" if (rival, items) in found else ""
        print(f"{items:>7}  {what:<26}{each:>10.4f}  {ratio}")
    for (name, items), each in found.items():
        print(f"{items:>7}  {name:<26}{each:>10.4f}")
    shadow()


if __name__ == "__main__":
    sys.exit(main())
