"""What a person is told when the database does not take a change: full, locked or away."""

import logging
from collections.abc import Callable
from uuid import uuid4

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

Handler = Callable[[HttpRequest], HttpResponse]
RETRY_SECONDS = 30
_log = logging.getLogger(__name__)


class StoreUnavailableMiddleware:
    """Answers 503 with what was kept and what to do; every service is one transaction, so nothing is half done."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a database that failed; other faults go their way."""
        if not isinstance(exception, OperationalError):
            return None
        reference = str(uuid4())
        where = {"reference": reference, "method": request.method, "path": request.path}
        _log.error("The database failed: %s", reference, exc_info=exception, extra=where)
        # Without the request: a page that asked who is signed in would ask the database again.
        page = render_to_string("503.html", {"reference": reference})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
