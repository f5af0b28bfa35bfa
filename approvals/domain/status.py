"""The life of a request as one table. Enforced here, and by a trigger in the database."""

from enum import StrEnum


class Status(StrEnum):
    EVALUATING = "evaluating"
    PENDING = "pending"
    APPROVED = "approved"
    HELD = "held"
    EXECUTING = "executing"
    EXECUTED = "executed"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONFLICT = "conflict"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REVERTED = "reverted"


TRANSITIONS: frozenset[tuple[Status, Status]] = frozenset(
    {
        (Status.EVALUATING, Status.PENDING),
        (Status.EVALUATING, Status.APPROVED),
        (Status.EVALUATING, Status.DENIED),
        (Status.EVALUATING, Status.CONFLICT),
        (Status.EVALUATING, Status.CANCELLED),
        (Status.EVALUATING, Status.EXPIRED),
        (Status.PENDING, Status.APPROVED),
        (Status.PENDING, Status.DENIED),
        (Status.PENDING, Status.EXPIRED),
        (Status.PENDING, Status.CANCELLED),
        (Status.PENDING, Status.CONFLICT),
        (Status.APPROVED, Status.EXECUTING),
        (Status.APPROVED, Status.PENDING),  # a vote lost its weight, or policy became stricter: back to a person
        (Status.APPROVED, Status.DENIED),
        (Status.APPROVED, Status.EXPIRED),
        (Status.APPROVED, Status.CANCELLED),
        (Status.APPROVED, Status.HELD),
        (Status.APPROVED, Status.FAILED),  # quarantined: a person put the queue away
        (Status.HELD, Status.APPROVED),
        (Status.HELD, Status.CANCELLED),
        (Status.EXECUTING, Status.EXECUTED),
        (Status.EXECUTING, Status.APPROVED),  # provably not sent: tried again later
        (Status.EXECUTING, Status.CONFLICT),
        (Status.EXECUTING, Status.FAILED),
        (Status.EXECUTING, Status.CANCELLED),  # stopped at the second gate
        (Status.EXECUTING, Status.UNKNOWN),
        (Status.UNKNOWN, Status.EXECUTED),
        (Status.UNKNOWN, Status.APPROVED),  # reconciled: not applied
        (Status.UNKNOWN, Status.FAILED),
        (Status.UNKNOWN, Status.CONFLICT),
        (Status.EXECUTED, Status.REVERTED),
    }
)

TERMINAL = frozenset(
    {
        Status.EXECUTED,
        Status.DENIED,
        Status.EXPIRED,
        Status.CANCELLED,
        Status.CONFLICT,
        Status.FAILED,
        Status.REVERTED,
    }
)


def is_legal(old: Status, new: Status) -> bool:
    return (old, new) in TRANSITIONS
