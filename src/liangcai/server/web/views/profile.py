"""One's own profile, on a page and as a PDF."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from liangcai.server.queries import profile as pages
from liangcai.server.web.pdf import pdf_of
from liangcai.server.web.refusals import refusing
from liangcai.server.web.requests import user_of


@login_required
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """Go to the only profile there is, or offer the choice."""
    choices = pages.profile_choices(user_of(request))
    if len(choices) == 1:
        return redirect("profile-standard", choices[0].row.code)
    return render(request, "profile/choose.html", {"choices": choices})


@login_required
@require_safe
@refusing
def standard(request: HttpRequest, code: str) -> HttpResponse:
    """Show the profile against one standard, and the gap to a level."""
    return render(request, "profile/profile.html", {"page": _page(request, code)})


@login_required
@require_safe
@refusing
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    """Give the same as a PDF."""
    return pdf_of(request, _page(request, code).report, name=f"profile-{code}")


def _page(request: HttpRequest, code: str) -> pages.ProfilePage:
    return pages.profile_page(
        user_of(request),
        code,
        language=get_language() or "zh",
        level=request.GET.get("level") or None,
    )
