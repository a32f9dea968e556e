"""`liangcai init|serve|worker|doctor|backup|restore`: running an installation (extra `server`)."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Annotated, Any

import typer

from liangcai.cli.output import (
    INPUT_HAS_ERRORS,
    WRONG_USAGE,
    Format,
    FormatOption,
    Lang,
    LangOption,
    answering,
    fail,
    write_json,
)

ArchivePath = Annotated[Path, typer.Argument(help="The archive's path.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (init, serve, worker, doctor, backup, restore):
        app.command()(command)


def init(
    *,
    email: Annotated[str, typer.Option(help="The first administrator's address.")] = "",
    name: Annotated[str, typer.Option(help="The first administrator's name.")] = "",
    organisation: Annotated[str, typer.Option(help="The organisation's name.")] = "",
    slug: Annotated[str, typer.Option(help="The organisation's short name.")] = "main",
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password; without it, it is asked for.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002  (the option's name)
) -> None:
    """Bring the tables up to date, load the shipped standards and create the first administrator.

    Safe to repeat: after an upgrade it brings the tables up to date. The administrator is created
    where there is none and an address is given (or a terminal can be asked).
    """
    _set_up()
    from django.utils import timezone

    from liangcai.server.services import installation
    from liangcai.server.store.models import User

    with _answering():
        loaded = installation.prepare(at=timezone.now())
        created = ""
        if not User.objects.filter(is_superuser=True).exists() and (email or sys.stdin.isatty()):
            created = _create_administrator(email, name, organisation, slug, password_file)
    faulty = [one.code for one in loaded if one.outcome == "faulty"]
    if format is Format.json:
        outcomes = {one.code: one.outcome for one in loaded}
        write_json({"standards": outcomes, "administrator": created or None})
    else:
        for one in loaded:
            typer.echo(f"{one.code:32}{one.outcome}")
        typer.echo(f"administrator: {created}" if created else "administrator: unchanged")
    if faulty:
        fail(f"faulty standards: {', '.join(faulty)}")


def _create_administrator(
    email: str, name: str, organisation: str, slug: str, password_file: Path | None
) -> str:
    from django.utils import timezone

    from liangcai.server.services.installation import create_first_administrator
    from liangcai.server.services.organisations import OrganisationNames

    email = email or typer.prompt("Address of the first administrator", err=True)
    name = name or typer.prompt("Name", err=True)
    organisation = organisation or typer.prompt("Organisation", err=True)
    if password_file is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = _read(password_file)
    user = create_first_administrator(
        email=email,
        name=name,
        password=password,
        organisation=OrganisationNames(slug, organisation),
        at=timezone.now(),
    )
    return user.email


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}", code=WRONG_USAGE)


def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; one per core.")] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads in each process.")] = 4,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run the background worker as well.")
    ] = False,
    format: FormatOption = Format.text,  # noqa: A002
) -> None:
    """Serve the pages and the API until it is told to stop.

    In demonstration mode it first brings the tables up to date and loads invented people.
    """
    _set_up()
    from django.conf import settings
    from django.db import connections
    from django.utils import timezone
    from granian.constants import Interfaces
    from granian.server import Server

    from liangcai.server.queries.schema import pending_migrations
    from liangcai.server.services import installation

    with _answering():
        installation.make_data_folder()
        if settings.LIANGCAI_DEMO:
            installation.prepare(at=timezone.now())
            _load_demo(host, port)
        elif pending_migrations():
            fail("The tables are not those of this version. Run: liangcai init")
        _refuse_faults()
        installation.collect_static_files()
    connections.close_all()
    if format is Format.json:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        beside = {"workers": workers, "threads": threads, "with_worker": with_worker}
        write_json({"address": address, "demo": settings.LIANGCAI_DEMO, **beside})
        sys.stdout.flush()
    # A fork would copy the locks of whatever threads the preparation started (arrays do).
    multiprocessing.set_start_method("spawn", force=True)
    with _worker_beside(start=with_worker):
        Server(
            "liangcai.server.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            websockets=False,
            log_dictconfig=settings.LOGGING,
        ).serve()


def _load_demo(host: str, port: int) -> None:
    from django.utils import timezone

    from liangcai.grading import read_evidence
    from liangcai.server.services import demo

    read = (read_evidence(path) for path in demo.example_files(Path("examples")))
    signs = demo.load_demo(at=timezone.now(), examples=tuple(read))
    typer.echo(f"\n  http://{host}:{port}   密码 / password: {demo.DEMO_PASSWORD}\n", err=True)
    for sign in signs:
        typer.echo(f"  {sign.role:14} {sign.email}", err=True)
    typer.echo("", err=True)


def _refuse_faults() -> None:
    from django.core.exceptions import ImproperlyConfigured

    from liangcai.server.config.faults import refuse_faults

    try:
        refuse_faults()
    except ImproperlyConfigured as error:
        fail(str(error))


@contextmanager
def _worker_beside(*, start: bool) -> Iterator[None]:
    """Run the background worker as a child process that ends with this one."""
    child = None
    if start:
        command = [sys.executable, "-c", "from liangcai.cli import main; main()", "worker"]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  (our own command)
    try:
        yield
    finally:
        if child is not None:
            child.send_signal(signal.SIGTERM)
            child.wait()


def worker(
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between looks.")] = 1.0,
    batch: Annotated[bool, typer.Option("--batch", help="Do what is waiting, then stop.")] = False,
    format: FormatOption = Format.text,  # noqa: A002
) -> None:
    """Do the background work: send mail, run long computations.

    With JSON asked for, `--batch` says at the end what became of the mail.
    """
    _set_up()
    from django.core.management import call_command
    from django.utils import timezone

    from liangcai.server.services import outbox

    with _answering():
        _refuse_faults()
        before = outbox.counts() if format is Format.json else {}
        if batch:
            outbox.enqueue_lost(at=timezone.now())
        else:
            Thread(target=outbox.watch, args=(Event(),), daemon=True).start()
        call_command("db_worker", queue_name="*", interval=interval, batch=batch, reload=False)
        if format is Format.json:
            after = outbox.counts()
            sent = after["sent"] - before["sent"]
            write_json({"sent": sent, "waiting": after["pending"], "given_up": after["failed"]})


def doctor(
    audit: Annotated[bool, typer.Option("--audit", help="Re-read every audit chain too.")] = False,
    format: FormatOption = Format.text,  # noqa: A002
    lang: LangOption = Lang.zh,
) -> None:
    """Say what is in force and what is missing; exit code 1 when something is wrong."""
    _set_up()
    from django.utils import timezone

    from liangcai.server.services.doctor import examine

    checks = examine(at=timezone.now(), audit=audit)
    errors = sum(check.state == "error" for check in checks)
    warnings = sum(check.state == "warning" for check in checks)
    if format is Format.json:
        records = [check.as_record(lang) for check in checks]
        write_json({"errors": errors, "warnings": warnings, "checks": records})
    else:
        for check in checks:
            typer.echo(f"{check.state:8} {check.name:12} {check.message.in_language(lang)}")
    if errors:
        raise typer.Exit(INPUT_HAS_ERRORS)


def backup(path: ArchivePath, format: FormatOption = Format.text) -> None:  # noqa: A002
    """Write every row into one archive, from a single snapshot; others keep working meanwhile."""
    _set_up()
    from django.utils import timezone

    from liangcai.server.services.backup import write_backup

    with _answering():
        manifest = write_backup(path, at=timezone.now())
    _report(manifest, path, format)


def restore(
    path: ArchivePath,
    force: Annotated[
        bool, typer.Option("--force", help="Delete what is in the database now.")
    ] = False,
    format: FormatOption = Format.text,  # noqa: A002
) -> None:
    """Verify an archive and put its rows into the database, which may be of the other kind."""
    _set_up()
    from liangcai.server.services.restore import restore_backup

    with _answering():
        manifest = restore_backup(path, force=force)
    _report(manifest, path, format)


def _report(manifest: Any, path: Path, format: Format) -> None:  # noqa: A002
    if format is Format.json:
        tables = {name: member.rows for name, member in manifest.members.items()}
        write_json({"path": str(path), "rows": manifest.rows, "tables": tables})
    else:
        typer.echo(f"{path}: {manifest.rows} rows in {len(manifest.members)} tables")


def _set_up() -> None:
    """Load Django with our settings, or say which extra or setting is missing."""
    if find_spec("django") is None or find_spec("granian") is None:
        fail("This command needs the server: pip install 'liangcai[server]'", code=WRONG_USAGE)
    import django
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liangcai.server.config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        fail(f"settings: {error}", code=WRONG_USAGE)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn errors on purpose, and a database that does not answer, into a message and exit code 1."""
    from django.db import DatabaseError

    with answering():
        try:
            yield
        except DatabaseError as error:
            fail(f"database: {error}")
