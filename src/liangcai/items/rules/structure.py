"""Rules on the parts of an item: options, keys, rationales, codes, status."""

from collections.abc import Iterator

from liangcai.items.model import Option
from liangcai.items.rules.context import Context
from liangcai.items.source import SourcedItem
from liangcai.kernel.findings import RULES, Finding

FEWEST_OPTIONS = 3

CORRECT_COUNT = RULES.add(
    "item.correct-count",
    "error",
    zh="正确选项数与题型不符",
    en="The number of correct options does not fit the kind",
)
OPTION_COUNT = RULES.add(
    "item.option-count", "error", zh="选项过少", en="There are too few options"
)
DUPLICATE_KEY = RULES.add(
    "item.duplicate-key", "error", zh="选项键重复", en="Two options have the same key"
)
DUPLICATE_OPTION = RULES.add(
    "item.duplicate-option", "error", zh="两个选项文字相同", en="Two options say the same"
)
RATIONALE_MISSING = RULES.add(
    "item.rationale-missing", "error", zh="选项缺少理由", en="An option has no rationale"
)
MISCONCEPTION_MISSING = RULES.add(
    "item.misconception-missing",
    "error",
    zh="干扰项缺少误解标签",
    en="A distractor has no misconception tag",
)
MISCONCEPTION_ON_KEY = RULES.add(
    "item.misconception-on-key",
    "error",
    zh="正确选项带有误解标签",
    en="A correct option bears a misconception tag",
)
UNKNOWN_UNIT = RULES.add(
    "item.unknown-unit", "error", zh="标准中没有这个单元", en="The standard has no such unit"
)
UNKNOWN_LEVEL = RULES.add(
    "item.unknown-level", "error", zh="标准中没有这个等级", en="The standard has no such level"
)
UNKNOWN_INDICATOR = RULES.add(
    "item.unknown-indicator",
    "error",
    zh="该单元没有这个指标",
    en="The unit has no such indicator",
)
PILOT_CALIBRATED = RULES.add(
    "item.pilot-calibrated",
    "error",
    zh="试用及更早状态的试题却声称已校准",
    en="An item that is pilot or earlier claims to be calibrated",
)
LIVE_UNCALIBRATED = RULES.add(
    "item.live-uncalibrated",
    "warning",
    zh="正式使用的试题没有校准",
    en="A live item is not calibrated",
)
PRIOR_FAR = RULES.add(
    "item.prior-far",
    "warning",
    zh="先验难度偏离目标等级",
    en="The prior difficulty is far from the target level's",
)

#: How far (logits) an author may move a prior difficulty from the level's own.
PRIOR_MARGIN = 0.5


def _options(one: SourcedItem, _: Context) -> Iterator[Finding]:
    item, count, right = one.item, len(one.item.options), len(one.item.correct_keys)
    if count < FEWEST_OPTIONS:
        zh, en = f"至少要有 {FEWEST_OPTIONS} 个选项", f"it needs at least {FEWEST_OPTIONS} options"
        yield one.finding(OPTION_COUNT, ("options",), zh=zh, en=en)
    if item.kind == "single-choice" and right != 1:
        zh = f"单选题应恰有一个正确选项，现有 {right} 个"
        en = f"a single-choice item has exactly one correct option; here are {right}"
        yield one.finding(CORRECT_COUNT, ("options",), zh=zh, en=en)
    if item.kind == "multiple-choice" and not 2 <= right < count:
        zh = f"多选题至少两个正确选项、至少一个干扰项；现有 {count} 个选项，{right} 个正确"
        en = (
            "a multiple-choice item has two or more correct options and a distractor; "
            f"{right} of {count} are correct"
        )
        yield one.finding(CORRECT_COUNT, ("options",), zh=zh, en=en)


