"""Recovery points of an attempt, each committed between foreign calls."""

from enum import StrEnum


class RecoveryPoint(StrEnum):
    CLAIMED = "claimed"
    BEFORE_READ = "before_read"
    SENT = "sent"
    VERIFIED = "verified"
    RECORDED = "recorded"
