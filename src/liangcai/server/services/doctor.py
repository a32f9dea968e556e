"""What is in force and what is missing, for whoever runs an installation.

examine(at=now, audit=False) -> tuple[Check, ...]
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.checks import ERROR, WARNING, run_checks
from django.db import DatabaseError, connection
from django_tasks_db.models import DBTaskResult

from liangcai.kernel.text import LocalizedText
from liangcai.server.queries.schema import pending_migrations
from liangcai.server.services.audit import verify_all_chains
from liangcai.server.store.models import OutboxMessage
from liangcai.server.store.models.mail import MailStatus

State = Literal["ok", "warning", "error"]
_LATE = timedelta(minutes=10)
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, how it stands, and what to do where it does not stand well."""

    name: str
    state: State
    message: LocalizedText

    def as_record(self, language: str) -> dict[str, str]:
        """Return the JSON form, the message in one language."""
        message = self.message.in_language(language)
        return {"name": self.name, "state": self.state, "message": message}


def examine(*, at: datetime, audit: bool = False) -> tuple[Check, ...]:
    """Look at everything; with `audit` also re-read every audit chain, which takes a while."""
    checks = (_python(), _mode(), _data_folder(), _disk(), _fonts(), _catalogues())
    database = _database()
    if database.state == "error":
        return (*checks, database)
    migrations = _migrations()
    if migrations.state == "error":
        return (*checks, database, migrations)
    chains = (_audit(),) if audit else ()
    stored = (*_system_checks(), _outbox(at), _tasks(at))
    return (*checks, database, migrations, *stored, *chains)


def _check(name: str, state: State, *, zh: str, en: str) -> Check:
    return Check(name, state, LocalizedText(zh=zh, en=en))


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return _check("python", "ok", zh=f"Python {version}", en=f"Python {version}")


def _mode() -> Check:
    url = settings.LIANGCAI_PUBLIC_URL
    if settings.LIANGCAI_DEMO:
        zh, en = f"演示模式，{url}；不得用于真实人员", f"Demonstration, {url}; not for real people"
        return _check("mode", "warning", zh=zh, en=en)
    return _check("mode", "ok", zh=f"生产模式，{url}", en=f"Production, {url}")


def _data_folder() -> Check:
    folder = Path(settings.LIANGCAI_DATA)
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        zh, en = (
            f"数据目录 {folder} 不存在或不可写",
            f"The data folder {folder} is missing or read-only",
        )
        return _check("data", "error", zh=zh, en=en)
    if folder.stat().st_mode & 0o007:
        zh = f"其他用户可进入数据目录 {folder}；请运行 chmod o-rwx {folder}"
        en = f"Other users can enter the data folder {folder}; run chmod o-rwx {folder}"
        return _check("data", "warning", zh=zh, en=en)
    return _check("data", "ok", zh=f"数据目录 {folder}", en=f"Data folder {folder}")


def _disk() -> Check:
    folder = Path(settings.LIANGCAI_DATA)
    free = shutil.disk_usage(folder if folder.is_dir() else Path.cwd()).free
    state: State = "ok" if free >= _GIB else "warning" if free >= _GIB / 10 else "error"
    zh, en = f"磁盘剩余 {free / _GIB:.1f} GiB", f"{free / _GIB:.1f} GiB of disk are free"
    return _check("disk", state, zh=zh, en=en)


def _fonts() -> Check:
    program = shutil.which("fc-list")
    listed = ""
    if program is not None:
        command = [program, ":lang=zh", "family"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  (no input in it)
    if listed.strip():
        return _check(
            "fonts", "ok", zh="有可用于 PDF 的中文字体", en="There are Chinese fonts for PDF"
        )
    zh = "没有中文字体，PDF 中的汉字无法显示；请安装软件包 fonts-noto-cjk"
    en = "There is no Chinese font, PDF pages cannot show Chinese; install the package fonts-noto-cjk"
    return _check("fonts", "warning", zh=zh, en=en)


def _catalogues() -> Check:
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po")]
    missing = [path for path in sources if not path.with_suffix(".mo").is_file()]
    if missing:
        zh = "翻译目录未编译；请重新安装软件包"
        en = "The translation catalogues are not compiled; install the package again"
        return _check("catalogues", "error", zh=zh, en=en)
    return _check("catalogues", "ok", zh="翻译目录已编译", en="Translation catalogues are compiled")


def _database() -> Check:
    query = (
        "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
    )
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            version = cursor.fetchone()[0]
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        zh, en = f"无法连接 {name}：{reason}", f"{name} cannot be reached: {reason}"
        return _check("database", "error", zh=zh, en=en)
    return _check("database", "ok", zh=f"{name} {version}", en=f"{name} {version}")


def _migrations() -> Check:
    pending = pending_migrations()
    if pending:
        zh = f"有 {len(pending)} 项数据库变更未执行；请运行 liangcai init"
        en = f"{len(pending)} change(s) to the tables are pending; run liangcai init"
        return _check("migrations", "error", zh=zh, en=en)
    return _check("migrations", "ok", zh="数据库结构为最新", en="The tables are up to date")


def _system_checks() -> Iterator[Check]:
    found = [fault for fault in run_checks(databases=["default"]) if fault.level >= WARNING]
    for fault in found:
        state: State = "error" if fault.level >= ERROR else "warning"
        text = f"{fault.msg} {fault.hint or ''}".strip()
        yield Check(str(fault.id), state, LocalizedText(zh=text, en=text))
    if not found:
        yield _check("settings", "ok", zh="设置无误", en="The settings are sound")


def _outbox(at: datetime) -> Check:
    late = OutboxMessage.objects.filter(status=MailStatus.PENDING, next_attempt_at__lt=at - _LATE)
    failed = OutboxMessage.objects.filter(status=MailStatus.FAILED)
    return _backlog(
        "outbox",
        (late.count(), failed.count()),
        zh="邮件：{0} 封等待过久，{1} 封已放弃",
        en="Mail: {0} waiting too long, {1} given up",
    )


def _tasks(at: datetime) -> Check:
    tasks: Any = DBTaskResult.objects
    late = tasks.ready().filter(enqueued_at__lt=at - _LATE, run_after__year__gte=9999)
    late_planned = tasks.filter(status="READY", run_after__lt=at - _LATE)
    return _backlog(
        "tasks",
        (late.count() + late_planned.count(), tasks.failed().count()),
        zh="后台任务：{0} 项等待过久（worker 是否在运行？），{1} 项失败",
        en="Background tasks: {0} waiting too long (is a worker running?), {1} failed",
    )


def _backlog(name: str, counts: tuple[int, int], *, zh: str, en: str) -> Check:
    state: State = "warning" if any(counts) else "ok"
    return _check(name, state, zh=zh.format(*counts), en=en.format(*counts))


def _audit() -> Check:
    reports = verify_all_chains()
    events = sum(report.events for report in reports)
    if broken := [report for report in reports if not report.intact]:
        place = f"{broken[0].chain} {broken[0].broken_at}"
        zh = f"审计链在 {place} 处被改动"
        en = f"The audit chain was tampered with at {place}"
        return _check("audit", "error", zh=zh, en=en)
    zh, en = f"审计链完整，{events} 条记录", f"The audit chains are whole, {events} events"
    return _check("audit", "ok", zh=zh, en=en)
