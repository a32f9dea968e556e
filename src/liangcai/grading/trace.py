"""The rule trace: what was asked and whether it was met, in Chinese and English sentences."""

from collections.abc import Iterator
from typing import Any

from liangcai.grading.results import ComponentResult, DecisionState, LevelResult, Sources, Step
from liangcai.kernel.text import LocalizedText

_SENTENCES: dict[tuple[str, bool | None], tuple[str, str]] = {
    ("coverage", True): (
        "{level}·{component}：有 {records} 条佐证（至少 {min_records} 条），覆盖 {unit_percent}% 的能力单元（至少 {min_unit_percent}%），足以评定。",
        "{level}, {component}: {records} records (at least {min_records}) cover {unit_percent} % of its units (at least {min_unit_percent} %); enough to judge.",
    ),
    ("coverage", False): (
        "{level}·{component}：有 {records} 条佐证（至少 {min_records} 条），覆盖 {unit_percent}% 的能力单元（至少 {min_unit_percent}%），证据不足。",
        "{level}, {component}: {records} records (at least {min_records}) cover {unit_percent} % of its units (at least {min_unit_percent} %); not enough evidence.",
    ),
    ("component-score", True): (
        "{level}·{component}：得分 {score}（标准误 {se}），达到 {cut} 分。",
        "{level}, {component}: a score of {score} (standard error {se}) reaches {cut}.",
    ),
    ("component-score", False): (
        "{level}·{component}：得分 {score}（标准误 {se}），未达到 {cut} 分。",
        "{level}, {component}: a score of {score} (standard error {se}) does not reach {cut}.",
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
    percent = None if probability is None else f"{100.0 * probability:.1f}"
    values = {"level": level, "probability_correct": probability}
    steps.append(_step(f"outcome-{state}", met, values, {"level": label, "percent": percent}))
    return tuple(steps)


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
        "unit_percent": f"{100.0 * part.unit_share:.0f}",
        "min_unit_percent": f"{100.0 * part.min_unit_share:.0f}",
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


def _step(code: str, met: bool | None, values: dict[str, Any], shown: dict[str, Any]) -> Step:
    zh, en = _SENTENCES[code, met]
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
