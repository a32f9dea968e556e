"""How long a self-assessment is to be, and the answer to one of its questions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from liangcai.grading.self_assessment import Question

#: The value of the button that answers an item without a mark.
SKIP = "skip"


class StartForm(forms.Form):
    """Which edition to assess oneself against, and how long it may take."""

    standard = forms.UUIDField(widget=forms.HiddenInput)
    length = forms.ChoiceField(
        label=_("How much time do you have?"),
        choices=[
            ("full", _("About 15 minutes: narrower intervals")),
            (
                "short",
                _("About 9 minutes: one statement per unit, up to four knowledge questions"),
            ),
        ],
        initial="full",
        widget=forms.RadioSelect,
    )


class AnswerForm(forms.Form):
    """The choices of one question; the engine checks whether they fit."""

    question = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, asked: Question, *, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict or None
        keys = [(choice.key, choice.key) for choice in asked.choices]
        kind = forms.MultipleChoiceField if asked.is_multiple else forms.ChoiceField
        is_skipped = self.data.get("action") == SKIP and asked.part == "item"
        self.fields["chosen"] = kind(
            label=_("Your answer"),
            choices=keys,
            required=not is_skipped,
            error_messages={
                "required": _("Choose an answer, or say that you do not know."),
                "invalid_choice": _("Choose one of the answers shown."),
            },
        )
        self.is_skipped = is_skipped

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys that were marked; none where the person does not know."""
        if self.is_skipped:
            return ()
        value = self.cleaned_data["chosen"]
        return (value,) if isinstance(value, str) else tuple(value)
