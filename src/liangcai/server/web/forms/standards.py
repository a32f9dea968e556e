from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _

from liangcai.server.store.models import Organisation
from liangcai.server.web.uploads import MAX_UPLOAD_BYTES

EVERYBODY = "public"


class UploadForm(forms.Form):
    """A version of a standard, and whose it is."""

    owner = forms.ChoiceField(
        label=_("For"), help_text=_("Who will be able to read it once it is published.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("A folder of YAML files as a .zip, or a filled .xlsx workbook; up to 8 MiB."),
        validators=[FileExtensionValidator(["zip", "xlsx"])],
    )

    def __init__(
        self,
        *arguments: Any,
        organisations: tuple[Organisation, ...],
        for_everybody: bool,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        choices = [(str(one.pk), one.name) for one in organisations]
        if for_everybody:
            choices.insert(0, (EVERYBODY, str(_("Everybody (a public standard)"))))
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)  # noqa: S101  (narrows the type)
        owner.choices = choices

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse a file that is too large before anything reads it."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is larger than 8 MiB."))
        return file

    @property
    def organisation_id(self) -> str | None:
        """The chosen organisation, None for a public standard."""
        owner: str = self.cleaned_data["owner"]
        return None if owner == EVERYBODY else owner
