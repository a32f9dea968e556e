"""A report on a calibration, opened as a file: screen and phone, light and dark, and on paper."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.browser.conftest import SIZES

from liangcai.measurement.calibration.models import Mixed
from liangcai.measurement.report.calibration import calibration_report
from liangcai.measurement.responses.matrix import responses_of

pytest.importorskip("vl_convert")
pytestmark = pytest.mark.browser
A4 = (794, 1123)


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on synthetic responses of 300 persons to ten items, one with scores 0 to 3."""
    rng = np.random.default_rng(7)
    theta, places = rng.normal(size=(300, 1)), np.linspace(-1.5, 1.5, 9)
    right = rng.random((300, 9)) < 1 / (1 + np.exp(-(theta - places)))
    steps = rng.random((300, 3)) < 1 / (1 + np.exp(-(theta - np.array([-1.0, 0.0, 1.0]))))
    names = (*(f"单选{n}" for n in range(1, 10)), "论述")
    seen = responses_of(np.column_stack([right, steps.sum(axis=1)]), items=names)
    found = Mixed(models={"论述": "grm"}, default="2pl").fit(seen)
    path = tmp_path_factory.mktemp("report") / "report.html"
    language: Any = request.param
    path.write_text(calibration_report(found, seen, language=language), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("size", "look"), [*product(SIZES.values(), ["light", "dark"]), (A4, "print")]
)
def test_a_report_is_sound_on_every_screen_and_on_paper(
    chromium: Browser, report: Path, size: tuple[int, int], look: Any
) -> None:
    width, height = size
    # axe is a script, which the report's own policy rightly forbids.
    context = chromium.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: faults.append(request.url))
    page.emulate_media(
        media="print" if look == "print" else "screen",
        color_scheme="dark" if look == "dark" else "light",
    )

    page.goto(report.as_uri())

    violations = Axe().run(page).response["violations"]
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    context.close()
    assert [(one["id"], one["nodes"][0]["target"]) for one in violations] == []
    assert wider <= 0
    assert faults == [report.as_uri()]


def test_a_report_needs_no_script(chromium: Browser, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())

    page.locator("summary").first.click()

    assert page.locator("details[open] table").is_visible()
    assert page.locator("figure svg[role=img]").count() >= 5
    context.close()
