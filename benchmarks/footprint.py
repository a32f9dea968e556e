"""How long importing takes, and how much disk an installation needs, beside what it stands on."""

import re
import statistics
import subprocess
import sys
import time
import tomllib
from importlib import metadata
from pathlib import Path

ROUNDS = 11
ROOT = Path(__file__).parents[1]


def import_seconds(module: str) -> float:
    """Return the median wall time of a fresh interpreter that imports `module`, less an empty one."""

    def once(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    rounds = [(once(f"import {module}"), once("pass")) for _ in range(ROUNDS)]
    return statistics.median(full - empty for full, empty in rounds)


def closure(names: set[str]) -> set[str]:
    """Return distributions and everything installed that they require."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        for line in metadata.requires(name) or ():
            needed = re.split(r"[ \[;<>=!~(]", line)[0].lower().replace("_", "-")
            if "extra ==" not in line and needed not in found and installed(needed):
                waiting.add(needed)
    return found


def installed(name: str) -> bool:
    """Whether a distribution is here (requirements of other platforms are not)."""
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def megabytes(names: set[str]) -> float:
    """Return the size of the files that distributions own, in MB, without bytecode."""
    paths = (
        Path(str(file.locate()))
        for name in names
        for file in metadata.files(name) or ()
        if file.suffix != ".pyc"
    )
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def names_in(requirements: list[str]) -> set[str]:
    """Return the distribution names of requirement lines, our own extras left out."""
    names = {re.split(r"[ \[;<>=!~(]", line)[0].lower() for line in requirements}
    return {name for name in names - {"liangcai"} if installed(name)}


def main() -> None:
    """Print both tables."""
    ours = import_seconds("liangcai")
    print(f"{'import':24}{'median s':>10}{'ratio':>8}   target for liangcai <= 0.25 s")
    for module in ("liangcai", "pydantic", "numpy", "scipy.stats", "django"):
        seconds = ours if module == "liangcai" else import_seconds(module)
        print(f"{module:24}{seconds:10.3f}{seconds / max(ours, 1e-4):8.1f}")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = sum(
        p.stat().st_size for p in (ROOT / "src").rglob("*") if p.suffix != ".pyc" and p.is_file()
    )
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    base = megabytes(closure({"numpy", "scipy", "pydantic"}))
    core = megabytes(closure(names_in(project["dependencies"]))) + own / 1e6
    everything = megabytes(closure(names_in(project["dependencies"] + extras))) + own / 1e6
    print(f"\n{'installed':44}{'MB':>8}{'ratio':>8}")
    for title, size in (
        ("numpy + scipy + pydantic", base),
        ("liangcai (core)", core),
        ("liangcai[all]", everything),
    ):
        print(f"{title:44}{size:8.0f}{size / base:8.2f}")
    print(f"of which our own files{'':22}{own / 1e6:8.1f}")


if __name__ == "__main__":
    main()
