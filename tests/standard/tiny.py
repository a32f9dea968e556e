"""A very small standard, and a Hypothesis strategy that draws any readable one."""

from typing import Any

from hypothesis import strategies as st

from liangcai.kernel.text import LocalizedText
from liangcai.standard.model import Standard


def text(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en}


def indicator(code: str, level: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "level": level,
        "provision": "shall",
        "text": text(zh, en),
        "evidence": ["lab-result"],
        "methods": ["lab"],
        "origin": "proposal",
        **more,
    }


def tiny_record() -> dict[str, Any]:
    """Two levels, two elements, two units, three indicators and one of everything else."""
    return {
        "code": "tea-taster",
        "title": text("评茶员能力要求", "Capability requirements for tea tasters"),
        "aliases": [text("品茶师", "Tea judge")],
        "version": "1.2.3",
        "status": "draft",
        "date": "2026-11-23",
        "licence": "CC-BY-4.0",
        "source": text("自拟", "Own text"),
        "notice": text("仅供测试", "For tests only"),
        "levels": [
            {"code": "low", "rank": 1, "label": text("初级", "Junior"), "origin": "proposal"},
            {
                "code": "high",
                "rank": 2,
                "label": text("高级", "Senior"),
                "autonomy": text("主导", "Leads"),
                "origin": "proposal",
            },
        ],
        "elements": [
            {"code": "A", "title": text("知识", "Knowledge"), "origin": "proposal"},
            {"code": "B", "title": text("技能", "Skill"), "origin": "proposal"},
        ],
        "units": [
            {
                "code": "A1",
                "element": "A",
                "title": text("茶类知识", "Kinds of tea"),
                "duties": ["D1"],
                "origin": "proposal",
                "indicators": [
                    indicator(
                        "A1-1-1", "low", "应能按给定图谱指出茶类", "Shall name kinds by a chart"
                    ),
                    indicator(
                        "A1-2-1", "high", "应能主导编制茶类图谱", "Shall lead making a chart"
                    ),
                ],
            },
            {
                "code": "B1",
                "element": "B",
                "title": text("审评", "Tasting"),
                "origin": "proposal",
                "indicators": [
                    indicator(
                        "B1-1-1", "low", "应能在指导下冲泡样茶", "Shall, guided, brew a sample"
                    )
                ],
            },
        ],
        "role": {
            "title": text("评茶员", "Tea taster"),
            "definition": text("评定茶叶品质的人员", "A person who judges tea"),
            "origin": "proposal",
            "duties": [{"code": "D1", "text": text("评定茶叶品质", "Judge tea"), "origin": "note"}],
            "exclusions": [
                {
                    "code": "X1",
                    "text": text("种植茶树", "Growing tea"),
                    "owner": "tea-grower",
                    "origin": "proposal",
                }
            ],
            "handoffs": [
                {
                    "code": "H1",
                    "to": "tea-grower",
                    "gives": text("评语", "Comments"),
                    "receives": text("样茶", "Samples"),
                    "units": ["B1"],
                    "origin": "proposal",
                }
            ],
            "contrasts": [
                {
                    "role": "tea-grower",
                    "aspect": text("对象", "Object"),
                    "here": text("茶汤", "Brew"),
                    "there": text("茶园", "Garden"),
                    "origin": "proposal",
                }
            ],
        },
        "weight_profiles": [
            {
                "code": "even",
                "title": text("均等", "Even"),
                "origin": "proposal",
                "authority": text("我方建议", "Our proposal"),
                "weights": {"low": {"A": 50, "B": 50}, "high": {"B": 100}},
                "unnamed": {"A": {"weight": 0, "note": text("未列", "Not named")}},
            }
        ],
        "evaluation": [
            {
                "code": "lab",
                "title": text("实操", "Practice"),
                "methods": ["lab"],
                "levels": ["low", "high"],
                "units": ["A1", "B1"],
                "origin": "proposal",
            }
        ],
        "training": [
            {
                "unit": "B1",
                "requires": ["A1"],
                "hours": {"low": 8, "high": 2.5},
                "activities": [text("冲泡练习", "Brewing practice")],
                "origin": "proposal",
            }
        ],
        "terms": [
            {
                "code": "T1",
                "term": text("茶汤", "brew"),
                "variants": [text("汤", "liquor")],
                "definition": text("冲泡所得的液体", "The liquid that brewing gives"),
                "source": "GB/T 0000",
                "origin": "proposal",
            }
        ],
        "crosswalks": [
            {
                "code": "old",
                "target": "Old list 1",
                "title": text("旧目录", "The old list"),
                "scope": "units",
                "relations": [
                    {"from": "A1", "relation": "exact", "to": "K.1", "verified": True},
                    {"from": "B1", "relation": "close", "to": "K.2", "note": text("相近", "Near")},
                ],
            }
        ],
        "history": [
            {"version": "1.2.3", "date": "2026-11-23", "changes": text("初版", "First version")}
        ],
    }


