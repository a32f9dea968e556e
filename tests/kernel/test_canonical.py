"""Canonical JSON is what RFC 8785 asks for, whichever of the two ways writes it."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from liangcai.kernel.canonical import NotCanonical, canonical_json, content_hash

JCS_VECTORS = Path(__file__).parents[3] / "shared/refs/credentials/vectors/jcs"

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
@example(2.0**53)  # a whole number that is still written without a point
@example(-9.9e15)
def test_it_writes_what_the_reference_implementation_writes(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(values)
def test_reading_it_back_gives_the_same_value(value: Any) -> None:
    written = canonical_json(value)

    assert canonical_json(json.loads(written, parse_int=float)) == written


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    assert content_hash({"b": 1, "a": [1.0, "中"]}) == content_hash({"a": [1, "中"], "b": 1})


def test_keys_are_sorted_by_utf_16_units() -> None:
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53 + 1, "\ud800", {"a": object()}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


@pytest.mark.skipif(
    not JCS_VECTORS.is_dir(), reason="the reference vectors are not beside this checkout"
)
def test_the_published_vectors_hold() -> None:
    inputs = sorted((JCS_VECTORS / "input").glob("*.json"))
    assert inputs

    for source in inputs:
        expected = (JCS_VECTORS / "output" / source.name).read_bytes().rstrip(b"\n")
        assert canonical_json(json.loads(source.read_text(encoding="utf-8"))) == expected, (
            source.name
        )
