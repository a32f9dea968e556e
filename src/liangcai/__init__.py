"""Liangcai 量才: from a competency standard to a defended grade."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from liangcai.kernel.version import __version__

if TYPE_CHECKING:
    from liangcai.grading import decide as decide
    from liangcai.grading import profile_of as profile_of
    from liangcai.grading import read_evidence as read_evidence
    from liangcai.items import read_items as read_items
    from liangcai.items import score_response as score_response
    from liangcai.standard import check_standard as check_standard
    from liangcai.standard import load_standard as load_standard

#: Public name → module that holds it; loaded on first use, so that importing costs little.
_PUBLIC = {
    "check_standard": "liangcai.standard",
    "decide": "liangcai.grading",
    "load_standard": "liangcai.standard",
    "profile_of": "liangcai.grading",
    "read_evidence": "liangcai.grading",
    "read_items": "liangcai.items",
    "score_response": "liangcai.items",
}

__all__ = [
    "__version__",
    "check_standard",
    "decide",
    "load_standard",
    "profile_of",
    "read_evidence",
    "read_items",
    "score_response",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'liangcai' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
