"""Rules of boundary: where this role ends and its neighbours begin."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from liangcai.kernel.findings import RULES, Finding, in_reading_order
from liangcai.kernel.yaml_reader import Place
from liangcai.standard.model import RoleProfile, Standard
from liangcai.standard.rules.neighbours import neighbour_profiles
from liangcai.standard.rules.similarity import alike_pairs, bigrams
from liangcai.standard.rules.texts import placed_indicators
from liangcai.standard.source import StandardSource

EXCLUDED_WORK = RULES.add(
    "boundary.excluded-work",
    "warning",
    zh="指标或职责包含除外工作的操作",
    en="An indicator or a duty has the person do work that the role excludes",
)
DUTY_EXCLUDED = RULES.add(
    "boundary.duty-excluded",
    "error",
    zh="同一工作既是职责又是除外工作",
    en="The same work is a duty and an exclusion",
)
OWN_ROLE = RULES.add(
    "boundary.own-role",
    "error",
    zh="以本岗位自身为相邻岗位",
    en="The role is named as its own neighbour",
)
UNKNOWN_ROLE = RULES.add(
    "boundary.unknown-role",
    "note",
    zh="相邻岗位没有可读的标准",
    en="A neighbour role has no standard that can be read",
)
SAME_DUTY = RULES.add(
    "boundary.same-duty",
    "warning",
    zh="职责与相邻岗位的职责相同",
    en="A duty equals a duty of a neighbour role",
)
FORBIDDEN_DUTY = RULES.add(
    "boundary.neighbour-exclusion",
    "warning",
    zh="相邻岗位把本岗位的职责归于他人",
    en="A neighbour role gives a duty of this role to somebody else",
)
OWNERLESS = RULES.add(
    "boundary.ownerless",
    "warning",
    zh="除外工作的归属岗位也将其除外",
    en="The owner of excluded work excludes it as well",
)
ALIKE = 0.7
EXAMINED = 2000  # characters of a text

#: Operations that roles around AI models divide among themselves.
_OPERATIONS = (
    r"预训练|微调|强化学习|训练(?!集|语料|数据|样本|框架|工具|任务|流程)|标注|清洗|采集|调参|蒸馏|量化|剪枝|部署|扩缩容|运维|编码|后端开发"
    r"|取数|报表开发|数据仓库建模|调优"
)
_OPERATION = re.compile(_OPERATIONS)
#: What follows where the operation only qualifies another noun: 标注规范, 训练师.
_NOUNS = (
    r"师|团队|人员|需求|要求|规范|规则|方案|计划|结果|质量|成本|说明|报告|清单|方法|策略|条件|指南|评[估审价]"
    r"|分析|验收|前|后|可行性|工单|申请|委托|商|平台|选型|预算|比|指标"
)
#: Doing it oneself: the operation is the verb …
_AS_VERB = re.compile(
    r"(?:^(?:不?应当?|宜|可)?(?:能够?)?(?:在[^，。；]{1,12}下)?(?:按[^，。；]{1,6})?"
    r"(?:独立|亲自|协助|熟练|主导)*|(?:亲自|动手|自行)[^，。；、]{0,10}?)"
    rf"(?P<operation>{_OPERATIONS})(?!{_NOUNS})"
)
#: … or the object of a verb of doing.
_AS_OBJECT = re.compile(
    r"(?:执行|实施|完成|开展|从事|承担|操作|进行|运行)(?:[^，。；、的]{0,8}?|[^，。；、]{0,6}的)"
    rf"(?P<operation>{_OPERATIONS})(?!{_NOUNS}|集|数据|样本|模型)"
)
_NEGATED = re.compile(r"不(?:应|得|宜|由|承担|参与|涉及|作|做)|由[^，。；]{1,12}$|委托|协调|组织")


def check_boundary(
    standard: Standard, neighbours: Iterable[Standard], *, source: StandardSource | None = None
) -> tuple[Finding, ...]:
    """Return where a standard's duties and exclusions collide with those of other standards.

    Without its source, findings name role.yaml as the file and no line in it.
    """
    profiles = {other.code: other.role for other in neighbours if other.code != standard.code}
    places = source or StandardSource.unread("role.yaml")
    return in_reading_order(_overlaps(standard, profiles, places))


def check_own_boundary(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield indicators and duties that are work the role itself gives to another."""
    role = standard.role
    owners: dict[str, str] = {}
    for exclusion in role.exclusions:
        for operation in _OPERATION.findall(exclusion.text.zh):
            owners.setdefault(operation, f"{exclusion.code}, {exclusion.owner}")
    texts: list[tuple[Place, str, str]] = [
        (("role", "duties", number, "text"), duty.code, duty.text.zh)
        for number, duty in enumerate(role.duties)
    ]
    texts += [((*place, "text"), i.code, i.text.zh) for place, _, i in placed_indicators(standard)]
    for place, code, text in texts if owners else ():
        for found in _hands_on(text[:EXAMINED]):
            operation = found.group("operation")
            clause = re.split(r"[，。；]", text[: found.end()])[-1]
            if operation not in owners or _NEGATED.search(clause):
                continue
            yield source.finding(
                EXCLUDED_WORK,
                (*place, "zh"),
                zh=f"{code} 的“{found.group()}”是本岗位的除外工作（{owners[operation]}）；"
                "请改为提出需求、判定或验收",
                en=f"“{found.group()}” in {code} is work this role excludes ({owners[operation]}); "
                "have the person specify, judge or accept it",
                quote=found.group(),
            )
    for number, other in _alike(
        [duty.text.zh for duty in role.duties], [part.text.zh for part in role.exclusions]
    ):
        duty_code, code = role.duties[number].code, role.exclusions[other].code
        yield source.finding(
            DUTY_EXCLUDED,
            ("role", "duties", number, "text"),
            zh=f"职责 {duty_code} 与除外工作 {code} 是同一工作；请删去其一",
            en=f"Duty {duty_code} and exclusion {code} are the same work; remove one",
        )


