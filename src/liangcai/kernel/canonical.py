"""Canonical JSON (RFC 8785) and the content hashes taken over it."""

import hashlib
import json
from typing import Any

import rfc8785

from liangcai.kernel.errors import LiangcaiError

_LARGEST_EXACT = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class NotCanonical(LiangcaiError):
    """A value has no canonical JSON form: NaN, an infinity, an integer beyond 2**53, a lone surrogate."""

    code = "canonical.not-representable"


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 form of JSON-like data (dict, list, tuple, str, int, float, bool, None).

    Raises:
        NotCanonical: the value cannot be written so that every reader gets it back unchanged.

    """
    try:
        return _encode(_sorted(value)).encode("utf-8")
    except _Unusual:
        pass
    except UnicodeEncodeError as error:
        raise NotCanonical("a string holds half of a surrogate pair") from error
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonical(str(error)) from error


def content_hash(value: Any) -> str:
    """Return "sha256:" and the hexadecimal SHA-256 of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


class _Unusual(Exception):
    """The value needs the full algorithm: the standard encoder would write it another way."""


def _sorted(value: Any) -> Any:
    """Return `value` so that Python's own (fast, C) encoder writes its canonical form, or raise."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            raise _Unusual  # other keys are sorted by UTF-16 units, not by code points
        return {key: _sorted(value[key]) for key in sorted(value)}
    if kind is list or kind is tuple:
        return [_sorted(member) for member in value]
    if kind is float:
        return _ordinary_float(value)
    if kind is int and abs(value) <= _LARGEST_EXACT:
        return value
    raise _Unusual


def _ordinary_float(value: float) -> float | int:
    if value.is_integer():
        if abs(value) > _LARGEST_EXACT:
            raise _Unusual
        return int(value)
    if 1e-4 <= abs(value) < 1e16:
        return value  # in this range Python's shortest form is ECMAScript's
    raise _Unusual
