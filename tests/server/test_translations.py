"""Every sentence of the server in Chinese: complete, with the same placeholders, and on the pages."""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from tests.server.conftest import World
from tests.server.personal import CODE, begin, finished, publish, signed_in

import liangcai.server

SERVER = Path(liangcai.server.__file__).parent
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")

#: %(name)s and %s, {name}, and the tags and attributes of the few sentences that hold markup.
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")
_HAN = re.compile(r"[\u4e00-\u9fff]")

PUBLIC_PAGES = [
    "/",
    "/about/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/signup/",
    "/api/",
    "/assessments/",
    "/examples/",
    "/examples/borderline/",
    "/no-such-page/",
    "/privacy/",
    "/search/",
    "/standards/",
    "/standards/compare/",
    f"/standards/{CODE}/",
    f"/standards/{CODE}/levels/",
    f"/standards/{CODE}/versions/",
    f"/standards/{CODE}/0.1.0/units/JN5/",
]
OWN_PAGES = [
    "/",
    "/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/assessments/",
    "/privacy/",
    "/privacy/erase/",
    f"/profile/{CODE}/",
]


@cache
def catalogue() -> Catalog:
    with (SERVER / CATALOGUE).open("rb") as file:
        return read_po(file, locale="zh_Hans")


def messages(of: Catalog) -> Iterator[Message]:
    return (message for message in of if message.id)


def sentences(of: Catalog) -> set[tuple[str | None, Any]]:
    return {(message.context, message.id) for message in messages(of)}


def forms(texts: Any) -> tuple[str, ...]:
    """Return the singular and the plural, or the only form."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def test_every_sentence_has_a_translation() -> None:
    missing = [message.id for message in messages(catalogue()) if not all(forms(message.string))]

    assert missing == []


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in messages(catalogue()) if message.fuzzy] == []
    assert not catalogue().fuzzy


def test_a_sentence_has_one_form_for_all_numbers() -> None:
    assert catalogue().num_plurals == 1
    for message in messages(catalogue()):
        assert len(forms(message.string)) == 1, message.id


def test_placeholders_and_markup_are_the_same_in_both_languages() -> None:
    for message in messages(catalogue()):
        wanted = {found for form in forms(message.id) for found in _PLACEHOLDER.findall(form)}
        for form in forms(message.string):
            assert set(_PLACEHOLDER.findall(form)) == wanted, message.id


def test_chinese_sentences_end_as_chinese_sentences_do() -> None:
    for message in messages(catalogue()):
        for form in forms(message.string):
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.(\s|$)", form), form


def test_people_are_addressed_in_one_way() -> None:
    letters = SERVER / "services" / "templates" / "mail"
    said = [form for message in messages(catalogue()) for form in forms(message.string)]
    said += [path.read_text("utf-8") for path in letters.glob("*.zh-hans.txt")]

    assert [text for text in said if "您" in text] == []


def test_each_letter_is_written_in_both_languages() -> None:
    letters = SERVER / "services" / "templates" / "mail"
    chinese = {path.name.removesuffix(".zh-hans.txt") for path in letters.glob("*.zh-hans.txt")}
    english = {path.name.removesuffix(".en.txt") for path in letters.glob("*.en.txt")}

    assert chinese == english
    assert chinese


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext's tools collect sentences")
def test_the_catalogue_holds_the_sentences_of_the_program_and_no_others(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(
        SERVER, tmp_path / "server", ignore=shutil.ignore_patterns("__pycache__", "*.mo")
    )
    settings.LOCALE_PATHS = [str(copy / "locale")]
    monkeypatch.chdir(copy)

    call_command(
        "makemessages",
        locale=["zh_Hans"],
        no_obsolete=True,
        no_wrap=True,
        no_location=True,
        verbosity=0,
    )

    with (copy / CATALOGUE).open("rb") as file:
        collected = sentences(read_po(file, locale="zh_Hans"))
    assert collected - sentences(catalogue()) == set(), "run `make messages` and translate"
    assert sentences(catalogue()) - collected == set(), "run `make messages`"


@pytest.fixture
def _as_written(tmp_path: Path, settings: LazySettings) -> None:
    """Let the pages use the catalogue as it is written, however old the compiled one is."""
    compiled = (tmp_path / CATALOGUE).with_suffix(".mo")
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalogue())
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]


def english_sentences(page: str) -> list[str]:
    """Return the sentences of the catalogue, of three words or more, that stand on a page as they are."""
    text = unescape(re.sub(r"\s+", " ", page))
    return [
        form
        for message in messages(catalogue())
        for form in forms(message.id)
        if len(form.split()) >= 3 and not _PLACEHOLDER.search(form) and form in text
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("_as_written")
def test_no_public_page_in_chinese_speaks_english() -> None:
    publish()
    client = Client(headers={"accept-language": "zh-hans"})

    for address in PUBLIC_PAGES:
        page = client.get(address).content.decode()
        assert '<html lang="zh-Hans">' in page, address
        assert english_sentences(page) == [], address
        assert _HAN.search(page), address


@pytest.mark.django_db
@pytest.mark.usefixtures("_as_written")
def test_no_page_of_ones_own_in_chinese_speaks_english(world: World) -> None:
    person, standard = world.members["person"], publish()
    run = finished(person, standard)
    under_way = begin(person, standard)
    client = signed_in(person)
    client.cookies["django_language"] = "zh-hans"

    for address in [
        *OWN_PAGES,
        f"/assessments/{run.pk}/review/",
        f"/assessments/{under_way.pk}/questions/1/",
    ]:
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert '<html lang="zh-Hans">' in page, address
        assert english_sentences(page) == [], address


def test_an_english_page_would_be_noticed() -> None:
    page = Client(headers={"accept-language": "en"}).get("/about/").content.decode()

    assert "The standards are derived" in english_sentences(page)
