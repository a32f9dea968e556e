"""The rules of good evidence: alone, and against the standard and the scheme it is meant for."""

from collections.abc import Iterator
from datetime import date

from liangcai.grading.documents import Spot
from liangcai.grading.evidence import EvidenceFile, Fact, ItemResponse, Record, SelfRating
from liangcai.grading.scheme import Scheme
from liangcai.kernel.findings import RULES, Finding, Rule
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place
from liangcai.standard import Standard

DUPLICATE_ID = RULES.add(
    "evidence.duplicate-id", "error", zh="记录编号重复", en="A record's id stands twice"
)
BAD_DATE = RULES.add("evidence.date", "error", zh="日期不存在", en="The date does not exist")
UNIT_TWICE = RULES.add(
    "evidence.unit-twice",
    "error",
    zh="一条记录两次列出同一单元",
    en="A record names a unit twice",
)
REPEATED_ITEM = RULES.add(
    "evidence.repeated-item",
    "warning",
    zh="同一试题作答多次",
    en="An item was answered more than once",
)
SYNTHETIC_MIXED = RULES.add(
    "evidence.synthetic-mixed",
    "warning",
    zh="合成标记不一致",
    en="Person and record disagree on being synthetic",
)
UNVERIFIED_FACT = RULES.add(
    "evidence.unverified-fact",
    "note",
    zh="未核实的事实不计入",
    en="A fact that is not verified does not count",
)
WRONG_STANDARD = RULES.add(
    "evidence.wrong-standard",
    "error",
    zh="佐证属于另一标准",
    en="The evidence is for another standard",
)
UNKNOWN_UNIT = RULES.add(
    "evidence.unknown-unit", "error", zh="标准没有这个能力单元", en="The standard has no such unit"
)
UNKNOWN_LEVEL = RULES.add(
    "evidence.unknown-level", "error", zh="标准没有这个等级", en="The standard has no such level"
)
UNKNOWN_COMPONENT = RULES.add(
    "evidence.unknown-component",
    "error",
    zh="方案没有这个考核项",
    en="The scheme has no such component",
)
UNIT_NOT_AT_LEVEL = RULES.add(
    "evidence.unit-not-at-level",
    "warning",
    zh="该单元在此等级没有要求",
    en="The unit asks for nothing at the level",
)
OUTSIDE_COMPONENT = RULES.add(
    "evidence.outside-component",
    "warning",
    zh="考核项不覆盖该单元",
    en="The component does not judge the unit",
)

Fault = tuple[Rule, Place, str, str]


def check_rules(evidence: EvidenceFile, *, file: str, spot: Spot) -> list[Finding]:
    """Return the findings that need no standard."""
    return _findings((*_records(evidence), *_facts(evidence)), file, spot)


def check_against(
    evidence: EvidenceFile, standard: Standard, scheme: Scheme | None, *, file: str, spot: Spot
) -> list[Finding]:
    """Return the findings about units, levels and components."""
    faults: list[Fault] = []
    if evidence.standard != standard.code:
        zh = f"佐证属于 {evidence.standard}，不属于 {standard.code}"
        en = f"The evidence is for {evidence.standard}, not for {standard.code}"
        faults.append((WRONG_STANDARD, ("standard",), zh, en))
    levels = {level.code for level in standard.levels}
    asked = {
        unit.code: {indicator.level for indicator in unit.indicators} for unit in standard.units
    }
    for index, record in enumerate(evidence.records):
        place: Place = ("records", index)
        if record.level not in levels:
            zh, en = f"标准没有等级 {record.level}", f"The standard has no level {record.level}"
            faults.append((UNKNOWN_LEVEL, (*place, "level"), zh, en))
        for unit in record.units:
            if unit not in asked:
                zh, en = f"标准没有能力单元 {unit}", f"The standard has no unit {unit}"
                faults.append((UNKNOWN_UNIT, (*place, "units"), zh, en))
            elif record.level in levels and record.level not in asked[unit]:
                zh = f"{unit} 在 {record.level} 没有要求"
                en = f"{unit} asks for nothing at {record.level}"
                faults.append((UNIT_NOT_AT_LEVEL, (*place, "units"), zh, en))
        if scheme is not None:
            faults += _component(record, place, standard, scheme)
    return _findings(faults, file, spot)


