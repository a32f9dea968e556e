"""A real server (granian, worker, files for mail) and a real Chromium for the journeys."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_string
from email.policy import default
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_ROOT = Path(__file__).resolve().parents[2]
_SECONDS_TO_START = 120
_SECONDS_FOR_MAIL = 60


@dataclass(frozen=True)
class Site:
    """A running installation: where it answers and where its files are."""

    address: str
    data: Path

    def confirmation_link(self, address: str) -> str:
        """Wait for the message to an address and return the link in it."""
        end = time.monotonic() + _SECONDS_FOR_MAIL
        while time.monotonic() < end:
            for path in sorted((self.data / "mail").glob("*.log")):
                message = message_from_string(path.read_text(encoding="utf-8"), policy=default)
                part = message.get_body(("plain",))
                if address in str(message["To"]) and part is not None:
                    found = re.search(r"https?://\S+/confirm-email/\S+", part.get_content())
                    if found:
                        return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no message to {address} within {_SECONDS_FOR_MAIL} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`liangcai serve --with-worker` as a demonstration, on a free port with its own data."""
    data, port = tmp_path_factory.mktemp("site"), _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIANGCAI_")}
    environment = kept | {
        "LIANGCAI_DATA": str(data),
        "LIANGCAI_DEMO": "1",
        "LIANGCAI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "liangcai.server.config.settings",
    }
    command = [sys.executable, "-c", "from liangcai.cli import main; main()"]
    with (data / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "serve", "--with-worker", "--port", str(port)],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            running = Site(f"http://127.0.0.1:{port}", data)
            _wait_until_it_answers(running, server)
            yield running
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_it_answers(site: Site, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"{site.address}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError((site.data / "log").read_text(encoding="utf-8")[-3000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists() and not (found := shutil.which("chromium")):
        raise pytest.UsageError(f"the browser tests need the Debian package chromium ({found})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or CHROMIUM, args=_ARGUMENTS
        )
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser window who notes every fault of every page they look at."""

    site: Site
    page: Page
    name: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path and look at it."""
        answer = self.page.goto(self.site.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        self.look(path)

    def look(self, what: str) -> None:
        """Note what axe finds, a page wider than the window, and a page without one heading."""
        page = self.page
        found = Axe().run(page).response["violations"]
        self.faults += [f"{what}: axe {one['id']} {_places(one)}" for one in found]
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wider > 0:
            self.faults.append(f"{what}: {wider} px wider than the window")
        if page.locator("h1").count() != 1:
            self.faults.append(f"{what}: {page.locator('h1').count()} main headings")
        self._keep_picture(what)

    def note(self, message: ConsoleMessage) -> None:
        """Note what the browser complains about: scripts, styles, the content security policy."""
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.type} {message.text}")

    def _keep_picture(self, what: str) -> None:
        if folder := os.environ.get("LIANGCAI_SCREENSHOTS"):
            name = re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-") or "home"
            path = Path(folder) / f"{name}-{self.name}.png"
            self.page.screenshot(path=path, full_page=True)


def _places(violation: dict[str, list[dict[str, object]]]) -> list[object]:
    return [node["target"] for node in violation["nodes"]][:3]


SIZES = {"narrow": (360, 780), "wide": (1280, 900)}
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@pytest.fixture(params=[f"{size}-{language}" for language in LANGUAGES for size in SIZES])
def visitor(request: pytest.FixtureRequest, site: Site, chromium: Browser) -> Iterator[Visitor]:
    """A visitor in each language, at 360 and at 1280 px; no page they saw may have a fault."""
    size, language = request.param.split("-")
    width, height = SIZES[size]
    context: BrowserContext = chromium.new_context(
        viewport={"width": width, "height": height}, accept_downloads=True
    )
    context.set_default_timeout(20_000)
    context.add_cookies(
        [{"name": "django_language", "value": LANGUAGES[language], "url": site.address}]
    )
    page = context.new_page()
    who = Visitor(site, page, request.param)
    page.on("console", who.note)
    page.on("pageerror", lambda error: who.faults.append(f"{page.url}: {error}"))
    yield who
    context.close()
    assert who.faults == []
