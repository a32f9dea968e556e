"""The rules of a good scheme."""

import itertools
from collections.abc import Callable, Iterator

from liangcai.grading.scheme import LevelRules, Scheme
from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place, YamlTree
from liangcai.standard import Standard

WRONG_STANDARD = RULES.add(
    "scheme.wrong-standard", "error", zh="方案属于另一标准", en="The scheme is for another standard"
)
UNKNOWN_LEVEL = RULES.add(
    "scheme.unknown-level", "error", zh="标准没有这个等级", en="The standard has no such level"
)
MISSING_LEVEL = RULES.add(
    "scheme.missing-level", "error", zh="缺少某一等级的规则", en="A level has no rules or no cut"
)
DUPLICATE_CODE = RULES.add(
    "scheme.duplicate-code", "error", zh="代码重复", en="A code stands twice"
)
UNKNOWN_COMPONENT = RULES.add(
    "scheme.unknown-component",
    "error",
    zh="标准的评价部分没有这个考核项",
    en="The standard's evaluation has no such component",
)
KIND_TWICE = RULES.add(
    "scheme.kind-twice",
    "error",
    zh="一种记录默认属于两个考核项",
    en="A kind of record belongs to two components by default",
)
WEIGHT_SUM = RULES.add(
    "scheme.weight-sum", "error", zh="权重之和不是 100", en="The weights do not sum to 100"
)
NOT_CERTIFYING = RULES.add(
    "scheme.not-certifying-weight",
    "error",
    zh="不用于发证的考核项不应有权重",
    en="A component that never certifies carries weight",
)
COMPONENT_LEVEL = RULES.add(
    "scheme.component-level",
    "error",
    zh="考核项不适用于该等级",
    en="The component is not meant for the level",
)
MISSING_CUT = RULES.add(
    "scheme.missing-cut", "error", zh="缺少分数线", en="A score that the rule checks has no cut"
)
MISSING_COVERAGE = RULES.add(
    "scheme.missing-coverage",
    "error",
    zh="考核项没有证据量要求",
    en="A component that counts has no coverage rule",
)
CUTS_NOT_RISING = RULES.add(
    "scheme.cuts-not-rising",
    "error",
    zh="等级界限没有随等级上升",
    en="The levels' cuts do not rise with the levels",
)
NOT_NESTED = RULES.add(
    "scheme.not-nested",
    "warning",
    zh="较高等级的要求不包含较低等级的要求",
    en="A higher level asks for less than a lower one",
)
PRECISION_ORDER = RULES.add(
    "scheme.precision-order",
    "error",
    zh="假定标准误小于最低标准误",
    en="The assumed standard error is below the lowest one",
)
CUT_WITHOUT_PANEL = RULES.add(
    "scheme.cut-without-panel",
    "error",
    zh="标准设定所得的界限未说明专家组",
    en="A cut from standard setting does not name its panel",
)
NO_NOTICE = RULES.add(
    "scheme.no-notice",
    "error",
    zh="试行方案没有声明",
    en="A pilot scheme states no notice in both languages",
)
NO_STANDARD_ERROR = RULES.add(
    "scheme.no-cut-error",
    "warning",
    zh="界限的标准误为 0",
    en="A cut claims a standard error of zero",
)

_WITHOUT_PANEL = {"expert-proposal", "regulation"}
Fault = tuple[Rule, Place, str, str]


def check_rules(scheme: Scheme, standard: Standard | None, tree: YamlTree) -> Iterator[Finding]:
    """Yield the findings of every rule; those about the standard only when one is given."""
    checks: list[Callable[[], Iterator[Fault]]] = [
        lambda: _documents(scheme),
        lambda: _duplicates(scheme),
        lambda: _cut_origins(scheme),
        lambda: _level_rules(scheme),
    ]
    if standard is not None:
        checks += [lambda: _against(scheme, standard), lambda: _order(scheme, standard)]
    for check in checks:
        for rule, place, zh, en in check():
            message = LocalizedText(zh=zh, en=en)
            yield Finding(rule.id, rule.severity, tree.file, tree.line_of(place), message)


def _documents(scheme: Scheme) -> Iterator[Fault]:
    if scheme.status == "pilot" and not (scheme.notice.zh.strip() and scheme.notice.en.strip()):
        zh, en = "试行方案须用中英文声明其来历", "A pilot scheme says in both languages what it is"
        yield NO_NOTICE, ("notice",), zh, en
    for name in ("lab_score", "rating", "self_rating"):
        precision = getattr(scheme.precision, name)
        if precision.assumed_se < precision.lowest_se:
            zh = f"{name} 的假定标准误 {precision.assumed_se} 小于最低标准误 {precision.lowest_se}"
            en = f"{name} assumes {precision.assumed_se}, below its lowest {precision.lowest_se}"
            yield PRECISION_ORDER, ("precision", name), zh, en


def _duplicates(scheme: Scheme) -> Iterator[Fault]:
    groups = {
        ("components",): [part.code for part in scheme.components],
        ("levels",): [part.level for part in scheme.levels],
        ("scale", "cuts"): [cut.level for cut in scheme.scale.cuts],
    }
    for place, codes in groups.items():
        for index, code in enumerate(codes):
            if code in codes[:index]:
                yield DUPLICATE_CODE, (*place, index), f"{code} 重复", f"{code} stands twice"
    owner: dict[str, str] = {}
    for index, part in enumerate(scheme.components):
        for kind in part.kinds:
            if owner.setdefault(kind, part.code) != part.code:
                zh = f"{kind} 已默认属于 {owner[kind]}"
                en = f"{kind} belongs to {owner[kind]} by default already"
                yield KIND_TWICE, ("components", index, "kinds"), zh, en


