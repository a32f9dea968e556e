"""Read an item bank: with every finding at once, or with an error for callers who need a valid one."""

from datetime import date
from pathlib import Path

from liangcai.items.model import ItemBank
from liangcai.items.rules import Context, check_rules
from liangcai.items.source import read_item_files
from liangcai.kernel.findings import DocumentInvalid, Finding, has_errors, in_reading_order
from liangcai.standard import Standard, find_standard


class ItemsInvalid(DocumentInvalid):
    """The item bank has errors; `findings` holds all of them."""

    code = "items.invalid"


def check_items(
    path: Path | str, standard: Standard | None = None, *, on: date | None = None
) -> tuple[ItemBank | None, tuple[Finding, ...]]:
    """Read and check items; all findings come back at once, in reading order.

    `path` is one file, a folder of files, or a standard's folder. With a `standard`, units, levels
    and indicators are looked up in it; with a date `on`, items to be reviewed before it are found.
    The bank is None when a file cannot be parsed, an item has a wrong shape or a code stands twice;
    a bank with other errors still comes back.
    """
    sourced, faults = read_item_files(Path(path))
    context = Context(standard, on, is_whole_bank=not Path(path).is_file())
    findings = [*faults, *check_rules(sourced, context)]
    codes = {one.item.code for one in sourced}
    usable = not has_errors(faults) and len(codes) == len(sourced)
    bank = ItemBank(items=tuple(one.item for one in sourced)) if usable else None
    return bank, in_reading_order(findings)


def read_items(
    standard_or_path: str | Path, *, standard: Standard | None = None, on: date | None = None
) -> ItemBank:
    """Return the valid item bank of a shipped standard (by code), of a folder or of one file.

    Raises:
        StandardNotFound: there is neither such a shipped standard nor such a file or folder.
        ItemsInvalid: the bank has errors; they are in `findings`.

    """
    path = Path(standard_or_path)
    if not path.is_file():
        path = find_standard(standard_or_path)
    bank, findings = check_items(path, standard, on=on)
    if bank is None or has_errors(findings):
        raise ItemsInvalid(str(standard_or_path), findings)
    return bank
