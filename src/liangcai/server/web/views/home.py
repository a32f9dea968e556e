from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from liangcai.server.queries.home import next_steps
from liangcai.server.store.models import User


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is; to a signed-in person, what they can do next."""
    person = request.user
    steps = next_steps(person) if isinstance(person, User) else None
    return render(request, "home.html", {"steps": steps})


#: What a search engine would only waste its time and ours on.
_NOT_FOR_ROBOTS = ("/accounts/", "/api/", "/search/", "/language/", "/staff/", "/healthz")


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Tell search engines what is worth reading."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what is derived, pilot or not calibrated, and what the results are good for."""
    return render(request, "about.html")
