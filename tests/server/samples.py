"""Documents that the server's tests send in: the shipped standard as files, evidence of a few labs."""

from functools import cache

from liangcai.grading import EvidenceFile
from liangcai.standard import find_standard, load_standard

CODE = "llm-product-engineer"


@cache
def _shipped_files() -> tuple[tuple[str, bytes], ...]:
    folder = find_standard(CODE)
    paths = [*folder.glob("*.yaml"), *folder.glob("units/*.yaml")]
    return tuple((str(path.relative_to(folder)), path.read_bytes()) for path in paths)


def folder_files() -> dict[str, bytes]:
    """The shipped standard as somebody would upload it: a new mapping, to change at will."""
    return dict(_shipped_files())


def lab_scores(*units: str, person: str = "p", score: float = 70) -> EvidenceFile:
    """Evidence of one lab score per unit at the lowest level."""
    level = load_standard(CODE).levels_upwards()[0].code
    records = [
        {
            "kind": "lab-score",
            "id": f"lab-{unit}",
            "units": [unit],
            "level": level,
            "source": "lab",
            "date": "2026-11-01",
            "synthetic": False,
            "lab": "E1",
            "score": score,
        }
        for unit in units
    ]
    fact = {
        "id": "years",
        "fact": "experience-years",
        "value": 3,
        "verified": True,
        "source": "contract",
        "date": "2026-11-01",
        "synthetic": False,
    }
    return EvidenceFile.model_validate(
        {
            "person": {"id": person, "synthetic": False},
            "standard": CODE,
            "records": records,
            "facts": [fact],
        }
    )
