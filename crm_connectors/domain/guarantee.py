"""The published guarantee of an operation: what a crash or a repeat can do at this CRM."""

from enum import StrEnum


class Guarantee(StrEnum):
    """A: the CRM refuses or absorbs a repeat. B: an idempotent set, with a conflict window. C: at most once."""

    EXACTLY_ONCE = "A"
    IDEMPOTENT_SET = "B"
    AT_MOST_ONCE = "C"
