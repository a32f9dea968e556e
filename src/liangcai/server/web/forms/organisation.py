"""Invitations and roles: what the pages of an organisation ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models import Role
from liangcai.server.store.models.people import Language


class InviteForm(forms.Form):
    """Whom to invite, as what, and in which language the message is."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.PERSON)
    language = forms.ChoiceField(label=_("Language of the message"), choices=Language.choices)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
