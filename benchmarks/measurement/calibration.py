"""Calibration beside Python mirt and girth: processor seconds, memory, and the log-likelihood each reaches.

Run `python benchmarks/measurement/calibration.py [--peers PYTHON] [--rows NAME,…] [--repeats N]`.
`--peers` is an interpreter that has mirt (1.2.0) and girth (0.8.0). The data are simulated and
labelled so; every program runs at its defaults (and Python mirt also tuned to 61 or 121 nodes) in a
process of its own. "Deficit" is the log-likelihood lost against the best program, all estimates
re-evaluated on one grid of 241 nodes: the gate is 0.05. R's figures are in docs/benchmarks.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import numpy as np

ROWS = {
    "2pl 10,000 x 100": ("2pl", 10_000, 100, 20260101),
    "2pl 10,000 x 100 with errors": ("2pl+se", 10_000, 100, 20260101),
    "2pl 10,000 x 10": ("2pl", 10_000, 10, 20260104),
    "2pl 10,000 x 400": ("2pl", 10_000, 400, 20260105),
    "2pl 100,000 x 200": ("2pl", 100_000, 200, 20260102),
    "grm 10,000 x 40 x 5": ("grm", 10_000, 40, 20260103),
    "2pl 500,000 x 200, memory-mapped": ("2pl", 500_000, 200, 20260106),
}
OURS = ("liangcai",)
PEERS = ("mirt", "mirt tuned", "girth")
GATE = 0.05


def simulate(kind: str, persons: int, items: int, seed: int) -> np.ndarray:
    """Return simulated scores of standard normal abilities."""
    rng = np.random.default_rng(seed)
    a = np.exp(rng.normal(0.1 if kind != "grm" else 0.3, 0.3 if kind != "grm" else 0.25, items))
    steps = 1 if kind != "grm" else 4
    b = (
        rng.normal(0.0, 1.0, (items, 1))
        if steps == 1
        else np.linspace(-1.5, 1.5, 4) + rng.normal(0.0, 0.4, (items, 1))
    )
    theta = rng.normal(0.0, 1.0, persons)
    scores = np.empty((persons, items), dtype=np.int8)
    for start in range(0, persons, 10_000):
        part = theta[start : start + 10_000, None, None]
        reach = 1.0 / (1.0 + np.exp(-a[:, None] * (part - b)))
        scores[start : start + 10_000] = (rng.random((*reach.shape[:2], 1)) < reach).sum(axis=2)
    return scores


def fit_liangcai(path: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    from liangcai.measurement.calibration.models import GradedResponse, TwoParameter
    from liangcai.measurement.calibration.request import Settings
    from liangcai.measurement.responses.matrix import Responses

    scores = np.load(path, mmap_mode="r")
    names = tuple(f"i{j}" for j in range(scores.shape[1]))
    model = GradedResponse() if kind == "grm" else TwoParameter()
    settings = Settings(standard_errors=kind.endswith("+se"))
    calibration = model.fit(Responses(scores, names), settings=settings)
    if not calibration.converged:
        raise SystemExit(f"not converged: {calibration.certificate}")
    return calibration.items.a, calibration.items.b


def fit_mirt(path: str, kind: str, *, tuned: bool) -> tuple[np.ndarray, np.ndarray]:
    import mirt

    scores = np.load(path)
    more = {"n_quadpts": 61 if scores.shape[1] <= 150 else 121, "accelerate": "squarem"}
    result = mirt.fit_mirt(
        scores,
        model="GRM" if kind == "grm" else "2PL",
        compute_standard_errors=kind.endswith("+se"),
        **(more if tuned else {}),
    )
    parameters = result.model.parameters
    a = np.asarray(parameters["discrimination"]).ravel()
    b = np.asarray(parameters["thresholds" if kind == "grm" else "difficulty"])
    return a, b.reshape(a.size, -1)


def fit_girth(path: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    import girth

    scores = np.load(path).astype(int)
    found = girth.grm_mml(scores.T + 1) if kind == "grm" else girth.twopl_mml(scores.T)
    a = np.asarray(found["Discrimination"])
    return a, np.asarray(found["Difficulty"]).reshape(a.size, -1)


def resident(field: str) -> float:
    """Return a line of this process's memory record, in kilobytes (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith(field)).split()[1])


