"""An organisation: its members and roles for administrators, its people for those at a desk."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.queries import organisation_page as pages
from liangcai.server.services import accounts, decisions, invitations, organisations
from liangcai.server.store.models import User
from liangcai.server.web.forms.organisation import InviteForm, RoleForm
from liangcai.server.web.refusals import refusing
from liangcai.server.web.requests import user_of


@login_required
@require_safe
@refusing
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show an organisation to a member: what its role allows, no more."""
    return _page(request, user_of(request), organisation_id)


def _page(
    request: HttpRequest, user: User, organisation_id: UUID, form: InviteForm | None = None
) -> HttpResponse:
    page = pages.organisation_page(user, organisation_id, at=now())
    context = {
        "page": page,
        "organisation": page.organisation,
        "form": form or InviteForm(initial={"language": user.language}),
        "roles": RoleForm().fields["role"],
    }
    status = 400 if form else 200
    return render(request, "organisation/organisation.html", context, status=status)


@login_required
@require_POST
@refusing
def invite(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Send an invitation."""
    user, form = user_of(request), InviteForm(request.POST)
    if form.is_valid():
        try:
            invitations.invite(
                actor=user, organisation_id=organisation_id, at=now(), **form.cleaned_data
            )
        except organisations.AlreadyMember:
            form.add_error("email", _("This address holds the role or is invited to it."))
        except accounts.AccountRefused as refused:
            for reason in refused.reasons:
                form.add_error("email", reason)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("organisation", organisation_id)
    return _page(request, user, organisation_id, form)


@login_required
@require_POST
@refusing
def withdraw_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    user = user_of(request)
    organisation_id = pages.organisation_of_invitation(user, invitation_id)
    try:
        invitations.withdraw_invitation(actor=user, invitation_id=invitation_id, at=now())
    except invitations.InvitationInvalid:
        messages.error(request, _("It was accepted in the meantime."))
    else:
        messages.success(request, _("The invitation is taken back."))
    return redirect("organisation", organisation_id)


@login_required
@require_POST
@refusing
def change_role(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Put another role in place of a member's."""
    user, form = user_of(request), RoleForm(request.POST)
    organisation_id = pages.organisation_of_membership(user, membership_id)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("organisation", organisation_id)
    try:
        organisations.change_role(
            actor=user, membership_id=membership_id, role=form.cleaned_data["role"], at=now()
        )
    except (organisations.AlreadyMember, organisations.LastAdministrator) as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(request, _("The role is changed."))
    return redirect("organisation", organisation_id)


@login_required
@require_POST
@refusing
def remove_member(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """End a member's role."""
    user = user_of(request)
    organisation_id = pages.organisation_of_membership(user, membership_id)
    try:
        organisations.remove_member(actor=user, membership_id=membership_id, at=now())
    except organisations.LastAdministrator as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(request, _("The role is ended."))
    # Who ended their own last role may not see the organisation any more.
    still = pages.is_member(user, organisation_id)
    return redirect("organisation", organisation_id) if still else redirect("account")


def _refusal(refused: LiangcaiError) -> str:
    if isinstance(refused, organisations.LastAdministrator):
        return _("An organisation keeps at least one administrator.")
    return _("The member holds this role already.")


@login_required
@require_safe
@refusing
def people(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """List the organisation's people with what was decided about them."""
    page = pages.people_page(user_of(request), organisation_id)
    return render(
        request, "organisation/people.html", {"page": page, "organisation": page.organisation}
    )


@login_required
@require_safe
@refusing
def person(request: HttpRequest, organisation_id: UUID, person_id: UUID) -> HttpResponse:
    """Show what the organisation has on record about one of its people."""
    page = pages.person_page(user_of(request), organisation_id, person_id)
    return render(
        request, "organisation/person.html", {"page": page, "organisation": page.organisation}
    )


@login_required
@refusing
def decide(
    request: HttpRequest, organisation_id: UUID, person_id: UUID, standard_id: UUID
) -> HttpResponse:
    """Ask whether to decide, then decide and show the report."""
    user = user_of(request)
    page = pages.decision_page(user, organisation_id, person_id, standard_id)
    context = {"page": page, "organisation": page.organisation}
    if request.method != "POST":
        return render(request, "organisation/decide.html", context)
    try:
        record = decisions.make_decision(
            actor=user,
            person_id=person_id,
            organisation_id=organisation_id,
            standard_id=standard_id,
            at=now(),
        )
    except decisions.NotImpartial:
        context["refusal"] = _(
            "You are this person, or you recorded evidence about them: somebody else has to decide."
        )
    except decisions.NothingToDecideOn:
        context["refusal"] = _("There is no evidence, or the standard has no scheme to decide by.")
    else:
        messages.success(request, _("The decision is made and kept."))
        return redirect("decision", record.pk)
    return render(request, "organisation/decide.html", context, status=409)
