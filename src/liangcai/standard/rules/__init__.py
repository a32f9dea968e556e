"""The rules of a good standard: each looks at a readable standard and yields findings."""

from collections.abc import Callable, Iterable, Iterator

from liangcai.kernel.findings import Finding
from liangcai.standard.model import Standard
from liangcai.standard.source import StandardSource

Check = Callable[[Standard, StandardSource], Iterable[Finding]]

CHECKS: tuple[Check, ...] = ()


def check_rules(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield the findings of every rule, in no particular order."""
    for check in CHECKS:
        yield from check(standard, source)
