"""The report of a decision, on a page and as a PDF."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from liangcai.server.queries import report as pages
from liangcai.server.web.pdf import pdf_of
from liangcai.server.web.refusals import refusing


@login_required
@require_safe
@refusing
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Show a decision with its reasons."""
    page = pages.report_page(request.user, decision_id, language=get_language() or "zh")
    return render(request, "report/decision.html", {"page": page, "report": page.report})


@login_required
@require_safe
@refusing
def pdf(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Give the same as a PDF."""
    page = pages.report_page(request.user, decision_id, language=get_language() or "zh")
    return pdf_of(request, page.report, name="report")
