"""Rules of evaluability: every indicator can be shown by something and judged by somebody."""

from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Indicator, Standard
from liangcai.standard.rules.texts import placed_indicators
from liangcai.standard.source import StandardSource

COMPONENT_NO_UNIT = RULES.add(
    "component.no-unit",
    "error",
    zh="评价部分没有能力单元",
    en="An evaluation component evaluates no unit",
)
COMPONENT_NO_METHOD = RULES.add(
    "component.no-method",
    "error",
    zh="评价部分没有评价方法",
    en="An evaluation component has no method",
)
COMPONENT_NO_LEVEL = RULES.add(
    "component.no-level",
    "error",
    zh="评价部分不适用于任何等级",
    en="An evaluation component applies to no level",
)
NO_EVALUATION = RULES.add(
    "standard.no-evaluation",
    "warning",
    zh="标准有能力指标而没有评价部分",
    en="The standard has indicators and no evaluation component",
)
UNIT_NOT_EVALUATED = RULES.add(
    "unit.not-evaluated",
    "warning",
    zh="没有评价部分评价该单元",
    en="No evaluation component evaluates a unit",
)
NO_EVIDENCE = RULES.add(
    "indicator.no-evidence",
    "error",
    zh="能力指标没有佐证种类",
    en="An indicator has no kind of evidence",
)
NO_METHOD = RULES.add(
    "indicator.no-method",
    "error",
    zh="能力指标没有评价方法",
    en="An indicator has no evaluation method",
)
METHOD_NOT_OFFERED = RULES.add(
    "indicator.method-not-offered",
    "warning",
    zh="没有评价部分以该方法评价该指标",
    en="No component offers an indicator's method for its unit at its level",
)
METHOD_WITHOUT_EVIDENCE = RULES.add(
    "indicator.method-without-evidence",
    "warning",
    zh="评价方法与佐证种类不相配",
    en="A method has no kind of evidence to look at",
)

#: What each method can look at; it needs at least one of them.
_LOOKS_AT: dict[str, frozenset[str]] = {
    "exam": frozenset({"test-response"}),
    "lab": frozenset({"lab-result", "work-product", "outcome-data"}),
    "portfolio": frozenset(
        {"work-product", "work-record", "outcome-data", "credential", "testimony", "presentation"}
    ),
    "defence": frozenset({"presentation", "work-product", "outcome-data", "work-record"}),
    "observation": frozenset({"testimony", "work-record", "presentation", "lab-result"}),
    "feedback": frozenset({"testimony", "work-record"}),
}


def check_components(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield components without units, methods or levels."""
    for number, component in enumerate(standard.evaluation):
        asked = (
            (COMPONENT_NO_UNIT, "units", component.units, "能力单元", "unit"),
            (COMPONENT_NO_METHOD, "methods", component.methods, "评价方法", "method"),
            (COMPONENT_NO_LEVEL, "levels", component.levels, "等级", "level"),
        )
        for rule, key, given, zh, en in asked:
            if not given:
                yield source.finding(
                    rule,
                    ("evaluation", number, key),
                    zh=f"评价部分 {component.code} 的 {key} 为空；请至少列出一个{zh}",
                    en=f"{key} of evaluation component {component.code} is empty; "
                    f"list at least one {en}",
                )


def check_evaluated(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield units with indicators that no component evaluates."""
    if not standard.evaluation:
        if standard.indicators:
            yield source.finding(
                NO_EVALUATION,
                ("evaluation",),
                zh="有能力指标而没有评价部分；请在 evaluation 中说明如何评价",
                en="There are indicators and no component; say in evaluation how they are judged",
            )
        return
    evaluated = {unit for component in standard.evaluation for unit in component.units}
    for number, unit in enumerate(standard.units):
        if unit.indicators and unit.code not in evaluated:
            yield source.finding(
                UNIT_NOT_EVALUATED,
                ("units", number),
                zh=f"没有评价部分评价能力单元 {unit.code}；请把它列入某个部分的 units",
                en=f"No component evaluates unit {unit.code}; list it in the units of one",
            )


def check_evidence(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield indicators that nothing shows or nobody judges, or not by a method on offer."""
    # Sets of levels are shared, not multiplied out: a long list times a long list would fill memory.
    offers: dict[str, dict[str, list[frozenset[str]]]] = {}
    for component in standard.evaluation:
        levels = frozenset(component.levels)
        for unit_code in frozenset(component.units):
            of_unit = offers.setdefault(unit_code, {})
            for method in frozenset(component.methods):
                of_unit.setdefault(method, []).append(levels)
    for place, unit, indicator in placed_indicators(standard):
        code = indicator.code
        if not indicator.evidence:
            yield source.finding(
                NO_EVIDENCE,
                (*place, "evidence"),
                zh=f"能力指标 {code} 没有佐证种类；请在 evidence 中写明什么能证明它",
                en=f"Indicator {code} has no kind of evidence; say in evidence what shows it",
            )
        if not indicator.methods:
            yield source.finding(
                NO_METHOD,
                (*place, "methods"),
                zh=f"能力指标 {code} 没有评价方法；请在 methods 中写明如何评价",
                en=f"Indicator {code} has no evaluation method; say in methods how it is judged",
            )
        for number, asked in enumerate(indicator.methods):
            of_unit = offers.get(unit.code, {})
            if of_unit and not any(indicator.level in some for some in of_unit.get(asked, ())):
                yield source.finding(
                    METHOD_NOT_OFFERED,
                    (*place, "methods", number),
                    zh=f"没有评价部分在等级 {indicator.level} 以 {asked} 评价单元 {unit.code}，"
                    f"而指标 {code} 要求这样评价",
                    en=f"No component judges unit {unit.code} at level {indicator.level} by {asked}, "
                    f"as indicator {code} asks",
                    quote=asked,
                )
        yield from _mismatches(place, indicator, source)


def _mismatches(
    place: tuple[str | int, ...], indicator: Indicator, source: StandardSource
) -> Iterator[Finding]:
    if not indicator.evidence:
        return
    for number, method in enumerate(indicator.methods):
        if _LOOKS_AT[method].isdisjoint(indicator.evidence):
            kinds = ", ".join(sorted(_LOOKS_AT[method]))
            yield source.finding(
                METHOD_WITHOUT_EVIDENCE,
                (*place, "methods", number),
                zh=f"指标 {indicator.code} 以 {method} 评价，但没有它能看的佐证（{kinds}）",
                en=f"Indicator {indicator.code} is judged by {method} but has no evidence "
                f"that it looks at ({kinds})",
                quote=method,
            )
