"""A PostgreSQL server for one test run: its own folder, a socket in it, no network address."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


def start_cluster(folder: Path) -> str:
    """Make a cluster in `folder`, start it and return its address."""
    folder.mkdir(parents=True)
    data = folder / "data"
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        folder.parent.chmod(0o711)
    _run("initdb", "-D", data, "-U", "liangcai", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"{_FAST} -c unix_socket_directories={folder}"
    _run("pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    return f"postgresql://liangcai@/liangcai?host={folder}"


def stop_cluster(folder: Path) -> None:
    """End the server that runs on this folder's data (by the process id that it wrote there)."""
    _run("pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")


def _run(program: str, *arguments: str | Path) -> None:
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    if not folders:
        raise pytest.UsageError("LIANGCAI_TEST_POSTGRES=1 needs the Debian package postgresql")
    command = [str(folders[-1] / program), *map(str, arguments)]
    as_root = os.geteuid() == 0
    # The server inherits stdout: a pipe would stay open as long as it lives.
    done = subprocess.run(
        command,
        user="postgres" if as_root else None,
        group="postgres" if as_root else None,
        extra_groups=[] if as_root else None,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise pytest.UsageError(f"{program} failed with exit code {done.returncode}")
