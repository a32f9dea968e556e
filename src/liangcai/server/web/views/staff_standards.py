"""Versions of standards on their way: load, look at the findings, publish, withdraw."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from liangcai.kernel.findings import Finding
from liangcai.server import access
from liangcai.server.queries import drafts
from liangcai.server.services import standards
from liangcai.server.store.models import StandardVersion
from liangcai.server.web.forms.standards import UploadForm
from liangcai.server.web.refusals import refusing
from liangcai.server.web.requests import user_of
from liangcai.server.web.uploads import UploadUnreadable, files_of_upload


@login_required
@never_cache
@require_safe
@refusing
def versions(request: HttpRequest) -> HttpResponse:
    """List every version that one looks after."""
    rows = drafts.versions_looked_after(user_of(request))
    return render(request, "staff/standards/list.html", {"versions": rows})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file, show what the checker finds, keep it as a draft where it can be read."""
    person = user_of(request)
    organisations = drafts.organisations_to_load_for(person)
    operates = access.may(person, "standard.load")
    if not organisations and not operates:
        raise access.NotFound("no standards to look after")
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        organisations=organisations,
        for_everybody=operates,
    )
    findings: tuple[Finding, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            stored = _load(request, form)
        except (UploadUnreadable, standards.StandardUnreadable) as error:
            findings = error.findings
            unreadable = isinstance(error, UploadUnreadable)
            form.add_error("file", str(error) if unreadable else _("The files make no standard."))
        except standards.UploadRefused:
            form.add_error("file", _("It holds files that no standard has, or too many of them."))
        except standards.VersionPublished:
            message = _("This version was published and cannot change: raise its number.")
            form.add_error("file", message)
        else:
            return redirect("staff-standard", stored.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "findings": [finding_record(finding) for finding in findings]}
    return render(request, "staff/standards/upload.html", context, status=status)


@login_required
@never_cache
@require_safe
@refusing
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one version: findings, what it changes, what can be done with it."""
    page = drafts.draft_page(user_of(request), pk)
    return render(request, "staff/standards/draft.html", {"page": page})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then publish."""
    page = drafts.draft_page(user_of(request), pk)
    if request.method != "POST":
        return render(request, "staff/standards/publish.html", {"page": page})
    try:
        standards.publish_standard(actor=user_of(request), standard_id=pk, at=now())
    except standards.StandardNotDraft:
        messages.error(request, _("It was not published: it is no draft, or it has errors."))
    else:
        messages.success(request, _("The version is published."))
    return redirect("staff-standard", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then withdraw."""
    page = drafts.draft_page(user_of(request), pk)
    if request.method != "POST":
        return render(request, "staff/standards/withdraw.html", {"page": page})
    try:
        standards.withdraw_standard(actor=user_of(request), standard_id=pk, at=now())
    except standards.StandardNotPublished:
        messages.error(request, _("It was not withdrawn: it is not published."))
    else:
        messages.success(request, _("The version is withdrawn."))
    return redirect("staff-standard", pk)


def _load(request: HttpRequest, form: UploadForm) -> StandardVersion:
    file = form.cleaned_data["file"]
    return standards.load_files(
        actor=user_of(request),
        organisation_id=form.organisation_id,
        files=files_of_upload(file.name, file.read()),
        at=now(),
    )


def finding_record(finding: Finding) -> dict[str, object]:
    """Return a finding as the store keeps it, so that one template shows both."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "quote": finding.quote,
        "fix": finding.fix,
    }
