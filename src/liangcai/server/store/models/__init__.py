"""Every table, one module per noun."""

from liangcai.server.store.models.assessments import SelfAssessment, SelfAssessmentAnswer
from liangcai.server.store.models.audit import AuditChain, AuditEvent
from liangcai.server.store.models.evidence import DecisionRecord, EvidenceRecord
from liangcai.server.store.models.mail import OutboxMessage
from liangcai.server.store.models.organisations import Invitation, Membership, Organisation, Role
from liangcai.server.store.models.people import ApiToken, User
from liangcai.server.store.models.standards import StandardVersion

__all__ = [
    "ApiToken",
    "AuditChain",
    "AuditEvent",
    "DecisionRecord",
    "EvidenceRecord",
    "Invitation",
    "Membership",
    "Organisation",
    "OutboxMessage",
    "Role",
    "SelfAssessment",
    "SelfAssessmentAnswer",
    "StandardVersion",
    "User",
]
