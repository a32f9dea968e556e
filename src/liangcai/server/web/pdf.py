"""A report as a PDF answer, or a page that says why there is none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from liangcai.grading.report import Report
from liangcai.publishing.typeset import (
    FontsMissing,
    TypesettingFailed,
    TypesettingUnavailable,
    typeset,
)


def pdf_of(request: HttpRequest, report: Report, *, name: str) -> HttpResponse:
    """Return the PDF as a download; 503 with a way out where it cannot be typeset."""
    try:
        content = typeset("grade_report.typ", report.as_data())
    except (FontsMissing, TypesettingFailed, TypesettingUnavailable) as error:
        return render(request, "report/no_pdf.html", {"error": error}, status=503)
    disposition = f'attachment; filename="liangcai-{name}-{report.language}.pdf"'
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"},
    )
