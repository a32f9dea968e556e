"""Reports of invented people, for everybody to see what a report says."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from liangcai.server.queries import report as pages
from liangcai.server.web.pdf import pdf_of
from liangcai.server.web.refusals import refusing


@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    """List the example people."""
    language = get_language() or "zh"
    found = [pages.example(name, language=language) for name in pages.example_names()]
    return render(request, "report/examples.html", {"examples": found})


@require_safe
@refusing
def example(request: HttpRequest, name: str) -> HttpResponse:
    """Show the decision about an example person."""
    found = pages.example(name, language=get_language() or "zh")
    return render(request, "report/example.html", {"example": found, "report": found.report})


@require_safe
@refusing
def pdf(request: HttpRequest, name: str) -> HttpResponse:
    """Give the same as a PDF."""
    found = pages.example(name, language=get_language() or "zh")
    return pdf_of(request, found.report, name=f"example-{name}")
