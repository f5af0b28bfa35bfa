"""Exceptions: what went wrong with agents' actions, which of it is one case, and how a case ends (EXC-01, EXC-03)."""

from enum import StrEnum

from audit.domain.canonical import digest


class CaseKind(StrEnum):
    """Why a case is there."""

    DENIED_BY_RULE = "denied_by_rule"
    CONFLICT = "conflict"
    UNKNOWN_OUTCOME = "unknown_outcome"
    FAILED = "failed"
    BREAKER_TRIP = "breaker_trip"
    AGENT_STOPPED = "agent_stopped"
    BAD_ACTION_REPORT = "bad_action_report"
    QUALITY_FAILED = "quality_failed"
    SILENT_REJECTION = "silent_rejection"
    CANARY_MISSED = "canary_missed"
    OPT_OUT_STUCK = "opt_out_stuck"


class CaseState(StrEnum):
    """A case that sleeps is open: snoozing stops no clock."""

    OPEN = "open"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What came of a case. `settled`: the product learnt by itself what it had not known."""

    NEW_RULE = "new_rule"
    PERMISSION_CHANGE = "permission_change"
    PROMPT_CHANGE = "prompt_change"
    DATA_FIXED = "data_fixed"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SETTLED = "settled"


BY_PEOPLE = tuple(outcome for outcome in CaseOutcome if outcome is not CaseOutcome.SETTLED)
"""What a person may choose."""

SAMPLE_FIRST = 5
SAMPLE_NEWEST = 20
"""Of the requests behind a case the first few and the newest are kept; the count counts all."""


def case_key(*, kind: str, agent: str, code: str, field: str, subject: str) -> str:
    """What is the same case as long as one is open: agent × code × field, or the one thing that it is about.

    `subject` is a request, breaker or report where each is a case of its own; the code may then change meanwhile.
    """
    parts = [kind, subject] if subject else [kind, agent, code, field]
    return digest(parts)


def sampled(count: int) -> slice:
    """Of `count` requests in their order, those that are dropped from the sample."""
    return slice(SAMPLE_FIRST, max(SAMPLE_FIRST, count - SAMPLE_NEWEST))
