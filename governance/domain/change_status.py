"""Where a two-person change stands: the one table of its life."""

from enum import StrEnum


class ChangeStatus(StrEnum):
    """`waiting` is the only one that changes; the others are final."""

    WAITING = "waiting"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ChangeVerdict(StrEnum):
    """What one person said about it."""

    COUNTERSIGN = "countersign"
    REJECT = "reject"
    WITHDRAW = "withdraw"
