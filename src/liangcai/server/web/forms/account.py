"""Sign-up, profile, tokens: what an account page asks for."""

from typing import Any, cast

from allauth.account.forms import SignupForm
from django import forms
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from liangcai.server.services import accounts, tokens
from liangcai.server.store.models import User
from liangcai.server.store.models.people import Language

_LIVES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")))


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth has no types
    """Asks for a name, a language and consent, besides the address and the password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As it should stand on your profile and your reports."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of pages and messages"),
        choices=Language.choices,
        widget=forms.RadioSelect,
    )
    consent = forms.BooleanField(
        label=_(
            "I agree that my name, my address, my answers and the results computed from them are"
            " stored here until I erase them."
        ),
        help_text=_("The page “Privacy” says what is stored, who sees it and how to erase it."),
        error_messages={"required": _("Without your agreement nothing can be stored.")},
    )
    field_order = ("name", "email", "password1", "password2", "language", "consent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = (get_language() or "").startswith("en")
        self.initial.setdefault("language", Language.ENGLISH if english else Language.CHINESE)
        _without_placeholders(self)

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name and the language before the first message goes out."""
        super().custom_signup(request, user)
        values = self.cleaned_data
        user.name, user.language = values["name"], values["language"]
        accounts.change_profile(actor=user, name=user.name, language=user.language, at=now())

    def signup(self, request: HttpRequest, user: User) -> None:
        """Do nothing more: allauth asks every sign-up form for this."""


class InvitedForm(forms.Form):
    """What somebody who was invited and has no account yet chooses."""

    name = SignUpForm.base_fields["name"]
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least ten characters, not only digits, not a common password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = SignUpForm.base_fields["language"]
    consent = SignUpForm.base_fields["consent"]


class ProfileForm(forms.Form):
    """How a person is addressed, and in which language."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        help_text=_("As it should stand on your profile and your reports."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language of pages and messages"),
        choices=Language.choices,
        widget=forms.RadioSelect,
    )


class TokenForm(forms.Form):
    """A new key to the API."""

    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("For example: nightly export.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[("read", _("Read")), ("write", _("Change"))],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("How long it works"), choices=_LIVES, coerce=int, initial=90
    )

    @property
    def wish(self) -> dict[str, Any]:
        """What `tokens.mint_token` takes."""
        chosen = [scope for scope in tokens.SCOPES if scope in self.cleaned_data["scopes"]]
        return {
            "name": self.cleaned_data["name"],
            "scopes": chosen,
            "days": self.cleaned_data["days"],
        }


def _without_placeholders(form: forms.Form) -> None:
    """Drop the texts inside the fields: they repeat the labels and vanish while one types."""
    for field in form.fields.values():
        cast(Any, field).widget.attrs.pop("placeholder", None)
