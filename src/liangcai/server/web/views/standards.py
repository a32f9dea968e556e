"""The public pages of the standards: they work signed out and change nothing."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from liangcai.server.access import NotFound
from liangcai.server.queries import explorer
from liangcai.server.queries.search import LONGEST_QUESTION, search_standards
from liangcai.server.queries.unit_page import unit_page
from liangcai.server.web.refusals import refusing
from liangcai.standard.compare import compare_levels, compare_roles
from liangcai.standard.diff import diff_standards
from liangcai.standard.exchange import EXPORTS


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """List the newest edition of every published standard."""
    return render(
        request, "standards/list.html", {"editions": explorer.latest_editions(request.user)}
    )


@require_safe
@refusing
def standard(request: HttpRequest, code: str, version: str | None = None) -> HttpResponse:
    """Show one edition whole: the matrix first, everything else below it."""
    rows = explorer.versions_of(request.user, code)
    edition = explorer.edition_among(rows, version)
    context = {
        "edition": edition,
        "standard": edition.standard,
        "matrix": explorer.matrix_of(edition.standard),
        "weights": explorer.weights_of(edition.standard),
        "evaluation": explorer.evaluation_of(edition.standard),
        "versions": rows,
        "known": explorer.titles(request.user),
        "formats": EXPORTS,
    }
    return render(request, "standards/standard.html", context)


@require_safe
@refusing
def unit(request: HttpRequest, code: str, version: str, unit: str) -> HttpResponse:
    """Show one unit: its indicators at every level, side by side."""
    edition = explorer.find_edition(request.user, code, version)
    page = unit_page(edition.standard, unit)
    return render(request, "standards/unit.html", {"edition": edition, "page": page})


@require_safe
@refusing
def levels(request: HttpRequest, code: str) -> HttpResponse:
    """Lay two levels of a standard side by side."""
    edition = explorer.find_edition(request.user, code)
    rungs = edition.standard.levels_upwards()
    low = request.GET.get("low") or rungs[0].code
    high = request.GET.get("high") or rungs[min(1, len(rungs) - 1)].code
    try:
        comparison = compare_levels(edition.standard, low, high)
    except KeyError as error:
        raise Http404(f"no such level: {error}") from error
    context = {
        "edition": edition,
        "levels": rungs,
        "comparison": comparison,
        "pair": (comparison.low, comparison.high),
        "elements": explorer.by_element(comparison, edition.standard),
    }
    return render(request, "standards/levels.html", context)


@require_safe
@refusing
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """Say what changed between two versions of a standard."""
    rows = explorer.versions_of(request.user, code)
    new = request.GET.get("new") or rows[0].version
    old = request.GET.get("old") or rows[min(1, len(rows) - 1)].version
    earlier, later = explorer.edition_among(rows, old), explorer.edition_among(rows, new)
    context = {
        "edition": later,
        "versions": rows,
        "old": earlier,
        "diff": diff_standards(earlier.standard, later.standard) if old != new else None,
    }
    return render(request, "standards/versions.html", context)


@require_safe
@refusing
def compare(request: HttpRequest) -> HttpResponse:
    """Draw the boundary between two roles."""
    editions = {edition.row.code: edition for edition in explorer.latest_editions(request.user)}
    one, other = request.GET.get("one", ""), request.GET.get("other", "")
    if not {one, other} - {""} <= editions.keys():
        raise NotFound("no such standard")
    context: dict[str, object] = {"editions": tuple(editions.values()), "one": one, "other": other}
    if one and other and one != other:
        ours, theirs = editions[one].standard, editions[other].standard
        context |= {"comparison": compare_roles(ours, theirs), "ours": ours, "theirs": theirs}
        context["roles"] = (ours, theirs)
    return render(request, "standards/compare.html", context)


@require_safe
@refusing
def search(request: HttpRequest) -> HttpResponse:
    """Find words in the published standards."""
    question, code = request.GET.get("q", ""), request.GET.get("standard", "")
    context = {
        "question": question[:LONGEST_QUESTION],
        "longest": LONGEST_QUESTION,
        "code": code,
        "editions": explorer.latest_editions(request.user),
        "answer": search_standards(request.user, question, code=code),
    }
    return render(request, "standards/search.html", context)


@require_safe
@refusing
def export(request: HttpRequest, code: str, version: str, name: str) -> HttpResponse:
    """Hand out one edition in one format; its content never changes, so neither does its tag."""
    edition = explorer.find_edition(request.user, code, version)
    if (form := EXPORTS.get(name)) is None:
        raise NotFound(f"no format {name}")
    language = get_language() or "zh"
    etag = f'"{edition.row.hash[7:39]}-{name}-{language}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    response = HttpResponse(form.write(edition.standard, language), content_type=form.media_type)
    filename = f"{code}-{version}{form.suffix}"
    response.headers["ETag"] = etag
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
