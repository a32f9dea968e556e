"""The parts of a standard with their places, as the rules walk over them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from liangcai.kernel.text import Document, LocalizedText
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Indicator, Standard, Unit


def placed_indicators(standard: Standard) -> Iterator[tuple[Place, Unit, Indicator]]:
    """Yield every indicator with its place and its unit."""
    for row, unit in enumerate(standard.units):
        for column, indicator in enumerate(unit.indicators):
            yield ("units", row, "indicators", column), unit, indicator


def placed_texts(standard: Standard) -> list[tuple[Place, LocalizedText]]:
    """Return every text that a person reads, with its place."""
    found: list[tuple[Place, LocalizedText]] = []
    _collect(standard, (), found)
    return found


def short(text: str, length: int = 40) -> str:
    """Return the text, cut to `length` characters, as messages quote it."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _collect(value: Any, place: Place, found: list[tuple[Place, LocalizedText]]) -> None:
    if isinstance(value, LocalizedText):
        found.append((place, value))
    elif isinstance(value, Document):
        for name, key in _fields(type(value)):
            inner = getattr(value, name)
            if inner.__class__ not in _PLAIN:
                _collect(inner, (*place, key), found)
    elif isinstance(value, tuple):
        for number, member in enumerate(value):
            if member.__class__ is not str:
                _collect(member, (*place, number), found)
    elif isinstance(value, dict):
        for key, member in value.items():
            _collect(member, (*place, key), found)


_PLAIN = frozenset({str, int, float, bool, type(None)})


@cache
def _fields(kind: type[Document]) -> tuple[tuple[str, str], ...]:
    return tuple((name, field.alias or name) for name, field in kind.model_fields.items())
