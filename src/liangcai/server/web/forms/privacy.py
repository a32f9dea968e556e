"""What erasing an account asks for: the password and the word, typed."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models import User


class EraseForm(forms.Form):
    """Says that it is really this person and that they really mean it."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    address = forms.CharField(
        label=_("Your e-mail address, typed once more"),
        help_text=_("So that nobody erases an account by a stray click."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        self.user = user

    def clean_password(self) -> str:
        """Refuse another password."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(gettext("This is not your password."))
        return password

    def clean_address(self) -> str:
        """Refuse another address."""
        address: str = self.cleaned_data["address"]
        if address.strip().lower() != self.user.email:
            raise forms.ValidationError(gettext("This is not the address of your account."))
        return address
