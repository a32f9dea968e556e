"""Faults of responses that a person should see before anything is computed from them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from liangcai.kernel.findings import RULES, Finding, Rule, in_reading_order
from liangcai.kernel.text import LocalizedText
from liangcai.measurement.arrays import Index
from liangcai.measurement.responses.census import Census, census_of
from liangcai.measurement.responses.matrix import Responses, ResponsesInvalid

#: Fewer answers than this hardly place an item on the scale (our convention).
FEWEST_ANSWERS = 30
#: Groups smaller than this make comparisons of groups unsure (our convention).
FEWEST_IN_GROUP = 100
_NAMED = 8

IMPOSSIBLE_SCORE = RULES.add(
    "responses.impossible-score",
    "error",
    zh="得分高于题目满分",
    en="A score is above the item's declared maximum",
)
NO_VARIANCE = RULES.add(
    "responses.no-variance",
    "warning",
    zh="所有作答者得分相同，题目无区分",
    en="Everybody who answered has the same score",
)
UNUSED_CATEGORY = RULES.add(
    "responses.unused-category",
    "warning",
    zh="中间的得分类别无人获得",
    en="Nobody earned a score in the middle of the item's range",
)
ITEM_UNANSWERED = RULES.add(
    "responses.item-unanswered", "error", zh="题目无人作答", en="Nobody answered the item"
)
ITEM_FEW = RULES.add(
    "responses.item-few", "warning", zh="作答人数过少", en="Few persons answered the item"
)
PERSON_UNANSWERED = RULES.add(
    "responses.person-unanswered",
    "warning",
    zh="有人未作答任何题目",
    en="Some persons answered nothing",
)
PERSON_EXTREME = RULES.add(
    "responses.person-extreme",
    "note",
    zh="有人全部为零分或全部为满分",
    en="Some persons have only zero scores or only full ones",
)
DISCONNECTED = RULES.add(
    "responses.disconnected",
    "error",
    zh="题目分成互不相连的几组，没有共同尺度",
    en="The items fall into sets that no person connects: there is no common scale",
)
DUPLICATE_ITEM = RULES.add(
    "responses.duplicate-item",
    "warning",
    zh="两道题的作答完全相同",
    en="Two items have the same scores throughout",
)
GROUP_FEW = RULES.add("responses.group-few", "warning", zh="组内人数过少", en="A group is small")
WEIGHT_ZERO = RULES.add(
    "responses.weight-zero", "note", zh="有人权重为零", en="Some persons have weight zero"
)
NO_WEIGHT = RULES.add(
    "responses.no-weight", "error", zh="所有权重均为零", en="Every weight is zero"
)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The responses under check, counted once, and how they are called."""

    responses: Responses
    census: Census
    maxima: Mapping[str, int]
    file: str

    def finding(self, rule: Rule, *, zh: str, en: str, row: int | None = None) -> Finding:
        """Return a finding on the header line, or on the line of a person's row."""
        line = 1 if row is None else row + 2
        return Finding(rule.id, rule.severity, self.file, line, LocalizedText(zh=zh, en=en))

    def counted(self, rows: Index) -> tuple[str, str]:
        """Return how many persons these are, in English, and the names of the first."""
        names = [self.responses.person_name(int(row)) for row in rows[:_NAMED]]
        count = "1 person" if rows.size == 1 else f"{rows.size} persons"
        return count, ", ".join(names) + (" …" if rows.size > _NAMED else "")


def check_responses(
    responses: Responses, *, maxima: Mapping[str, int] | None = None, file: str = "responses"
) -> tuple[Finding, ...]:
    """
    Return what is wrong with responses, in reading order; nothing when all is well.

    `maxima` declares the highest possible score of some or all items. Lines are those of a wide
    CSV called `file`: the header is line 1, the first person line 2. Faults of persons are told
    once with the first who have them, faults of items one by one. Persons count by their weights.

    Raises:
        ResponsesInvalid: `maxima` names an item that is not there.
    """
    if unknown := sorted(set(maxima or {}) - set(responses.items)):
        raise ResponsesInvalid(f"maxima names {', '.join(unknown[:_NAMED])}: no such item is here")
    checked = _Checked(responses, census_of(responses), maxima or {}, file)
    looks = _CHECKS if responses.weights is None or responses.weights.any() else (_weights,)
    return in_reading_order(finding for look in looks for finding in look(checked))


