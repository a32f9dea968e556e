"""The words of a provision (要求 应, 推荐 宜, 允许 可), after the drafting rules of GB/T 1.1-2020.

The character 应 in 响应, 对应 or 应用 is no provision: the patterns look at what stands around it.
"""

import re
from dataclasses import dataclass

from liangcai.kernel.text import LocalizedText

_SHALL = r"(?<![响相对适反供效呼感回因])应(?![用急聘届付激酬运声变邀])"
_SHOULD = r"(?<![适便事权合相时不])(?:不宜|宜)(?![居人])"
_MAY = (
    r"(?:^|[，；。])可以?(?![靠信能视见控溯追观比读复检逆预核验选用]|持续|解释|接受|量化|重复)|不必"
)

_ZH_HEAD = re.compile(rf"(?P<shall>不?{_SHALL}|不得)|(?P<should>{_SHOULD})|(?P<may>{_MAY})")
_EN_WORD = re.compile(r"\b(?:(?P<shall>shall)|(?P<should>should)|(?P<may>may))\b", re.IGNORECASE)

_ADVERB_ZH = (
    r"(?:在[^，。；]{1,12}(?:下|中|时)，?)?(?:按[^，。；]{1,8}，?)?"
    r"(?:(?:独立|全面|充分|深入|基本|准确|正确|熟练|初步|系统|较好|较为|深刻|清晰|完整|主动|及时|真正|切实|很好)地?，?)*+"
)
UNVERIFIABLE_ZH = re.compile(
    rf"^(?:不?应当?|应该|不?宜|可以?)?(?:能够?|具备|具有)?{_ADVERB_ZH}"
    r"(了解|理解|熟悉|熟知|掌握|精通|通晓|意识到|认识到|知道|知晓|懂得|懂|领会|明白|领悟)"
)
UNVERIFIABLE_EN = re.compile(
    r"^(?:shall|should|may)?(?:,[^,;.]{1,40},)?\s*(?:be able to\s+)?(?:\w+ly\s+)?"
    r"(understand|know|master|appreciate|grasp|comprehend"
    r"|be (?:\w+ )?(?:familiar with|aware|proficient in|knowledgeable|conversant with)"
    r"|have (?:an? )?(?:\w+ )?(?:knowledge|understanding|mastery|awareness|command) of)\b",
    re.IGNORECASE,
)

#: A second provision in the sentence, or a semicolon between requirements.
SECOND_ZH = re.compile(
    r"(?:(?:并|并且|且|而且|同时|还|也|又|此外)(?:不?应当?(?![用急聘届付对答])|不?宜|不得|不可(?![^，。；]{0,3}[的用逆见信行靠]))"
    r"|[，；。](?:不应当?|不得|不宜|应能|应当|应在|宜能|宜在)"
    r"|；(?=[^；]{6,}))"
)
SECOND_EN = re.compile(
    r"(?:\b(?:and|but)\b|[;,.])\s+(?:also\s+|then\s+)?(?:shall|should)\b|;\s*(?=\S+ \S+ \S+)",
    re.IGNORECASE,
)
SENTENCES_ZH = re.compile(r"[。！？](?=\s*[^”」）\s])")
SENTENCES_EN = re.compile(r"[.!?]\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Misuse:
    """A word that GB/T 1.1 keeps out of provisions, and what to write in its place."""

    pattern: re.Pattern[str]
    fix: LocalizedText


def _zh(pattern: str, zh: str, en: str) -> Misuse:
    return Misuse(re.compile(pattern), LocalizedText(zh=zh, en=en))


def _en(pattern: str, zh: str, en: str) -> Misuse:
    return Misuse(re.compile(pattern, re.IGNORECASE), LocalizedText(zh=zh, en=en))


MISUSES_ZH: tuple[Misuse, ...] = (
    _zh(r"必须|务必|必需(?=[对将把在按于])", "要求用“应”", "write 应 for a requirement"),
    _zh(r"应该|应当", "要求用“应”", "write 应 for a requirement"),
    _zh(r"能够", "能力用“能”，要求用“应能”", "write 能, or 应能 for a requirement"),
    _zh(
        r"尽量|尽可能|尽力(?!而)",
        "推荐用“宜”，或写明可以核对的限度",
        "write 宜, or a limit that can be checked",
    ),
    _zh(r"(?:^|[，；。])(?:均|都|还|也)?(?<!不)需要", "要求用“应”", "write 应 for a requirement"),
    _zh(
        r"不可(?=以|将|把|对|在|向|由|使用|采用|超过|低于|少于|高于|泄露|泄漏|擅自|直接|单独|公开|代替)|不得|不准|不许|严禁",
        "禁止用“不应”",
        "write 不应 for what is forbidden",
    ),
    _zh(r"(?:^|[，；。])禁止", "禁止用“不应”", "write 不应 for what is forbidden"),
    _zh(r"等等", "逐一列出，或只写“等”", "list them all, or write 等 once"),
    _zh(r"(?:^|[，；。])可以", "允许用“可”", "write 可 for a permission"),
)
MISUSES_EN: tuple[Misuse, ...] = (
    _en(r"\bmust\b", "要求用 shall", "write shall"),
    _en(r"\b(?:has|have) to\b|^(?:\w+ ){0,4}?needs? to\b", "要求用 shall", "write shall"),
    _en(r"\bought to\b", "推荐用 should", "write should"),
    _en(
        r"\b(?:as (?:far|much) as possible|where possible|if possible|to the extent possible)\b",
        "推荐用 should，或写明可以核对的限度",
        "write should, or a limit that can be checked",
    ),
    _en(r"\betc\b\.?|\band so on\b", "逐一列出", "list them all"),
)
VAGUE_ZH = re.compile(
    r"适当地?|较好地?|较强|较高的|良好的?|一定的|若干|适时|酌情|妥善|足够的|必要的(?=[支措])|恰当地?"
)
VAGUE_EN = re.compile(
    r"\b(?:appropriate(?:ly)?|adequate(?:ly)?|good|sufficient(?:ly)?|properly|suitably|as necessary"
    r"|as needed|as soon as possible|reasonabl[ey]|some degree of)\b",
    re.IGNORECASE,
)


def provision_of(text: str, language: str) -> str | None:
    """Return shall, should or may by the first provision word of a text, or None where it has none."""
    pattern = _ZH_HEAD if language == "zh" else _EN_WORD
    found = pattern.search(text)
    return found.lastgroup if found else None
