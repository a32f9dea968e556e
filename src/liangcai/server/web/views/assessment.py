"""The self-assessment: one question a page, every answer saved when it is given."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liangcai.server.queries import assessment as pages
from liangcai.server.queries.assessment_review import review_page
from liangcai.server.services import self_assessment as service
from liangcai.server.web.forms.assessment import AnswerForm, StartForm
from liangcai.server.web.refusals import refusing
from liangcai.server.web.requests import user_of


@require_safe
def assessments(request: HttpRequest) -> HttpResponse:
    """Say what the self-assessment is, and offer to begin or to go on."""
    offers = pages.offers(request.user)
    forms = [
        StartForm(initial={"standard": offer.row.pk}, auto_id=f"{offer.row.code}_%s")
        for offer in offers
    ]
    context = {"offers": list(zip(offers, forms, strict=True))}
    return render(request, "assessment/start.html", context)


@login_required
@require_POST
@refusing
def start(request: HttpRequest) -> HttpResponse:
    """Begin a self-assessment, or go on with the one under way."""
    form = StartForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a standard and a length."))
        return redirect("assessments")
    try:
        run = service.start(
            actor=user_of(request),
            standard_id=form.cleaned_data["standard"],
            length=form.cleaned_data["length"],
            seed=secrets.randbelow(2**31),
            at=now(),
        )
    except service.AssessmentRefused:
        messages.error(request, _("There is no self-assessment for this standard."))
        return redirect("assessments")
    return redirect("assessment", run.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@refusing
def question(request: HttpRequest, assessment_id: UUID, number: int | None = None) -> HttpResponse:
    """Show the next question (or an earlier one by its number); save an answer and go on."""
    run = pages.run_of(request.user, assessment_id)
    if run.state == "finished":
        return redirect("assessment-review", assessment_id)
    if run.state == "abandoned":
        return redirect("assessments")
    try:
        page = pages.question_page(request.user, assessment_id, number)
    except pages.AssessmentOutdated:
        return render(request, "assessment/outdated.html", {"assessment": run}, status=409)
    if request.method == "POST":
        return _answer(request, page)
    if page.question is None:
        return render(request, "assessment/finish.html", {"page": page})
    return _question(request, page)


def _question(
    request: HttpRequest, page: pages.QuestionPage, form: AnswerForm | None = None
) -> HttpResponse:
    asked = page.question
    title = "" if asked is None else page.standard.unit(asked.unit).title
    context = {"page": page, "question": asked, "unit_title": title, "form": form}
    return render(request, "assessment/question.html", context, status=400 if form else 200)


def _answer(request: HttpRequest, page: pages.QuestionPage) -> HttpResponse:
    asked, run = page.question, page.assessment
    if asked is None or request.POST.get("question") != asked.code:
        # Another tab has gone on: what it shows now is the question to answer.
        messages.info(request, _("You had answered that question already; here is where you are."))
        return redirect("assessment", run.pk)
    form = AnswerForm(asked, data=request.POST)
    if not form.is_valid():
        return _question(request, page, form)
    try:
        service.answer(
            actor=user_of(request),
            assessment_id=run.pk,
            question=asked.code,
            chosen=form.chosen,
            at=now(),
        )
    except (service.AssessmentClosed, service.QuestionNotAsked):
        messages.info(request, _("Another window has gone on; here is where you are."))
        return redirect("assessment", run.pk)
    if request.POST.get("action") == "pause":
        messages.success(request, _("Everything is saved. Go on whenever and wherever you like."))
        return redirect("assessments")
    if page.is_answered and page.number < page.answered:
        return redirect("assessment-question", run.pk, page.number + 1)
    return redirect("assessment", run.pk)


@login_required
@require_POST
@refusing
def finish(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Close the self-assessment and show the profile it gives."""
    user = user_of(request)
    run = pages.run_of(user, assessment_id)
    try:
        service.finish(actor=user, assessment_id=assessment_id, at=now())
    except service.AssessmentClosed:
        return redirect("assessment", assessment_id)
    except service.AssessmentOutdated:
        return render(request, "assessment/outdated.html", {"assessment": run}, status=409)
    messages.success(request, _("Your self-assessment is finished. This is what it shows."))
    return redirect("profile-standard", run.standard.code)


@login_required
@require_POST
@refusing
def abandon(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Give a self-assessment up."""
    try:
        service.abandon(actor=user_of(request), assessment_id=assessment_id, at=now())
    except service.AssessmentClosed:
        messages.info(request, _("The self-assessment was closed already."))
    else:
        messages.success(request, _("The self-assessment is given up. You can begin a new one."))
    return redirect("assessments")


@login_required
@require_safe
@refusing
def review(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Show every answer of a finished self-assessment with the reasons."""
    page = review_page(user_of(request), assessment_id)
    return render(request, "assessment/review.html", {"page": page})
