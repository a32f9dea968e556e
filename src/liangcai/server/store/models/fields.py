"""Fields and conditions that several tables share."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q

HASH_LENGTH = len("sha256:") + 64


def identifier() -> "models.UUIDField[Any, Any]":
    """Return the primary key of what has an address: random, so that it tells nothing."""
    return models.UUIDField(primary_key=True, default=uuid4, editable=False)


def digest(**options: Any) -> "models.CharField[Any, Any]":
    """Return a field for a content hash, "sha256:" and 64 hexadecimal digits."""
    return models.CharField(max_length=HASH_LENGTH, **options)


def is_digest(field: str, *, name: str) -> models.CheckConstraint:
    """Return the constraint that a field holds a content hash."""
    return models.CheckConstraint(condition=Q(**{f"{field}__startswith": "sha256:"}), name=name)


def is_among(field: str, choices: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """Return the constraint that a field holds one of its choices."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)
