"""The commands that run an installation: they work, and refuse with a reason and an exit code."""

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from threading import Event, Timer

import pytest
from tests.server.installations import ADMINISTRATOR, Installation, new_database

_SERVE = "from liangcai.cli import main; main()"


def test_init_is_safe_to_repeat(tmp_path: Path) -> None:
    installation = Installation(tmp_path, new_database("init"))
    installation.init()

    again = installation.run("init", "--email", "other@people.example", "--format", "json")

    document = json.loads(again.stdout)
    assert (again.returncode, document["administrator"]) == (0, None)
    assert set(document["standards"].values()) == {"unchanged"}
    assert tmp_path.stat().st_mode & 0o700 == 0o700


def test_the_worker_sends_the_mail_of_an_invitation_into_a_file(tmp_path: Path) -> None:
    installation = Installation(tmp_path, new_database("worker"))
    installation.init()
    installation.script(
        "from django.utils import timezone\n"
        "from liangcai.server.services.invitations import invite\n"
        "from liangcai.server.store.models import Organisation, User\n"
        "invite(actor=User.objects.get(), organisation_id=Organisation.objects.get().pk,"
        " email='new@people.example', role='hr', language='zh-hans', at=timezone.now())"
    )

    done = installation.run("worker", "--batch", "--format", "json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"sent": 1, "waiting": 0, "given_up": 0}
    [mail] = (tmp_path / "mail").iterdir()
    assert "To: new@people.example" in mail.read_text(encoding="utf-8")


def test_a_setting_that_is_wrong_stops_a_command_as_wrong_usage(tmp_path: Path) -> None:
    done = Installation(tmp_path, "mysql://somewhere/else").run("doctor")

    assert (done.returncode, done.stdout) == (2, "")
    assert "LIANGCAI_DATABASE_URL" in done.stderr


def test_a_server_whose_tables_are_missing_says_what_to_run(tmp_path: Path) -> None:
    installation = Installation(tmp_path, new_database("bare"))

    served = installation.run("serve")
    examined = installation.run("doctor", "--format", "json")

    assert (served.returncode, served.stderr.strip()) == (
        1,
        "The tables are not those of this version. Run: liangcai init",
    )
    states = {check["name"]: check["state"] for check in json.loads(examined.stdout)["checks"]}
    assert (examined.returncode, states["migrations"]) == (1, "error")


def test_an_administrator_with_a_weak_password_is_refused(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("password")
    values = ("--email", ADMINISTRATOR, "--name", "A", "--organisation", "B")

    weak = Installation(tmp_path).run("init", *values, "--password-file", password)
    missing = Installation(tmp_path).run("init", *values, "--password-file", tmp_path / "none")

    assert (weak.returncode, missing.returncode) == (1, 2)
    assert weak.stderr.startswith("account.refused: ")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.mark.slow
def test_a_demonstration_serves_and_ends_with_its_worker(tmp_path: Path) -> None:
    installation = Installation(tmp_path, new_database("demo"), demo=True)
    port = _free_port()
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            _SERVE,
            "serve",
            "--with-worker",
            "--port",
            str(port),
            "--format",
            "json",
        ],
        env=installation.environment() | {"LIANGCAI_LOG_FORMAT": "json"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        overdue = Timer(120, server.kill)
        overdue.start()
        try:
            assert server.stderr is not None
            lines = []
            for line in server.stderr:  # ends when the server does
                lines.append(line)
                if "Started worker-1" in line:
                    break
            children = _children(server.pid)
            health = _health(f"http://127.0.0.1:{port}/healthz")
        finally:
            server.send_signal(signal.SIGTERM)
            said, rest = server.communicate(timeout=60)
            overdue.cancel()

    assert health == {"status": "ok"}
    document = json.loads(said)
    assert (document["address"], document["demo"]) == (f"http://127.0.0.1:{port}", True)
    assert any("administrator@demo.liangcai.example" in line for line in lines)
    assert any("liangcai-demo" in line for line in lines)
    assert json.loads(lines[-1])["level"] == "INFO"
    assert server.returncode == 0, rest
    assert any(line.endswith("worker") for line in children.values())
    assert not any(_command_of(pid) == line for pid, line in children.items())


def _health(address: str) -> dict[str, str]:
    """Ask until the server, whose process has started, also listens."""
    pause = Event()
    for _ in range(200):
        try:
            with urllib.request.urlopen(address) as response:
                health: dict[str, str] = json.load(response)
                return health
        except urllib.error.URLError:
            pause.wait(0.1)
    raise AssertionError("the server does not listen")


def _children(pid: int) -> dict[int, str]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {int(child): _command_of(int(child)) for child in listed}
    return {child: line for child, line in lines.items() if "resource_tracker" not in line}


def _command_of(pid: int) -> str:
    """Return a process's command line, or nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").replace("\0", " ")
    except OSError:
        return ""
