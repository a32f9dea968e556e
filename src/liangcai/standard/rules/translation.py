"""Rules of translation: every text is there in Chinese and in English, each in its own script."""

import re
from collections.abc import Iterator

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Standard
from liangcai.standard.rules.texts import placed_texts, short
from liangcai.standard.source import StandardSource

EMPTY = RULES.add("text.empty", "error", zh="文本为空", en="A text is empty in both languages")
ONE_LANGUAGE = RULES.add(
    "translation.one-language",
    "note",
    zh="标准只有一种语言",
    en="The standard is written in one language only",
)
NO_ENGLISH = RULES.add(
    "translation.no-english", "warning", zh="有中文而无英文", en="Chinese without English"
)
NO_CHINESE = RULES.add(
    "translation.no-chinese", "warning", zh="有英文而无中文", en="English without Chinese"
)
SAME = RULES.add(
    "translation.same",
    "warning",
    zh="中英文文本相同",
    en="The Chinese and the English are the same",
)
CHINESE_IN_ENGLISH = RULES.add(
    "translation.chinese-in-english",
    "warning",
    zh="英文文本中有汉字或中文标点",
    en="Chinese characters or punctuation in an English text",
)
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_FOREIGN = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]+")
#: Chinese that an English text quotes on purpose, in quotation marks, brackets or as a title.
_QUOTED = re.compile(
    r"《[^》]{0,200}》|\"[^\"]{0,200}\"|“[^”]{0,200}”|'[^']{0,200}'"
    r"|\([^)]{0,200}\)|（[^）]{0,200}）|「[^」]{0,200}」"
)
_SENTENCE = re.compile(r"\b[A-Za-z]{1,30} [a-z]{1,30} [a-z]{1,30} [a-z]{1,30}\b")
#: Where nothing is claimed by an empty text: these have a rule of their own.
_OWN_RULE = frozenset({("notice",)})


def check_translation(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield texts that lack a language; a standard in one language is told so once."""
    texts = placed_texts(standard)
    has_english = any(text.en.strip() for _, text in texts)
    has_chinese = any(text.zh.strip() for _, text in texts)
    if has_english != has_chinese:
        yield source.finding(
            ONE_LANGUAGE,
            ("title",),
            zh="全文没有英文" if has_chinese else "全文没有中文",
            en="There is no English text" if has_chinese else "There is no Chinese text",
        )
    for place, text in texts:
        zh, en = text.zh, text.en
        if not zh or not en or zh.isspace() or en.isspace():
            if not zh.strip() and not en.strip():
                if place not in _OWN_RULE:
                    path = ".".join(str(part) for part in place)
                    message = f"{path} 为空；请写出文本或删去该键"
                    yield source.finding(
                        EMPTY, place, zh=message, en=f"{path} is empty; write it or drop the key"
                    )
            elif has_english and has_chinese:
                yield _one_sided(place, zh, en, source)
        elif zh == en:
            if _CHINESE.search(zh) or _SENTENCE.search(zh):
                yield source.finding(
                    SAME,
                    (*place, "en"),
                    zh=f"中英文相同：“{short(zh)}”；请翻译",
                    en=f"Both languages say “{short(zh)}”; translate it",
                    quote=short(en),
                )
        elif not en.isascii() and (foreign := _FOREIGN.search(_QUOTED.sub("", en))):
            yield source.finding(
                CHINESE_IN_ENGLISH,
                (*place, "en"),
                zh=f"英文文本中有“{short(foreign.group())}”；请翻译，引用时加引号",
                en=f"The English has “{short(foreign.group())}”; translate it, or quote it in quotation marks",
                quote=short(foreign.group()),
            )


def _one_sided(place: tuple[str | int, ...], zh: str, en: str, source: StandardSource) -> Finding:
    if zh.strip():
        return source.finding(
            NO_ENGLISH,
            place,
            zh=f"“{short(zh)}”没有英文；请补充 en",
            en=f"“{short(zh)}” has no English; add en",
        )
    return source.finding(
        NO_CHINESE,
        place,
        zh=f"“{short(en)}”没有中文；请补充 zh",
        en=f"“{short(en)}” has no Chinese; add zh",
    )
