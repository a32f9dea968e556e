"""No request body is read that is larger than anything this site takes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

Handler = Callable[[HttpRequest], HttpResponse]
#: Bytes: the largest upload with room for the form around it.
MAX_BODY = 12 * 1024 * 1024


class BodyLimitMiddleware:
    """Answers 413 by the stated length alone, before anything parses a form or fills the disk.

    A body without a stated length is not read at all: WSGI gives Django nothing of it. The API
    reads its own bodies, within narrower bounds and answers in its own form.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        stated = request.META.get("CONTENT_LENGTH") or "0"
        too_large = not stated.isdecimal() or int(stated) > MAX_BODY
        if too_large and not request.path.startswith("/api/"):
            page = render_to_string("413.html", {"size": MAX_BODY // 1024 // 1024})
            return HttpResponse(page, status=413, headers={"Connection": "close"})
        return self.get_response(request)
