"""Staff of the demonstration: members, people, a decision and its report."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visitor
from tests.browser.test_person import is_whole_pdf, take_pdf

pytestmark = [pytest.mark.browser, pytest.mark.server]


def sign_in(visitor: Visitor, role: str) -> None:
    """Sign in as somebody of the demonstration."""
    page = visitor.page
    visitor.open("/accounts/login/")
    page.fill("#id_login", f"{role}@demo.liangcai.example")
    page.fill("#id_password", "liangcai-demo")
    page.click("main button.button")
    expect(page.locator(".account-nav form")).to_be_visible()


def open_organisation(visitor: Visitor) -> None:
    """Go to one's organisation by way of the account page."""
    visitor.open("/account/")
    visitor.page.click("table a >> nth=0")
    visitor.look("organisation")


def test_an_administrator_invites_somebody(visitor: Visitor) -> None:
    page = visitor.page
    sign_in(visitor, "administrator")
    open_organisation(visitor)

    page.fill("#id_email", f"invited-{visitor.name}@people.example")
    page.click("main form:has(#id_email) button")

    visitor.look("invited")
    expect(page.locator("#invited")).to_be_visible()


def test_a_decider_decides_and_reads_the_report(visitor: Visitor) -> None:
    page = visitor.page
    sign_in(visitor, "decider")
    open_organisation(visitor)
    page.click(".actions a.button")
    visitor.look("people")
    page.click("a:has-text('Lin Cheng')")
    visitor.look("person")
    page.click(".actions a.button")
    visitor.look("decide")
    page.click("main form button.button")

    expect(page).to_have_url(re.compile("/decisions/"))
    visitor.look("decision")
    assert is_whole_pdf(take_pdf(visitor))
