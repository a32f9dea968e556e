"""The rule trace: what was asked and whether it was met, in Chinese and English sentences."""

import math
from collections.abc import Iterator
from typing import Any

from liangcai.grading.results import ComponentResult, DecisionState, LevelResult, Sources, Step
from liangcai.grading.rounding import percent_in_words
from liangcai.kernel.text import LocalizedText

_SENTENCES: dict[tuple[str, bool | None], tuple[str, str]] = {
    ("coverage", True): (
        "{level}·{component}：该等级或更高等级的佐证有 {records} 条（至少 {min_records} 条），覆盖 {unit_percent}% 的能力单元（至少 {min_unit_percent}%），足以评定。",
        "{level}, {component}: {records} records for this level or a higher one (at least {min_records}) cover {unit_percent} % of its units (at least {min_unit_percent} %); enough to judge.",
    ),
    ("coverage", False): (
        "{level}·{component}：该等级或更高等级的佐证有 {records} 条（至少 {min_records} 条），覆盖 {unit_percent}% 的能力单元（至少 {min_unit_percent}%），证据不足。",
        "{level}, {component}: {records} records for this level or a higher one (at least {min_records}) cover {unit_percent} % of its units (at least {min_unit_percent} %); not enough evidence.",
    ),
    ("component-score", True): (
        "{level}·{component}：按该等级折算的得分为 {score}（标准误 {se}），达到 {cut} 分。",
        "{level}, {component}: for this level all its records amount to a score of {score} (standard error {se}), which reaches {cut}.",
    ),
    ("component-score", False): (
        "{level}·{component}：按该等级折算的得分为 {score}（标准误 {se}），未达到 {cut} 分。",
        "{level}, {component}: for this level all its records amount to a score of {score} (standard error {se}), which does not reach {cut}.",
    ),
    ("component-unseen", False): (
        "{level}·{component}：没有任何佐证，不能得出分数。",
        "{level}, {component}: there is no evidence at all, so there is no score.",
    ),
    ("total", True): (
        "{level}：加权总分 {total}，达到 {cut} 分。",
        "{level}: the weighted total of {total} reaches {cut}.",
    ),
    ("total", False): (
        "{level}：加权总分 {total}，未达到 {cut} 分。",
        "{level}: the weighted total of {total} does not reach {cut}.",
    ),
    ("total-unknown", False): (
        "{level}：有考核项没有佐证，不能计算加权总分（要求 {cut} 分）。",
        "{level}: a component has no evidence, so there is no weighted total ({cut} is asked for).",
    ),
    ("eligibility", True): (
        "{level}·报考条件“{condition}”：有经核实的事实。",
        "{level}, eligibility “{condition}”: a verified fact meets it.",
    ),
    ("eligibility", False): (
        "{level}·报考条件“{condition}”：没有经核实的事实。",
        "{level}, eligibility “{condition}”: no verified fact meets it.",
    ),
    ("level", True): (
        "{level}：全部条件均已满足。",
        "{level}: every condition is met.",
    ),
    ("level", False): (
        "{level}：并非全部条件均已满足。",
        "{level}: not every condition is met.",
    ),
    ("outcome-graded", True): (
        "结论：{level}。该结论正确的概率为 {percent}%。",
        "Outcome: {level}. The probability that this is correct is {percent} %.",
    ),
    ("outcome-at-least", True): (
        "结论：{level}。确实达到该等级的概率为 {percent}%；更高等级的佐证或报考条件不足，未作评定。",
        "Outcome: {level}. The probability that it is truly reached is {percent} %; no higher level was judged, because evidence or eligibility for it is missing.",
    ),
    ("outcome-not-eligible", False): (
        "结论：报考条件尚未满足，没有评定等级；这不是对能力的判断。",
        "Outcome: a condition of eligibility is not met yet, so no level was judged. That says nothing about ability.",
    ),
    ("outcome-no-level-met", False): (
        "结论：证据足够，未达到任何等级。该结论正确的概率为 {percent}%。",
        "Outcome: there is enough evidence, and no level is met. The probability that this is correct is {percent} %.",
    ),
    ("outcome-not-enough-evidence", None): (
        "结论：证据不足，不作定级。补充以上所缺佐证后可重新评定。",
        "Outcome: not enough evidence, so no level is decided. It can be decided once the missing evidence above is there.",
    ),
}


