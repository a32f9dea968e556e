"""The smallest standard that leaves the checker nothing to say, as data and as a folder."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from liangcai.standard import Standard

_RECORD: dict[str, Any] = {
    "code": "minimal",
    "title": {"zh": "咖啡师能力要求", "en": "Capability requirements for baristas"},
    "version": "0.1.0",
    "status": "draft",
    "date": "2026-11-23",
    "licence": "CC-BY-4.0",
    "source": {"zh": "为测试撰写", "en": "Written for tests"},
    "notice": {"zh": "不是正式文本", "en": "Not an official text"},
    "levels": [
        {
            "code": "junior",
            "rank": 1,
            "label": {"zh": "初级", "en": "Junior"},
            "origin": "proposal",
        },
        {
            "code": "senior",
            "rank": 2,
            "label": {"zh": "高级", "en": "Senior"},
            "origin": "proposal",
        },
    ],
    "elements": [
        {"code": "E", "title": {"zh": "技能", "en": "Skills"}, "origin": "proposal"},
    ],
    "units": [
        {
            "code": "E1",
            "element": "E",
            "title": {"zh": "萃取", "en": "Extraction"},
            "duties": ["D1"],
            "origin": "proposal",
            "indicators": [
                {
                    "code": "E1-1-1",
                    "level": "junior",
                    "provision": "shall",
                    "text": {
                        "zh": "应能在指导下按给定配方萃取咖啡，记录时间和重量",
                        "en": "Shall, under guidance, extract coffee by a given recipe, "
                        "recording time and weight",
                    },
                    "evidence": ["lab-result"],
                    "methods": ["lab"],
                    "origin": "proposal",
                },
                {
                    "code": "E1-2-1",
                    "level": "senior",
                    "provision": "shall",
                    "text": {
                        "zh": "应能主导制定门店的配方标准，说明每个参数的取值依据",
                        "en": "Shall lead the setting of the shop's recipes, giving the grounds "
                        "of each parameter",
                    },
                    "evidence": ["work-product"],
                    "methods": ["lab"],
                    "origin": "proposal",
                },
            ],
        },
    ],
    "role": {
        "title": {"zh": "咖啡师", "en": "Barista"},
        "definition": {"zh": "制作咖啡的人员", "en": "A person who makes coffee"},
        "origin": "proposal",
        "duties": [
            {
                "code": "D1",
                "text": {"zh": "制作咖啡", "en": "Make coffee"},
                "origin": "proposal",
            },
        ],
    },
    "weight_profiles": [
        {
            "code": "default",
            "title": {"zh": "默认权重", "en": "Default weights"},
            "origin": "proposal",
            "authority": {"zh": "无权威性", "en": "No authority"},
            "weights": {"junior": {"E": 100}, "senior": {"E": 100}},
        },
    ],
    "evaluation": [
        {
            "code": "lab",
            "title": {"zh": "实操", "en": "Practical"},
            "methods": ["lab"],
            "levels": ["junior", "senior"],
            "units": ["E1"],
            "origin": "proposal",
        },
    ],
    "training": [
        {"unit": "E1", "hours": {"junior": 8, "senior": 16}, "origin": "proposal"},
    ],
    "terms": [
        {
            "code": "T01",
            "term": {"zh": "萃取", "en": "extraction"},
            "definition": {
                "zh": "用热水从咖啡粉中溶出风味物质的过程",
                "en": "The process of dissolving flavour from ground coffee with hot water",
            },
            "origin": "proposal",
        },
    ],
    "history": [
        {
            "version": "0.1.0",
            "date": "2026-11-23",
            "changes": {"zh": "首个版本", "en": "First version"},
        },
    ],
}


class _Plain(yaml.SafeDumper):
    """Writes a shared value out in full: our reader refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def minimal_record(**parts: Any) -> dict[str, Any]:
    """Return the minimal standard as plain data, with some of its top-level parts replaced."""
    return {**deepcopy(_RECORD), **parts}


def minimal_standard(**parts: Any) -> Standard:
    """Return the minimal standard, with some of its top-level parts replaced."""
    return Standard.model_validate(minimal_record(**parts))


def minimal_yaml(record: dict[str, Any] | None = None) -> str:
    """Return a standard as the text of one standard.yaml."""
    return yaml.dump(record or _RECORD, Dumper=_Plain, allow_unicode=True, sort_keys=False)


def write_minimal(parent: Path, **parts: Any) -> Path:
    """Write the minimal standard, parts replaced, into a folder named by its code; return the folder."""
    record = minimal_record(**parts)
    folder = parent / str(record["code"])
    folder.mkdir(parents=True)
    (folder / "standard.yaml").write_text(minimal_yaml(record), encoding="utf-8")
    return folder
