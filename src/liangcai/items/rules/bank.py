"""Rules on the bank as a whole: codes and stems that repeat, enemies that are not there, keys that length gives away."""

from collections.abc import Iterator, Sequence
from math import sqrt

from liangcai.items.model import Item
from liangcai.items.rules.context import Context
from liangcai.items.source import SourcedItem
from liangcai.kernel.findings import RULES, Finding
from liangcai.kernel.text import LANGUAGES, Language, LocalizedText

DUPLICATE_CODE = RULES.add(
    "item.duplicate-code", "error", zh="试题代码重复", en="Two items have the same code"
)
DUPLICATE_STEM = RULES.add(
    "item.duplicate-stem", "warning", zh="两道题题干相同", en="Two items have the same stem"
)
UNKNOWN_ENEMY = RULES.add(
    "item.unknown-enemy",
    "error",
    zh="互斥的试题不在题库中",
    en="An enemy is no other item of the bank",
)
KEY_LONGEST = RULES.add(
    "item.key-longest",
    "warning",
    zh="正确选项常常最长",
    en="The right option is often the longest",
)

#: Fewer single-choice items than this say nothing about a habit.
FEWEST_ITEMS = 20
#: A count this many standard deviations above chance is a habit (one in two hundred by chance).
HABIT = 2.576


def _duplicates(items: Sequence[SourcedItem], _: Context) -> Iterator[Finding]:
    codes: dict[str, SourcedItem] = {}
    stems: dict[str, SourcedItem] = {}
    for one in items:
        first = codes.setdefault(one.item.code, one)
        if first is not one:
            file, line = first.where("code")
            zh, en = f"代码已用于 {file}:{line}", f"the code is used at {file}:{line} already"
            yield one.finding(DUPLICATE_CODE, ("code",), zh=zh, en=en)
        twin = stems.setdefault("".join(one.item.stem.zh.split()), one)
        if twin is not one:
            zh, en = f"题干与 {twin.item.code} 相同", f"the stem is that of {twin.item.code}"
            yield one.finding(DUPLICATE_STEM, ("stem",), zh=zh, en=en)


def _enemies(items: Sequence[SourcedItem], context: Context) -> Iterator[Finding]:
    known = {one.item.code for one in items}
    for one in items:
        for index, enemy in enumerate(one.item.enemies):
            if enemy == one.item.code:
                zh, en = "试题不能与自身互斥", "an item cannot be its own enemy"
            elif enemy not in known and context.is_whole_bank:
                zh, en = f"题库中没有 {enemy}", f"the bank has no item {enemy}"
            else:
                continue
            yield one.finding(UNKNOWN_ENEMY, ("enemies", index), zh=zh, en=en)


def _key_longest(items: Sequence[SourcedItem], _: Context) -> Iterator[Finding]:
    single = [
        one.item
        for one in items
        if one.item.kind == "single-choice" and len(one.item.correct_keys) == 1
    ]
    if len(single) < FEWEST_ITEMS:
        return
    chances = [1 / len(item.options) for item in single]
    expected, spread = sum(chances), sqrt(sum(p * (1 - p) for p in chances))
    for language in LANGUAGES:
        found = sum(key_is_longest(item, language) for item in single)
        if found > expected + HABIT * spread:
            file = items[0].where()[0]
            zh_name, en_name = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}[language]
            zh = (
                f"{len(single)} 道单选题中有 {found} 道的正确选项{zh_name}最长（随机约 {expected:.0f} 道），"
                "凭长度即可猜中"
            )
            en = (
                f"in {found} of {len(single)} single-choice items the right option is the longest in "
                f"{en_name} (about {expected:.0f} by chance): length gives it away"
            )
            message = LocalizedText(zh=zh, en=en)
            yield Finding(KEY_LONGEST.id, KEY_LONGEST.severity, file, 1, message)


def key_is_longest(item: Item, language: Language) -> bool:
    """Whether the right option of a single-choice item is strictly longer than every other."""
    lengths = {option.key: len(option.text.in_language(language)) for option in item.options}
    (key,) = item.correct_keys
    return all(lengths[key] > length for other, length in lengths.items() if other != key)


CHECKS = (_duplicates, _enemies, _key_longest)
