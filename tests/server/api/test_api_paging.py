"""Lists page by page, and the limit on calls that compute."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.server.api.conftest import CODE, NOBODY, CallAs, Caller, code_of, store_shipped
from tests.server.conftest import NOW, World

from liangcai.server.api import rates
from liangcai.server.queries.api import keyset_page
from liangcai.server.store.models import StandardVersion

pytestmark = pytest.mark.django_db


def _walk(who: Caller, path: str) -> list[str]:
    """Follow the next links from the first page to the last and return every id."""
    found: list[str] = []
    link: str | None = path
    while link is not None:
        page = who.get(link.removeprefix("/api/v1")).json()
        found += [item["id"] for item in page["items"]]
        link = page["next"]
    return found


@pytest.fixture
def seven() -> list[str]:
    """Seven editions, three of one moment: the identifier decides their order."""
    rows = [
        store_shipped(version=f"{number}.0.0", created_at=NOW + timedelta(days=number // 3))
        for number in range(7)
    ]
    rows.sort(key=lambda row: str(row.pk))
    rows.sort(key=lambda row: row.created_at, reverse=True)
    return [str(row.pk) for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_of_any_size_show_everything_once_in_order(limit: int, seven: list[str]) -> None:
    assert _walk(NOBODY, f"/standards?limit={limit}") == seven


def test_the_next_link_keeps_the_filter_and_is_in_the_header_too(seven: list[str]) -> None:
    page = NOBODY.get(f"/standards?code={CODE}&limit=3")

    link = page.json()["next"]
    assert f"code={CODE}" in link
    assert page.headers["Link"] == f'<{link}>; rel="next"'
    assert "Link" not in NOBODY.get("/standards").headers


def test_what_is_added_meanwhile_hides_and_repeats_nothing(seven: list[str]) -> None:
    first = NOBODY.get("/standards?limit=3").json()
    store_shipped(version="99.0.0", created_at=NOW + timedelta(days=99))

    rest = _walk(NOBODY, first["next"])

    assert [item["id"] for item in first["items"]] + rest == seven


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "WyIxIl0:1:2", "%00", "é"])
def test_a_cursor_that_no_list_made_is_refused(cursor: str) -> None:
    answer = NOBODY.get(f"/standards?cursor={cursor}")

    assert answer.status_code == 400
    assert code_of(answer) == "api.cursor-invalid"


def test_the_cursor_of_one_list_is_none_of_another(
    seven: list[str], world: World, call_as: CallAs
) -> None:
    link = NOBODY.get("/standards?limit=1").json()["next"]

    answer = call_as(world.stranger).get("/evidence?" + link.partition("?")[2])

    assert code_of(answer) == "api.cursor-invalid"


def test_a_page_has_fifty_entries_unless_asked() -> None:
    for number in range(51):
        store_shipped(version=f"{number}.0.0")

    page = NOBODY.get("/standards").json()

    assert len(page["items"]) == 50
    assert page["next"] is not None


class KeysetProperties(TestCase):
    """What holds of pages, whatever the rows and the size of a page."""

    @settings(deadline=None, max_examples=20)
    @given(
        days=st.lists(st.integers(0, 3), max_size=12),
        limit=st.integers(1, 13),
        order=st.sampled_from([("-created_at", "pk"), ("code", "-created_at", "-pk")]),
    )
    def test_pages_make_up_the_whole_list(
        self, days: list[int], limit: int, order: tuple[str, ...]
    ) -> None:
        for number, day in enumerate(days):
            store_shipped(
                version=f"{number}.0.0",
                document={},
                scheme=None,
                created_at=NOW + timedelta(days=day),
            )
        rows = StandardVersion.objects.all()

        found: list[StandardVersion] = []
        after: tuple[str, ...] | None = None
        while True:
            page = keyset_page(rows, order=order, after=after, limit=limit)
            found += page.rows
            after = page.last_key
            if after is None:
                break

        assert found == list(rows.order_by(*order))


def _check(who: Caller) -> int:
    return int(who.post("/checks/standard", {}).status_code)


def test_checks_and_previews_are_counted_together_and_refused_over_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE_SIGNED_OUT", 2)

    first, second = NOBODY.post("/checks/standard", {}), NOBODY.post("/decisions/preview", {})
    third = NOBODY.post("/checks/standard", {})

    assert (first.status_code, second.status_code, third.status_code) == (200, 422, 429)
    assert code_of(third) == "api.too-many-requests"
    assert 0 < int(third.headers["Retry-After"]) <= 60


def test_the_next_minute_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE_SIGNED_OUT", 1)
    assert [_check(NOBODY), _check(NOBODY)] == [200, 429]

    monkeypatch.setattr(rates, "now", lambda: NOW + timedelta(seconds=60))

    assert _check(NOBODY) == 200


def test_each_key_has_its_own_count(
    monkeypatch: pytest.MonkeyPatch, world: World, call_as: CallAs
) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE", 1)
    one, other = call_as(world.stranger), call_as(world.stranger)

    assert [_check(one), _check(one), _check(other)] == [200, 429, 200]


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_added(
    monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE_SIGNED_OUT", 1)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # type: ignore[attr-defined]
    one = Caller({"X-Forwarded-For": "1.1.1.1, 10.0.0.1"})
    same = Caller({"X-Forwarded-For": "9.9.9.9, 10.0.0.1"})
    other = Caller({"X-Forwarded-For": "10.0.0.2"})

    assert [_check(one), _check(same), _check(other)] == [200, 429, 200]


def test_what_only_reads_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE_SIGNED_OUT", 0)

    assert [NOBODY.get("/standards").status_code for _ in range(3)] == [200, 200, 200]
