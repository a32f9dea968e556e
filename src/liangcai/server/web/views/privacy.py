"""What is stored, a copy of it, and being forgotten."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liangcai.server.services import privacy as service
from liangcai.server.services.organisations import LastAdministrator
from liangcai.server.web.forms.privacy import EraseForm
from liangcai.server.web.requests import user_of


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is stored, who sees it, and what a person can do about it."""
    return render(request, "privacy/privacy.html")


@login_required
@require_POST
@never_cache
def export(request: HttpRequest) -> HttpResponse:
    """Give a person everything that is stored about them."""
    archive = service.export_data(actor=user_of(request), at=now())
    return HttpResponse(
        archive,
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="liangcai-my-data.zip"'},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def erase(request: HttpRequest) -> HttpResponse:
    """Ask twice, then erase the person and sign them out."""
    user = user_of(request)
    form = EraseForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erasure = service.erase_person(actor=user, at=now())
        except LastAdministrator:
            form.add_error(
                None,
                _(
                    "You are the only administrator of an organisation that has other members."
                    " Name another one first, then erase your account."
                ),
            )
            return render(request, "privacy/erase.html", {"form": form}, status=409)
        logout(request)
        messages.success(request, _("Your account and what was your own are erased."))
        return render(request, "privacy/erased.html", {"erasure": erasure})
    status = 400 if form.errors else 200
    return render(request, "privacy/erase.html", {"form": form}, status=status)
