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


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what is derived, pilot or not calibrated, and what the results are good for."""
    return render(request, "about.html")
