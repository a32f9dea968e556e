"""May they? One table of roles and verbs, and the questions asked of it.

    may(actor, "member.invite", organisation) -> bool
    require(actor, "member.invite", organisation)     raises NotFound or Forbidden
    find(actor, "decision.read", DecisionRecord, pk)  loads and requires in one; absent is NotFound
    visible(actor, DecisionRecord) -> QuerySet        what a list may show

`actor` is a User or Django's AnonymousUser. A stranger gets NotFound (404), never Forbidden (403):
only who may see a thing is told that they may not do something to it.
"""

from liangcai.server.access.policy import (
    Actor,
    Forbidden,
    NotFound,
    find,
    may,
    require,
    roles_in,
    visible,
)
from liangcai.server.access.verbs import OPERATOR_VERBS, OWN_VERBS, ROLE_VERBS, VERBS

__all__ = [
    "OPERATOR_VERBS",
    "OWN_VERBS",
    "ROLE_VERBS",
    "VERBS",
    "Actor",
    "Forbidden",
    "NotFound",
    "find",
    "may",
    "require",
    "roles_in",
    "visible",
]
