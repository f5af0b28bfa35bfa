"""The exception playbook: what to do first about each kind of exception (EXC-01, REP-03)."""

from approvals.domain.exception_case import CaseKind

FIRST_STEPS: dict[CaseKind, str] = {
    CaseKind.DENIED_BY_RULE: "Read the rule's reason. If the agent was right, make a rule or a grant of it and look at "
    "its backtest; if not, change the agent's prompt or tools.",
    CaseKind.CONFLICT: "Compare what the record holds now with what was expected. A person's value stands; the agent "
    "asks again with the new one.",
    CaseKind.UNKNOWN_OUTCOME: "Look the record up at the CRM and settle the request as applied or not. It is never "
    "sent again by itself.",
    CaseKind.FAILED: "Read what the CRM answered. Mend the value, the schema or the connection's rights.",
    CaseKind.BREAKER_TRIP: "Find what made the rate turn bad before it is reset; it tries again by itself with a few.",
    CaseKind.AGENT_STOPPED: "Ask the agent's owner what it was doing. Take back what was wrong, then let it go on.",
    CaseKind.BAD_ACTION_REPORT: "Revert the action, then look at the agent's other ones of that time.",
    CaseKind.QUALITY_FAILED: "Revert it, and ask for approval of this field until a sample is clean again.",
    CaseKind.SILENT_REJECTION: "The person's value stands. Ask why, and close the field to the agent if it goes on.",
    CaseKind.CANARY_MISSED: "Talk to whoever approved it; nothing was carried out.",
    CaseKind.OPT_OUT_STUCK: "Test the connection; add the person to the do-not-contact list by hand meanwhile.",
}
CHANGING = (
    "What RevOps edits is a draft, told as differences in words and held against golden cases and real decisions.",
    "A version is released to the sandbox first. Production takes a rollback that was proven there, and two people.",
    "Any earlier version is brought back in one step, by the same way.",
    "What stops something needs no version: a stop, a withdrawn grant, a revoked credential, a do-not-contact entry.",
)
"""How policy changes: the words of the last chapter."""
