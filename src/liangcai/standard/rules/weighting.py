"""Rules of weight profiles: every level sums to 100 and no element is passed over in silence."""

from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Standard, WeightProfile
from liangcai.standard.source import StandardSource

SUM = RULES.add(
    "weights.sum",
    "error",
    zh="权重之和不是 100",
    en="The weights of a level do not sum to 100",
)
UNNAMED = RULES.add(
    "weights.unnamed-element",
    "error",
    zh="权重方案未提及某能力要素，也未说明其权重",
    en="A weight profile passes over an element without saying what it weighs",
)
LEVEL_MISSING = RULES.add(
    "weights.missing-level",
    "error",
    zh="权重方案缺少某等级",
    en="A weight profile leaves out a level",
)
NAMED_TWICE = RULES.add(
    "weights.named-twice",
    "warning",
    zh="能力要素既有权重又列为未提及",
    en="An element has weights and is listed as unnamed as well",
)
TOLERANCE = 0.01


def check_weights(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield weights that do not sum to 100 and elements or levels passed over."""
    for number, profile in enumerate(standard.weight_profiles):
        for level in standard.levels:
            if level.code not in profile.weights:
                yield source.finding(
                    LEVEL_MISSING,
                    ("weight_profiles", number, "weights"),
                    zh=f"权重方案 {profile.code} 缺少等级 {level.code}；请补充",
                    en=f"Weight profile {profile.code} leaves out level {level.code}; add it",
                )
        yield from _silent_elements(standard, source, number, profile)
        unnamed = {element: part.weight for element, part in profile.unnamed.items()}
        in_unnamed = sum(unnamed.values())
        for level_code, weights in profile.weights.items():
            total = sum(weights.values()) + in_unnamed
            total -= sum(unnamed[element] for element in weights if element in unnamed)
            if abs(total - 100) > TOLERANCE:
                yield source.finding(
                    SUM,
                    ("weight_profiles", number, "weights", level_code),
                    zh=f"权重方案 {profile.code} 在等级 {level_code} 的权重之和是 {total:g}，应为 100",
                    en=f"The weights of {profile.code} at level {level_code} sum to {total:g}, not 100",
                )


def _silent_elements(
    standard: Standard, source: StandardSource, number: int, profile: WeightProfile
) -> Iterator[Finding]:
    asked = [part.code for part in standard.elements if part.code not in profile.unnamed]
    for level, weights in profile.weights.items():
        for element in asked:
            if element not in weights:
                yield source.finding(
                    UNNAMED,
                    ("weight_profiles", number, "weights", level),
                    zh=f"权重方案 {profile.code} 在等级 {level} 未提及能力要素 {element}；"
                    "请给出权重，或在 unnamed 中说明",
                    en=f"Weight profile {profile.code} passes over element {element} at level "
                    f"{level}; weigh it or explain it in unnamed",
                )
    for element_code in profile.unnamed:
        if profile.weights and all(element_code in named for named in profile.weights.values()):
            yield source.finding(
                NAMED_TWICE,
                ("weight_profiles", number, "unnamed", element_code),
                zh=f"能力要素 {element_code} 在各等级都有权重，又列入 unnamed；请删去其一",
                en=f"Element {element_code} is weighed at every level and stands in unnamed too; "
                "remove one",
            )
