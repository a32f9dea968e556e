"""Evidence → profile → decision: the scheme, its checker and the engine behind every grade."""

from liangcai.grading.compiled import SchemeMismatch
from liangcai.grading.decision import Decision
from liangcai.grading.encode import EvidenceMismatch
from liangcai.grading.engine import decide, decide_batch, profile_of
from liangcai.grading.estimates import AbilityEstimate
from liangcai.grading.evidence import EvidenceFile
from liangcai.grading.evidence_read import (
    EvidenceInvalid,
    check_evidence,
    check_evidence_lines,
    read_evidence,
)
from liangcai.grading.evidence_rules import check_evidence_against
from liangcai.grading.profiles import Profile
from liangcai.grading.reference_group import estimate_unit_spread, mean_accuracy
from liangcai.grading.scheme import Scheme
from liangcai.grading.scheme_read import (
    SchemeInvalid,
    SchemeNotFound,
    check_package,
    check_scheme,
    load_scheme,
    read_scheme,
)

__all__ = [
    "AbilityEstimate",
    "Decision",
    "EvidenceFile",
    "EvidenceInvalid",
    "EvidenceMismatch",
    "Profile",
    "Scheme",
    "SchemeInvalid",
    "SchemeMismatch",
    "SchemeNotFound",
    "check_evidence",
    "check_evidence_against",
    "check_evidence_lines",
    "check_package",
    "check_scheme",
    "decide",
    "decide_batch",
    "estimate_unit_spread",
    "load_scheme",
    "mean_accuracy",
    "profile_of",
    "read_evidence",
    "read_scheme",
]
