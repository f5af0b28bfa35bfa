"""What became of a touch."""

from enum import StrEnum

from governance.domain.vocabulary import Action


class TouchState(StrEnum):
    """`pending`: reserved with the decision, may leave at any moment. `returned`: it never left. `undone`: it reached
    the person, and the meeting or enrolment was taken back since: it counts, and stops nothing any more."""

    PENDING = "pending"
    SENT = "sent"
    RETURNED = "returned"
    UNDONE = "undone"


LASTING = (Action.CREATE_MEETING.value, Action.ENROLL_SEQUENCE.value)
"""What may stop further touches however long ago it was (the triggers of stop rules)."""
