"""A competency standard as data: read, check, compare, exchange."""

from liangcai.standard.model import Standard
from liangcai.standard.read import (
    StandardInvalid,
    StandardNotFound,
    check_standard,
    find_standard,
    load_standard,
    shipped_standards,
)

__all__ = [
    "Standard",
    "StandardInvalid",
    "StandardNotFound",
    "check_standard",
    "find_standard",
    "load_standard",
    "shipped_standards",
]