def run_one(program: str, path: str, kind: str, repeats: int) -> None:
    """Fit in this process; print processor seconds (median), memory above import and estimates."""
    import time

    if program == "liangcai":
        import scipy.special  # noqa: F401

        import liangcai.measurement.calibration.models  # noqa: F401
    elif program == "girth":
        import girth  # noqa: F401
    else:
        import mirt  # noqa: F401
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
    before = resident("VmRSS")
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        if program == "liangcai":
            a, b = fit_liangcai(path, kind)
        elif program == "girth":
            a, b = fit_girth(path, kind)
        else:
            a, b = fit_mirt(path, kind, tuned=program == "mirt tuned")
        seconds.append(time.process_time() - start)
    record = {
        "seconds": float(np.median(seconds)),
        "megabytes": (resident("VmHWM") - before) / 1024,
        "a": np.asarray(a).tolist(),
        "b": np.asarray(b).tolist(),
    }
    print(json.dumps(record))


def log_likelihood(path: str, a: np.ndarray, b: np.ndarray) -> float:
    """Return the marginal log-likelihood on 241 nodes from −6 to 6, without the package's code."""
    nodes = np.linspace(-6.0, 6.0, 241)
    prior = -0.5 * nodes**2
    prior -= np.log(np.exp(prior).sum())
    reach = 1.0 / (1.0 + np.exp(-a[:, None, None] * (nodes - b[:, :, None])))
    one = np.ones((a.size, 1, nodes.size))
    share = np.concatenate([one, reach], 1) - np.concatenate([reach, 0.0 * one], 1)
    log = np.log(np.maximum(share, 1e-300))
    scores, total = np.load(path, mmap_mode="r"), 0.0
    for start in range(0, scores.shape[0], 5_000):
        part = np.asarray(scores[start : start + 5_000])
        table = np.tile(prior, (part.shape[0], 1))
        for category in range(log.shape[1]):
            table += (part == category).astype(float) @ log[:, category]
        peak = table.max(axis=1)
        total += float((np.log(np.exp(table - peak[:, None]).sum(axis=1)) + peak).sum())
    return total


def measured(python: str, program: str, path: str, kind: str, repeats: int) -> dict | None:
    command = [python, __file__, "--one", program, "--path", path, "--kind", kind]
    done = subprocess.run(
        [*command, "--repeats", str(repeats)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"  {program}: failed\n{done.stderr[-800:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers")
    parser.add_argument("--rows")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one")
    parser.add_argument("--path")
    parser.add_argument("--kind")
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.path, options.kind, options.repeats)
        return
    chosen = [name for name in ROWS if not options.rows or name in options.rows.split(";")]
    print("data: simulated; seconds of processor time, median\n")
    failed = False
    for name in chosen:
        kind, persons, items, seed = ROWS[name]
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "scores.npy")
            np.save(path, simulate(kind.split("+")[0], persons, items, seed))
            failed |= compare(name, kind, path, options)
    if failed:
        raise SystemExit("the log-likelihood gate was missed")


def compare(name: str, kind: str, path: str, options: argparse.Namespace) -> bool:
    """Print one row; return whether ours missed the gate."""
    huge = "memory-mapped" in name
    found = {}
    for program in (*OURS, *(PEERS if options.peers and not huge else ())):
        python = sys.executable if program == "liangcai" else options.peers
        repeats = options.repeats if program == "liangcai" and not huge else 1
        record = measured(python, program, path, kind, repeats)
        if record is not None:
            a, b = np.array(record["a"]), np.array(record["b"])
            record["ll"] = log_likelihood(path, a, b)
            found[program] = record
    best = max(record["ll"] for record in found.values())
    ours = found["liangcai"]
    print(f"{name}")
    for program, record in found.items():
        print(
            f"  {program:12} {record['seconds']:9.3f} s   {record['megabytes']:7.0f} MB above import"
            f"   deficit {best - record['ll']:9.3f}   x {record['seconds'] / ours['seconds']:.1f}"
        )
    return best - ours["ll"] > GATE


if __name__ == "__main__":
    main()
