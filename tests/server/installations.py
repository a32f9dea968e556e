"""Whole installations for tests: their own data folder and database, run as commands."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

_COMMANDS = "from liangcai.cli import main; main()"
ADMINISTRATOR = "admin@people.example"


@dataclass(frozen=True)
class Installation:
    """A data folder and a database address ("": SQLite in the folder)."""

    data: Path
    database: str = ""
    demo: bool = False

    def environment(self) -> dict[str, str]:
        """The environment that its commands run in."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "LIANGCAI_DATA": str(self.data),
            "LIANGCAI_DATABASE_URL": self.database,
            "LIANGCAI_DEMO": "1" if self.demo else "0",
            "LIANGCAI_SECRET_KEY": "a key of the tests, known to everybody who reads them",
            "DJANGO_SETTINGS_MODULE": "liangcai.server.config.settings",
        }

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `liangcai` with these arguments."""
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", _COMMANDS, *map(str, arguments)],
            env=self.environment(),
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
        )

    def script(self, code: str) -> str:
        """Run Python with Django set up and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", f"import django; django.setup()\n{code}"],
            env=self.environment(),
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def doctor(self) -> dict[str, str]:
        """What the doctor found, audit chains included, by name."""
        examined = self.run("doctor", "--audit", "--format", "json")
        return {check["name"]: check["state"] for check in json.loads(examined.stdout)["checks"]}

    def init(self) -> None:
        """Make the tables and the first administrator."""
        password = self.data / "password"
        password.write_text("correct horse battery staple")
        done = self.run(
            "init",
            *("--email", ADMINISTRATOR, "--name", "管理员", "--organisation", "本机构"),
            *("--password-file", password),
        )
        assert done.returncode == 0, done.stderr


def new_database(name: str) -> str:
    """Return the address of a fresh database of the engine under test ("": SQLite in the folder)."""
    address = os.environ.get("LIANGCAI_DATABASE_URL", "")
    if not address:
        return ""
    with psycopg.connect(address.replace("/liangcai?", "/postgres?"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return address.replace("/liangcai?", f"/{name}?")
