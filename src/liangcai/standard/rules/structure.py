"""Rules of structure: codes, levels, and what must not be empty."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import Standard
from liangcai.standard.rules.texts import placed_indicators
from liangcai.standard.source import StandardSource

EMPTY = RULES.add(
    "standard.empty",
    "error",
    zh="标准没有等级、能力要素或能力单元",
    en="The standard has no level, no element or no unit",
)
DUPLICATE_CODE = RULES.add(
    "code.duplicate", "error", zh="同类对象的代码重复", en="Two things of one kind share a code"
)
RANK_DUPLICATE = RULES.add(
    "level.rank-duplicate", "error", zh="两个等级的序号相同", en="Two levels have the same rank"
)
RANK_GAP = RULES.add(
    "level.rank-gap",
    "error",
    zh="等级序号不是从 1 起连续",
    en="The ranks of the levels do not run 1, 2, 3 …",
)
LEVEL_UNUSED = RULES.add(
    "level.no-indicator", "warning", zh="等级没有任何能力指标", en="A level has no indicator at all"
)
ELEMENT_UNUSED = RULES.add(
    "element.no-unit", "warning", zh="能力要素没有能力单元", en="An element has no unit"
)
NO_INDICATOR = RULES.add(
    "standard.no-indicator",
    "note",
    zh="标准没有任何能力指标",
    en="The standard has no indicator at all",
)
UNIT_EMPTY = RULES.add(
    "unit.no-indicator", "warning", zh="能力单元没有能力指标", en="A unit has no indicator"
)
UNIT_LEVEL_GAP = RULES.add(
    "unit.level-gap",
    "warning",
    zh="能力单元在中间等级缺少指标",
    en="A unit has no indicator at a level between levels where it has some",
)
INDICATOR_CODE_UNIT = RULES.add(
    "indicator.code-unit",
    "warning",
    zh="能力指标代码与所属单元不符",
    en="The code of an indicator does not begin with its unit's code",
)
INDICATOR_CODE_LEVEL = RULES.add(
    "indicator.code-level",
    "warning",
    zh="能力指标代码中的等级序号与其等级不符",
    en="The rank in an indicator's code is not the rank of its level",
)
UNIT_FILE_NAME = RULES.add(
    "unit.file-name",
    "warning",
    zh="单元文件名与单元代码不符",
    en="The name of a unit's file is not the unit's code",
)
DUTY_UNSERVED = RULES.add(
    "duty.no-unit", "warning", zh="没有能力单元支撑该职责", en="No unit serves a duty"
)
NO_DUTY = RULES.add(
    "role.no-duty", "warning", zh="岗位画像没有职责", en="The role profile has no duty"
)


def check_emptiness(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield what a standard cannot be without: levels, elements, units, duties."""
    names = (
        ("levels", "等级", "level"),
        ("elements", "能力要素", "element"),
        ("units", "能力单元", "unit"),
    )
    for key, zh, en in names:
        if not getattr(standard, key):
            yield source.finding(
                EMPTY,
                (key,),
                zh=f"{key} 为空；标准至少要有一个{zh}",
                en=f"{key} is empty; a standard has at least one {en}",
            )
    if not standard.role.duties:
        yield source.finding(
            NO_DUTY,
            ("role", "duties"),
            zh=f"岗位“{standard.role.title.zh}”没有职责；请在 duties 中列出",
            en=f"The role {standard.role.title.in_language('en')} has no duty; list them in duties",
        )


