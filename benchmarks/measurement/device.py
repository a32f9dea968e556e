"""Calibration of responses on a GPU: 5,000,000 persons × 200 items (10⁹ responses) by the array API.

Run `python benchmarks/measurement/device.py [--persons N]`. Needs CuPy, or PyTorch with a GPU, and
array-api-compat; without them it says so and ends. Simulated on the device; wall seconds after one
warm-up on a twentieth of the persons. Estimates are compared with NumPy on that twentieth.
"""

import argparse
import time
from typing import Any

import numpy as np

from liangcai.measurement.calibration.device import calibrate_on_device
from liangcai.measurement.calibration.models import TwoParameter
from liangcai.measurement.calibration.request import Settings

ITEMS = 200


def array_library() -> Any:
    """Return CuPy or PyTorch if it has a device here, else None."""
    try:
        import cupy

        if cupy.cuda.runtime.getDeviceCount():
            return cupy
    except (ImportError, RuntimeError):
        pass
    try:
        import torch
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def simulated(library: Any, persons: int) -> Any:
    """Return int8 scores on the device."""
    rng = np.random.default_rng(1)
    a, b = np.exp(rng.normal(0.1, 0.3, ITEMS)), rng.normal(0.0, 1.0, ITEMS)
    if library.__name__ == "torch":
        library.manual_seed(1)
        scores = library.empty((persons, ITEMS), dtype=library.int8, device="cuda")
        slopes = library.tensor(a, device="cuda", dtype=library.float32)
        places = library.tensor(b, device="cuda", dtype=library.float32)
        for start in range(0, persons, 250_000):
            part = scores[start : start + 250_000]
            theta = library.randn((part.shape[0], 1), device="cuda")
            chance = library.sigmoid(slopes * (theta - places))
            part.copy_(library.rand(chance.shape, device="cuda") < chance)
        return scores
    generator = library.random.default_rng(1)
    scores = library.empty((persons, ITEMS), dtype=library.int8)
    slopes, places = library.asarray(a), library.asarray(b)
    for start in range(0, persons, 250_000):
        part = scores[start : start + 250_000]
        theta = generator.standard_normal((part.shape[0], 1))
        chance = 1.0 / (1.0 + library.exp(-slopes * (theta - places)))
        part[...] = generator.random(chance.shape) < chance
    return scores


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=5_000_000)
    options = parser.parse_args()
    library = array_library()
    if library is None:
        print("no GPU with CuPy or PyTorch here: nothing measured")
        return
    scores = simulated(library, options.persons)
    settings = Settings(standard_errors=False)
    few = scores[: options.persons // 20]
    there = calibrate_on_device(TwoParameter(), few, settings=settings)
    host = few.cpu().numpy() if hasattr(few, "cpu") else few.get()
    here = calibrate_on_device(TwoParameter(), host, settings=settings)
    print(f"largest difference from NumPy: {np.abs(there.items.a - here.items.a).max():.2e}")
    start = time.perf_counter()
    found = calibrate_on_device(TwoParameter(), scores, settings=settings)
    seconds = time.perf_counter() - start
    print(
        f"{options.persons:,} × {ITEMS} on {library.__name__}: {seconds:.2f} s wall, "
        f"{found.iterations} steps, {found.certificate.nodes} nodes, converged {found.converged}"
    )


if __name__ == "__main__":
    main()
