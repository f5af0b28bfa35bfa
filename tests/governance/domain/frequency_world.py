"""Random frequency caps, and what a random touch ledger may say."""

from datetime import timedelta

from governance.domain.document import FrequencyRule
from governance.domain.facts import FrequencyFacts, PersonFacts, TouchFacts
from tests.builders.policy import NOW

SENDS = ("send_email", "enroll_sequence", "create_meeting", "push_to_dialer")
CAPS = tuple(
    FrequencyRule(key=f"cap-{number}", name=f"Cap {number}", owner="", reason="because", **values)
    for number, values in enumerate(
        (
            {"max_touches": 1, "window_hours": 24},
            {"max_touches": 3, "window_hours": 48, "channels": ("send_email",)},
            {"max_touches": 0, "window_hours": 1, "channels": ("push_to_dialer",), "environment": "production"},
            {"min_gap_hours": 2},
            {"min_gap_hours": 30, "agent": "agent.a"},
            {"stops_after": ("meeting_booked",)},
            {"stops_after": ("in_sequence",), "channels": ("enroll_sequence", "send_email")},
            {"stops_after": ("replied", "meeting_booked"), "channels": ("send_email",)},
            {"max_touches": 2, "window_hours": 48, "segment_field": "city", "segment_value": "Oslo"},
            {"max_touches": 1, "window_hours": 9, "agent": "agent.b"},
        )
    )
)
HOURS = (0, 1, 2, 9, 23.9, 24, 30, 47, 48, 200)


class Touches:
    """What the touch ledger may say of so many recipients."""

    def frequency(self, asked):
        people = tuple(self.touched() for _ in range(self.random.choice((0, 1, 1, 2)) if asked else 0))
        found = FrequencyFacts(asked=asked, people=people, is_contended=self.mostly(False, [True]))
        return self.mostly(found, [None, FrequencyFacts(asked=asked + 1)])

    def touched(self):
        return PersonFacts(
            keys=("00" * 16,),
            versions=(0,),
            touches=tuple(self.touch(number) for number in range(self.random.choice((0, 0, 1, 3)))),
            is_stopped=self.mostly(False, [True]),
            resumed_at=self.random.choice((None, None, NOW - timedelta(hours=10))),
            replied_at=self.random.choice((None, None, NOW - timedelta(hours=10), NOW - timedelta(hours=3))),
        )

    def touch(self, number):
        return TouchFacts(
            request=str(number),
            action=self.random.choice(SENDS),
            agent=self.random.choice(("agent.a", "agent.b")),
            at=NOW - timedelta(hours=self.random.choice(HOURS)),
            is_pending=self.mostly(False, [True]),
            is_live=self.mostly(True, [False]),
        )
