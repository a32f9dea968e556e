"""What everybody may read, signed out: the standards, the example people, how it works."""

import pytest
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server]
STANDARD = "/standards/llm-product-engineer/"
PAGES = [
    "/",
    "/about/",
    "/standards/",
    STANDARD,
    f"{STANDARD}levels/",
    f"{STANDARD}versions/",
    "/standards/compare/?one=llm-product-engineer&other=ai-trainer",
    "/search/?q=评测",
    "/assessments/",
    "/privacy/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/examples/",
    "/examples/borderline/",
    "/examples/clear-intermediate/",
    "/examples/too-little/",
    "/api/",
]


def test_the_public_pages_are_sound(visitor: Visitor) -> None:
    for path in PAGES:
        visitor.open(path)


def test_a_unit_is_reached_by_clicking(visitor: Visitor) -> None:
    visitor.open(STANDARD)

    visitor.page.locator("a[href*='/units/JN5/']").first.click()

    visitor.look("unit JN5")
    assert "/units/JN5/" in visitor.page.url
