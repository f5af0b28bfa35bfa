"""Exceptions in words: what went wrong, what may come of it, and how its clock stands (EXC-01, EXC-02)."""

from datetime import datetime, timedelta

from approvals.domain.exception_case import CaseKind, CaseOutcome
from approvals.domain.wording import duration_words

KIND_WORDS: dict[CaseKind, str] = {
    CaseKind.DENIED_BY_RULE: "denied by policy",
    CaseKind.CONFLICT: "conflict",
    CaseKind.UNKNOWN_OUTCOME: "outcome unknown",
    CaseKind.FAILED: "failed",
    CaseKind.BREAKER_TRIP: "circuit breaker",
    CaseKind.AGENT_STOPPED: "agent stopped",
    CaseKind.BAD_ACTION_REPORT: "reported by a person",
    CaseKind.QUALITY_FAILED: "failed a second look",
    CaseKind.SILENT_REJECTION: "silently corrected",
    CaseKind.CANARY_MISSED: "canary approved",
    CaseKind.OPT_OUT_STUCK: "opt-out waits",
}
OUTCOME_WORDS: dict[CaseOutcome, str] = {
    CaseOutcome.NEW_RULE: "a rule was made or changed",
    CaseOutcome.PERMISSION_CHANGE: "permissions were changed",
    CaseOutcome.PROMPT_CHANGE: "the agent's prompt or tools were changed",
    CaseOutcome.DATA_FIXED: "the data was put right",
    CaseOutcome.ACCEPTED: "accepted as it is",
    CaseOutcome.DUPLICATE: "a duplicate of another",
    CaseOutcome.SETTLED: "settled by itself",
}
_CAUSES: dict[CaseKind, str] = {
    CaseKind.CONFLICT: "The record held something else than was expected",
    CaseKind.UNKNOWN_OUTCOME: "Nobody knows whether the CRM applied it",
    CaseKind.FAILED: "It could not be carried out",
    CaseKind.BREAKER_TRIP: "A circuit breaker opened",
    CaseKind.AGENT_STOPPED: "The agent did what it never did, and was stopped",
    CaseKind.BAD_ACTION_REPORT: "Somebody reported it as a bad action",
    CaseKind.QUALITY_FAILED: "A person found it wrong at a second look",
    CaseKind.SILENT_REJECTION: "A person overwrote what the agent wrote",
    CaseKind.CANARY_MISSED: "A request that must be denied was approved",
    CaseKind.OPT_OUT_STUCK: "The CRM cannot say whose opt-out it told of: it is kept, and not on the list yet",
}
_DENIALS: dict[str, str] = {
    "agent_not_active": "The agent is not active",
    "anomaly_volume": "The agent asked for far more than it usually does",
    "autonomy_draft_only": "The agent may only lay out drafts",
    "autonomy_manual": "The agent may propose nothing at its level",
    "breaker_open": "A circuit breaker stopped this class of action",
    "budget_exhausted": "The agent's budget was used up",
    "check_failed": "A check could not be made, so it was denied",
    "class_not_writable": "The field is of a class that agents do not write",
    "compliance_field": "The field is one of compliance, never written by agents",
    "confidence_too_low": "The agent was not confident enough",
    "delegation_expired": "The delegation to act for a person had expired",
    "delegation_missing": "Nobody delegated this to the agent",
    "dnc_blocked": "It would have reached somebody on the do-not-contact list",
    "empty_diff": "It would have changed nothing",
    "evidence_missing": "Evidence was missing",
    "export_too_large": "The export was too large",
    "field_changed": "The field changed at the CRM and nobody has reviewed it",
    "field_not_granted": "The field is not in the agent's grant",
    "field_unreviewed": "Nobody has reviewed the field",
    "frequency_capped": "The person was touched too often already",
    "golden_field": "A golden field changes by one named path only",
    "grant_withdrawn": "The grant was withdrawn",
    "human_commitment": "What people commit to is never written by an agent",
    "level_blocked": "The field is blocked for agents",
    "level_read_only": "Agents may only read the field",
    "not_granted": "No grant lets the agent do this",
    "older_than_held": "The evidence was older than what the field holds",
    "recipient_invalid": "An address could not be understood",
    "recipient_missing": "The person has no such address",
    "recipient_stopped": "Touches of this person are stopped",
    "record_not_found": "The record does not exist",
    "rule_denied": "A rule refused it",
    "send_off": "Sending was stopped",
    "enroll_off": "Enrolling was stopped",
    "read_only_mode": "Agents were only allowed to read",
    "invalid_recipient": "An address could not be compared with the do-not-contact list",
    "delegation_scope": "The delegation does not cover this",
    "no_approver_group": "Nobody could have approved it",
    "irreversible": "It cannot be taken back",
    "still_fresh": "The field was written too recently",
    "stopped_agent": "The agent was stopped",
    "stopped_all": "Everything was stopped",
    "target_not_granted": "The agent may not work on this object",
    "text_too_long": "The text was too long for the rules to read",
    "tier_blocked": "The action is blocked",
    "transition_not_allowed": "The stage may not change like this",
    "truth_elsewhere": "Another system is the field's source of truth",
    "unknown_action": "Policy knows no such action",
    "validation_failed": "The value is not one that the field takes",
    "write_back_off": "Writes to the CRM were stopped",
}


def cause_words(kind: str, code: str) -> str:
    """A sentence without its full stop. A code without words of its own is told as it is."""
    if kind == CaseKind.DENIED_BY_RULE:
        return _DENIALS.get(code) or f"Denied: {code.replace('_', ' ')}"
    return _CAUSES[CaseKind(kind)]


def clock_words(*, due_at: datetime, is_reviewed: bool, now: datetime) -> str:
    """`review due in 3 h`, `remediation overdue by 2 d`. The time told is that on the wall."""
    stage = "remediation" if is_reviewed else "review"
    left = due_at - now
    if left < timedelta(0):
        return f"{stage} overdue by {duration_words(-left)}"
    return f"{stage} due in {duration_words(left)}"
