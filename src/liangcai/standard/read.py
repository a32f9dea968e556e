"""Read a standard: with every finding at once, or with an error for callers who need a valid one."""

from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.findings import DocumentInvalid, Finding, has_errors, in_reading_order
from liangcai.standard.model import Standard
from liangcai.standard.rules import check_rules
from liangcai.standard.shape import shape_findings
from liangcai.standard.source import SHIPPED, StandardSource, read_source


class StandardNotFound(LiangcaiError):
    """No shipped standard has this name and no folder has this path."""

    code = "standard.not-found"


class StandardInvalid(DocumentInvalid):
    """The standard has errors; `findings` holds all of them."""

    code = "standard.invalid"


def shipped_standards() -> tuple[str, ...]:
    """Return the codes of the standards that ship with the package."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/standard.yaml")))


def find_standard(name_or_path: str | Path) -> Path:
    """Return the folder of a shipped standard (by code) or of a path.

    Raises:
        StandardNotFound: neither exists.

    """
    if isinstance(name_or_path, str) and name_or_path in shipped_standards():
        return SHIPPED / name_or_path
    folder = Path(name_or_path)
    with suppress(OSError):  # a name that no file system takes names no folder either
        if name_or_path != "" and folder.is_dir():
            return folder
    known = ", ".join(shipped_standards())
    raise StandardNotFound(
        f"no folder {name_or_path} and no such shipped standard (shipped: {known})"
    )


def check_standard(name_or_path: str | Path) -> tuple[Standard | None, tuple[Finding, ...]]:
    """Read and check a standard; all findings come back at once, in reading order.

    The standard is None when it has errors that leave no usable document (a file that
    cannot be parsed, a wrong shape); a standard with other errors still comes back.

    Raises:
        StandardNotFound: there is nothing to check.

    """
    source, findings = read_source(find_standard(name_or_path))
    if source is None:
        return None, in_reading_order(findings)
    standard, faults = _validate(source)
    unreadable = has_errors(findings)
    found = [*findings, *faults]
    if standard is not None and not unreadable:
        found += check_rules(standard, source)
    return (None if unreadable else standard), in_reading_order(found)


def load_standard(name_or_path: str | Path) -> Standard:
    """Return a valid standard.

    Raises:
        StandardNotFound: neither a shipped standard nor a folder has this name.
        StandardInvalid: it has errors; they are in `findings`.

    """
    standard, findings = check_standard(name_or_path)
    if standard is None or has_errors(findings):
        raise StandardInvalid(str(name_or_path), findings)
    return standard


def _validate(source: StandardSource) -> tuple[Standard | None, list[Finding]]:
    try:
        return Standard.model_validate(source.raw), []
    except ValidationError as error:
        return None, shape_findings(error, source)
