"""The questions that services, queries and interfaces ask of the table of verbs."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from liangcai.kernel.errors import LiangcaiError
from liangcai.server.access.verbs import (
    OPERATOR_VERBS,
    OWN_VERBS,
    PUBLIC_VERBS,
    ROLE_VERBS,
    SEEING,
    VERBS,
)
from liangcai.server.store.models import Membership, Organisation, StandardVersion, User
from liangcai.server.store.models.standards import StandardStatus

Actor = User | AnonymousUser
M = TypeVar("M", bound=Model)
_NONE = Q(pk__in=())


class NotFound(LiangcaiError):
    """There is no such thing, as far as this person may know."""

    code = "access.not-found"


class Forbidden(LiangcaiError):
    """The person may see the thing but not do this to it."""

    code = "access.forbidden"


def roles_in(actor: Actor, organisation_id: UUID) -> frozenset[str]:
    """Return the roles that a person holds in an organisation."""
    if not isinstance(actor, User) or not actor.is_active:
        return frozenset()
    held = Membership.objects.filter(user=actor, organisation_id=organisation_id)
    return frozenset(held.values_list("role", flat=True))


def may(actor: Actor, verb: str, target: Model | None = None) -> bool:
    """Whether a person may do something to a thing (None: to the installation).

    Raises:
        ValueError: no role, owner or operator has this verb: it is misspelt.

    """
    if verb not in VERBS:
        raise ValueError(f"no such verb: {verb}")
    if verb == "standard.read" and isinstance(target, StandardVersion) and _is_draft(target):
        verb = "standard.read-draft"
    if verb in PUBLIC_VERBS and _is_public(target):
        return True
    if not isinstance(actor, User) or not actor.is_active:
        return False
    if verb in OWN_VERBS and target is not None and _owner_id(target) == actor.pk:
        return True
    if (organisation_id := _organisation_id(target)) is not None:
        return any(verb in ROLE_VERBS[role] for role in roles_in(actor, organisation_id))
    if isinstance(target, User):
        return target.pk != actor.pk and _in_my_organisations(actor, verb, target)
    return actor.is_superuser and verb in OPERATOR_VERBS and _owner_id(target) is None


def require(actor: Actor, verb: str, target: Model | None = None) -> None:
    """Return quietly if a person may do this.

    Raises:
        NotFound: they may not even know of the thing.
        Forbidden: they may see it, but not do this.

    """
    if may(actor, verb, target):
        return
    if target is not None and not _may_see(actor, target):
        raise NotFound(f"no such {target._meta.model_name}")
    raise Forbidden(f"{verb} is not among what this person may do here")


def find(actor: Actor, verb: str, kind: type[M], pk: UUID | str) -> M:
    """Return the thing with this identifier, if the person may do this to it.

    Raises:
        NotFound: there is none, or they may not know of it.
        Forbidden: they may see it, but not do this.

    """
    try:
        thing = kind._default_manager.get(pk=pk)
    except (kind.DoesNotExist, ValidationError) as error:  # type: ignore[attr-defined]  # every model has it
        raise NotFound(f"no such {kind._meta.model_name}") from error
    require(actor, verb, thing)
    return thing


def visible(actor: Actor, kind: type[M]) -> QuerySet[M]:
    """Return the rows of a table that a person may see: their own and their organisations'."""
    rows = kind._default_manager.all()
    allowed = _public_rows(kind)
    if isinstance(actor, User) and actor.is_active:
        allowed |= _own_rows(actor, kind) | _organisations_rows(actor, kind)
    # A person shares several organisations with another: the join would show them twice.
    return rows.filter(allowed).distinct() if issubclass(kind, User) else rows.filter(allowed)


def _public_rows(kind: type[Model]) -> Q:
    if issubclass(kind, StandardVersion):
        return Q(organisation=None) & ~Q(status=StandardStatus.DRAFT)
    return _NONE


def _own_rows(actor: User, kind: type[Model]) -> Q:
    if issubclass(kind, User):
        return Q(pk=actor.pk)
    owner = next((name for name in ("person", "user") if _has_field(kind, name)), None)
    if owner is None or _seeing(kind) not in OWN_VERBS:
        return _NONE
    return Q(**{owner: actor})


def _organisations_rows(actor: User, kind: type[Model]) -> Q:
    mine = _organisations_where(actor, _seeing(kind))
    if issubclass(kind, Organisation):
        return Q(pk__in=mine)
    if issubclass(kind, User):
        return Q(memberships__organisation__in=mine)
    allowed = Q(organisation__in=mine) if _has_field(kind, "organisation") else _NONE
    if issubclass(kind, StandardVersion):
        readable = _organisations_where(actor, "standard.read")
        allowed |= Q(organisation__in=readable) & ~Q(status=StandardStatus.DRAFT)
    if actor.is_superuser and _seeing(kind) in OPERATOR_VERBS:
        allowed |= Q(organisation=None) if _has_field(kind, "organisation") else ~_NONE
    return allowed


def _has_field(kind: type[Model], name: str) -> bool:
    return any(field.name == name for field in kind._meta.concrete_fields)


def _seeing(kind: type[Model]) -> str:
    return SEEING[kind._meta.model_name or ""]


def _organisations_where(actor: User, verb: str) -> QuerySet[Membership, Any]:
    roles: Collection[str] = [role for role, verbs in ROLE_VERBS.items() if verb in verbs]
    held = Membership.objects.filter(user=actor, role__in=roles)
    return held.order_by().values("organisation")


def _in_my_organisations(actor: User, verb: str, person: User) -> bool:
    mine = _organisations_where(actor, verb)
    return Membership.objects.filter(user=person, organisation__in=mine).exists()


def _is_draft(standard: StandardVersion) -> bool:
    return standard.status == StandardStatus.DRAFT


def _is_public(target: Model | None) -> bool:
    if not isinstance(target, StandardVersion):
        return False
    return target.organisation_id is None and not _is_draft(target)


def _may_see(actor: Actor, target: Model) -> bool:
    if isinstance(target, StandardVersion):
        return may(actor, "standard.read", target)
    return may(actor, _seeing(type(target)), target)


def _owner_id(target: Model | None) -> UUID | None:
    if isinstance(target, User):
        return target.pk
    owner: UUID | None = getattr(target, "person_id", None) or getattr(target, "user_id", None)
    return owner


def _organisation_id(target: Model | None) -> UUID | None:
    if isinstance(target, Organisation):
        return target.pk
    organisation: UUID | None = getattr(target, "organisation_id", None)
    return organisation
