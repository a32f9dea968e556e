"""The sentences of a report in Chinese and in English."""

from collections.abc import Iterable, Mapping

from liangcai.kernel.text import LocalizedText

_WORDS: Mapping[str, tuple[str, str]] = {
    # -- titles ------------------------------------------------------------------------------------
    "decision": ("定级报告", "Grade report"),
    "indication": ("参考性评估报告", "Indicative report"),
    "profile": ("能力画像", "Competence profile"),
    "components": ("各考核项", "Components"),
    "levels": ("各等级的把握程度", "How sure, level by level"),
    "reasons": ("规则逐条说明", "Rule by rule"),
    "changes": ("哪些变化会改变结论", "What would have changed the result"),
    "charts": ("各能力单元的估计值与区间", "Estimates and intervals of the units"),
    "table": ("能力画像数据表", "The profile as a table"),
    "gap": ("与目标等级的差距", "The gap to the level"),
    "hashes": ("依据与校验值", "What it rests on"),
    # -- heads of tables ---------------------------------------------------------------------------
    "component": ("考核项", "Component"),
    "weight": ("权重", "Weight"),
    "score": ("得分 ± 标准误", "Score ± standard error"),
    "cut": ("分数线", "Lowest score"),
    "met": ("是否达到", "Reached"),
    "records": ("佐证数", "Records"),
    "accuracy": ("判定正确率", "Accuracy"),
    "consistency": ("重测一致率", "Consistency"),
    "level": ("等级", "Level"),
    "chance": ("达到该等级及以上的概率", "Probability of this level or higher"),
    "total": ("加权总分（线）", "Weighted total (lowest)"),
    "code": ("编号", "Code"),
    "unit": ("能力单元", "Unit"),
    "estimate": ("估计值", "Estimate"),
    "interval": ("{percent}% 区间", "{percent} % interval"),
    "range": ("{low} 至 {high}", "{low} to {high}"),
    "meets": ("≥ {level}", "≥ {level}"),
    "self": ("自评", "Self-rating"),
    "state": ("状态", "State"),
    # -- states and marks --------------------------------------------------------------------------
    "yes": ("达到", "yes"),
    "no": ("未达到", "no"),
    "unjudged": ("未评定", "not judged"),
    "none": ("—", "–"),
    "measured": ("已有足够佐证", "measured"),
    "thin": ("证据不足", "not enough evidence"),
    "unseen": ("尚无佐证", "no evidence yet"),
    "thin-ways": ("证据不足 → {ways}", "not enough evidence → {ways}"),
    "unseen-ways": ("尚无佐证 → {ways}", "no evidence yet → {ways}"),
    # -- the verdict -------------------------------------------------------------------------------
    "no-level-met": ("未达到任何等级", "No level is reached"),
    "not-enough-evidence": ("证据不足，不作定级", "Not enough evidence to decide"),
    "sure-graded": (
        "结论正确的概率为 {percent}%：若有 100 人的证据与此相同，其中约 {right} 人确实处于{level}，约 {wrong} 人应归入其他等级。",
        "The probability that this is correct is {percent} %: of 100 people with evidence like this, about {right} truly belong at {level} and about {wrong} elsewhere.",
    ),
    "sure-at-least": (
        "确实达到{level}的概率为 {percent}%：若有 100 人的证据与此相同，其中约 {right} 人确实达到{level}，约 {wrong} 人没有达到。更高等级的佐证或报考条件不足，未作评定。",
        "The probability that {level} is truly reached is {percent} %: of 100 people with evidence like this, about {right} truly reach it and about {wrong} do not. No higher level was judged, because evidence or eligibility for it is missing.",
    ),
    "sure-not-eligible": (
        "有报考条件尚未满足，因此没有评定等级；这不是对能力的判断。",
        "A condition of eligibility is not met yet, so no level was judged. That says nothing about ability.",
    ),
    "sure-no-level-met": (
        "结论正确的概率为 {percent}%：若有 100 人的证据与此相同，其中约 {right} 人确实未达到任何等级，约 {wrong} 人实际已达到某一等级。",
        "The probability that this is correct is {percent} %: of 100 people with evidence like this, about {right} truly reach no level and about {wrong} do reach one.",
    ),
    "sure-not-enough-evidence": (
        "现有证据不足以作出结论；这不表示能力不足。补充下列证据后可重新评定。",
        "The evidence does not allow a decision. That says nothing against the person; once the evidence named below is there, it can be decided.",
    ),
    "borderline": (
        "这是临界结果：重要用途请先补充证据。",
        "This is a borderline result: add evidence before much depends on it.",
    ),
    "reading": (
        "怎样读这些数字：得分的标准误表示得分可能偏离多少，真实水平约有三分之二的机会落在“得分 ± 标准误”之内；判定正确率是“达到”或“未达到”这一判断正确的概率；重测一致率是用同样的方式再测一次、判断不变的概率。",
        "How to read the numbers: the standard error says how far off a score may be; the true level lies within score ± standard error about two times in three. Accuracy is the probability that “reached” or “not reached” is right, consistency the probability that measuring again in the same way would give the same answer.",
    ),
    # -- notices -----------------------------------------------------------------------------------
    "synthetic": (
        "合成数据：人物与证据均为虚构，仅作演示。",
        "Synthetic data: the person and the evidence are invented for demonstration.",
    ),
    "indicative": (
        "仅供参考：不是定级结论，也不是证书。",
        "Indicative: never a decision or a credential.",
    ),
    "pilot": (
        "所用知识题为试测题（未校准）。",
        "The knowledge questions used are pilot items, not calibrated.",
    ),
    "charts-note": (
        "圆点为估计值，粗线为 {percent}% 区间，竖线为各等级的分界；虚线表示证据不足。量尺单位为 logit。",
        "The dot is the estimate, the bar its {percent} % interval, the vertical lines are the levels' cuts; a dashed bar means not enough evidence. The scale is in logits.",
    ),
    "table-note": (
        "“≥ 等级”为达到该等级分界的概率；“→”之后是可取得佐证的评价环节。",
        "≥ and a level: the probability of meeting that level's cut. After → stand the evaluations that would give evidence.",
    ),
    "charts-self": (
        "空心菱形为自评，不计入估计值。",
        "The hollow diamond is the self-rating; it is no part of the estimate.",
    ),
    "chart-description": (
        "{element}的 {count} 个能力单元，其中 {measured} 个有足够佐证；数值见下表。",
        "{count} units of {element}, {measured} of them with enough evidence; the numbers are in the table below.",
    ),
    "axis": ("能力量尺（logit）", "ability scale (logits)"),
    "footer": (
        "由 Liangcai 量才依据证据与方案计算；同样的输入得到同样的校验值。",
        "Computed by Liangcai from evidence and a scheme; the same input gives the same hashes.",
    ),
    # -- what would have changed it ----------------------------------------------------------------
    "margin": (
        "余地最小的一项是{name}，比分数线高 {points} 分；再低出这个分数，结论就会改变。",
        "The condition with the least room was {name}, {points} points above its cut: anything more than that lost would have changed the result.",
    ),
    "missing-component-score": (
        "{level}·{name}：再高 {missing} 分。",
        "{level}, {name}: {missing} points more.",
    ),
    "unseen-component-score": (
        "{level}·{name}：尚无得分，需要佐证。",
        "{level}, {name}: there is no score yet; it needs evidence.",
    ),
    "missing-total": (
        "{level}：加权总分再高 {missing} 分。",
        "{level}: {missing} points more in the weighted total.",
    ),
    "unseen-total": (
        "{level}：各考核项都有得分后才有加权总分。",
        "{level}: a score in every component, before there is a weighted total.",
    ),
    "missing-records": (
        "{level}·{name}：再有 {missing} 条该等级（或更高等级）的佐证。",
        "{level}, {name}: {missing} more records for this level or a higher one.",
    ),
    "missing-unit-share": (
        "{level}·{name}：该等级（或更高等级）的佐证再多覆盖 {missing}% 的能力单元。",
        "{level}, {name}: evidence for this level or a higher one on {missing} % more of its units.",
    ),
    "missing-eligibility": (
        "{level}：经核实的事实“{name}”。",
        "{level}: a verified fact: {name}.",
    ),
    "top": ("已是最高等级。", "There is no higher level."),
    "ignored-self-rating": (
        "{count} 条自评记录未计入定级。",
        "Left out of the decision: self-ratings, {count}.",
    ),
    "ignored-self-administered": (
        "{count} 条自行完成、无人监督的记录未计入定级。",
        "Left out of the decision: self-administered records, {count}.",
    ),
    "ignored-repeated-item": (
        "{count} 条同题重复作答未计入，只计第一次。",
        "Left out of the decision: repeated answers to the same item, {count}; only the first counts.",
    ),
    "ignored-not-certifying": (
        "{count} 条仅用于个人发展的记录未计入定级。",
        "Left out of the decision: records for personal development only, {count}.",
    ),
    # -- the gap -----------------------------------------------------------------------------------
    "gap-verdict": (
        "对照{level}：{total} 个能力单元中，{reached} 个很可能已达到",
        "Against {level}: {reached} of {total} units are likely reached",
    ),
    "gap-sureness": (
        "{below} 个很可能未达到，{open} 个尚不能判定，{unknown} 个证据不足。证据不足不表示能力不足。",
        "Likely not reached: {below}. Undecided: {open}. Not enough evidence: {unknown}. Missing evidence says nothing against the person.",
    ),
    "gap-verdict-unknown": (
        "目前的佐证还不足以判断是否达到{level}",
        "There is not enough evidence yet to judge {level}",
    ),
    "gap-sureness-unknown": (
        "{total} 个能力单元都还缺少可据以判断的佐证；下面的估计只供参考，并说明怎样补足。证据不足不表示能力不足。",
        "All {total} units still lack evidence to judge by; the estimates below are indicative, and say how to add to it. Missing evidence says nothing against the person.",
    ),
    "self-summary": (
        "按你的自评：{elements}。自评不计入佐证。",
        "By your own rating: {elements}. Self-ratings never count as evidence.",
    ),
    "self-element": ("{name}约为{level}", "{name} about {level}"),
    "self-below": ("{level}以下", "below {level}"),
    "standing-reached": ("很可能已达到", "Likely reached"),
    "standing-below": ("很可能未达到", "Likely not reached"),
    "standing-open": ("尚不能判定", "Undecided"),
    "standing-unknown": ("证据不足", "Not enough evidence"),
    "gap-reached": ("达到的概率 {percent}%。", "The probability of meeting it is {percent} %."),
    "gap-below": (
        "达到的概率 {percent}%，估计值比分界低 {short} logit。",
        "The probability of meeting it is {percent} %; the estimate lies {short} logits below the cut.",
    ),
    "gap-open": (
        "达到的概率 {percent}%；更多佐证可使判定更明确：{ways}。",
        "The probability of meeting it is {percent} %; more evidence would settle it: {ways}.",
    ),
    "gap-unknown": ("可取得佐证的环节：{ways}。", "Evidence could come from: {ways}."),
    "no-way": ("本标准尚无评价环节", "no evaluation in this standard"),
    # -- hashes ------------------------------------------------------------------------------------
    "hash-decision": ("结论", "Decision"),
    "hash-evidence": ("证据", "Evidence"),
    "hash-standard": ("标准 {name}", "Standard {name}"),
    "hash-scheme": ("方案 {name}", "Scheme {name}"),
}


class Words:
    """The sentences in one language: `words("met", level="…")`."""

    def __init__(self, language: str) -> None:
        self.language = "en" if language.startswith("en") else "zh"
        self._place = int(self.language == "en")

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its values put in; KeyError if there is none."""
        return _WORDS[key][self._place].format(**values)

    def of(self, text: LocalizedText) -> str:
        """Return a text of a standard or scheme in this language."""
        return text.in_language(self.language)

    def listed(self, texts: tuple[LocalizedText, ...]) -> str:
        """Return several texts as one list."""
        return self.joined(self.of(text) for text in texts)

    def joined(self, names: Iterable[str]) -> str:
        """Return names that are in this language already as one list."""
        return (", " if self._place else "、").join(names)

    def percent(self, share: float | None) -> str:
        """Return a probability in whole percent, a dash where there is none, never 0 or 100."""
        if share is None:
            return self("none")
        shown = round(100 * share)
        text = "<1" if shown < 1 else ">99" if shown > 99 else str(shown)
        return f"{text} %" if self._place else f"{text}%"
