"""Chance that can be replayed: numbers drawn from a seed and the name of what is drawn."""

import hashlib


def draw(seed: int, *names: str | int) -> float:
    """Return a number in [0, 1) that depends on nothing but the seed and the names.

    A hash instead of a generator: the same on every machine and under every library version, and a
    later draw does not depend on how many were made before.
    """
    text = "\x1f".join(str(part) for part in (seed, *names))
    leading = hashlib.sha256(text.encode("utf-8")).digest()[:8]
    return (int.from_bytes(leading, "big") >> 11) / 2**53
