"""Text that a person reads, in Chinese and in English."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$", strict=True)]


class Document(BaseModel):
    """A frozen value with a file format: unknown keys are faults, not extensions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class LocalizedText(Document):
    """The same text in Chinese and in English; a missing translation is the empty string."""

    zh: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """Return the text in `language` ("zh…" or "en…"), or in the other one where it is missing."""
        return (self.en or self.zh) if language.startswith("en") else (self.zh or self.en)