def check_evidence_against(
    evidence: EvidenceFile, standard: Standard, scheme: Scheme | None = None
) -> tuple[Finding, ...]:
    """Return the findings of evidence that did not come from a file; each names the record."""
    ids = [record.id for record in evidence.records]

    def spot(place: Place) -> tuple[int, str | None]:
        return 1, ids[int(place[1])] if place[:1] == ("records",) else None

    name = evidence.person.id
    found = check_rules(evidence, file=name, spot=spot)
    return (*found, *check_against(evidence, standard, scheme, file=name, spot=spot))


def _findings(faults: tuple[Fault, ...] | list[Fault], file: str, spot: Spot) -> list[Finding]:
    found = []
    for rule, place, zh, en in faults:
        line, cell = spot(place)
        message = LocalizedText(zh=zh, en=en)
        found.append(Finding(rule.id, rule.severity, file, line, message, clause=cell))
    return found


def _records(evidence: EvidenceFile) -> Iterator[Fault]:
    ids: set[str] = set()
    items: set[str] = set()
    for index, record in enumerate(evidence.records):
        place: Place = ("records", index)
        yield from _common(evidence, record, place, ids)
        if len(set(record.units)) < len(record.units):
            zh, en = f"{record.id} 两次列出同一单元", f"{record.id} names a unit twice"
            yield UNIT_TWICE, (*place, "units"), zh, en
        if isinstance(record, ItemResponse):
            if record.item in items:
                zh = f"试题 {record.item} 作答多次；只计最早的一次"
                en = f"Item {record.item} was answered more than once; only the earliest answer counts"
                yield REPEATED_ITEM, (*place, "item"), zh, en
            items.add(record.item)


def _facts(evidence: EvidenceFile) -> Iterator[Fault]:
    ids: set[str] = set()
    for index, fact in enumerate(evidence.facts):
        place: Place = ("facts", index)
        yield from _common(evidence, fact, place, ids)
        if not fact.verified:
            zh, en = (
                f"{fact.fact} 未经核实，不计入",
                f"{fact.fact} is not verified and does not count",
            )
            yield UNVERIFIED_FACT, (*place, "verified"), zh, en


def _common(
    evidence: EvidenceFile, part: Record | Fact, place: Place, ids: set[str]
) -> Iterator[Fault]:
    if part.id in ids:
        yield DUPLICATE_ID, (*place, "id"), f"编号 {part.id} 重复", f"The id {part.id} stands twice"
    ids.add(part.id)
    try:
        date.fromisoformat(part.date)
    except ValueError:
        yield BAD_DATE, (*place, "date"), f"没有 {part.date} 这一天", f"There is no day {part.date}"
    if part.synthetic != evidence.person.synthetic:
        zh = f"{part.id} 与人员的合成标记不一致；整份佐证按合成处理"
        en = f"{part.id} and the person disagree on being synthetic; all of it is treated as synthetic"
        yield SYNTHETIC_MIXED, (*place, "synthetic"), zh, en


def _component(record: Record, place: Place, standard: Standard, scheme: Scheme) -> Iterator[Fault]:
    if isinstance(record, SelfRating):
        return
    code = record.component or scheme.component_of_kind.get(record.kind)
    if code not in {part.code for part in scheme.components}:
        zh = f"方案没有考核项 {code or record.kind}"
        en = f"The scheme has no component for {code or record.kind}"
        yield UNKNOWN_COMPONENT, (*place, "component"), zh, en
        return
    judged = {unit for part in standard.evaluation if part.code == code for unit in part.units}
    known = {unit.code for unit in standard.units}
    for unit in record.units:
        if unit in known and unit not in judged:
            zh, en = f"{code} 不覆盖 {unit}", f"{code} does not judge {unit}"
            yield OUTSIDE_COMPONENT, (*place, "units"), zh, en
