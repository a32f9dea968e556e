"""Rules of training paths: they lead somewhere."""

from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Standard
from liangcai.standard.source import StandardSource

CYCLE = RULES.add(
    "training.cycle", "error", zh="培养路径首尾相接", en="Training rules require each other"
)
NO_RULE = RULES.add(
    "unit.no-training",
    "warning",
    zh="能力单元没有培养规则",
    en="A unit has no training rule though others have",
)


def check_training(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield units that require each other, and units without a rule once others have one."""
    requires: dict[str, tuple[str, ...]] = {}
    rows: dict[str, int] = {}
    for row, rule in enumerate(standard.training):
        requires.setdefault(rule.unit, rule.requires)
        rows.setdefault(rule.unit, row)
    for cycle in _cycles(requires):
        shown = cycle if len(cycle) <= 6 else [*cycle[:5], "…"]
        path = " → ".join((*shown, cycle[0]))
        yield source.finding(
            CYCLE,
            ("training", rows[cycle[0]], "requires"),
            zh=f"单元互为先修：{path}；请去掉其中一个先修要求",
            en=f"These units require each other: {path}; drop one of the requirements",
        )
    if not standard.training:
        return
    for number, unit in enumerate(standard.units):
        if unit.code not in requires:
            yield source.finding(
                NO_RULE,
                ("units", number),
                zh=f"能力单元 {unit.code} 没有培养规则；请在 training 中补充",
                en=f"Unit {unit.code} has no training rule; add one to training",
            )


def _cycles(requires: dict[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """Yield a cycle for each edge that closes one, found in one depth-first walk without recursion."""
    done: set[str] = set()
    for start in requires:
        path: list[str] = []
        position: dict[str, int] = {}
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            _enter(start, requires, path, position, stack)
        while stack:
            unit, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                path.pop()
                del position[unit]
                done.add(unit)
            elif following in position:
                yield path[position[following] :]
            elif following not in done and following in requires:
                _enter(following, requires, path, position, stack)


def _enter(
    unit: str,
    requires: dict[str, tuple[str, ...]],
    path: list[str],
    position: dict[str, int],
    stack: list[tuple[str, Iterator[str]]],
) -> None:
    position[unit] = len(path)
    path.append(unit)
    stack.append((unit, iter(requires[unit])))
