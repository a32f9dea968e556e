"""How many signed-out pages of the standards two workers answer per second, and how late.

Starts a PostgreSQL of its own and the server on the loopback, warms up, asks as fast as it is
answered (saturation), then at half that rate, measuring from the moment a request was due (the
median of three rounds, because a machine has other work too). Takes about a minute; ends what it
started, by process id.
"""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.server.postgres import start_cluster, stop_cluster  # noqa: E402  (found by the line above)

WORKERS, CLIENTS = 2, 8
SATURATION_SECONDS, PACED_SECONDS, PACED_ROUNDS = 5.0, 3.0, 3
TARGET_RATE, TARGET_P99_MS = 400, 60
PAGES = {
    "list": "/standards/",
    "explorer": "/standards/llm-product-engineer/",
    "unit": "/standards/llm-product-engineer/0.1.0/units/JN5/",
}
_SETUP = """
import django
django.setup()
from django.core.management import call_command
from django.utils.timezone import now
from liangcai.server.services.standards import load_shipped
call_command("migrate", verbosity=0)
assert all(loaded.outcome == "loaded" for loaded in load_shipped(at=now()))
call_command("collectstatic", interactive=False, verbosity=0)
"""


class Client(threading.Thread):
    """One kept connection that asks for a page, back to back or at due times."""

    def __init__(
        self, port: int, path: str, *, start_at: float, seconds: float, every: float
    ) -> None:
        super().__init__(daemon=True)
        self.port, self.path, self.every = port, path, every
        self.start_at, self.end_at = start_at, start_at + seconds
        self.late: list[float] = []
        self.failed = 0

    def run(self) -> None:
        """Ask until the time is over; a request that was due earlier counts from then on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        due = self.start_at
        while True:
            now = time.perf_counter()
            if self.every and due > now:
                time.sleep(due - now)
            asked = due if self.every else time.perf_counter()
            if asked >= self.end_at:
                break
            connection.request("GET", self.path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            self.failed += answer.status != 200
            self.late.append(time.perf_counter() - asked)
            due += self.every
        connection.close()


def measure(port: int, path: str, *, seconds: float, rate: float = 0) -> tuple[float, list[float]]:
    """Return requests per second and the delays (seconds), at saturation or at a rate."""
    begin = time.perf_counter() + 0.05
    every = CLIENTS / rate if rate else 0.0
    clients = [
        Client(port, path, start_at=begin + every * n / CLIENTS, seconds=seconds, every=every)
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join(seconds + 30)
    took = time.perf_counter() - begin
    delays = sorted(delay for client in clients for delay in client.late)
    if not delays or any(client.failed for client in clients):
        raise SystemExit(f"{path}: the server did not answer every request with 200")
    return len(delays) / took, delays


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit(f"the server ended with exit code {server.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not come up within 30 seconds")


def serve(environment: dict[str, str], port: int, log: Path) -> subprocess.Popen[bytes]:
    granian = str(Path(sys.executable).parent / "granian")
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    options += ["--workers", str(WORKERS), "--blocking-threads", "4", "--no-ws"]
    with log.open("wb") as out:
        return subprocess.Popen(
            [granian, *options, "liangcai.server.config.wsgi:application"],
            env=environment,
            stdout=out,
            stderr=out,
        )


def report(port: int) -> bool:
    print(f"{WORKERS} workers, {os.cpu_count()} cores shared with the client, PostgreSQL")
    print(f"{'page':<10}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}   at half: p50, p99 ms")
    good = True
    for name, path in PAGES.items():
        measure(port, path, seconds=1.5)
        rate, full = measure(port, path, seconds=SATURATION_SECONDS)
        rounds = [
            percentiles(measure(port, path, seconds=PACED_SECONDS, rate=rate / 2)[1])
            for _ in range(PACED_ROUNDS)
        ]
        p50, p99 = percentiles(full)
        half50, half99 = (statistics.median(column) for column in zip(*rounds, strict=True))
        met = rate >= TARGET_RATE and half99 <= TARGET_P99_MS
        good = good and met
        print(
            f"{name:<10}{rate:>12.0f}{p50:>9.1f}{p99:>9.1f}   {half50:.1f}, {half99:.1f}"
            f"   {'meets the target' if met else 'MISSES the target'}"
        )
    print(f"target: at least {TARGET_RATE} requests/s, p99 at half load at most {TARGET_P99_MS} ms")
    return good


def percentiles(delays: list[float]) -> tuple[float, float]:
    hundredths = statistics.quantiles(delays, n=100)
    return 1000 * hundredths[49], 1000 * hundredths[98]


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="liangcai-pages-"))
    server = None
    try:
        address = start_cluster(folder / "postgres").replace("/liangcai?", "/postgres?")
        environment = {
            **{name: value for name, value in os.environ.items() if "LIANGCAI_" not in name},
            "DJANGO_SETTINGS_MODULE": "liangcai.server.config.settings",
            "LIANGCAI_DATA": str(folder / "data"),
            "LIANGCAI_DEMO": "1",
            "LIANGCAI_DATABASE_URL": address,
            "LIANGCAI_LOG_LEVEL": "ERROR",
        }
        subprocess.run([sys.executable, "-c", _SETUP], env=environment, check=True)
        port = free_port()
        server = serve(environment, port, folder / "log")
        wait_until_up(port, server)
        return 0 if report(port) else 1
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)
        if (folder / "postgres" / "data").exists():
            stop_cluster(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
