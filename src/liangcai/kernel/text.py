"""Text that a person reads, in Chinese and in English."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$", strict=True)]


class Document(BaseModel):
    """A frozen value with a file format: unknown keys are faults, not extensions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy without the values that were computed and kept (a hash of the old content)."""
        copy = super().model_copy(update=update, deep=deep)
        for name in set(copy.__dict__) - set(type(self).model_fields):
            del copy.__dict__[name]
        return copy


class LocalizedText(Document):
    """The same text in Chinese and in English; a missing translation is the empty string."""

    zh: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """Return the text in `language` ("zh…" or "en…"), or in the other one where it is missing."""
        return (self.en or self.zh) if language.startswith("en") else (self.zh or self.en)
