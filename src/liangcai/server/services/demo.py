"""The demonstration: one organisation of invented people, a sign-in per role.

Every later capability adds its examples here. Production settings refuse these accounts.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from liangcai.grading import EvidenceFile
from liangcai.kernel.errors import LiangcaiError
from liangcai.server.queries.standards import public_standards
from liangcai.server.services.accounts import add_person
from liangcai.server.services.decisions import make_decision
from liangcai.server.services.evidence import record_evidence
from liangcai.server.services.organisations import (
    OrganisationNames,
    add_member,
    add_organisation,
)
from liangcai.server.store.checks import DEMO_DOMAIN
from liangcai.server.store.models import Organisation, Role, User

DEMO_PASSWORD = "liangcai-demo"  # noqa: S105  (public on purpose)
NAMES = OrganisationNames("demo", "示例机构（合成数据）", "Example organisation (synthetic data)")


class NotADemonstration(LiangcaiError):
    """Invented people are only loaded where LIANGCAI_DEMO=1 says that this is a demonstration."""

    code = "demo.refused"


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """An address that signs in with the public password, and the role behind it.

    The role "operator" runs the installation: it loads and publishes the public standards.
    """

    email: str
    role: str


@transaction.atomic
def load_demo(*, at: datetime, examples: tuple[EvidenceFile, ...] = ()) -> tuple[DemoSignIn, ...]:
    """Store the demonstration where it is not there yet, and return its sign-ins, one per role.

    Each example becomes one more member with the evidence about them, recorded by HR, and a
    decision on it where their standard is published here.

    Raises:
        NotADemonstration: the settings say that this is a production server.

    """
    if not settings.LIANGCAI_DEMO:
        raise NotADemonstration("set LIANGCAI_DEMO=1 to load the demonstration")
    organisation = Organisation.objects.filter(slug=NAMES.slug).first()
    if organisation is None:
        organisation = add_organisation(NAMES, at=at, synthetic=True)
    members = {role: _sign_in(organisation, role, at) for role in Role}
    for example in examples:
        person = _add_example(organisation, example, hr=members[Role.HR], at=at)
        _decide_on(organisation, example, person, decider=members[Role.DECIDER], at=at)
    operator = _person(f"operator{DEMO_DOMAIN}", name="运维（合成） / operator (synthetic)", at=at)
    User.objects.filter(pk=operator.pk).update(is_staff=True, is_superuser=True)
    signs = {role.value: user for role, user in members.items()} | {"operator": operator}
    return tuple(DemoSignIn(user.email, role) for role, user in signs.items())


def _sign_in(organisation: Organisation, role: Role, at: datetime) -> User:
    name = f"{role.label}（合成） / {role.value} (synthetic)"
    return _member(organisation, f"{role.value}{DEMO_DOMAIN}", name=name, role=role, at=at)


def _add_example(
    organisation: Organisation, example: EvidenceFile, *, hr: User, at: datetime
) -> User:
    local = "".join(sign for sign in example.person.id.lower() if sign.isalnum() or sign == "-")
    label = example.person.name
    name = example.person.id if label is None else f"{label.zh} / {label.en}".rstrip(" /")
    person = _member(organisation, f"{local}{DEMO_DOMAIN}", name=name, role=Role.PERSON, at=at)
    record_evidence(
        actor=hr, person_id=person.pk, organisation_id=organisation.pk, evidence=example, at=at
    )
    return person


def _decide_on(
    organisation: Organisation,
    example: EvidenceFile,
    person: User,
    *,
    decider: User,
    at: datetime,
) -> None:
    standard = public_standards().filter(code=example.standard, scheme__isnull=False).first()
    if standard is not None:
        make_decision(
            actor=decider,
            person_id=person.pk,
            organisation_id=organisation.pk,
            standard_id=standard.pk,
            at=at,
        )


def _member(organisation: Organisation, email: str, *, name: str, role: Role, at: datetime) -> User:
    user = _person(email, name=name, at=at)
    add_member(user=user, organisation=organisation, role=role, actor=user, at=at)
    return user


def _person(email: str, *, name: str, at: datetime) -> User:
    return User.objects.filter(email=email).first() or add_person(
        email=email,
        name=name[:120],
        password=DEMO_PASSWORD,
        language=settings.LANGUAGE_CODE,
        at=at,
        synthetic=True,
    )


def example_files(folder: Path) -> tuple[Path, ...]:
    """Return the evidence files of the example people, one folder each, or nothing."""
    return tuple(sorted(folder.glob("*/evidence.yaml")))
