"""Compile the translation catalogues when the package is built, so that a wheel carries them."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = "src/liangcai/server/locale"


def compile_messages(root: Path) -> list[Path]:
    """Write a .mo beside every .po under the server's locale folder and return what was written."""
    written = []
    for source in sorted((root / LOCALE).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parent.parent.name))
        written.append(target)
    return written


class CompileMessages(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter says nothing to a hook
    """Run the compilation before each wheel, editable ones included."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling names them)
        """Compile into the source tree; the wheel target lists the results as artifacts."""
        compile_messages(Path(self.root))


if __name__ == "__main__":
    for path in compile_messages(Path(__file__).parent.parent):
        print(path)