def _hands_on(text: str) -> Iterator[re.Match[str]]:
    verb = _AS_VERB.search(text)
    if verb is not None:
        yield verb
    for found in _AS_OBJECT.finditer(text):
        if verb is None or found.end() != verb.end():
            yield found


def check_neighbours(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield neighbour roles that are unknown or whose profiles disagree with this one."""
    named: list[tuple[Place, str]] = [
        *(
            (("role", "exclusions", n, "owner"), part.owner)
            for n, part in enumerate(standard.role.exclusions)
        ),
        *(
            (("role", "handoffs", n, "to"), part.to)
            for n, part in enumerate(standard.role.handoffs)
        ),
        *(
            (("role", "contrasts", n, "role"), part.role)
            for n, part in enumerate(standard.role.contrasts)
        ),
    ]
    first = {role: place for place, role in reversed(named)}
    profiles = neighbour_profiles(code for code in first if code != standard.code)
    for place, role in named:
        if role == standard.code:
            yield source.finding(
                OWN_ROLE,
                place,
                zh=f"{role} 就是本岗位；请写相邻岗位的代码",
                en=f"{role} is this role itself; name the neighbour's code",
            )
    for role, place in first.items():
        if role != standard.code and role not in profiles:
            yield source.finding(
                UNKNOWN_ROLE,
                place,
                zh=f"随包标准中没有可读的岗位 {role}，无法核对与它的边界",
                en=f"No shipped standard {role} can be read, so the boundary with it is unchecked",
            )
    yield from _overlaps(standard, profiles, source)


def _overlaps(
    standard: Standard, profiles: Mapping[str, RoleProfile], source: StandardSource
) -> Iterator[Finding]:
    duties = standard.role.duties
    own = [duty.text.zh for duty in duties]
    for role, profile in profiles.items():
        for number, other in _alike(own, [duty.text.zh for duty in profile.duties]):
            code, theirs = duties[number].code, profile.duties[other].code
            yield source.finding(
                SAME_DUTY,
                ("role", "duties", number, "text"),
                zh=f"职责 {code} 与岗位 {role} 的职责 {theirs} 相同；请写明分界或交接",
                en=f"Duty {code} equals duty {theirs} of {role}; say where the line runs "
                "or what is handed over",
            )
        given_away = [part for part in profile.exclusions if part.owner != standard.code]
        texts = [part.text.zh for part in given_away]
        for number, other in _alike(own, texts):
            code, part = duties[number].code, given_away[other]
            yield source.finding(
                FORBIDDEN_DUTY,
                ("role", "duties", number, "text"),
                zh=f"岗位 {role} 的除外工作 {part.code} 把职责 {code} 归于 {part.owner}；请核对归属",
                en=f"Exclusion {part.code} of {role} gives duty {code} to {part.owner}; "
                "settle whose it is",
            )
        mine = [(n, e) for n, e in enumerate(standard.role.exclusions) if e.owner == role]
        for row, other in _alike([exclusion.text.zh for _, exclusion in mine], texts):
            number, exclusion = mine[row]
            part = given_away[other]
            yield source.finding(
                OWNERLESS,
                ("role", "exclusions", number, "owner"),
                zh=f"除外工作 {exclusion.code} 归于 {role}，而它的 {part.code} 又归于 {part.owner}",
                en=f"Exclusion {exclusion.code} gives the work to {role}, whose {part.code} "
                f"gives it to {part.owner}",
            )


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of our texts and of the first of theirs that says the same."""
    sets = [bigrams(text) for text in (*theirs, *ours)]
    groups = ["theirs"] * len(theirs) + ["ours"] * len(ours)
    for other, number, _ in alike_pairs(sets, groups, threshold=ALIKE):
        if groups[number] == "ours":
            yield number - len(theirs), other
