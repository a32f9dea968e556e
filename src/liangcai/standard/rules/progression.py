"""Rules of progression: a higher level asks for more than the one below it."""

import re
from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Indicator, Standard, Unit
from liangcai.standard.rules.similarity import alike_pairs, bigrams, normalised
from liangcai.standard.rules.texts import placed_indicators
from liangcai.standard.source import StandardSource

SAME_TEXT = RULES.add(
    "progression.same-text",
    "warning",
    zh="两个等级的指标文字相同",
    en="Indicators of two levels say the same",
)
NEAR_TEXT = RULES.add(
    "progression.near-text",
    "warning",
    zh="两个等级的指标文字几乎相同",
    en="Indicators of two levels say nearly the same",
)
REPEATED_TEXT = RULES.add(
    "indicator.repeated-text",
    "warning",
    zh="指标文字与另一指标重复",
    en="An indicator repeats the text of another one",
)
AUTONOMY = RULES.add(
    "progression.autonomy",
    "warning",
    zh="自主程度用词与等级不符",
    en="The words of autonomy do not fit the level",
)
BACKWARDS = RULES.add(
    "progression.backwards",
    "warning",
    zh="自主程度随等级升高而下降",
    en="Autonomy falls from one level to the next",
)
ALIKE = 0.9

_HEAD = r"^(?:不?应当?|不?宜|可以?)?(?:能够?)?"
_LEAD = re.compile(_HEAD + r"(?:独立)?(主导|统筹|牵头|领导|引领)")
_GUIDED = re.compile(
    _HEAD + r"(在[^，。；]{0,8}(?:指导|监督|带领|帮助)下|协助|配合|按给定|按照给定|辅助)"
)
_ALONE = re.compile(_HEAD + r"[^，。；]{0,6}?(独立|自主|自行)")
_EN_HEAD = r"^(?:shall|should|may)(?: be able to)?,? (?:independently )?"
_LEAD_EN = re.compile(_EN_HEAD + r"(lead|direct|coordinate|orchestrate|head)\b", re.IGNORECASE)
_GUIDED_EN = re.compile(
    _EN_HEAD + r"(under (?:\w+ )?(?:guidance|supervision)|assist|help|with guidance)", re.IGNORECASE
)
_ALONE_EN = re.compile(r"^(?:shall|should|may)[^.;]{0,20}?\b(independently|on one's own)\b", re.I)


def check_texts(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield indicators that repeat the text of another one, or nearly."""
    first: dict[str, tuple[Unit, Indicator]] = {}
    for place, unit, indicator in placed_indicators(standard):
        text = normalised(indicator.text.zh or indicator.text.en)
        if not text:
            continue
        if text not in first:
            first[text] = (unit, indicator)
            continue
        other_unit, other = first[text]
        if other_unit is unit and other.level != indicator.level:
            yield source.finding(
                SAME_TEXT,
                (*place, "text"),
                zh=f"指标 {indicator.code}（{indicator.level}）与 {other.code}（{other.level}）文字相同；"
                "请写明两级的差别",
                en=f"Indicator {indicator.code} ({indicator.level}) says the same as {other.code} "
                f"({other.level}); say what the levels differ by",
            )
        else:
            yield source.finding(
                REPEATED_TEXT,
                (*place, "text"),
                zh=f"指标 {indicator.code} 重复 {other.code} 的文字；请删去其一或写明差别",
                en=f"Indicator {indicator.code} repeats the text of {other.code}; "
                "remove one or say what differs",
            )
    for row, unit in enumerate(standard.units):
        yield from _near_texts(row, unit, source)


def _near_texts(row: int, unit: Unit, source: StandardSource) -> Iterator[Finding]:
    texts = [indicator.text.zh or indicator.text.en for indicator in unit.indicators]
    levels = [indicator.level for indicator in unit.indicators]
    if len(set(levels)) < 2:
        return
    for one, other, likeness in alike_pairs(
        [bigrams(text) for text in texts], levels, threshold=ALIKE
    ):
        if normalised(texts[one]) == normalised(texts[other]):
            continue
        lower, higher = unit.indicators[one], unit.indicators[other]
        yield source.finding(
            NEAR_TEXT,
            ("units", row, "indicators", other, "text"),
            zh=f"指标 {higher.code}（{higher.level}）与 {lower.code}（{lower.level}）"
            f"文字相似度 {likeness:.2f}；请写明两级的差别",
            en=f"Indicator {higher.code} ({higher.level}) is {likeness:.2f} alike {lower.code} "
            f"({lower.level}); say what the levels differ by",
        )


def check_autonomy(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield words of autonomy that do not rise with the levels."""
    if len(standard.levels) < 2:
        return
    upwards = standard.levels_upwards()
    lowest, highest = upwards[0].code, upwards[-1].code
    for place, unit, indicator in placed_indicators(standard):
        word = None
        if indicator.level == lowest:
            word = _word(indicator, _LEAD, _LEAD_EN)
        elif indicator.level == highest:
            word = _word(indicator, _GUIDED, _GUIDED_EN)
        if word is not None:
            yield _misfit(place, unit, indicator, word, source)
    rank = {level.code: level.rank for level in upwards}
    for row, unit in enumerate(standard.units):
        degrees: dict[str, list[int]] = {}
        for indicator in unit.indicators:
            if indicator.level in rank and (degree := _degree(indicator)) is not None:
                degrees.setdefault(indicator.level, []).append(degree)
        before: tuple[str, float] | None = None
        for level in sorted(degrees, key=rank.__getitem__):
            mean = sum(degrees[level]) / len(degrees[level])
            if before is not None and mean < before[1]:
                yield source.finding(
                    BACKWARDS,
                    ("units", row, "indicators"),
                    zh=f"单元 {unit.code} 在等级 {level} 的自主程度低于 {before[0]}；"
                    "请核对“协助、独立、主导”的用词",
                    en=f"Unit {unit.code} asks for less autonomy at {level} than at {before[0]}; "
                    "check the words for helping, working alone and leading",
                )
            before = (level, mean)


def _word(indicator: Indicator, zh: re.Pattern[str], en: re.Pattern[str]) -> str | None:
    found = zh.match(indicator.text.zh) if indicator.text.zh else en.match(indicator.text.en)
    return found.group(1) if found else None


def _misfit(
    place: Place, unit: Unit, indicator: Indicator, word: str, source: StandardSource
) -> Finding:
    return source.finding(
        AUTONOMY,
        (*place, "text"),
        zh=f"单元 {unit.code} 的指标 {indicator.code} 在等级 {indicator.level} 用“{word}”，"
        "与该级应有的自主程度不符",
        en=f"Indicator {indicator.code} of unit {unit.code} says “{word}” at level {indicator.level}, "
        "which does not fit the autonomy of that level",
        quote=word,
    )


def _degree(indicator: Indicator) -> int | None:
    """How much autonomy the words ask for: 0 guided, 1 alone, 2 leading, None unsaid."""
    if _word(indicator, _LEAD, _LEAD_EN):
        return 2
    if _word(indicator, _GUIDED, _GUIDED_EN):
        return 0
    return 1 if _word(indicator, _ALONE, _ALONE_EN) else None
