"""Small banks for the tests, written as the files an author would write."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from liangcai.items import Item


def text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def option(key: str, *, correct: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "key": key,
        "correct": correct,
        "text": text(f"选项{key}的说法", f"What option {key} says"),
        "rationale": text(f"理由{key}", f"Reason {key}"),
    }
    return made if correct else {**made, "misconception": f"wrong-idea-{key.lower()}"}


def raw_item(code: str = "JN5-I01", *, right: str = "A", keys: str = "ABCD", **changes: Any) -> Any:
    item: dict[str, Any] = {
        "code": code,
        "unit": "JN5",
        "level": "intermediate",
        "indicators": [],
        "kind": "single-choice" if len(right) == 1 else "multiple-choice",
        "cognitive": "apply",
        "status": "pilot",
        "calibration": "none",
        "prior": {"difficulty": 0.0, "sd": 0.8},
        "stem": text(f"{code} 应当怎样做？", f"What should be done in {code}?"),
        "options": [option(key, correct=key in right) for key in keys],
    }
    return {**item, **deepcopy(changes)}


def item(code: str = "JN5-I01", **changes: Any) -> Item:
    return Item.model_validate(raw_item(code, **changes))


def write_items(folder: Path, *items: Any, name: str = "JN5.yaml") -> Path:
    (folder / "items").mkdir(exist_ok=True)
    path = folder / "items" / name
    path.write_text(yaml.safe_dump({"items": list(items)}, allow_unicode=True, sort_keys=False))
    return path
