"""The whole policy as data: which role may do what inside its organisation."""

from liangcai.server.store.models import Role

#: What anybody may do, signed out included, with a published public standard.
PUBLIC_VERBS = frozenset({"standard.read"})

#: What a person may do with what is their own.
OWN_VERBS = frozenset(
    {
        "assessment.read",
        "assessment.take",
        "decision.read",
        "decision.indicate",
        "evidence.read",
        "evidence.report",
        "evidence.delete",
        "member.leave",
        "member.read",
        "person.read",
        "person.change",
        "person.export",
        "person.erase",
        "token.read",
        "token.mint",
        "token.revoke",
    }
)

_MEMBER = frozenset({"organisation.read", "standard.read"})
_DESK = _MEMBER | {"member.read", "person.read"}

#: What a role may do with what belongs to its organisation.
ROLE_VERBS: dict[str, frozenset[str]] = {
    Role.PERSON: _MEMBER,
    Role.RATER: _MEMBER | {"evidence.add"},
    Role.AUTHOR: _MEMBER | {"standard.read-draft"},
    Role.DRAFTER: _MEMBER | {"standard.read-draft", "standard.load"},
    Role.TRAINER: _DESK | {"decision.read"},
    Role.HR: _DESK | {"evidence.read", "evidence.add", "decision.read"},
    Role.OFFICER: _DESK
    | {
        "evidence.read",
        "evidence.add",
        "decision.read",
        "standard.read-draft",
        "standard.load",
        "standard.publish",
        "standard.withdraw",
    },
    Role.DECIDER: _DESK | {"evidence.read", "decision.read", "decision.make"},
    Role.ADMINISTRATOR: _DESK
    | {
        "organisation.change",
        "member.invite",
        "member.change",
        "member.remove",
        "audit.read",
        "standard.read-draft",
        "standard.load",
        "standard.publish",
        "standard.withdraw",
    },
}

#: What an operator of the installation may do with what belongs to no organisation.
OPERATOR_VERBS = frozenset(
    {
        "audit.read",
        "organisation.create",
        "outbox.read",
        "standard.read",
        "standard.read-draft",
        "standard.load",
        "standard.publish",
        "standard.withdraw",
    }
)

#: The verb that lets somebody know that a thing exists, by kind of thing.
SEEING = {
    "apitoken": "token.read",
    "auditevent": "audit.read",
    "decisionrecord": "decision.read",
    "evidencerecord": "evidence.read",
    "invitation": "member.invite",
    "membership": "member.read",
    "organisation": "organisation.read",
    "outboxmessage": "outbox.read",
    "selfassessment": "assessment.read",
    "standardversion": "standard.read-draft",
    "user": "person.read",
}

VERBS = frozenset().union(PUBLIC_VERBS, OWN_VERBS, OPERATOR_VERBS, *ROLE_VERBS.values())
