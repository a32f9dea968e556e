"""Signed-out pages out of memory: whose, for how long, how many, and never a person's."""

import gzip

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from tests.server.conftest import World
from tests.server.stored_standards import reworded, store
from tests.standard.tiny import tiny_standard

from liangcai.server.web.public_cache import (
    FRESH_SECONDS,
    STALE_SECONDS,
    Page,
    PageStore,
    PublicCacheMiddleware,
    cache_key,
)

LIST = "/standards/"


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def page(size: int = 10) -> Page:
    return Page((), b"x" * size, None, 'W/"x"')


def key(path: str = LIST) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return path, "en", ()


def request(address: str = LIST, **headers: str) -> HttpRequest:
    return RequestFactory().get(address, headers=headers)


@pytest.mark.django_db
def test_the_second_visitor_costs_no_query_and_sees_the_same(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    store(tiny_standard())
    client = Client()
    first = client.get(LIST)

    with django_assert_num_queries(0):
        second = client.get(LIST)

    assert second.content == first.content
    assert second.headers == first.headers


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/about/", LIST, f"{LIST}tea-taster/"])
def test_public_pages_set_no_cookie_and_carry_no_token(address: str) -> None:
    store(tiny_standard())

    response = Client().get(address)

    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert response["Cache-Control"] == "no-cache"
    assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= set(response["Vary"].split(", "))
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_a_page_that_the_browser_has_is_not_sent_again() -> None:
    store(tiny_standard())
    client = Client()
    tag = client.get(LIST)["ETag"]

    for known in (tag, f'"other", {tag}', "*"):
        response = client.get(LIST, headers={"if-none-match": known})
        assert response.status_code == 304
        assert response.content == b""
        assert response["ETag"] == tag
    assert client.get(LIST, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.django_db
def test_a_page_is_sent_compressed_to_whoever_reads_that() -> None:
    store(tiny_standard())
    client = Client()

    plain = client.get(LIST, headers={"accept-encoding": "gzip;q=0, br"})
    packed = client.get(LIST, headers={"accept-encoding": "br, gzip"})

    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Length"] == str(len(packed.content))


@pytest.mark.django_db
def test_each_language_has_its_own_page() -> None:
    store(tiny_standard())
    client = Client()

    english = client.get(LIST, headers={"accept-language": "en"}).content.decode()
    chinese = client.get(LIST, headers={"accept-language": "zh-hans"}).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    chosen = client.get(LIST, headers={"accept-language": "zh-hans"}).content.decode()

    assert '<html lang="en">' in english
    assert '<html lang="zh-Hans">' in chinese
    assert chosen == english


@pytest.mark.django_db
def test_a_signed_in_person_gets_a_page_of_their_own_that_nobody_else_gets(world: World) -> None:
    store(tiny_standard())
    person = world.members["person"]
    client = Client()
    client.force_login(person)

    own = client.get(LIST).content.decode()
    client.cookies.clear()
    public = client.get(LIST).content.decode()

    assert "csrfmiddlewaretoken" in own
    assert "csrfmiddlewaretoken" not in public
    assert str(person) not in public


@pytest.mark.django_db
def test_what_is_not_there_is_not_kept() -> None:
    client = Client()
    assert client.get(f"{LIST}tea-taster/").status_code == 404

    store(tiny_standard())

    assert client.get(f"{LIST}tea-taster/").status_code == 200


@pytest.mark.django_db
def test_a_new_version_is_seen_once_the_page_is_no_longer_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(PageStore.__init__, "__kwdefaults__", {"max_bytes": 10**7, "clock": clock})
    store(tiny_standard())
    client = Client()
    client.get(f"{LIST}tea-taster/")
    store(reworded())

    at_once = client.get(f"{LIST}tea-taster/").content.decode()
    clock.now += FRESH_SECONDS
    later = client.get(f"{LIST}tea-taster/").content.decode()

    assert "1.2.4" not in at_once
    assert "1.2.4" in later


def test_one_visitor_renews_a_page_while_the_others_get_the_last_one() -> None:
    clock = Clock()
    pages = PageStore(clock=clock)
    pages.put(key(), page())
    clock.now += FRESH_SECONDS

    assert pages.get(key()) is None  # this one goes to fetch it
    assert pages.get(key()) is not None


def test_a_page_that_nobody_could_renew_is_given_up() -> None:
    clock = Clock()
    pages = PageStore(clock=clock)
    pages.put(key(), page())
    clock.now += FRESH_SECONDS
    pages.get(key())

    clock.now += STALE_SECONDS

    assert pages.get(key()) is None
    assert pages.get(key()) is None


def test_memory_is_bounded_and_the_page_longest_unread_goes_first() -> None:
    pages = PageStore(max_bytes=30)
    for path in ("/a", "/b", "/c"):
        pages.put(key(path), page())
    pages.get(key("/a"))

    pages.put(key("/d"), page())

    assert pages.get(key("/b")) is None
    assert pages.get(key("/a")) is not None
    assert pages.size <= 30


def test_replacing_a_page_does_not_count_it_twice() -> None:
    pages = PageStore(max_bytes=100)

    for _ in range(5):
        pages.put(key(), page(20))

    assert pages.size == 20


@pytest.mark.parametrize(
    "address",
    [
        "/search/?q=tea",
        "/staff/standards/",
        "/account/",
        "/standards/?utm_source=x",  # the language link would repeat it to others
        "/standards/compare/?one=a&one=b",
        f"/standards/compare/?one={'a' * 300}",
    ],
)
def test_other_addresses_and_parameters_are_never_kept(address: str) -> None:
    assert cache_key(request(address)) is None


def test_the_order_of_the_parameters_does_not_matter() -> None:
    one = cache_key(request("/standards/compare/?one=a&other=b"))
    other = cache_key(request("/standards/compare/?other=b&one=a"))

    assert one == other
    assert one != cache_key(request("/standards/compare/?other=a&one=b"))


@pytest.mark.parametrize("cookie", [settings.SESSION_COOKIE_NAME, "messages"])
def test_who_has_a_session_or_a_message_waiting_goes_the_whole_way(cookie: str) -> None:
    assert cache_key(request(cookie=f"{cookie}=x")) is None


@pytest.mark.parametrize("method", ["post", "head", "put"])
def test_only_reading_is_answered_from_memory(method: str) -> None:
    assert cache_key(getattr(RequestFactory(), method)(LIST)) is None


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(status=302),
        HttpResponse(status=500),
        HttpResponse(headers={"Cache-Control": "private"}),
        HttpResponse(headers={"Cache-Control": "no-store"}),
    ],
)
def test_an_answer_that_is_somebodys_own_or_a_failure_is_passed_on_as_it_is(
    response: HttpResponse,
) -> None:
    middleware = PublicCacheMiddleware(lambda _request: response)

    assert middleware(request()) is response
    assert middleware.pages.size == 0


def test_an_answer_that_sets_a_cookie_is_passed_on_as_it_is() -> None:
    response = HttpResponse("x")
    response.set_cookie("a", "b")
    middleware = PublicCacheMiddleware(lambda _request: response)

    assert middleware(request()) is response
    assert middleware.pages.size == 0
