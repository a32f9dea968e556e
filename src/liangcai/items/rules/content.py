"""Rules on the words of an item: translations, wording that gives away or misleads, facts that age."""

import re
from collections.abc import Iterator

from liangcai.items.rules.context import Context
from liangcai.items.source import SourcedItem
from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.text import LocalizedText
from liangcai.kernel.yaml_reader import Place

TRANSLATION_MISSING = RULES.add(
    "item.translation-missing", "error", zh="缺少中文或英文", en="Chinese or English is missing"
)
CATCH_ALL = RULES.add(
    "item.catch-all-option",
    "warning",
    zh="使用“以上都对/都不对”类选项",
    en='An option says "all/none of the above"',
)
NEGATIVE_STEM = RULES.add(
    "item.negative-stem",
    "warning",
    zh="否定式设问未加粗提示",
    en="A negative question does not print its negation in bold",
)
MARKUP = RULES.add(
    "item.markup",
    "warning",
    zh="文字中有加粗以外的标记",
    en="A text uses markup other than bold",
)
REVIEW_BY_MISSING = RULES.add(
    "item.review-by-missing",
    "warning",
    zh="会过时的试题没有复核日期",
    en="An item on facts that age has no review date",
)
REVIEW_BY_PAST = RULES.add(
    "item.review-by-past", "warning", zh="复核日期已过", en="The review date has passed"
)

_CATCH_ALL = re.compile(
    r"(以上|上述|前面|前三|以下)[^，。；]{0,4}(都|皆|均|全)(不?(对|是|正确|成立|可)|错)"
    r"|\b(all|none|both|neither) of (the |these )?(above|others)\b|\bA and B\b",
    re.IGNORECASE,
)
_NEGATIVE = {
    "zh": re.compile(
        r"(?:不正确|不恰当|不合适|不合理|不符合|不属于|不包括|不需要|不成立|不妥|不应|不宜|不能|最不|错误)"
        r"[^，。？]{0,14}(?:的是|哪)"
        r"|哪[^，。？]{0,14}(?:不正确|不恰当|不合适|不合理|不符合|不属于|不包括|不成立|不妥|是错误的)"
    ),
    "en": re.compile(
        r"\bwhich\b[^.?]*\b(?:is|are|does|do|should|would|can|could)\s+not\b|\bexcept\b\s*[:?]?\s*$"
        r"|\bwhich\b[^.?]*\b(?:least|incorrect)\b",
        re.IGNORECASE,
    ),
}
_SENTENCE_END = {"zh": re.compile(r"(?<=[。！；])"), "en": re.compile(r"(?<=[.!;])\s")}
_MARKUP = re.compile(
    r"</?[a-zA-Z][^>]*>|!?\[[^\]]*\]\([^)]*\)|```|`[^`]+`|^\s{0,3}#{1,6}\s|^\s*\|.*\|\s*$",
    re.MULTILINE,
)
_AGES = re.compile(
    r"《[^》]*(?:法|条例|办法|规定|细则|通知)(?:（[^）]*）)?》|\bGB(?:/T|/Z)?\s?\d{4,}|起施行|起生效"
)


def _texts(one: SourcedItem) -> Iterator[tuple[Place, LocalizedText]]:
    yield ("stem",), one.item.stem
    for index, option in enumerate(one.item.options):
        yield ("options", index, "text"), option.text
        if option.rationale is not None:
            yield ("options", index, "rationale"), option.rationale
    if one.item.source is not None:
        yield ("source",), one.item.source


def _translations(one: SourcedItem, _: Context) -> Iterator[Finding]:
    for place, text in _texts(one):
        part = ".".join(str(step) for step in place)
        if not text.zh.strip():
            yield one.finding(
                TRANSLATION_MISSING, place, zh=f"{part} 缺少中文", en=f"{part} has no Chinese"
            )
        if not text.en.strip():
            yield one.finding(
                TRANSLATION_MISSING, place, zh=f"{part} 缺少英文", en=f"{part} has no English"
            )


def _catch_all(one: SourcedItem, _: Context) -> Iterator[Finding]:
    for index, option in enumerate(one.item.options):
        for text in (option.text.zh, option.text.en):
            if match := _CATCH_ALL.search(text):
                zh = f"选项 {option.key} 用了“{match[0]}”：打乱顺序后失去意义，也可凭部分知识作答"
                en = (
                    f'option {option.key} says "{match[0]}": it loses its meaning when options are '
                    "shuffled and rewards partial knowledge"
                )
                place = ("options", index, "text")
                yield one.finding(CATCH_ALL, place, zh=zh, en=en, quote=match[0])
                break


def _negative_stem(one: SourcedItem, _: Context) -> Iterator[Finding]:
    for language, pattern in _NEGATIVE.items():
        stem = one.item.stem.zh if language == "zh" else one.item.stem.en
        sentences = [part for part in _SENTENCE_END[language].split(stem.strip()) if part.strip()]
        if not sentences or "**" in (question := sentences[-1]):
            continue
        if match := pattern.search(question):
            zh = "设问为否定式，请把否定词加粗（**不**）或改为肯定式"
            en = "the question is negative: print the negation in bold (**not**) or ask positively"
            yield one.finding(NEGATIVE_STEM, ("stem", language), zh=zh, en=en, quote=match[0])


def _markup(one: SourcedItem, _: Context) -> Iterator[Finding]:
    for place, text in _texts(one):
        for language, written in (("zh", text.zh), ("en", text.en)):
            if written.count("**") % 2:
                zh, en = "加粗标记 ** 不成对", "the bold marks ** do not pair up"
                yield one.finding(MARKUP, (*place, language), zh=zh, en=en)
            if match := _MARKUP.search(written):
                zh, en = (
                    f"只支持加粗，{match[0]} 会原样显示",
                    f"only bold is markup; {match[0]} is shown as is",
                )
                yield one.finding(MARKUP, (*place, language), zh=zh, en=en, quote=match[0])


def _review_date(one: SourcedItem, context: Context) -> Iterator[Finding]:
    item = one.item
    if item.review_by is None:
        texts = (item.stem.zh, *(option.text.zh for option in item.options))
        match = next((found for text in texts if (found := _AGES.search(text))), None)
        if match or item.source is not None:
            cited = match[0] if match else "source"
            zh = f"依据会变的事实（{cited}），应写明 review_by"
            en = f"it rests on facts that age ({cited}) and needs a review_by"
            yield one.finding(REVIEW_BY_MISSING, zh=zh, en=en, quote=match[0] if match else None)
    elif context.on is not None and item.review_by < context.on.isoformat():
        zh = f"应在 {item.review_by} 前复核，已过期"
        en = f"it was to be reviewed by {item.review_by}, which has passed"
        yield one.finding(REVIEW_BY_PAST, ("review_by",), zh=zh, en=en)


CHECKS = (_translations, _catch_all, _negative_stem, _markup, _review_date)
