"""Synthetic item pools, drawn from a fixed seed."""

import numpy as np

from liangcai.measurement.adaptive.item_pool import ItemPool, item_pool
from liangcai.measurement.models.items import ItemParameters


def items_3pl(count: int, *, seed: int = 1) -> ItemParameters:
    rng = np.random.default_rng(seed)
    a, b, c = np.exp(rng.normal(0.1, 0.3, count)), rng.normal(size=count), rng.beta(5, 17, count)
    return ItemParameters.from_json(
        [{"item": f"q{n}", "model": "3pl", "a": a[n], "b": b[n], "c": c[n]} for n in range(count)]
    )


def mixed_items(count: int, *, seed: int = 2) -> ItemParameters:
    """Every family in turn: 4PL, graded, generalised partial credit, nominal."""
    rng, records = np.random.default_rng(seed), []
    for n in range(count):
        a, b = float(np.exp(rng.normal(0.1, 0.25))), float(rng.normal())
        steps = np.sort(b + rng.uniform(-1.2, 1.2, 3)) + np.array([0.0, 0.1, 0.2])
        records.append(
            [
                {"item": f"m{n}", "model": "4pl", "a": a, "b": b, "c": 0.15, "d": 0.95},
                {"item": f"m{n}", "model": "grm", "a": a, "b": steps.tolist()},
                {"item": f"m{n}", "model": "gpcm", "a": a, "b": steps[:2].tolist()},
                {
                    "item": f"m{n}",
                    "model": "nominal",
                    "b": [0.4, float(-a * b)],
                    "category_slopes": [0.6 * a, 1.3 * a],
                },
            ][n % 4]
        )
    return ItemParameters.from_json(records)


def pool_3pl(count: int, *, seed: int = 1) -> ItemPool:
    return item_pool(items_3pl(count, seed=seed))


def mixed_pool(count: int, *, seed: int = 2) -> ItemPool:
    return item_pool(mixed_items(count, seed=seed))
