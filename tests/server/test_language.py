"""Choosing a language, and going back to where one was and nowhere else."""

import pytest
from django.conf import settings
from django.test import Client


def test_the_choice_is_kept_in_a_cookie_and_leads_back() -> None:
    response = Client().get("/language/en/", {"next": "/standards/?one=a"})

    assert response.status_code == 302
    assert response["Location"] == "/standards/?one=a"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"]
)
def test_it_never_leads_elsewhere(elsewhere: str) -> None:
    assert Client().get("/language/en/", {"next": elsewhere})["Location"] == "/"


def test_an_unknown_language_is_not_found() -> None:
    assert Client().get("/language/fr/").status_code == 404


def test_the_next_page_speaks_it() -> None:
    client = Client()
    client.get("/language/en/", {"next": "/"})

    shown = client.get("/about/", headers={"accept-language": "zh-hans"}).content.decode()

    assert '<html lang="en">' in shown
