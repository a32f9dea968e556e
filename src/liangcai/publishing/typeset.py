"""PDF pages by typst: a template of ours, a person's values as data, never as markup."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from liangcai.kernel.errors import LiangcaiError

TEMPLATES = Path(__file__).parent / "templates"
#: Families that have the signs of both languages; one of them has to be installed.
FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")


class TypesettingUnavailable(LiangcaiError):
    """The typesetter is not installed: `pip install 'liangcai[reports]'`."""

    code = "report.unavailable"


class FontsMissing(LiangcaiError):
    """No font with Chinese signs is installed, so the page would show empty boxes."""

    code = "report.no-font"


class TypesettingFailed(LiangcaiError):
    """The typesetter refused the page; the message is its own."""

    code = "report.failed"


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """
    Return a PDF of `template` (a file name under `templates/`) filled with JSON-like `data`.

    The same data gives the same bytes: the template sets no date of its own.

    Raises:
        TypesettingUnavailable: the extra `reports` is not installed.
        FontsMissing: no font of `FONTS` is installed.
        TypesettingFailed: the page could not be made.
    """
    try:
        import typst
    except ImportError as error:
        raise TypesettingUnavailable("install it with: pip install 'liangcai[reports]'") from error
    if not set(FONTS) & _families():
        raise FontsMissing(
            f"install one of {', '.join(FONTS)}; on Debian: apt-get install fonts-noto-cjk"
        )
    try:
        return bytes(
            typst.compile(
                str(TEMPLATES / template),
                root=str(TEMPLATES),
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                timestamp=0,
            )
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise TypesettingFailed(str(error)[:500]) from error


@cache
def _families() -> frozenset[str]:
    """Return the font families that the typesetter finds on this machine, looked up once."""
    import typst

    found = typst.Fonts().families()
    return frozenset(str(getattr(family, "name", family)) for family in found)
