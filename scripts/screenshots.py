"""Take the documentation's pictures anew, from the browser tests' own walk through a demonstration.

    make screenshots          needs the Debian packages chromium, imagemagick and poppler-utils

The tests keep a picture of each page they look at; here the wanted ones are cut to their first
screens, reduced to a palette and given the names that the documentation uses.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
SCREENS = ROOT / "docs" / "_static" / "screens"
EXAMPLE = "examples/borderline/evidence.yaml"
TESTS = (
    "(public_pages and wide) or (clicking and narrow-zh) or (reads_the_report and wide-zh)"
    " or (sign_up_to and (wide-zh or narrow))"
)
COLOURS, LARGEST = 64, 150 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the documentation: which page of the walk, how high, and from where (pixels)."""

    page: str
    height: int
    top: int = 0


PICTURES = {
    "home-zh-1280": Picture("home-wide-zh", 1000),
    "explorer-zh-1280": Picture("standards-llm-product-engineer-wide-zh", 1400),
    "explorer-en-1280": Picture("standards-llm-product-engineer-wide-en", 1400),
    "unit-zh-360": Picture("unit-jn5-narrow-zh", 1400),
    "assessment-zh-360": Picture("question-statement-1-narrow-zh", 1000),
    "profile-zh-1280": Picture("my-profile-wide-zh", 1400),
    "profile-en-360": Picture("my-profile-narrow-en", 1400, top=1425),
    "report-zh-1280": Picture("examples-borderline-wide-zh", 1400),
    "compare-roles-en-1280": Picture(
        "standards-compare-one-llm-product-engineer-other-ai-trainer-wide-en", 1400
    ),
}


def walk(folder: Path) -> None:
    """Let the browser tests walk the pages and keep a picture of each in a folder."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/browser", "-k", TESTS]
    environment = os.environ | {"LIANGCAI_SCREENSHOTS": str(folder)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def first_page(folder: Path) -> Path:
    """Return a picture of the first page of an example's report."""
    report, page = folder / "report.pdf", folder / "report"
    program = Path(sys.executable).parent / "liangcai"
    words = ["grade", EXAMPLE, "--format", "pdf", "--lang", "zh", "--output", str(report)]
    subprocess.run([program, *words], cwd=ROOT, check=True)
    draw = ["-png", "-r", "80", "-singlefile", str(report), str(page)]
    subprocess.run(["pdftoppm", *draw], check=True)
    return page.with_suffix(".png")


def keep(picture: Path, name: str, *, height: int, top: int = 0) -> None:
    """Cut a picture, reduce it to a palette and put it into the documentation."""
    target = SCREENS / f"{name}.png"
    shutil.copyfile(picture, target)
    cut = ["-crop", f"x{height}+0+{top}", "+repage"]
    reduce = ["-strip", "+dither", "-colors", str(COLOURS), "-define", "png:compression-level=9"]
    subprocess.run(["mogrify", *cut, *reduce, str(target)], check=True)
    size = target.stat().st_size
    print(f"{name:24}{size / 1024:6.0f} KiB")
    if size > LARGEST:
        raise SystemExit(f"{target} is larger than {LARGEST // 1024} KiB")


def main() -> None:
    """Make every picture; stop at the first that cannot be made."""
    missing = [name for name in ("chromium", "mogrify", "pdftoppm") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)} (see the top of {__file__})")
    SCREENS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        walk(folder)
        for title, picture in PICTURES.items():
            keep(folder / f"{picture.page}.png", title, height=picture.height, top=picture.top)
        keep(first_page(folder), "report-pdf-zh", height=1400)


if __name__ == "__main__":
    main()