def _scores(one: _Checked) -> Iterator[Finding]:
    for item, name in enumerate(one.responses.items):
        counts = one.census.counts[item]
        used = np.flatnonzero(counts)
        answered = float(counts.sum())
        if not used.size:
            yield one.finding(
                ITEM_UNANSWERED, zh=f"题目 {name} 无人作答", en=f"nobody answered item {name}"
            )
            continue
        top = int(used[-1])
        most = one.maxima.get(name)
        if most is not None and top > most:
            row = one.census.first_above(one.responses, item, most)
            zh = f"题目 {name} 满分 {most}，有 {counts[most + 1 :].sum():g} 人得分更高，最高 {top}"
            en = f"item {name} has at most {most}; {counts[most + 1 :].sum():g} scores are higher, up to {top}"
            yield one.finding(IMPOSSIBLE_SCORE, zh=zh, en=en, row=row)
        if used.size == 1:
            zh = f"题目 {name} 的 {answered:g} 个作答得分均为 {top}"
            en = f"every score on item {name} is {top} ({_answers(answered)})"
            yield one.finding(NO_VARIANCE, zh=zh, en=en)
        elif gaps := [str(k) for k in range(int(used[0]), top) if not counts[k]]:
            zh = f"题目 {name} 无人得 {'、'.join(gaps)} 分：估计前应合并类别"
            en = f"nobody earned {', '.join(gaps)} on item {name}: join categories before calibrating"
            yield one.finding(UNUSED_CATEGORY, zh=zh, en=en)
        if answered < FEWEST_ANSWERS:
            zh = f"题目 {name} 仅 {answered:g} 人作答，少于 {FEWEST_ANSWERS} 人"
            en = f"item {name} has {_answers(answered)}, fewer than {FEWEST_ANSWERS}"
            yield one.finding(ITEM_FEW, zh=zh, en=en)


def _persons(one: _Checked) -> Iterator[Finding]:
    for rule, rows, zh, en in (
        (PERSON_UNANSWERED, one.census.unanswered, "未作答任何题目", "nothing answered by"),
        (
            PERSON_EXTREME,
            one.census.zero,
            "全部为零分，最大似然估计不存在",
            "only zero scores, so no finite maximum-likelihood estimate, for",
        ),
        (
            PERSON_EXTREME,
            one.census.perfect,
            "全部为满分，最大似然估计不存在",
            "only full scores, so no finite maximum-likelihood estimate, for",
        ),
    ):
        if rows.size:
            count, who = one.counted(rows)
            yield one.finding(
                rule,
                zh=f"{zh}：{rows.size} 人（{who}）",
                en=f"{en} {count} ({who})",
                row=int(rows[0]),
            )


def _design(one: _Checked) -> Iterator[Finding]:
    sets = one.census.item_sets
    if len(sets) > 1:
        shown = [
            _listed([one.responses.items[place] for place in members]) for members in sets[:_NAMED]
        ]
        zh = f"题目分成 {len(sets)} 组，没有人同时作答其中两组：" + "；".join(shown)
        en = f"the items fall into {len(sets)} sets that no person links: " + "; ".join(shown)
        yield one.finding(DISCONNECTED, zh=zh, en=en)
    for first, second in one.census.duplicates:
        names = one.responses.items[first], one.responses.items[second]
        zh = f"题目 {names[0]} 与 {names[1]} 的作答完全相同"
        en = f"items {names[0]} and {names[1]} have the same scores throughout"
        yield one.finding(DUPLICATE_ITEM, zh=zh, en=en)


def _groups(one: _Checked) -> Iterator[Finding]:
    groups, names = one.responses.groups, one.responses.group_names
    if groups is None:
        return
    counts = np.bincount(groups, one.responses.weights, minlength=len(names))
    for name, count in zip(names, counts.tolist(), strict=True):
        if count < FEWEST_IN_GROUP:
            zh = f"组 {name} 仅 {count:g} 人，少于 {FEWEST_IN_GROUP} 人"
            en = f"group {name} has {count:g} {'person' if count == 1 else 'persons'}, fewer than {FEWEST_IN_GROUP}"
            yield one.finding(GROUP_FEW, zh=zh, en=en)


def _weights(one: _Checked) -> Iterator[Finding]:
    weights = one.responses.weights
    if weights is None:
        return
    rows = np.flatnonzero(weights == 0)
    if rows.size == len(weights):
        yield one.finding(
            NO_WEIGHT,
            zh="所有权重均为零，没有可分析的人",
            en="every weight is zero: nobody is left to analyse",
        )
    elif rows.size:
        count, who = one.counted(rows)
        zh, en = (
            f"权重为零，不计入结果：{rows.size} 人（{who}）",
            f"weight zero, so nothing is counted, for {count} ({who})",
        )
        yield one.finding(WEIGHT_ZERO, zh=zh, en=en, row=int(rows[0]))


def _answers(count: float) -> str:
    return "1 answer" if count == 1.0 else f"{count:g} answers"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" … ({len(names)})" if len(names) > _NAMED else "")


_CHECKS: tuple[Callable[[_Checked], Iterator[Finding]], ...] = (
    _scores,
    _persons,
    _design,
    _groups,
    _weights,
)
