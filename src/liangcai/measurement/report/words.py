"""What results say as a report prints it: English is what results are written in, Chinese is looked up."""

import re
from collections.abc import Mapping

from liangcai.kernel.text import Language
from liangcai.measurement.report.chinese_columns import COLUMNS
from liangcai.measurement.report.chinese_facts import FACTS
from liangcai.measurement.report.chinese_methods import GAPS, METHODS, VALUES
from liangcai.measurement.report.chinese_titles import TITLES

#: Facts and columns whose texts are words of ours; all others hold names of a study, which stay.
_SPOKEN = frozenset(
    {
        "because",
        "ability",
        "converged",
        "criterion",
        "design",
        "errors",
        "interval",
        "latent",
        "level, adjustment",
        "mean squares allowed",
        "missing",
        "model",
        "nodes",
        "precision",
        "question",
        "reason",
        "scale",
        "standard errors",
        "steps",
        "stop",
        "unused categories taken out",
    }
)
_SPOKEN_STARTS = ("finding ", "latent density of ")
_GAP = re.compile(r"\\\{(…|\\#)?\\\}")
_NUMBER = r"([-−+]?[\d.,]+(?:e[-+]?\d+)?%?|[-−]?inf)"

_NAME_GAPS = {
    "agreement within {}": "相差不超过 {} 的一致率",
    "answered{}": "作答题数 {}",
    "at or above cut {}": "达到分数线 {}",
    "ended by {…}": "结束：{}",
    "fifth_{}": "第 {} 五分组",
    "finding {}": "说明 {}",
    "item {}": "题目 {}",
    "keep {}": "保留概率 {}",
    "latent density of {}": "潜在分布（{}）",
    "mean square {…}": "均方（{}）",
    "n {}": "{} 的数目",
    "parts of {}": "{} 的连通部分数",
    "rater {}": "评分员 {}",
    "se({})": "标准误({})",
    "se{}": "标准误 {}",
    "severity {}": "严厉度（{}）",
    "theta{}": "θ{}",
}


def word(name: str, language: Language) -> str:
    """Return the title of a result, or the name of a fact or column, in the report's language."""
    if language == "en":
        return name
    for known in (FACTS, COLUMNS, TITLES):
        if name in known:
            return known[name]
    return _filled(name, _NAME_PATTERNS) or name


def spoken(name: str, value: object, language: Language) -> object:
    """Return the value of a fact or column called `name`: put into words where its words are ours."""
    ours = name in _SPOKEN or name.startswith(_SPOKEN_STARTS)
    return sentence(value, language) if ours and isinstance(value, str) else value


def sentence(text: str, language: Language) -> str:
    """
    Return what a result says of its method, its end or its faults, in the report's language.

    A text is looked up whole, then with its gaps, then clause by clause; a clause that nobody has
    put into Chinese stays as it is.
    """
    if language == "en" or not text:
        return text
    found = _known(text)
    if found is not None:
        return found
    return "；".join(_known(clause) or clause for clause in text.split("; "))


def _known(text: str) -> str | None:
    return METHODS.get(text) or VALUES.get(text) or _filled(text, _PATTERNS)


def _filled(text: str, patterns: "_Patterns") -> str | None:
    for pattern, ours, chinese in patterns:
        if match := pattern.fullmatch(text):
            held = zip(match.groups(), ours, strict=True)
            return chinese.format(*(_known(one) or one if our else one for one, our in held))
    return None


_Patterns = tuple[tuple[re.Pattern[str], tuple[bool, ...], str], ...]


def _compiled(gaps: Mapping[str, str]) -> _Patterns:
    """
    Return the patterns of texts with gaps.

    `{}` is any text and left as it is, `{#}` a number, `{…}` words of ours. No gap reaches over
    the end of a clause.
    """
    patterns = []
    for text, chinese in gaps.items():
        plain = re.escape(text)
        kinds = _GAP.findall(plain)
        gapped = _GAP.sub(lambda gap: _NUMBER if gap[1] == r"\#" else "([^;]+?)", plain)
        patterns.append((re.compile(gapped), tuple(kind == "…" for kind in kinds), chinese))
    return tuple(patterns)


_PATTERNS, _NAME_PATTERNS = _compiled(GAPS), _compiled(_NAME_GAPS)
