"""Rules of identity: whose text this is, which version, since when."""

from collections.abc import Iterator
from datetime import date

from liangcai.kernel.findings import RULES, Finding
from liangcai.standard.model import Standard
from liangcai.standard.source import StandardSource

FOLDER_NAME = RULES.add(
    "standard.folder-name",
    "warning",
    zh="文件夹名与标准代码不同",
    en="The folder's name is not the standard's code",
)
NO_NOTICE = RULES.add(
    "standard.no-notice",
    "error",
    zh="没有说明文本来源性质的声明",
    en="There is no notice saying what kind of text this is",
)
NO_LICENCE = RULES.add("standard.no-licence", "error", zh="没有许可", en="There is no licence")
BAD_DATE = RULES.add("standard.date", "error", zh="日期不存在", en="A date is not in the calendar")
VERSION_MISSING = RULES.add(
    "history.version-missing",
    "warning",
    zh="变更记录没有当前版本",
    en="The history does not have the current version",
)
HISTORY_ORDER = RULES.add(
    "history.order",
    "warning",
    zh="变更记录未按版本与日期排列",
    en="The history is not in the order of versions and dates",
)


def check_identity(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield what is missing of a standard's name, notice and licence."""
    folder = source.folder.resolve().name
    if folder != standard.code:
        yield source.finding(
            FOLDER_NAME,
            ("code",),
            zh=f"标准代码是 {standard.code}，文件夹名是 {folder}；请把文件夹改名为 {standard.code}",
            en=f"The code is {standard.code}, the folder is {folder}; "
            f"rename the folder to {standard.code}",
        )
    if not (standard.notice.zh.strip() or standard.notice.en.strip()):
        yield source.finding(
            NO_NOTICE,
            ("notice",),
            zh="notice 为空；请写明文本是正式文本、草案还是推导文本",
            en="notice is empty; say whether this is the official text, a draft or a derived one",
        )
    if not standard.licence.strip():
        yield source.finding(
            NO_LICENCE,
            ("licence",),
            zh="licence 为空；请写明许可，例如 CC-BY-4.0",
            en="licence is empty; name one, for example CC-BY-4.0",
        )


def check_history(standard: Standard, source: StandardSource) -> Iterator[Finding]:
    """Yield dates that do not exist and entries missing from or out of order in the history."""
    if _day(standard.date) is None:
        yield source.finding(
            BAD_DATE,
            ("date",),
            zh=f"日历上没有 {standard.date}",
            en=f"{standard.date} is not in the calendar",
        )
    entries = [(_numbers(change.version), change.date) for change in standard.history]
    for number, change in enumerate(standard.history):
        if _day(change.date) is None:
            yield source.finding(
                BAD_DATE,
                ("history", number, "date"),
                zh=f"日历上没有 {change.date}",
                en=f"{change.date} is not in the calendar",
            )
    if standard.version not in {change.version for change in standard.history}:
        yield source.finding(
            VERSION_MISSING,
            ("history",) if standard.history else ("version",),
            zh=f"变更记录没有版本 {standard.version}；请在 history 中补充",
            en=f"The history does not have version {standard.version}; add it to history",
        )
    newest_first = len(entries) > 1 and entries[0][0] > entries[-1][0]
    for number in range(1, len(entries)):
        before, after = entries[number - 1], entries[number]
        if newest_first:
            before, after = after, before
        if before[0] >= after[0] or before[1] > after[1]:
            version = standard.history[number].version
            yield source.finding(
                HISTORY_ORDER,
                ("history", number),
                zh=f"变更记录中版本 {version} 与前一条的版本或日期次序矛盾",
                en=f"Version {version} contradicts the order of version or date of the entry before it",
            )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