def tiny_standard(**changes: Any) -> Standard:
    """Return the tiny standard with some of its top fields replaced."""
    return Standard.model_validate({**tiny_record(), **changes})


#: Text as people and attackers write it: no lone surrogates, at least one character.
words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12
)
localized = st.builds(LocalizedText, zh=words, en=st.one_of(st.just(""), words))
origins = st.sampled_from(["note", "neighbour", "market", "proposal"])


@st.composite
def standards(draw: st.DrawFn) -> Standard:
    """Draw a readable standard (codes resolve and are unique; wording is anything at all)."""
    record = tiny_record()
    record["number"] = draw(st.none() | words)
    record["licence"], record["language"] = draw(words), draw(st.sampled_from(["zh", "en"]))
    record["version"] = draw(st.sampled_from(["0.1.0", "1.2.3", "1.3.0", "2.0.0"]))
    for name in ("title", "source", "notice"):
        record[name] = draw(localized)
    record["aliases"] = draw(st.lists(localized, max_size=2))
    record["elements"] = [
        {"code": code, "title": draw(localized), "summary": draw(st.none() | localized)}
        | {"origin": draw(origins)}
        for code in ("A", "B")
    ]
    codes = draw(st.lists(st.sampled_from(["A1", "B1", "C1", "a9"]), unique=True, max_size=4))
    record["units"] = [draw(_units(code)) for code in codes]
    record["weight_profiles"][0]["weights"] = draw(_weights)
    record["training"] = [
        {
            "unit": code,
            "hours": draw(st.dictionaries(st.sampled_from(["low", "high"]), st.floats(0, 2000))),
            "activities": draw(st.lists(localized, max_size=2)),
            "origin": "market",
        }
        for code in codes
    ]
    record["terms"][0]["note"] = draw(st.none() | localized)
    record["terms"][0]["source"] = draw(st.just("") | words)
    record["crosswalks"][0]["relations"][0]["to"] = draw(words)
    return Standard.model_validate(record)


_percent = st.floats(0, 100) | st.integers(0, 100)
_weights = st.dictionaries(
    st.sampled_from(["low", "high"]),
    st.dictionaries(st.sampled_from(["A", "B"]), _percent, min_size=1),
)


@st.composite
def _units(draw: st.DrawFn, code: str) -> dict[str, Any]:
    levels = draw(st.lists(st.sampled_from(["low", "high"]), max_size=3))
    kinds = st.lists(st.sampled_from(["lab-result", "testimony"]), unique=True)
    return {
        "code": code,
        "element": draw(st.sampled_from(["A", "B"])),
        "title": draw(localized),
        "duties": draw(st.sampled_from([[], ["D1"]])),
        "origin": draw(origins),
        "indicators": [
            {
                "code": f"{code}-{number}",
                "level": level,
                "provision": draw(st.sampled_from(["shall", "should", "may"])),
                "text": draw(localized),
                "note": draw(st.none() | localized),
                "evidence": draw(kinds),
                "methods": draw(st.lists(st.sampled_from(["lab", "exam"]), unique=True)),
                "origin": draw(origins),
            }
            for number, level in enumerate(levels, 1)
        ],
    }