def check_codes(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield codes that name two things of one kind."""
    role = standard.role
    plain: tuple[tuple[str, str, Place, Iterable[str]], ...] = (
        ("等级", "level", ("levels",), (part.code for part in standard.levels)),
        ("能力要素", "element", ("elements",), (part.code for part in standard.elements)),
        ("能力单元", "unit", ("units",), (part.code for part in standard.units)),
        ("职责", "duty", ("role", "duties"), (part.code for part in role.duties)),
        ("除外工作", "exclusion", ("role", "exclusions"), (part.code for part in role.exclusions)),
        ("交接", "hand-off", ("role", "handoffs"), (part.code for part in role.handoffs)),
        (
            "权重方案",
            "weight profile",
            ("weight_profiles",),
            (part.code for part in standard.weight_profiles),
        ),
        (
            "评价部分",
            "evaluation component",
            ("evaluation",),
            (part.code for part in standard.evaluation),
        ),
        ("培养规则", "training rule", ("training",), (part.unit for part in standard.training)),
        ("术语", "term", ("terms",), (part.code for part in standard.terms)),
        ("对照", "crosswalk", ("crosswalks",), (part.code for part in standard.crosswalks)),
    )
    for zh, en, place, codes in plain:
        placed = (((*place, number), code) for number, code in enumerate(codes))
        yield from _duplicates(zh, en, placed, source)
    indicators = ((place, indicator.code) for place, _, indicator in placed_indicators(standard))
    yield from _duplicates("能力指标", "indicator", indicators, source)


def _duplicates(
    zh: str, en: str, placed: Iterable[tuple[Place, str]], source: StandardSource
) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for place, code in placed:
        if code not in first:
            first[code] = place
            continue
        file, line = source.where(*first[code])
        yield source.finding(
            DUPLICATE_CODE,
            (*place, "unit" if en == "training rule" else "code"),
            zh=f"{zh}代码 {code} 已用于 {file} 第 {line} 行；请改用别的代码",
            en=f"The {en} code {code} is taken at {file}:{line}; choose another one",
            quote=code,
        )


def check_ranks(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield ranks that do not run from 1 upwards, one level each."""
    holder: dict[int, str] = {}
    for number, level in enumerate(standard.levels):
        if level.rank in holder:
            yield source.finding(
                RANK_DUPLICATE,
                ("levels", number, "rank"),
                zh=f"等级 {level.code} 与 {holder[level.rank]} 的序号都是 {level.rank}；每级一个序号",
                en=f"Levels {level.code} and {holder[level.rank]} both have rank {level.rank}; "
                "give each its own",
            )
        holder.setdefault(level.rank, level.code)
    for number, level in enumerate(standard.levels):
        if level.rank > 1 and level.rank - 1 not in holder:
            yield source.finding(
                RANK_GAP,
                ("levels", number, "rank"),
                zh=f"等级 {level.code} 的序号是 {level.rank}，但没有序号为 {level.rank - 1} 的等级",
                en=f"Level {level.code} has rank {level.rank}, but no level has rank {level.rank - 1}",
            )


def check_coverage(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield elements without units, levels without indicators and duties without units."""
    used_elements = {unit.element for unit in standard.units}
    for number, element in enumerate(standard.elements):
        if element.code not in used_elements:
            yield source.finding(
                ELEMENT_UNUSED,
                ("elements", number),
                zh=f"能力要素 {element.code} 没有能力单元；请补充单元或删去该要素",
                en=f"Element {element.code} has no unit; add one or remove the element",
            )
    yield from _unserved_duties(standard, source)
    if standard.units and not standard.indicators:
        yield source.finding(
            NO_INDICATOR,
            ("units",),
            zh="各单元均无能力指标；补充指标后才能据此评价",
            en="No unit has an indicator; nobody can be evaluated until there are some",
        )
        return
    used_levels = {indicator.level for indicator in standard.indicators}
    for number, level in enumerate(standard.levels):
        if level.code not in used_levels:
            yield source.finding(
                LEVEL_UNUSED,
                ("levels", number),
                zh=f"等级 {level.code} 在任何单元都没有指标；请补充指标或删去该等级",
                en=f"Level {level.code} has no indicator in any unit; add some or remove the level",
            )


def _unserved_duties(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    served = {duty for unit in standard.units for duty in unit.duties}
    if not served:
        return
    for number, duty in enumerate(standard.role.duties):
        if duty.code not in served:
            yield source.finding(
                DUTY_UNSERVED,
                ("role", "duties", number),
                zh=f"没有能力单元支撑职责 {duty.code}；请在相应单元的 duties 中列出它",
                en=f"No unit serves duty {duty.code}; name it in the duties of the units that do",
            )


def check_units(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield units without indicators, with a gap between levels, or in a file of another name."""
    ranks = {level.code: level.rank for level in standard.levels}
    by_rank = {level.rank: level.code for level in standard.levels}
    for number, unit in enumerate(standard.units):
        file, _ = source.where("units", number)
        stem = file.removeprefix("units/").removesuffix(".yaml")
        if file.startswith("units/") and stem != unit.code:
            yield source.finding(
                UNIT_FILE_NAME,
                ("units", number, "code"),
                zh=f"{file} 中的单元代码是 {unit.code}；请把文件命名为 units/{unit.code}.yaml",
                en=f"{file} holds unit {unit.code}; name the file units/{unit.code}.yaml",
            )
        if not unit.indicators:
            if standard.indicators:
                yield source.finding(
                    UNIT_EMPTY,
                    ("units", number),
                    zh=f"能力单元 {unit.code} 没有能力指标；请补充指标或删去该单元",
                    en=f"Unit {unit.code} has no indicator; add some or remove the unit",
                )
            continue
        present = {ranks[i.level] for i in unit.indicators if i.level in ranks}
        inner = range(min(present) + 1, max(present)) if present else ()
        for rank in inner:
            if rank not in present and rank in by_rank:
                yield source.finding(
                    UNIT_LEVEL_GAP,
                    ("units", number, "indicators"),
                    zh=f"能力单元 {unit.code} 在等级 {by_rank[rank]} 没有指标，"
                    "而更低和更高的等级都有；请补充",
                    en=f"Unit {unit.code} has no indicator at level {by_rank[rank]}, "
                    "though lower and higher levels have some; add them",
                )


def check_indicator_codes(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield indicators whose code tells another unit or another level."""
    ranks: defaultdict[str, str] = defaultdict(str)
    ranks.update((level.code, str(level.rank)) for level in standard.levels)
    for place, unit, indicator in placed_indicators(standard):
        code = indicator.code
        if not code.startswith((unit.code + "-", unit.code + ".")):
            yield source.finding(
                INDICATOR_CODE_UNIT,
                (*place, "code"),
                zh=f"能力指标 {code} 属于单元 {unit.code}；代码应以 {unit.code}- 开头",
                en=f"Indicator {code} stands in unit {unit.code}; its code begins with {unit.code}-",
                quote=code,
            )
            continue
        parts = code[len(unit.code) + 1 :].split("-")
        rank = ranks[indicator.level]
        if rank and len(parts) == 2 and parts[0].isdecimal() and parts[0] != rank:
            yield source.finding(
                INDICATOR_CODE_LEVEL,
                (*place, "code"),
                zh=f"能力指标 {code} 的等级是 {indicator.level}（序号 {rank}），"
                f"代码写的却是 {parts[0]}",
                en=f"Indicator {code} is at level {indicator.level} (rank {rank}), "
                f"but its code says {parts[0]}",
                quote=code,
            )
