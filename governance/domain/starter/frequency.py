"""The starter's frequency caps: careful ones, which RevOps loosens where it knows better (LIM-06)."""

from governance.domain.document import FrequencyRule
from governance.domain.vocabulary import Action, StopTrigger

OWNER = "sales.ops@example.com"
STARTER_CAPS: tuple[FrequencyRule, ...] = (
    FrequencyRule(
        key="a-day-between",
        name="A day between two touches",
        owner=OWNER,
        reason="Two messages in one day, from whichever agent, read like a machine.",
        min_gap_hours=24,
    ),
    FrequencyRule(
        key="four-a-fortnight",
        name="Four touches in two weeks",
        owner=OWNER,
        reason="Who has not answered four times will not be won by a fifth.",
        max_touches=4,
        window_hours=336,
    ),
    FrequencyRule(
        key="one-sequence",
        name="One sequence at a time",
        owner=OWNER,
        reason="Two sequences contradict each other in one inbox.",
        channels=(Action.ENROLL_SEQUENCE.value,),
        stops_after=(StopTrigger.IN_SEQUENCE.value,),
    ),
    FrequencyRule(
        key="meeting-booked",
        name="Quiet once a meeting is booked",
        owner=OWNER,
        reason="The person said yes; what is left to say, a person says.",
        channels=(Action.ENROLL_SEQUENCE.value, Action.PUSH_TO_DIALER.value, Action.SEND_EMAIL.value),
        stops_after=(StopTrigger.MEETING_BOOKED.value,),
    ),
    FrequencyRule(
        key="replied",
        name="Quiet once somebody replied",
        owner=OWNER,
        reason="Whoever answers wrote to a person, and a person answers.",
        channels=(Action.ENROLL_SEQUENCE.value, Action.PUSH_TO_DIALER.value, Action.SEND_EMAIL.value),
        stops_after=(StopTrigger.REPLIED.value,),
    ),
)
