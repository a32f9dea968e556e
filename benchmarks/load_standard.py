"""How long a cold load and check takes: the largest shipped standard, and a generated one of 5,000 indicators.

Each run is a new Python process, interpreter and imports included. What an installation has once it was
used stands ready: a first run, which is not counted, leaves the compiled bytecode in a folder of its own,
whatever PYTHONDONTWRITEBYTECODE says here. Medians of the wall clock and of the processor's time are
printed beside the target; on a busy machine only the second tells something.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from liangcai.standard import load_standard, shipped_standards
from liangcai.standard.exchange import to_yaml_folder
from liangcai.standard.model import Standard

RUNS = 7
INDICATORS = 5_000
COLD = "import sys, liangcai; liangcai.check_standard(sys.argv[1])"


def main() -> None:
    largest = max(map(load_standard, shipped_standards()), key=lambda s: len(s.indicators))
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "generated"
        to_yaml_folder(generated(largest), folder)
        settings = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(parent) / "bytecode")}
        settings.pop("PYTHONDONTWRITEBYTECODE", None)
        measure(largest.code, len(largest.indicators), settings, target=0.3)
        measure(str(folder), INDICATORS, settings, target=3.0)


def generated(model: Standard) -> Standard:
    """Return a standard like `model` with as many indicators as `INDICATORS`, all worded apart."""
    record = model.as_record()
    units: list[dict[str, Any]] = []
    count = 0
    while count < INDICATORS:
        for unit in record["units"]:
            if count == INDICATORS:
                break
            copy = len(units) // len(record["units"]) + 1
            code = f"U{len(units):04}"
            indicators = unit["indicators"][: INDICATORS - count]
            units.append({**unit, "code": code, "indicators": [
                {**x, "code": x["code"].replace(unit["code"], code, 1),
                 "text": {"zh": f"{x['text']['zh']}（第{copy}类场景）",
                          "en": f"{x['text']['en']} (scene {copy})"}}
                for x in indicators
            ]})  # fmt: skip
            count += len(indicators)
    codes = [unit["code"] for unit in units]
    for component in record["evaluation"]:
        component["units"] = codes
    for handoff in record["role"]["handoffs"]:
        handoff["units"] = []
    changes = {"code": "generated", "units": units, "training": [], "crosswalks": []}
    return Standard.model_validate(record | changes)


def measure(name: str, indicators: int, settings: dict[str, str], *, target: float) -> None:
    _, *runs = [cold_run(name, settings) for _ in range(RUNS + 1)]
    wall, processor = (statistics.median(times) for times in zip(*runs, strict=True))
    print(
        f"{Path(name).name}: {indicators} indicators, cold load and check {wall:.3f} s "
        f"({processor:.3f} s of processor), median of {RUNS}, target {target} s"
    )


def cold_run(name: str, settings: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of wall clock and of processor that a new process takes."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", COLD, name], env=settings)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return wall, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
