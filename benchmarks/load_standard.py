"""How long a cold load and check takes: the largest shipped standard, and a generated one of 5,000 indicators.

Each run is a new Python process, the interpreter's start included; the medians of seven runs are
printed beside their targets. A third figure leaves the start out.
"""

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
WARM = (
    "import sys, time; start = time.perf_counter(); import liangcai;"
    "liangcai.check_standard(sys.argv[1]); print(time.perf_counter() - start)"
)


def main() -> None:
    largest = max(map(load_standard, shipped_standards()), key=lambda s: len(s.indicators))
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "generated"
        to_yaml_folder(generated(largest), folder)
        measure(largest.code, len(largest.indicators), target=0.3)
        measure(str(folder), INDICATORS, target=3.0)


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


def measure(name: str, indicators: int, *, target: float) -> None:
    cold, inside = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD, name], check=True)
        cold.append(time.perf_counter() - start)
        shown = subprocess.run([sys.executable, "-c", WARM, name], check=True, capture_output=True)
        inside.append(float(shown.stdout))
    print(
        f"{Path(name).name}: {indicators} indicators, load and check "
        f"{statistics.median(cold):.3f} s cold ({statistics.median(inside):.3f} s without the "
        f"interpreter's start), median of {RUNS}, target {target} s"
    )


if __name__ == "__main__":
    main()