def _repeated_options(one: SourcedItem, _: Context) -> Iterator[Finding]:
    keys: set[str] = set()
    texts: dict[tuple[str, str], str] = {}
    for index, option in enumerate(one.item.options):
        if option.key in keys:
            zh, en = f"选项键 {option.key} 重复", f"the key {option.key} stands twice"
            yield one.finding(DUPLICATE_KEY, ("options", index), zh=zh, en=en)
        keys.add(option.key)
        for language, folded in _folded(option):
            if first := texts.get((language, folded)):
                zh = f"选项 {first} 与 {option.key} 文字相同"
                en = f"options {first} and {option.key} say the same"
                yield one.finding(DUPLICATE_OPTION, ("options", index, "text"), zh=zh, en=en)
                break
            texts[language, folded] = option.key


def _folded(option: Option) -> Iterator[tuple[str, str]]:
    for language, text in (("zh", option.text.zh), ("en", option.text.en)):
        if folded := "".join(text.split()).casefold().rstrip("。.;；"):
            yield language, folded


def _reasons(one: SourcedItem, _: Context) -> Iterator[Finding]:
    for index, option in enumerate(one.item.options):
        place = ("options", index)
        if option.rationale is None or not option.rationale.zh.strip():
            zh, en = f"选项 {option.key} 缺少理由", f"option {option.key} has no rationale"
            yield one.finding(RATIONALE_MISSING, place, zh=zh, en=en)
        if not option.correct and option.misconception is None:
            zh = f"干扰项 {option.key} 缺少误解标签"
            en = f"the distractor {option.key} has no misconception tag"
            yield one.finding(MISCONCEPTION_MISSING, place, zh=zh, en=en)
        if option.correct and option.misconception is not None:
            zh = f"正确选项 {option.key} 不应带误解标签"
            en = f"the correct option {option.key} bears a misconception tag"
            yield one.finding(MISCONCEPTION_ON_KEY, (*place, "misconception"), zh=zh, en=en)


def _codes(one: SourcedItem, context: Context) -> Iterator[Finding]:
    if (standard := context.standard) is None:
        return
    item = one.item
    if item.level not in {level.code for level in standard.levels}:
        zh, en = f"没有等级 {item.level}", f"there is no level {item.level}"
        yield one.finding(UNKNOWN_LEVEL, ("level",), zh=zh, en=en)
    unit = next((unit for unit in standard.units if unit.code == item.unit), None)
    if unit is None:
        zh, en = f"没有单元 {item.unit}", f"there is no unit {item.unit}"
        yield one.finding(UNKNOWN_UNIT, ("unit",), zh=zh, en=en)
        return
    known = {indicator.code for indicator in unit.indicators}
    for index, code in enumerate(item.indicators):
        if code not in known:
            zh, en = (
                f"单元 {unit.code} 没有指标 {code}",
                f"unit {unit.code} has no indicator {code}",
            )
            yield one.finding(UNKNOWN_INDICATOR, ("indicators", index), zh=zh, en=en)


def _calibration(one: SourcedItem, context: Context) -> Iterator[Finding]:
    item = one.item
    if item.status in ("draft", "review", "pilot") and item.is_calibrated:
        zh = f"状态为 {item.status} 的试题不能声称已校准（{item.calibration}）"
        en = f"an item of status {item.status} cannot claim the calibration {item.calibration}"
        yield one.finding(PILOT_CALIBRATED, ("calibration",), zh=zh, en=en)
    if item.status == "live" and not item.is_calibrated:
        zh, en = "正式使用前应先校准", "an item is calibrated before it goes live"
        yield one.finding(LIVE_UNCALIBRATED, ("status",), zh=zh, en=en)
    expected = context.expected_difficulty(item.level)
    if expected is None or item.is_calibrated:
        return
    if abs(item.prior.difficulty - expected) > PRIOR_MARGIN + 1e-9:
        zh = f"先验难度 {item.prior.difficulty:g} 与该等级的 {expected:g} 相差超过 {PRIOR_MARGIN:g}"
        en = (
            f"the prior difficulty {item.prior.difficulty:g} is more than {PRIOR_MARGIN:g} "
            f"from the level's {expected:g}"
        )
        yield one.finding(PRIOR_FAR, ("prior", "difficulty"), zh=zh, en=en)


CHECKS = (_options, _repeated_options, _reasons, _codes, _calibration)
