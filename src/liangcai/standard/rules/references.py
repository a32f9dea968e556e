"""Rules of reference: every code that is named exists."""

from collections.abc import Iterable, Iterator

from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Standard
from liangcai.standard.rules.texts import placed_indicators
from liangcai.standard.source import StandardSource

UNIT_ELEMENT = RULES.add(
    "unit.unknown-element", "error", zh="单元所属的能力要素不存在", en="A unit's element is unknown"
)
UNIT_DUTY = RULES.add(
    "unit.unknown-duty", "error", zh="单元所列的职责不存在", en="A unit names an unknown duty"
)
INDICATOR_LEVEL = RULES.add(
    "indicator.unknown-level", "error", zh="指标的等级不存在", en="An indicator's level is unknown"
)
TRAINING_UNIT = RULES.add(
    "training.unknown-unit",
    "error",
    zh="培养规则所指的单元不存在",
    en="A training rule names an unknown unit",
)
TRAINING_LEVEL = RULES.add(
    "training.unknown-level",
    "error",
    zh="培养规则学时所指的等级不存在",
    en="The hours of a training rule name an unknown level",
)
CROSSWALK_CODE = RULES.add(
    "crosswalk.unknown-code",
    "error",
    zh="对照关系的起点代码不存在",
    en="A crosswalk starts from an unknown code",
)
WEIGHTS_LEVEL = RULES.add(
    "weights.unknown-level",
    "error",
    zh="权重方案所指的等级不存在",
    en="A weight profile names an unknown level",
)
WEIGHTS_ELEMENT = RULES.add(
    "weights.unknown-element",
    "error",
    zh="权重方案所指的能力要素不存在",
    en="A weight profile names an unknown element",
)
COMPONENT_UNIT = RULES.add(
    "component.unknown-unit",
    "error",
    zh="评价部分所指的单元不存在",
    en="An evaluation component names an unknown unit",
)
COMPONENT_LEVEL = RULES.add(
    "component.unknown-level",
    "error",
    zh="评价部分所指的等级不存在",
    en="An evaluation component names an unknown level",
)
HANDOFF_UNIT = RULES.add(
    "handoff.unknown-unit",
    "error",
    zh="交接所指的单元不存在",
    en="A hand-off names an unknown unit",
)

_KINDS = {
    "levels": ("等级", "level"),
    "elements": ("能力要素", "element"),
    "units": ("能力单元", "unit"),
    "duties": ("职责", "duty"),
    "terms": ("术语", "term"),
    "roles": ("标准、职责、除外工作或交接", "standard, duty, exclusion or hand-off"),
}


class _Codes:
    """The codes that a standard has, by kind, and the findings for those that it has not."""

    def __init__(self, standard: Standard, source: StandardSource) -> None:
        role = standard.role
        self._source = source
        self._known: dict[str, frozenset[str]] = {
            "levels": frozenset(part.code for part in standard.levels),
            "elements": frozenset(part.code for part in standard.elements),
            "units": frozenset(part.code for part in standard.units),
            "duties": frozenset(part.code for part in role.duties),
            "terms": frozenset(part.code for part in standard.terms),
            "roles": frozenset(
                [standard.code]
                + [part.code for part in role.duties]
                + [part.code for part in role.exclusions]
                + [part.code for part in role.handoffs]
            ),
        }
        self._shown = {
            kind: ", ".join(sorted(known)[:12]) + (" …" if len(known) > 12 else "")
            for kind, known in self._known.items()
        }

    def ask(self, rule: Rule, kind: str, codes: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
        """Yield a finding for each placed code that no thing of this kind has."""
        known, some = self._known[kind], self._shown[kind]
        zh, en = _KINDS[kind]
        for place, code in codes:
            if code not in known:
                yield self._source.finding(
                    rule,
                    place,
                    zh=f"没有代码为 {code} 的{zh}；已有：{some or '无'}",
                    en=f"There is no {en} {code}; known: {some or 'none'}",
                    quote=code,
                )


def check_references(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield every code that is named and does not exist."""
    codes = _Codes(standard, source)
    yield from _in_units(standard, codes)
    yield from _in_training_and_evaluation(standard, codes)
    yield from _in_weights(standard, codes)
    for row, handoff in enumerate(standard.role.handoffs):
        place = ("role", "handoffs", row, "units")
        yield from codes.ask(HANDOFF_UNIT, "units", _listed(place, handoff.units))
    for row, crosswalk in enumerate(standard.crosswalks):
        placed: Iterator[tuple[Place, str]] = (
            (("crosswalks", row, "relations", number, "from"), relation.from_)
            for number, relation in enumerate(crosswalk.relations)
        )
        yield from codes.ask(CROSSWALK_CODE, crosswalk.scope, placed)


def _in_units(standard: Standard, codes: _Codes) -> Iterator[Finding]:
    for row, unit in enumerate(standard.units):
        place: Place = ("units", row, "element")
        yield from codes.ask(UNIT_ELEMENT, "elements", [(place, unit.element)])
        yield from codes.ask(UNIT_DUTY, "duties", _listed(("units", row, "duties"), unit.duties))
    levels = (
        ((*place, "level"), indicator.level) for place, _, indicator in placed_indicators(standard)
    )
    yield from codes.ask(INDICATOR_LEVEL, "levels", levels)


def _in_training_and_evaluation(standard: Standard, codes: _Codes) -> Iterator[Finding]:
    for row, rule in enumerate(standard.training):
        start: Place = ("training", row)
        yield from codes.ask(TRAINING_UNIT, "units", [((*start, "unit"), rule.unit)])
        required = _listed((*start, "requires"), rule.requires)
        yield from codes.ask(TRAINING_UNIT, "units", required)
        hours = (((*start, "hours", level), level) for level in rule.hours)
        yield from codes.ask(TRAINING_LEVEL, "levels", hours)
    for row, component in enumerate(standard.evaluation):
        units = _listed(("evaluation", row, "units"), component.units)
        levels = _listed(("evaluation", row, "levels"), component.levels)
        yield from codes.ask(COMPONENT_UNIT, "units", units)
        yield from codes.ask(COMPONENT_LEVEL, "levels", levels)


def _in_weights(standard: Standard, codes: _Codes) -> Iterator[Finding]:
    for row, profile in enumerate(standard.weight_profiles):
        start: Place = ("weight_profiles", row)
        for level, weights in profile.weights.items():
            inner = (*start, "weights", level)
            yield from codes.ask(WEIGHTS_LEVEL, "levels", [(inner, level)])
            named = [((*inner, element), element) for element in weights]
            yield from codes.ask(WEIGHTS_ELEMENT, "elements", named)
        unnamed = [((*start, "unnamed", element), element) for element in profile.unnamed]
        yield from codes.ask(WEIGHTS_ELEMENT, "elements", unnamed)


def _listed(place: Place, codes: Iterable[str]) -> Iterator[tuple[Place, str]]:
    for number, code in enumerate(codes):
        yield (*place, number), code