def _cut_origins(scheme: Scheme) -> Iterator[Fault]:
    for index, cut in enumerate(scheme.scale.cuts):
        place = ("scale", "cuts", index)
        if cut.method not in _WITHOUT_PANEL and cut.panel is None:
            zh = f"{cut.level} 的界限由 {cut.method} 得出，须写明专家组（panel）"
            en = f"The cut of {cut.level} comes from {cut.method}: name its panel"
            yield CUT_WITHOUT_PANEL, place, zh, en
        if cut.se == 0.0:
            zh = f"{cut.level} 的界限不可能没有误差；请估计其标准误"
            en = f"The cut of {cut.level} cannot be free of error: estimate its standard error"
            yield NO_STANDARD_ERROR, (*place, "se"), zh, en


def _level_rules(scheme: Scheme) -> Iterator[Fault]:
    certifying = {part.code: part.certifies for part in scheme.components}
    for index, rules in enumerate(scheme.levels):
        place: Place = ("levels", index)
        total = sum(rules.weights.values())
        if abs(total - 100.0) > 1e-6:
            zh = f"{rules.level} 的权重之和为 {total:g}"
            en = f"The weights of {rules.level} sum to {total:g}"
            yield WEIGHT_SUM, (*place, "weights"), zh, en
        if scheme.checks_total() and rules.total is None:
            zh, en = f"{rules.level} 缺少总分线", f"{rules.level} has no cut of the total"
            yield MISSING_CUT, place, zh, en
        for group in ("weights", "cuts", "coverage"):
            for code in getattr(rules, group):
                if code not in certifying:
                    zh, en = f"方案没有考核项 {code}", f"The scheme has no component {code}"
                    yield UNKNOWN_COMPONENT, (*place, group, code), zh, en
        for code, weight in rules.weights.items():
            if weight > 0.0:
                yield from _weighted(scheme, rules, place, code, certifying.get(code, True))


def _weighted(
    scheme: Scheme, rules: LevelRules, place: Place, code: str, certifies: bool
) -> Iterator[Fault]:
    if not certifies:
        zh = f"{code} 不用于发证，权重应为 0"
        en = f"{code} never certifies, so its weight is 0"
        yield NOT_CERTIFYING, (*place, "weights", code), zh, en
    if scheme.checks_components() and code not in rules.cuts:
        zh = f"{rules.level} 的 {code} 缺少分数线"
        en = f"{code} has no cut at {rules.level}"
        yield MISSING_CUT, (*place, "cuts"), zh, en
    if code not in rules.coverage:
        zh = f"{rules.level} 的 {code} 没有证据量要求"
        en = f"{code} has no coverage rule at {rules.level}"
        yield MISSING_COVERAGE, (*place, "coverage"), zh, en


def _against(scheme: Scheme, standard: Standard) -> Iterator[Fault]:
    if scheme.standard != standard.code:
        zh = f"方案属于 {scheme.standard}，不属于 {standard.code}"
        en = f"The scheme is for {scheme.standard}, not for {standard.code}"
        yield WRONG_STANDARD, ("standard",), zh, en
    known = {level.code for level in standard.levels}
    named = {
        ("levels",): [rules.level for rules in scheme.levels],
        ("scale", "cuts"): [cut.level for cut in scheme.scale.cuts],
    }
    for place, codes in named.items():
        for index, code in enumerate(codes):
            if code not in known:
                zh, en = f"标准没有等级 {code}", f"The standard has no level {code}"
                yield UNKNOWN_LEVEL, (*place, index), zh, en
        for code in sorted(known.difference(codes)):
            zh, en = f"等级 {code} 没有规定", f"Level {code} is not ruled"
            yield MISSING_LEVEL, place, zh, en
    parts = {part.code: part for part in standard.evaluation}
    for index, component in enumerate(scheme.components):
        if component.code not in parts:
            zh = f"标准的评价部分没有 {component.code}"
            en = f"The standard's evaluation has no component {component.code}"
            yield UNKNOWN_COMPONENT, ("components", index), zh, en
    for index, rules in enumerate(scheme.levels):
        for code, weight in rules.weights.items():
            if weight > 0.0 and code in parts and rules.level not in parts[code].levels:
                zh = f"{code} 不适用于等级 {rules.level}"
                en = f"{code} is not meant for level {rules.level}"
                yield COMPONENT_LEVEL, ("levels", index, "weights", code), zh, en


def _order(scheme: Scheme, standard: Standard) -> Iterator[Fault]:
    ranks = {level.code: level.rank for level in standard.levels}
    cuts = [(i, cut) for i, cut in enumerate(scheme.scale.cuts) if cut.level in ranks]
    cuts.sort(key=lambda entry: ranks[entry[1].level])
    for (_, lower), (index, upper) in itertools.pairwise(cuts):
        if upper.location <= lower.location:
            zh = f"{upper.level} 的界限 {upper.location} 不高于 {lower.level} 的 {lower.location}"
            en = f"The cut of {upper.level} ({upper.location}) is not above that of {lower.level} ({lower.location})"
            yield CUTS_NOT_RISING, ("scale", "cuts", index), zh, en
    levels = [(i, rules) for i, rules in enumerate(scheme.levels) if rules.level in ranks]
    levels.sort(key=lambda entry: ranks[entry[1].level])
    for (_, below), (index, above) in itertools.pairwise(levels):
        lost = {code for code, weight in below.weights.items() if weight > 0.0}
        lost -= {code for code, weight in above.weights.items() if weight > 0.0}
        for code in sorted(lost):
            zh = f"{above.level} 不再考核 {code}，而 {below.level} 考核"
            en = f"{above.level} drops {code}, which {below.level} asks for"
            yield NOT_NESTED, ("levels", index, "weights"), zh, en
