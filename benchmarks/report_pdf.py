"""How long a report takes as data and as a PDF, in both languages; the stated target is 0.5 s."""

import statistics
import sys
import time
from pathlib import Path

from liangcai.grading import decide, load_scheme, read_evidence
from liangcai.grading.report import decision_report
from liangcai.publishing.typeset import typeset
from liangcai.standard import load_standard

EVIDENCE = Path(__file__).resolve().parents[1] / "examples" / "borderline" / "evidence.yaml"
TARGET_SECONDS, RUNS = 0.5, 15


def main() -> int:
    evidence = read_evidence(EVIDENCE)
    standard = load_standard(evidence.standard)
    scheme = load_scheme("default", standard=standard)
    record = decide(standard, evidence, scheme).as_record()
    worst = 0.0
    for language in ("zh", "en"):
        building, typesetting, size = [], [], 0
        for _ in range(RUNS):
            start = time.perf_counter()
            report = decision_report(record, standard, scheme, language=language).as_data()
            built = time.perf_counter()
            size = len(typeset("grade_report.typ", report))
            building.append(built - start)
            typesetting.append(time.perf_counter() - built)
        total = [one + other for one, other in zip(building, typesetting, strict=True)]
        worst = max(worst, statistics.median(total))
        print(
            f"{language}: report {1000 * statistics.median(building):.1f} ms,"
            f" PDF {1000 * statistics.median(typesetting):.0f} ms"
            f" (first {1000 * typesetting[0]:.0f} ms), {size / 1024:.0f} KiB"
        )
    print(f"median {worst:.2f} s of {TARGET_SECONDS} s")
    return int(worst > TARGET_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
