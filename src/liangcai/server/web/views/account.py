"""One's own account: how one is addressed, keys to the API, roles and invitations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from liangcai.server.queries import accounts as about_accounts
from liangcai.server.services import accounts, invitations, organisations, tokens
from liangcai.server.store.models import Invitation, User
from liangcai.server.web.forms.account import InvitedForm, ProfileForm, TokenForm
from liangcai.server.web.refusals import refusing
from liangcai.server.web.requests import user_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show the account; change name and language."""
    user = user_of(request)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"name": user.name, "language": user.language},
    )
    if request.method == "POST" and form.is_valid():
        accounts.change_profile(actor=user, at=now(), **form.cleaned_data)
        messages.success(request, _("Your account is changed."))
        return redirect("account")
    return _account_page(request, user, form=form)


def _account_page(
    request: HttpRequest,
    user: User,
    *,
    form: ProfileForm | None = None,
    token_form: TokenForm | None = None,
    secret: str = "",
) -> HttpResponse:
    context = {
        "form": form or ProfileForm(initial={"name": user.name, "language": user.language}),
        "token_form": token_form or TokenForm(prefix="token"),
        "tokens": about_accounts.tokens_of(user),
        "memberships": about_accounts.memberships_of(user),
        "secret": secret,
    }
    status = 400 if any(one and one.errors for one in (form, token_form)) else 200
    return render(request, "account/account.html", context, status=status)


@login_required
@require_POST
@never_cache
def mint_token(request: HttpRequest) -> HttpResponse:
    """Make a key and show it: this once, and in this answer only."""
    user, form = user_of(request), TokenForm(request.POST, prefix="token")
    if not form.is_valid():
        return _account_page(request, user, token_form=form)
    _token, secret = tokens.mint_token(actor=user, at=now(), **form.wish)
    return _account_page(request, user, secret=secret)


@login_required
@require_POST
@refusing
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Take a key back."""
    tokens.revoke_token(actor=user_of(request), token_id=token_id, at=now())
    messages.success(request, _("The key is revoked: requests with it are refused from now on."))
    return redirect("account")


@login_required
@require_POST
@refusing
def leave(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Give up a role of one's own."""
    try:
        organisations.remove_member(actor=user_of(request), membership_id=membership_id, at=now())
    except organisations.LastAdministrator:
        messages.error(
            request, _("You are its last administrator: name another one before you leave.")
        )
    else:
        messages.success(request, _("You have given up this role."))
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; signed in accept it, otherwise sign up with it."""
    found = about_accounts.invitation_behind(tokens.fingerprint(token), at=now())
    if found is None:
        return render(request, "account/invitation_invalid.html", status=404)
    user = request.user
    if isinstance(user, User):
        if found.email != user.email:
            return render(request, "account/invitation_invalid.html", {"other": True}, status=404)
        return _accept(request, user, token, found)
    return _sign_up(request, token, found)


def _sign_up(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    form = InvitedForm(
        request.POST if request.method == "POST" else None, initial={"language": found.language}
    )
    context = {"invitation": found, "form": form}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            person = invitations.sign_up_by_invitation(
                token=token,
                name=values["name"],
                password=values["password"],
                language=values["language"],
                at=now(),
            )
        except accounts.AddressTaken:
            return render(request, "account/invitation.html", context | {"taken": True})
        except accounts.AccountRefused as refused:
            for reason in refused.reasons:
                form.add_error("password", reason)
        except invitations.InvitationInvalid:
            return render(request, "account/invitation_invalid.html", status=404)
        else:
            login(request, person)
            return redirect("account")
    return render(request, "account/invitation.html", context)


def _accept(request: HttpRequest, user: User, token: str, found: Invitation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/invitation.html", {"invitation": found})
    try:
        invitations.accept_invitation(actor=user, token=token, at=now())
    except invitations.InvitationInvalid:
        return render(request, "account/invitation_invalid.html", status=404)
    messages.success(request, _("You have accepted the invitation."))
    return redirect("account")
