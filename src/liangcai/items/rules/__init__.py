"""The rules of a good item: each looks at readable items and yields findings."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from liangcai.items.rules import bank, content, structure
from liangcai.items.rules.context import Context
from liangcai.items.source import SourcedItem
from liangcai.kernel.findings import Finding

ItemCheck = Callable[[SourcedItem, Context], Iterable[Finding]]
BankCheck = Callable[[Sequence[SourcedItem], Context], Iterable[Finding]]

ITEM_CHECKS: tuple[ItemCheck, ...] = (*structure.CHECKS, *content.CHECKS)
BANK_CHECKS: tuple[BankCheck, ...] = bank.CHECKS

__all__ = ["BANK_CHECKS", "ITEM_CHECKS", "Context", "check_rules"]


def check_rules(items: Sequence[SourcedItem], context: Context) -> Iterator[Finding]:
    """Yield the findings of every rule, in no particular order."""
    for one in items:
        for check in ITEM_CHECKS:
            yield from check(one, context)
    for look in BANK_CHECKS:
        yield from look(items, context)
