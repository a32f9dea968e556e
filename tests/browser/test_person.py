"""A person's first visit: sign up, assess oneself, read the profile, take the PDF along."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server]
PASSWORD = "correct horse battery staple"
ANSWER = "main form button.button >> nth=0"
_LOOK_AT = {"statement": 2, "item": 2}  # pages of one kind differ in their texts only


def sign_up(visitor: Visitor, address: str) -> None:
    """Sign up, confirm the address by the link in the message, and sign in."""
    page = visitor.page
    visitor.open("/accounts/signup/")
    page.fill("#id_name", "林一凡")
    page.fill("#id_email", address)
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    page.click("main button.button")  # without consent
    expect(page.locator(".error-summary")).to_be_visible()
    visitor.look("sign-up with a fault")
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    page.check("#id_consent")
    page.click("main button.button")
    expect(page).to_have_url(re.compile("confirm-email"))
    visitor.look("message sent")
    visitor.open(urlsplit(visitor.site.confirmation_link(address)).path)
    page.click("main button.button")
    if not page.locator(".account-nav form").count():
        visitor.open("/accounts/login/")
        page.fill("#id_login", address)
        page.fill("#id_password", PASSWORD)
        page.click("main button.button")
    expect(page.locator(".account-nav form")).to_be_visible()
    visitor.look("home signed in")


def begin(visitor: Visitor, length: str) -> None:
    """Begin a self-assessment of one length."""
    visitor.open("/assessments/")
    visitor.page.check(f"input[name=length][value={length}]")
    visitor.page.click(ANSWER)
    expect(visitor.page.locator("input[name=chosen]").first).to_be_visible()


def answer_all(visitor: Visitor, *, answered: int = 0) -> int:
    """Answer every question and return how many there were."""
    page, looked = visitor.page, dict.fromkeys(_LOOK_AT, 0)
    choices = page.locator("input[name=chosen]")
    while count := choices.count():
        kind = "item" if page.locator("button[value=skip]").count() else "statement"
        if looked[kind] < _LOOK_AT[kind]:
            looked[kind] += 1
            visitor.look(f"question {kind} {looked[kind]}")
        if kind == "item" and answered % 5 == 0:
            page.click("button[value=skip]")
        else:
            choices.nth(answered % count).check()
            page.click(ANSWER)
        answered += 1
        assert answered < 100
    return answered


def take_pdf(visitor: Visitor) -> bytes:
    """Click for the PDF and return its bytes."""
    with visitor.page.expect_download() as download:
        visitor.page.click("a[href*='report.pdf']")
    return Path(download.value.path()).read_bytes()


def is_whole_pdf(content: bytes) -> bool:
    """Whether this is a PDF of at least one page."""
    return content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def test_from_sign_up_to_the_report(visitor: Visitor) -> None:
    page = visitor.page
    sign_up(visitor, f"{visitor.name}@people.example")

    begin(visitor, "short")
    answered = answer_all(visitor)
    visitor.look("finish")
    page.click(ANSWER)
    expect(page).to_have_url(re.compile("/profile/llm-product-engineer/"))
    visitor.look("my profile")
    page.locator("details").first.locator("summary").click()
    visitor.look("my profile with a table")
    page.click("nav a[href='?level=senior#gap']")
    visitor.look("my profile against the highest level")
    pdf = take_pdf(visitor)
    visitor.open("/assessments/")
    page.click("article li a[href*=review]")
    visitor.look("answers and reasons")
    visitor.open("/account/")
    visitor.open("/privacy/")
    visitor.open("/privacy/erase/")

    assert answered == 28
    assert is_whole_pdf(pdf)


@pytest.mark.parametrize("visitor", ["wide-zh"], indirect=True)
def test_the_whole_length_with_a_pause_on_the_way(visitor: Visitor) -> None:
    page = visitor.page
    sign_up(visitor, f"whole-{visitor.name}@people.example")
    begin(visitor, "full")
    page.locator("input[name=chosen]").nth(1).check()
    page.click("button[value=pause]")
    page.click(".account-nav form button")  # sign out
    visitor.open("/accounts/login/")
    page.fill("#id_login", f"whole-{visitor.name}@people.example")
    page.fill("#id_password", PASSWORD)
    page.click("main button.button")
    visitor.open("/assessments/")
    page.click("article .actions a.button")

    answered = answer_all(visitor, answered=1)
    page.click(ANSWER)

    assert answered >= 28
    assert is_whole_pdf(take_pdf(visitor))


@pytest.mark.parametrize("visitor", ["wide-en"], indirect=True)
def test_a_few_questions_with_the_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    sign_up(visitor, f"keys-{visitor.name}@people.example")
    begin(visitor, "short")
    path = page.url

    for number in range(2, 5):
        page.keyboard.press("Tab")
        for _ in range(20):
            if page.evaluate("document.activeElement.name") == "chosen":
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "button"
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.locator(".progress span").first).to_contain_text(str(number))

    assert page.url == path


@pytest.mark.parametrize("visitor", ["narrow-zh"], indirect=True)
def test_back_changes_an_answer_and_erasing_ends_it_all(visitor: Visitor) -> None:
    page, address = visitor.page, f"back-{visitor.name}@people.example"
    sign_up(visitor, address)
    begin(visitor, "short")
    page.locator("input[name=chosen]").nth(0).check()
    page.click(ANSWER)
    page.click(".question-nav a >> nth=0")
    expect(page.locator("input[name=chosen]").nth(0)).to_be_checked()
    visitor.look("a question answered before")
    page.locator("input[name=chosen]").nth(3).check()
    page.click(ANSWER)

    visitor.open("/privacy/erase/")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_address", address)
    page.click(ANSWER)
    visitor.look("erased")

    expect(page.locator(".account-nav form")).to_have_count(0)
