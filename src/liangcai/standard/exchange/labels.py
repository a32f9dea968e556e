"""The words between the data on an exported page, in both languages."""

from typing import Any

from liangcai.kernel.text import LocalizedText

_WORDS: dict[str, tuple[str, str]] = {
    # statements
    "shall": ("应", "shall"),
    "should": ("宜", "should"),
    "may": ("可", "may"),
    "note": ("编制说明", "the compilation note"),
    "neighbour": ("相邻标准", "a neighbouring standard"),
    "market": ("招聘信息", "job postings"),
    "proposal": ("我方建议", "our own proposal"),
    "draft": ("草案", "draft"),
    "consultation": ("征求意见", "under consultation"),
    "published": ("已发布", "published"),
    "withdrawn": ("已废止", "withdrawn"),
    # evidence and methods
    "test-response": ("答题记录", "test response"),
    "lab-result": ("实操结果", "lab result"),
    "work-product": ("工作成果", "work product"),
    "work-record": ("工作记录", "work record"),
    "outcome-data": ("成效数据", "outcome data"),
    "presentation": ("陈述演示", "presentation"),
    "testimony": ("他人证言", "testimony"),
    "credential": ("证书", "credential"),
    "exam": ("考试", "examination"),
    "lab": ("实操", "practical lab"),
    "portfolio": ("业绩材料", "portfolio"),
    "defence": ("答辩", "defence"),
    "observation": ("观察", "observation"),
    "feedback": ("反馈", "feedback"),
    # relations
    "exact": ("相同", "exact"),
    "close": ("相近", "close"),
    "broader": ("对方更宽", "the target is broader"),
    "narrower": ("对方更窄", "the target is narrower"),
    "related": ("相关", "related"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    # headings and columns
    "version": ("版本", "Version"),
    "number": ("标准编号", "Number"),
    "aliases": ("别名", "Other names"),
    "status": ("状态", "Status"),
    "date": ("日期", "Date"),
    "licence": ("许可", "Licence"),
    "source": ("来源", "Source"),
    "hash": ("内容哈希", "Content hash"),
    "contents": ("目录", "Contents"),
    "role": ("岗位画像", "Role profile"),
    "duties": ("岗位职责", "Duties"),
    "exclusions": ("职责之外", "Exclusions"),
    "handoffs": ("岗位衔接", "Hand-offs"),
    "contrasts": ("岗位对照", "Contrasts with neighbouring roles"),
    "levels": ("职业等级", "Levels"),
    "weights": ("要素权重", "Weights of the elements"),
    "evaluation": ("评价方式", "Evaluation"),
    "training": ("培养规则", "Training"),
    "terms": ("术语", "Terms"),
    "crosswalks": ("与其他标准的对照", "Crosswalks"),
    "history": ("修订记录", "Change history"),
    "units": ("能力单元", "Units"),
    "item": ("项目", "Item"),
    "code": ("编码", "Code"),
    "level": ("等级", "Level"),
    "rank": ("级次", "Rank"),
    "autonomy": ("自主性", "Autonomy"),
    "complexity": ("复杂度", "Complexity"),
    "influence": ("影响范围", "Influence"),
    "text": ("内容", "Text"),
    "indicator": ("能力指标", "Indicator"),
    "provision": ("条款类型", "Provision"),
    "evidence": ("佐证", "Evidence"),
    "methods": ("评价方法", "Methods"),
    "origin": ("出处", "Origin"),
    "owner": ("归属岗位", "Owner"),
    "to": ("对方", "To"),
    "gives": ("交出", "Gives"),
    "receives": ("收到", "Receives"),
    "aspect": ("方面", "Aspect"),
    "here": ("本岗位", "This role"),
    "there": ("对方岗位", "The other role"),
    "component": ("组成部分", "Component"),
    "requires": ("先修单元", "Requires"),
    "hours": ("学时", "Hours"),
    "activities": ("活动", "Activities"),
    "term": ("术语", "Term"),
    "definition": ("定义", "Definition"),
    "relation": ("关系", "Relation"),
    "target": ("对方编码", "Target"),
    "verified": ("已核实", "Verified"),
    "remark": ("备注", "Note"),
    "changes": ("修订内容", "Changes"),
    "element": ("能力要素", "Element"),
    "unit": ("能力单元", "Unit"),
}


def label(key: str, language: str) -> str:
    """Return the word for a key of the model (or a heading) in one language."""
    return localized(key).in_language(language)


def localized(key: str) -> LocalizedText:
    """Return the word for a key in both languages."""
    zh, en = _WORDS[key]
    return LocalizedText(zh=zh, en=en)


def listed(keys: Any, language: str) -> str:
    """Return several words as one list."""
    separator = ", " if language.startswith("en") else "、"
    return separator.join(label(key, language) if key in _WORDS else key for key in keys)
