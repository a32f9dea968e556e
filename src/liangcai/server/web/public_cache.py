"""Signed-out pages of the published standards, whole, out of this process's memory.

These pages are the same for every visitor without a session and change only when a version is
published, so they are answered before sessions, sign-in and the database are touched. A page is
fresh for a few seconds; then one request renews it while the others still get the last one.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language_from_request

Handler = Callable[[HttpRequest], HttpResponseBase]
Key = tuple[str, str, tuple[tuple[str, str], ...]]

FRESH_SECONDS = 5.0
STALE_SECONDS = 10.0
MAX_BYTES = 64 * 1024 * 1024
MAX_PAGE_BYTES = 4 * 1024 * 1024
_PAGES = ("/", "/about/")
_FOLDER = "/standards/"
_PARAMETERS = frozenset({"low", "high", "old", "new", "one", "other"})
_LONGEST_QUERY = 200
_TEXT = ("text/", "application/json", "application/ld+json")


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer: its headers, its body plain and compressed, and its entity tag."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    compressed: bytes | None
    etag: str

    @property
    def size(self) -> int:
        """Bytes that keeping it costs."""
        return len(self.body) + len(self.compressed or b"")


@dataclass(slots=True)
class _Kept:
    page: Page
    stored_at: float
    renewed_at: float  # when somebody last went to fetch a newer one


class PageStore:
    """Pages by key, the least recently used dropped first; safe for threads."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = monotonic):
        self._max_bytes, self._clock = max_bytes, clock
        self._pages: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def get(self, key: Key) -> Page | None:
        """Return a page, or None where the caller should make one and `put` it."""
        now = self._clock()
        with self._lock:
            kept = self._pages.get(key)
            if kept is None or now - kept.stored_at >= FRESH_SECONDS + STALE_SECONDS:
                return None
            if now - kept.renewed_at >= FRESH_SECONDS:
                kept.renewed_at = now
                return None
            self._pages.move_to_end(key)
            return kept.page

    def put(self, key: Key, page: Page) -> None:
        """Keep a page and drop the oldest ones until all fit."""
        now = self._clock()
        with self._lock:
            if (former := self._pages.pop(key, None)) is not None:
                self.size -= former.page.size
            self._pages[key] = _Kept(page, now, now)
            self.size += page.size
            while self.size > self._max_bytes:
                _, dropped = self._pages.popitem(last=False)
                self.size -= dropped.page.size


class PublicCacheMiddleware:
    """Stands before sessions and sign-in; what it does not know goes on to them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.pages = PageStore()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = cache_key(request)
        if key is None:
            return _kept_to_its_reader(request, self.get_response(request))
        if (page := self.pages.get(key)) is None:
            response = self.get_response(request)
            if not isinstance(response, HttpResponse) or not _may_be_kept(response):
                return response
            page = page_of(response)
            self.pages.put(key, page)
        return _answer(request, page)


def _kept_to_its_reader(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Keep what somebody with a session is shown out of every cache, unless its view said otherwise."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and "Cache-Control" not in response.headers:
        tagged = "ETag" in response.headers  # it may be kept and asked about
        response.headers["Cache-Control"] = "private, no-cache" if tagged else "private, no-store"
    return response


def cache_key(request: HttpRequest) -> Key | None:
    """Return what tells this visitor's page from others, or None where it must not be kept.

    Only whitelisted parameters, each once: a page repeats its own address in its language link.
    """
    path = request.path_info
    if request.method != "GET" or not (path in _PAGES or path.startswith(_FOLDER)):
        return None
    cookies = request.COOKIES
    if settings.SESSION_COOKIE_NAME in cookies or "messages" in cookies:
        return None
    if len(request.META.get("QUERY_STRING", "")) > _LONGEST_QUERY:
        return None
    query: tuple[tuple[str, str], ...] = ()
    if request.META.get("QUERY_STRING"):
        if any(name not in _PARAMETERS or len(v) > 1 for name, v in request.GET.lists()):
            return None
        query = tuple(sorted((name, str(value)) for name, value in request.GET.items()))
    return path, get_language_from_request(request), query


def page_of(response: HttpResponse) -> Page:
    """Return the answer as it is kept: any browser may store it, and asks before it shows it again."""
    etag = response.headers.get("ETag") or f'W/"{sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
    response.headers["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ("Accept-Language", "Cookie", "Accept-Encoding"))
    kind = response.headers.get("Content-Type", "")
    compressed = gzip.compress(response.content, 6, mtime=0) if kind.startswith(_TEXT) else None
    headers = tuple((k, v) for k, v in response.items() if k.lower() != "content-length")
    return Page(headers, bytes(response.content), compressed, response.headers["ETag"])


def _may_be_kept(response: HttpResponse) -> bool:
    control = response.headers.get("Cache-Control", "")
    private = "private" in control or "no-store" in control
    small = len(response.content) <= MAX_PAGE_BYTES
    return response.status_code == 200 and not response.cookies and not private and small


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    headers = dict(page.headers)
    asked = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in asked or page.etag in asked or page.etag.removeprefix("W/") in asked:
        kept = ("ETag", "Vary", "Cache-Control", "Content-Language", "Content-Security-Policy")
        return HttpResponseNotModified(headers={k: headers[k] for k in kept if k in headers})
    body = page.body
    if page.compressed is not None and _accepts_gzip(request):
        body, headers["Content-Encoding"] = page.compressed, "gzip"
    return HttpResponse(body, headers=headers | {"Content-Length": str(len(body))})


def _accepts_gzip(request: HttpRequest) -> bool:
    offered = request.META.get("HTTP_ACCEPT_ENCODING", "").replace(" ", "").lower().split(",")
    return any(
        word == "gzip" or (word.startswith("gzip;q=") and word != "gzip;q=0") for word in offered
    )
