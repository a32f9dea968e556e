"""Content hashes at the speed of grading: the same bytes as the kernel's, for values already plain."""

import hashlib
import json
from typing import Any

_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True
).encode


def plain_hash(value: Any) -> str:
    """Return the content hash of JSON-like data whose plain encoding is canonical already.

    The caller guarantees ASCII keys and numbers that are integers, or fractions between 1e-4 and
    1e16 with the whole ones given as integers; for those Python's encoder writes RFC 8785. It
    walks nothing in Python, which makes it some five times as fast as `kernel.content_hash`.
    """
    return "sha256:" + hashlib.sha256(_encode(value).encode("utf-8")).hexdigest()