def trace_of(
    levels: tuple[LevelResult, ...],
    *,
    sources: Sources,
    state: DecisionState,
    level: str | None,
    probability: float | None,
) -> tuple[Step, ...]:
    """Return the steps of a decision, levels upwards, the outcome last."""
    steps = [step for result in levels for step in _level_steps(result, sources)]
    met = {"graded": True, "no-level-met": False, "not-enough-evidence": None}[state]
    label = sources.standard.level(level).label if level is not None else LocalizedText(zh="无")
    percent = None if probability is None else percent_in_words(probability)
    values = {"level": level, "probability_correct": probability}
    shown = {"level": label, "percent": percent}
    words = _outcome_words(levels, state=state, level=level)
    return (*steps, _step(f"outcome-{state}", met, values, shown, words=words))


def _outcome_words(
    levels: tuple[LevelResult, ...], *, state: DecisionState, level: str | None
) -> str:
    """Return which sentence tells the outcome: a level that could not be judged is not denied."""
    above = [part.level for part in levels].index(level) + 1 if level is not None else 0
    is_open_above = any(part.open for part in levels[above:])
    if state == "graded" and levels[above:] and not is_open_above:
        return "outcome-at-least"
    if state == "no-level-met" and not is_open_above:
        return "outcome-not-eligible"
    return f"outcome-{state}"


def _level_steps(result: LevelResult, sources: Sources) -> Iterator[Step]:
    label = sources.standard.level(result.level).label
    for part in result.components:
        yield from _component_steps(result.level, label, part, sources)
    if result.total_met is not None:
        values = {"level": result.level, "total": result.total, "cut": result.total_cut}
        code = "total-unknown" if result.total is None else "total"
        yield _step(code, result.total_met, values, {**values, "level": label})
    rules = next(rules for rules in sources.scheme.levels if rules.level == result.level)
    texts = {condition.code: condition.text for condition in rules.eligibility}
    for code, met in result.eligibility:
        shown = {"level": label, "condition": texts[code]}
        yield _step("eligibility", met, {"level": result.level, "condition": code}, shown)
    yield _step("level", result.met, {"level": result.level}, {"level": label})


def _component_steps(
    level: str, label: LocalizedText, part: ComponentResult, sources: Sources
) -> Iterator[Step]:
    titles = {item.code: item.title for item in sources.standard.evaluation}
    named = {"level": label, "component": titles[part.code]}
    values = {
        "level": level,
        "component": part.code,
        "records": part.records,
        "min_records": part.min_records,
        "unit_share": part.unit_share,
        "min_unit_share": part.min_unit_share,
    }
    percents = {
        "unit_percent": _percent(part.unit_share),
        "min_unit_percent": _percent(part.min_unit_share),
    }
    yield _step("coverage", part.is_covered(), values, {**values, **percents, **named})
    scores = {
        "level": level,
        "component": part.code,
        "score": part.score,
        "se": part.se,
        "cut": part.cut,
    }
    if part.score is None:
        yield _step("component-unseen", False, scores, named)
    elif part.met is not None:
        yield _step("component-score", part.met, scores, {**scores, **named})


def _percent(share: float) -> str:
    """Return a share in percent, rounded down unless whole: a miss never looks like a hit."""
    return f"{math.floor(1000.0 * share + 1e-6) / 10.0:g}"


def _step(
    code: str,
    met: bool | None,
    values: dict[str, Any],
    shown: dict[str, Any],
    *,
    words: str | None = None,
) -> Step:
    zh, en = _SENTENCES[words or code, met]
    text = LocalizedText(
        zh=zh.format(**_in_language(shown, "zh")), en=en.format(**_in_language(shown, "en"))
    )
    return Step(code=code, text=text, met=met, values=values)


def _in_language(shown: dict[str, Any], language: str) -> dict[str, Any]:
    return {key: _shown(value, language) for key, value in shown.items()}


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, LocalizedText):
        return value.in_language(language)
    return f"{value:g}" if isinstance(value, float) else value
